//! Folding samples one by one.

use std::collections::BTreeMap;

use super::counts::DrawnCounts;
use super::plan::{CorePlan, ResamplePlan};
use super::spread::Spread;
use super::weights::PoissonWeights;
use super::{GROUPS, group};
use crate::bench::guard::guarded_metric;
use crate::bench::place::Place;
use crate::metric::plan::Core;
use crate::metric::state::AnyState;
use crate::metric::state_list::StateList;
use crate::metric::{Context, MetricError};
use crate::model::Record;
use crate::report::intervals::SampleUnit;

/// The kept samples of some set of batches. They merge as states do.
pub(crate) struct Samples {
    /// Number of parts in each group of the jackknife.
    pub(super) groups: Vec<u64>,
    /// Number of samples, or of sequences whose first batch is among these.
    pub(super) units: u64,
    /// By core.
    pub(super) cores: Vec<CoreSamples>,
    weights: PoissonWeights,
}

/// The kept samples of one core, or the failure to keep them.
pub(super) enum CoreSamples {
    Kept(KeptSamples),
    /// The samples of a batch could not be folded one by one.
    Failed {
        /// The lowest such batch; none if the failure did not occur in a batch.
        batch: Option<u64>,
        error: MetricError,
    },
}

/// States and counts of the samples of one core, as its plan says.
#[derive(Default)]
pub(super) struct KeptSamples {
    pub(super) parts: Option<BTreeMap<PartKey, AnyState>>,
    pub(super) counts: Option<DrawnCounts>,
    pub(super) groups: Option<StateList>,
    pub(super) replicates: Option<StateList>,
    pub(super) spread: Option<Spread>,
}

/// The unit of a part, by its place in the data, and its batch, because a sequence has several.
pub(super) type PartKey = (u64, u64);

impl Samples {
    /// Kept samples before any batch.
    pub(crate) fn empty(plan: &ResamplePlan, cores: &[Core]) -> Self {
        let kept = |(core, keep): (&Core, &CorePlan)| {
            CoreSamples::Kept(KeptSamples {
                parts: keep.parts.then(BTreeMap::new),
                counts: keep.counts.then(|| DrawnCounts::new(plan.seed(), plan.replicates())),
                groups: keep.groups.then(|| core.fold.empty_list(GROUPS)),
                replicates: keep.replicates.then(|| core.fold.empty_list(plan.replicates())),
                spread: keep.spread.then(Spread::default),
            })
        };
        Self::new(plan, (vec![0; GROUPS], 0), cores.iter().zip(&plan.cores).map(kept).collect())
    }

    pub(super) fn new(plan: &ResamplePlan, (groups, units): (Vec<u64>, u64), cores: Vec<CoreSamples>) -> Self {
        Self { groups, units, cores, weights: PoissonWeights::new(plan.replicates()) }
    }

    /// Number of units: samples, or sequences.
    pub(crate) fn units(&self) -> u64 {
        self.units
    }

    /// Adds the samples of one more batch. Batches must come in ascending order, so that the first failure of a core is its lowest.
    pub(crate) fn fold(&mut self, plan: &ResamplePlan, cores: &[Core], context: &Context<'_>, place: Place) {
        let Ok(batch) = context.batch() else { return };
        let Place { batch: index, first_sample, .. } = place;
        let units = match plan.unit {
            SampleUnit::Sample => batch.samples() as u64,
            SampleUnit::Sequence => u64::from(place.begins_sequence),
        };
        self.units = self.units.saturating_add(units);
        match (plan.unit, batch.samples()) {
            (_, 0) => {}
            (SampleUnit::Sequence, _) => self.add(plan, cores, context, index, (place.sequence, index)),
            (SampleUnit::Sample, samples) if samples != place.samples => {
                let (before, after) = (place.samples, samples);
                let why = format!(
                    "a preprocessor changed the number of samples from {before} to {after}, \
                     so they no longer match those of the data set"
                );
                self.fail(index, &MetricError::Other(why), |_| true);
            }
            (SampleUnit::Sample, 1) => self.add(plan, cores, context, index, (first_sample, index)),
            (SampleUnit::Sample, samples) => {
                let why = "it reads whole batches; for values of single samples set `batch_size = 1`";
                self.fail(index, &MetricError::Missing(why.to_owned()), |core| plan.cores[core].whole_batches);
                let no_record = Record::default();
                for at in 0..samples {
                    let sample = batch.sample(at);
                    let sample = Context::for_batch(context.model(), sample.batch(index, &no_record));
                    self.add(plan, cores, &sample, index, (first_sample + at as u64, index));
                }
            }
        }
    }

