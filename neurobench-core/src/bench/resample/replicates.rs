//! The states of resamples: replicates of a bootstrap, and all samples except a group of the jackknife.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Resample;
use super::read::{Reader, not_kept};
use super::resampled_values::ResampledValues;
use super::samples::PartKey;
use super::{GROUPS, group};
use crate::bench::guard::guarded_metric;
use crate::metric::MetricError;
use crate::metric::plan::{Core, CoreState};
use crate::metric::state::AnyState;
use crate::metric::state_list::StateList;
use crate::report::intervals::BootstrapInterval;
use crate::stats::random::poisson_weight;
use crate::value::Value;

impl Reader<'_> {
    /// Reads metrics on all replicates and, where the intervals need it, without each group of the jackknife.
    pub(super) fn resample_all(&self, metrics: &mut [(usize, ResampledValues<'_>)]) {
        for replicate in 0..self.plan.replicates() {
            self.resample(metrics, |core| self.replicate(core, replicate), ResampledValues::add_replicate);
        }
        let needs_jackknife = |bootstrap| bootstrap == BootstrapInterval::Bca;
        if !self.plan.request.intervals.is_some_and(|intervals| needs_jackknife(intervals.bootstrap)) {
            return;
        }
        let filled: Vec<usize> = (0..GROUPS).filter(|at| self.samples.groups[*at] > 0).collect();
        let all_others: BTreeMap<usize, Result<Option<StateList>, MetricError>> = unfinished_cores(metrics)
            .into_iter()
            .map(|core| (core, guarded_metric(|| self.all_others(core, &filled))))
            .collect();
        for (at, left_out) in filled.iter().enumerate() {
            let without = |core: usize| match (&self.kept_samples(core)?.counts, all_others.get(&core)) {
                (Some(counts), _) => counts.state(&*self.cores[core].fold, Resample::Without(*left_out)),
                (None, Some(Ok(Some(others)))) => others.get(at),
                (None, Some(Err(error))) => Err(error.clone()),
                (None, _) => Err(not_kept()),
            };
            self.resample(metrics, without, ResampledValues::add_left_out);
        }
    }

    /// Reads all metrics on one resample. The state of a core is made once, however many metrics read it.
    fn resample<'d>(
        &self,
        metrics: &mut [(usize, ResampledValues<'d>)],
        make: impl Fn(usize) -> Result<AnyState, MetricError>,
        add: impl Fn(&mut ResampledValues<'d>, &Result<Value, MetricError>),
    ) {
        let needed = unfinished_cores(metrics);
        let made = |core| match needed.contains(&core) {
            true => guarded_metric(|| make(core)),
            false => Err(not_kept()),
        };
        let (mut states, mut failures) = (Vec::new(), BTreeMap::new());
        for core in 0..self.cores.len() {
            states.push(match made(core) {
                Ok(state) => CoreState::Good(state),
                Err(error) => {
                    failures.insert(core, error.clone());
                    CoreState::Failed { batch: None, error }
                }
            });
        }
        for (_, values) in metrics.iter_mut().filter(|(_, values)| !values.is_done()) {
            let failure = values.metric.cores.iter().find_map(|core| failures.get(core));
            let value = failure.map_or_else(|| self.value(values.metric, &states), |error| Err(error.clone()));
            add(values, &value);
        }
    }

    /// The state of a core on a replicate.
    fn replicate(&self, core: usize, replicate: usize) -> Result<AnyState, MetricError> {
        let kept = self.kept_samples(core)?;
        match (&kept.counts, &kept.replicates, &kept.parts) {
            (Some(counts), ..) => counts.state(&*self.cores[core].fold, Resample::Replicate(replicate)),
            (None, Some(replicates), _) => replicates.get(replicate),
            (None, None, Some(parts)) => {
                let weight = |unit| poisson_weight(self.plan.seed(), unit, replicate);
                Ok(merge_parts(&self.cores[core], parts.iter(), weight))
            }
            (None, None, None) => Err(not_kept()),
        }
    }

    /// For each of these groups, the state of all others; none for a core whose samples are counted.
    fn all_others(&self, core: usize, groups: &[usize]) -> Result<Option<StateList>, MetricError> {
        let kept = self.kept_samples(core)?;
        match (&kept.counts, &kept.groups, &kept.parts) {
            (Some(_), ..) => Ok(None),
            (None, Some(states), _) => Ok(Some(states.all_others(groups))),
            (None, None, Some(parts)) => {
                let mut states = self.cores[core].fold.empty_list(GROUPS);
                for ((unit, _), part) in parts {
                    states.merge_at(group(self.plan.seed(), *unit), &**part);
                }
                Ok(Some(states.all_others(groups)))
            }
            (None, None, None) => Err(not_kept()),
        }
    }
}

/// The cores of all metrics that need more resamples.
fn unfinished_cores(metrics: &[(usize, ResampledValues<'_>)]) -> BTreeSet<usize> {
    metrics
        .iter()
        .filter(|(_, values)| !values.is_done())
        .flat_map(|(_, values)| values.metric.cores.iter().copied())
        .collect()
}

/// Merges parts in their order, each as often as it weighs.
pub(super) fn merge_parts<'p>(
    core: &Core,
    parts: impl Iterator<Item = (&'p PartKey, &'p AnyState)>,
    weight: impl Fn(u64) -> u8,
) -> AnyState {
    let mut state = core.fold.empty();
    for ((unit, _), part) in parts {
        for _ in 0..weight(*unit) {
            state.merge_copy(&**part);
        }
    }
    state
}
