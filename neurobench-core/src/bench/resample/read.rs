//! Reading intervals and per-sample values at the end of a run.

use super::counts::Resample;
use super::eligible::{is_extreme, is_scalar, lists_samples, may_have_interval};
use super::plan::ResamplePlan;
use super::resampled_values::{EXTREME, ResampledValues, reason};
use super::samples::{CoreSamples, KeptSamples, Samples};
use crate::bench::guard::guarded_metric;
use crate::bench::request::RequestedMetric;
use crate::bench::runner::read_metric;
use crate::metric::plan::{Core, CoreState, Reading};
use crate::metric::state::AnyState;
use crate::metric::{Context, MetricError, Share};
use crate::report::Uncertainty;
use crate::value::Value;

/// The samples of a run, and what is needed to read metrics from them.
pub(crate) struct Reader<'a> {
    pub(crate) plan: &'a ResamplePlan,
    pub(crate) cores: &'a [Core],
    pub(crate) samples: &'a Samples,
    pub(crate) context: &'a Context<'a>,
}

/// Reads the uncertainty of every metric that has a value.
pub(crate) fn read(
    reader: &Reader<'_>,
    metrics: &[(&RequestedMetric, Option<&Value>)],
    states: &[CoreState],
) -> Vec<Uncertainty> {
    let request = reader.plan.request;
    let mut found: Vec<Uncertainty> = metrics.iter().map(|_| Uncertainty::default()).collect();
    let mut resampled = Vec::new();
    for (at, (metric, value)) in metrics.iter().enumerate() {
        // A metric of the model alone has no samples; one without a value has its reason already.
        let Some(value) = value.filter(|_| !metric.cores.is_empty()) else { continue };
        let sound = reader.check(metric, value);
        if let Some(intervals) = request.intervals {
            let known_beforehand = match is_extreme(metric, reader.cores) {
                true => Some(EXTREME.to_owned()),
                // Another metric may have requested replicates of the same core.
                false if may_have_interval(metric, reader.cores) => reader.plan.no_room(metric),
                false => None,
            };
            match sound.clone().and_then(|()| reader.closed_form(metric, states, &intervals)) {
                _ if known_beforehand.is_some() => found[at].no_interval = known_beforehand,
                Ok(Some(interval)) => found[at].intervals.push(interval),
                Ok(None) => {
                    let with_lists = !lists_samples(metric, reader.cores);
                    let units = reader.samples.units();
                    resampled.push((at, ResampledValues::new(metric, value, &intervals, units, with_lists)));
                }
                Err(error) => found[at].no_interval = Some(reason(&error)),
            }
        }
        if request.per_sample {
            match sound.and_then(|()| reader.per_sample_values(metric, value)) {
                Ok(values) => found[at].samples = Some(values),
                Err(error) => found[at].no_samples = Some(reason(&error)),
            }
        }
    }
    reader.resample_all(&mut resampled);
    for (at, values) in resampled {
        if request.per_sample {
            found[at].replicates = values.replicates();
        }
        (found[at].intervals, found[at].no_interval) = values.intervals();
    }
    found
}

/// Error for samples that were not kept, as in a snapshot of a run without such a request.
pub(super) fn not_kept() -> MetricError {
    MetricError::from("the run kept no samples to compute it from")
}

impl Reader<'_> {
    /// The kept samples of a core.
    pub(super) fn kept_samples(&self, core: usize) -> Result<&KeptSamples, MetricError> {
        match &self.samples.cores[core] {
            CoreSamples::Kept(kept) => Ok(kept),
            // What is missing is missing in every batch, not in this one alone.
            CoreSamples::Failed { error: error @ MetricError::Missing(_), .. }
            | CoreSamples::Failed { batch: None, error } => Err(error.clone()),
            CoreSamples::Failed { batch: Some(batch), error } => {
                Err(MetricError::Other(format!("single samples of batch {batch}: {error}")))
            }
        }
    }

    /// Checks that the samples together give the metric's value, rather than assuming it. If they do not, the value
    /// depends on how samples are cut into batches, which says nothing about other samples, and there is no interval.
    fn check(&self, metric: &RequestedMetric, value: &Value) -> Result<(), MetricError> {
        let request = &self.plan.request;
        let is_read = (request.intervals.is_some() && may_have_interval(metric, self.cores))
            || (request.per_sample && is_scalar(&metric.requested.shape));
        // Nothing to check here: the code that reads the value explains why there is none.
        if !is_read {
            return Ok(());
        }
        let states = self.states(metric, |core| self.state_of_all_samples(core))?;
        match self.value(metric, &states)? {
            same if same == *value => Ok(()),
            other => Err(MetricError::Other(format!(
                "its value depends on how samples are cut into batches: {other} on single samples"
            ))),
        }
    }

    fn state_of_all_samples(&self, core: usize) -> Result<AnyState, MetricError> {
        let (fold, kept) = (&*self.cores[core].fold, self.kept_samples(core)?);
        let mut whole = fold.empty();
        match (&kept.counts, &kept.groups, &kept.parts) {
            (Some(counts), ..) => return counts.state(fold, Resample::Everything),
            (None, Some(groups), _) => groups.merge_all_into(&mut *whole),
            (None, None, Some(parts)) => parts.values().for_each(|part| whole.merge_copy(&**part)),
            (None, None, None) => return Err(not_kept()),
        }
        Ok(whole)
    }

    /// Makes the states of a metric's cores. Those of other cores are placeholders.
    pub(super) fn states(
        &self,
        metric: &RequestedMetric,
        make: impl Fn(usize) -> Result<AnyState, MetricError>,
    ) -> Result<Vec<CoreState>, MetricError> {
        let state = |core| match metric.cores.contains(&core) {
            true => Ok(CoreState::Good(guarded_metric(|| make(core))?)),
            false => Ok(CoreState::Failed { batch: None, error: not_kept() }),
        };
        (0..self.cores.len()).map(state).collect()
    }

    /// Reads the value of a metric from states of its cores.
    pub(super) fn value(&self, metric: &RequestedMetric, states: &[CoreState]) -> Result<Value, MetricError> {
        read_metric(metric, self.cores, states, self.context).map(|(_, value)| value)
    }

    /// Reads the value of a metric as a share, if it is one.
    pub(super) fn share(&self, metric: &RequestedMetric, states: &[CoreState]) -> Option<Share> {
        let cores = metric.cores.iter().map(|at| (&self.cores[*at], &states[*at])).collect();
        let reading = Reading { context: self.context, cores };
        guarded_metric(|| metric.requested.metric.share(&reading)).ok().flatten()
    }
}
