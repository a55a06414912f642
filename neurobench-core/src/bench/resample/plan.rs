//! The plan of what a run keeps of its samples, made before it begins.

use super::GROUPS;
use super::eligible::{is_scalar, may_have_interval, own_core};
use crate::bench::request::RequestedMetric;
use crate::metric::plan::Core;
use crate::metric::{MetricKind, ResamplingForm};
use crate::model::{Layer, Needs};
use crate::report::intervals::{IntervalMethod, Intervals, SampleUnit};

/// Maximum size of the replicates and groups of a core whose state has something for each neuron. Every worker has the
/// same limit, rather than a share of it, so that the number of workers does not decide which values have intervals.
const MAX_NEURON_BYTES: u64 = 1_000_000_000;

/// The request of a builder for single samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ResampleRequest {
    pub(crate) intervals: Option<Intervals>,
    pub(crate) per_sample: bool,
}

impl ResampleRequest {
    pub(crate) fn is_empty(self) -> bool {
        self.intervals.is_none() && !self.per_sample
    }
}

/// The plan of what a run keeps of its samples.
#[derive(Debug)]
pub(crate) struct ResamplePlan {
    pub(super) unit: SampleUnit,
    pub(super) request: ResampleRequest,
    /// Number of neurons of the model.
    neurons: u64,
    /// By core.
    pub(super) cores: Vec<CorePlan>,
}

/// The plan of what is kept of the samples of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CorePlan {
    /// The state of every sample.
    pub(super) parts: bool,
    /// The number of times that replicates and groups have each thing that is counted, in place of states for them.
    pub(super) counts: bool,
    pub(super) groups: bool,
    pub(super) replicates: bool,
    pub(super) spread: bool,
    /// Bytes for each neuron of a state whose replicates are requested and would exceed the limit.
    too_large: Option<usize>,
    /// True if the core sees whole batches: through hooks, or because its value is one of batches.
    pub(super) whole_batches: bool,
}

impl CorePlan {
    pub(super) fn is_empty(self) -> bool {
        !(self.parts || self.counts || self.groups || self.replicates || self.spread)
    }
}

impl ResamplePlan {
    /// Plans what to keep; none if nothing is requested.
    pub(crate) fn new(
        request: ResampleRequest,
        metrics: &[RequestedMetric],
        cores: &[Core],
        layers: &[Layer],
        carries_state: bool,
    ) -> Option<Self> {
        if request.is_empty() {
            return None;
        }
        let unit = if carries_state { SampleUnit::Sequence } else { SampleUnit::Sample };
        let activations = layers.iter().filter(|layer| layer.is_activation());
        let neurons = activations.filter_map(Layer::neurons).fold(0, |all: u64, own| all.saturating_add(own as u64));
        let mut plan = Self { unit, request, neurons, cores: vec![CorePlan::default(); cores.len()] };
        for metric in metrics {
            for at in &metric.cores {
                plan.add(metric, cores, *at);
            }
        }
        Some(plan)
    }

    /// Keeps what a metric needs of one of its cores.
    fn add(&mut self, metric: &RequestedMetric, cores: &[Core], at: usize) {
        let core = &cores[at];
        let has_closed_form = self.has_closed_form(metric, cores);
        let form = core.fold.resampling_form();
        let too_large = match form {
            ResamplingForm::States { bytes_per_neuron } if self.bytes(bytes_per_neuron) > MAX_NEURON_BYTES => {
                Some(bytes_per_neuron)
            }
            _ => None,
        };
        let wants_values = self.request.per_sample && is_scalar(&metric.requested.shape);
        let wants_intervals = self.request.intervals.is_some() && may_have_interval(metric, cores);
        let plan = &mut self.cores[at];
        plan.whole_batches = core.needs.intersects(Needs::HOOKS) || core.about.kind == MetricKind::Workload;
        plan.parts |= wants_values;
        match form {
            _ if !wants_intervals => {}
            ResamplingForm::Parts => plan.parts = true,
            ResamplingForm::Counts => plan.counts = true,
            ResamplingForm::States { .. } if too_large.is_some() => plan.too_large = too_large,
            ResamplingForm::States { .. } => {
                plan.groups = true;
                plan.replicates |= !has_closed_form;
                plan.spread |= has_closed_form;
            }
        }
    }

    /// Returns true if a metric is a quotient of counts or a mean itself, and intervals in closed form are requested.
    pub(super) fn has_closed_form(&self, metric: &RequestedMetric, cores: &[Core]) -> bool {
        let Some(core) = own_core(metric, cores) else { return false };
        self.may_have_closed_form()
            && core.about.kind == MetricKind::Accumulated
            && core.fold.empty().sample_value().is_some()
    }

    /// Returns true if intervals in closed form are requested, for samples that are independent of each other.
    pub(super) fn may_have_closed_form(&self) -> bool {
        self.unit == SampleUnit::Sample
            && self.request.intervals.is_some_and(|intervals| intervals.method == IntervalMethod::Auto)
    }

    pub(crate) fn unit(&self) -> SampleUnit {
        self.unit
    }

    /// Size of replicates and groups that have this many bytes for each neuron.
    fn bytes(&self, per_neuron: usize) -> u64 {
        let states = (self.replicates() + GROUPS) as u64;
        states.saturating_mul(self.neurons).saturating_mul(per_neuron as u64)
    }

    /// The reason why a metric has no replicates, if they exceed the limit.
    pub(super) fn no_room(&self, metric: &RequestedMetric) -> Option<String> {
        let bytes = metric.cores.iter().find_map(|at| self.cores[*at].too_large)?;
        let (neurons, replicates, gigabytes) = (self.neurons, self.replicates(), self.bytes(bytes) as f64 / 1e9);
        Some(format!(
            "its state takes {bytes} bytes for each of {neurons} neurons: \
             {replicates} replicates of it would take {gigabytes:.1} GB, \
             more than the limit of {:.1} GB; set fewer `replicates`",
            MAX_NEURON_BYTES as f64 / 1e9
        ))
    }

    pub(super) fn replicates(&self) -> usize {
        self.request.intervals.map_or(0, |intervals| intervals.replicates as usize)
    }

    pub(super) fn seed(&self) -> u64 {
        self.request.intervals.map_or(0, |intervals| intervals.seed)
    }
}
