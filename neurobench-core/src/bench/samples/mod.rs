//! Single samples: what is kept of them beside the states of the whole run, for intervals and for per-sample values.
//!
//! Each sample of a batch is folded once more, alone. What it gives is merged into the replicates of a bootstrap and into the groups
//! of a jackknife, or counted, or kept. All of that merges as states do, so that it may be split, written and read back.

mod counted;
mod draws;
mod kept;
mod reading;
mod saved;
mod spread;
mod weights;

pub(crate) use kept::{Place, Samples};
pub(crate) use reading::{Reader, read};
pub(crate) use saved::{SavedCoreSamples, SavedSamples};

use crate::accumulate::{Max, Mean, Min, Ratio};
use crate::bench::request::Asked;
use crate::metric::plan::{AnyState, Core};
use crate::metric::{MetricKind, Shape};
use crate::model::Layer;
use crate::report::intervals::{IntervalMethod, Intervals, SampleUnit};
use crate::stats::random::hashed;

/// How many groups the jackknife has. The acceleration's error is of the order 0.4 / groups.
const GROUPS: usize = 200;

/// What replicates and groups of a core may take that have something for each neuron. Of all workers alike, so that what has an
/// interval does not depend on how many there are.
const MOST_BYTES_OF_NEURONS: u64 = 1_000_000_000;

/// The group of the jackknife that a unit is in. Not the bits that its weights begin with.
fn group(seed: u64, unit: u64) -> usize {
    (hashed(!seed, unit) % GROUPS as u64) as usize
}

/// What a builder asks of single samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) intervals: Option<Intervals>,
    pub(crate) per_sample: bool,
}

impl Wanted {
    pub(crate) fn is_nothing(self) -> bool {
        self.intervals.is_none() && !self.per_sample
    }
}

/// What a run keeps of single samples.
#[derive(Debug)]
pub(crate) struct SamplePlan {
    unit: SampleUnit,
    wanted: Wanted,
    /// How many neurons the model has.
    neurons: u64,
    /// By core.
    cores: Vec<Keep>,
}

/// What is kept of the samples of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Keep {
    /// Every sample's own state.
    parts: bool,
    /// How often replicates and groups have each thing that it counts, in place of states for them.
    counted: bool,
    groups: bool,
    replicates: bool,
    spread: bool,
    /// Replicates are wanted of which each would be as large as this for each neuron, and together there is no room for them.
    too_large: Option<usize>,
    /// The core sees whole batches: through hooks, or because its value is one of batches.
    whole_batches: bool,
}

impl Keep {
    fn anything(self) -> bool {
        self.parts || self.counted || self.groups || self.replicates || self.spread
    }
}

impl SamplePlan {
    /// None if nothing is wanted.
    pub(crate) fn of(
        wanted: Wanted,
        asked: &[Asked],
        cores: &[Core],
        layers: &[Layer],
        carries_state: bool,
    ) -> Option<Self> {
        if wanted.is_nothing() {
            return None;
        }
        let unit = if carries_state { SampleUnit::Sequence } else { SampleUnit::Sample };
        let activations = layers.iter().filter(|layer| layer.is_activation());
        let neurons = activations.filter_map(Layer::neurons).fold(0, |all: u64, own| all.saturating_add(own as u64));
        let mut plan = Self { unit, wanted, neurons, cores: vec![Keep::default(); cores.len()] };
        for asked in asked {
            let closed = plan.has_closed_form(asked, cores);
            for at in &asked.cores {
                let bytes = cores[*at].fold.bytes_per_neuron();
                let too_large = plan.bytes(bytes) > MOST_BYTES_OF_NEURONS;
                let (core, keep) = (&cores[*at], &mut plan.cores[*at]);
                keep.whole_batches =
                    core.needs.intersects(crate::model::Needs::HOOKS) || core.about.kind == MetricKind::Workload;
                if wanted.per_sample && is_scalar(&asked.requested.shape) {
                    keep.parts = true;
                }
                if wanted.intervals.is_some() && may_have_interval(asked, cores) {
                    if core.fold.keeps_order() {
                        keep.parts = true;
                    } else if core.fold.counts() {
                        keep.counted = true;
                    } else if too_large {
                        keep.too_large = Some(bytes);
                    } else {
                        keep.groups = true;
                        keep.replicates |= !closed;
                        keep.spread |= closed;
                    }
                }
            }
        }
        Some(plan)
    }