    /// Fails the cores that `applies_to`.
    fn fail(&mut self, batch: u64, error: &MetricError, applies_to: impl Fn(usize) -> bool) {
        for (at, core) in self.cores.iter_mut().enumerate() {
            if matches!(core, CoreSamples::Kept(_)) && applies_to(at) {
                *core = CoreSamples::Failed { batch: Some(batch), error: error.clone() };
            }
        }
    }

    /// Adds one part: a sample, or the batch of a sequence.
    fn add(&mut self, plan: &ResamplePlan, cores: &[Core], context: &Context<'_>, batch: u64, key: PartKey) {
        let (seed, unit) = (plan.seed(), key.0);
        let group = group(seed, unit);
        self.groups[group] = self.groups[group].saturating_add(1);
        for ((core, keep), samples) in cores.iter().zip(&plan.cores).zip(&mut self.cores) {
            let CoreSamples::Kept(kept) = samples else { continue };
            if keep.is_empty() {
                continue;
            }
            let weights = &mut self.weights;
            let added = guarded_metric(|| {
                let part = core.fold.part(context)?;
                if let Some(groups) = &mut kept.groups {
                    groups.merge_at(group, &*part);
                }
                if let Some(replicates) = &mut kept.replicates {
                    replicates.merge_copies(&*part, weights.for_unit(seed, unit));
                }
                if let Some(counts) = &mut kept.counts {
                    counts.add(&part.counts(), unit, weights);
                }
                if let (Some(spread), Some(value)) = (&mut kept.spread, part.sample_value()) {
                    spread.add(value);
                }
                if let Some(parts) = &mut kept.parts {
                    parts.insert(key, part);
                }
                Ok(())
            });
            if let Err(error) = added {
                // The half-changed states are dropped.
                *samples = CoreSamples::Failed { batch: Some(batch), error };
            }
        }
    }

    /// Merges the samples of a disjoint set of batches.
    pub(crate) fn merge(&mut self, other: Self) {
        for (own, other) in self.groups.iter_mut().zip(other.groups) {
            *own = own.saturating_add(other);
        }
        self.units = self.units.saturating_add(other.units);
        let own = std::mem::take(&mut self.cores);
        self.cores = own.into_iter().zip(other.cores).map(|(a, b)| a.merge(b)).collect();
    }
}

impl CoreSamples {
    /// Merges what is kept. A failure wins; of two, the one in the lower batch, then the one in no batch, then the one whose reason
    /// comes first in the alphabet: the order of merging is arbitrary.
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Kept(own), Self::Kept(other)) => match guarded_metric(|| Ok(own.merge(other))) {
                Ok(kept) => Self::Kept(kept),
                // The message of the panic may name the numbers that happened to meet.
                Err(_) => Self::Failed { batch: None, error: "the states of its samples cannot be merged".into() },
            },
            (Self::Failed { batch: i, error: e }, Self::Failed { batch: j, error: f }) => {
                let rank = |batch: Option<u64>, error: &MetricError| (batch.unwrap_or(u64::MAX), error.to_string());
                let (batch, error) = if rank(i, &e) <= rank(j, &f) { (i, e) } else { (j, f) };
                Self::Failed { batch, error }
            }
            (failed @ Self::Failed { .. }, _) | (_, failed) => failed,
        }
    }
}

impl KeptSamples {
    /// Merges what both keep.
    fn merge(self, other: Self) -> Self {
        let merge_lists = |(mut own, other): (StateList, StateList)| {
            own.merge_each(other);
            own
        };
        Self {
            parts: self.parts.zip(other.parts).map(|(mut parts, others)| {
                parts.extend(others);
                parts
            }),
            counts: self.counts.zip(other.counts).map(|(mut counts, other)| {
                counts.merge(other);
                counts
            }),
            groups: self.groups.zip(other.groups).map(merge_lists),
            replicates: self.replicates.zip(other.replicates).map(merge_lists),
            spread: self.spread.zip(other.spread).map(|(mut spread, other)| {
                spread.merge(other);
                spread
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_of_two_failures_wins_in_either_order() {
        let winner = |a: (Option<u64>, &str), b: (Option<u64>, &str)| {
            let failed = |(batch, error): (Option<u64>, &str)| CoreSamples::Failed { batch, error: error.into() };
            match failed(a).merge(failed(b)) {
                CoreSamples::Failed { batch, error } => (batch, error.to_string()),
                CoreSamples::Kept(_) => (None, String::new()),
            }
        };
        let failures = [(None, "x"), (None, "y"), (Some(3), "z"), (Some(3), "a"), (Some(2), "w")];
        for (at, a) in failures.into_iter().enumerate() {
            for b in failures.into_iter().skip(at) {
                assert_eq!(winner(a, b), winner(b, a), "{a:?} and {b:?}");
            }
        }
        assert_eq!(winner(failures[0], failures[4]), (Some(2), "w".to_owned()));
    }
}