    /// Whether a metric is a quotient of counts or a mean itself, and intervals in closed form are wanted.
    fn has_closed_form(&self, asked: &Asked, cores: &[Core]) -> bool {
        let Some(core) = own_core(asked, cores) else { return false };
        let empty = core.fold.empty();
        self.may_have_closed_form()
            && core.about.kind == MetricKind::Accumulated
            && (is::<Ratio>(&empty) || is::<Mean>(&empty))
    }

    /// Whether intervals in closed form are wanted, of samples that are independent of each other.
    fn may_have_closed_form(&self) -> bool {
        self.unit == SampleUnit::Sample
            && self.wanted.intervals.is_some_and(|intervals| intervals.method == IntervalMethod::Auto)
    }

    pub(crate) fn unit(&self) -> SampleUnit {
        self.unit
    }

    /// What replicates and groups take that have so many bytes for each neuron.
    fn bytes(&self, per_neuron: usize) -> u64 {
        let states = (self.replicates() + GROUPS) as u64;
        states.saturating_mul(self.neurons).saturating_mul(per_neuron as u64)
    }

    /// Why a metric has no replicates, if there is no room for them.
    fn no_room(&self, asked: &Asked) -> Option<String> {
        let bytes = asked.cores.iter().find_map(|at| self.cores[*at].too_large)?;
        let (neurons, replicates, gigabytes) = (self.neurons, self.replicates(), self.bytes(bytes) as f64 / 1e9);
        Some(format!(
            "its state has {bytes} bytes for each of {neurons} neurons: {replicates} replicates of it would take {gigabytes:.1} GB, where \
             {:.1} are the most; fewer `replicates` may have room",
            MOST_BYTES_OF_NEURONS as f64 / 1e9
        ))
    }

    fn replicates(&self) -> usize {
        self.wanted.intervals.map_or(0, |intervals| intervals.replicates as usize)
    }

    fn seed(&self) -> u64 {
        self.wanted.intervals.map_or(0, |intervals| intervals.seed)
    }
}

fn is<T: 'static>(state: &AnyState) -> bool {
    state.downcast_ref::<T>().is_some()
}

/// The core that a metric is itself.
fn own_core<'c>(asked: &Asked, cores: &'c [Core]) -> Option<&'c Core> {
    let [core] = asked.cores.as_slice() else { return None };
    Some(&cores[*core]).filter(|core| core.about.component.id() == asked.requested.about.component.id())
}

/// Whether a metric's value is the smallest or the largest of others, as it says or its state does.
fn is_extreme(asked: &Asked, cores: &[Core]) -> bool {
    let extremum = |core: &Core| is::<Max>(&core.fold.empty()) || is::<Min>(&core.fold.empty());
    asked.requested.about.extreme || own_core(asked, cores).is_some_and(extremum)
}

/// Whether a metric's value has floats that resamples have, too: counts are of these samples alone. A list has them if it is the
/// value itself or a field of it, and so one of outputs or classes.
fn has_floats(asked: &Asked, cores: &[Core]) -> bool {
    let shape = &asked.requested.shape;
    has_floats_outside_lists(shape) || (has_lists_of_floats(shape) && !lists_samples(asked, cores))
}

/// Whether a metric keeps its samples: they are what its lists are of.
fn lists_samples(asked: &Asked, cores: &[Core]) -> bool {
    own_core(asked, cores).is_some_and(|core| core.fold.keeps_order())
}

fn has_lists_of_floats(shape: &Shape) -> bool {
    match shape {
        Shape::List(inner) => **inner == Shape::Float,
        Shape::Optional(inner) => has_lists_of_floats(inner),
        Shape::Record(fields) => fields.iter().any(|field| has_lists_of_floats(&field.shape)),
        _ => false,
    }
}

/// Whether something of single samples tells of an interval.
fn may_have_interval(asked: &Asked, cores: &[Core]) -> bool {
    has_floats(asked, cores) && !is_extreme(asked, cores)
}

fn has_floats_outside_lists(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::NumberOrByClass => true,
        Shape::Optional(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => has_floats_outside_lists(inner),
        Shape::Record(fields) => fields.iter().any(|field| has_floats_outside_lists(&field.shape)),
        _ => false,
    }
}

/// Whether a value is one number, or may be one.
fn is_scalar(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::Integer | Shape::Bool | Shape::NumberOrByClass => true,
        Shape::Optional(inner) => is_scalar(inner),
        _ => false,
    }
}
