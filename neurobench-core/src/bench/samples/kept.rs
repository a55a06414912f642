//! Folding samples one by one.

use std::collections::BTreeMap;

use super::counted::Counted;
use super::spread::Spread;
use super::weights::PoissonWeights;
use super::{GROUPS, Keep, SamplePlan, group};
use crate::bench::guard::guarded_metric;
use crate::metric::plan::{AnyState, Core};
use crate::metric::{BatchContext, Context, MetricError};
use crate::model::Record;
use crate::report::intervals::SampleUnit;

/// Where a batch stands in the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The batch, counted from 0.
    pub(crate) batch: u64,
    /// Its first sample, counted from 0 over the data set.
    pub(crate) first_sample: u64,
    /// How many samples the data set gave for it.
    pub(crate) samples: usize,
    /// The sequence that it is of, counted from 0.
    pub(crate) sequence: u64,
    /// Whether it begins it, so that the session must be put to rest before.
    pub(crate) begins_sequence: bool,
}

/// What is kept of the samples of some set of batches. It merges as states do.
pub(crate) struct Samples {
    /// How many parts each group of the jackknife has.
    pub(super) groups: Vec<u64>,
    /// How many samples there are, or sequences whose beginning is among them.
    pub(super) units: u64,
    /// By core.
    pub(super) cores: Vec<CoreSamples>,
    weights: PoissonWeights,
}

/// What is kept of the samples of one core.
pub(super) enum CoreSamples {
    Kept(Kept),
    /// The lowest batch whose samples could not be folded one by one, if it was a batch, and why.
    Failed {
        batch: Option<u64>,
        error: MetricError,
    },
}

#[derive(Default)]
pub(super) struct Kept {
    pub(super) parts: Option<BTreeMap<PartKey, AnyState>>,
    pub(super) counted: Option<Counted>,
    pub(super) groups: Option<AnyState>,
    pub(super) replicates: Option<AnyState>,
    pub(super) spread: Option<Spread>,
}

/// The unit that a part is of, by its place in the data, and its batch, for a sequence has several.
pub(super) type PartKey = (u64, u64);

impl Samples {
    /// Of no batch.
    pub(crate) fn empty(plan: &SamplePlan, cores: &[Core]) -> Self {
        let kept = |(core, keep): (&Core, &Keep)| {
            CoreSamples::Kept(Kept {
                parts: keep.parts.then(BTreeMap::new),
                counted: keep.counted.then(|| Counted::new(plan.seed(), plan.replicates())),
                groups: keep.groups.then(|| core.fold.many(GROUPS)),
                replicates: keep.replicates.then(|| core.fold.many(plan.replicates())),
                spread: keep.spread.then(Spread::default),
            })
        };
        Self::of(plan, (vec![0; GROUPS], 0), cores.iter().zip(&plan.cores).map(kept).collect())
    }

    pub(super) fn of(plan: &SamplePlan, (groups, units): (Vec<u64>, u64), cores: Vec<CoreSamples>) -> Self {
        Self { groups, units, cores, weights: PoissonWeights::new(plan.replicates()) }
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> u64 {
        self.units
    }

    /// The samples of one batch more. Batches must come in ascending order, so that the first failure of a core is its lowest.
    pub(crate) fn fold(&mut self, plan: &SamplePlan, cores: &[Core], context: &Context<'_>, place: Place) {
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
                let (given, left) = (place.samples, samples);
                let why =
                    format!("a preprocessor made {left} samples of {given}, which are no longer those of the data");
                self.fail(index, &MetricError::Other(why), |_| true);
            }
            (SampleUnit::Sample, 1) => self.add(plan, cores, context, index, (first_sample, index)),
            (SampleUnit::Sample, samples) => {
                let why = "it sees whole batches, so that single samples need batches of one (`batch_size = 1`)";
                self.fail(index, &MetricError::Missing(why.to_owned()), |core| plan.cores[core].whole_batches);
                let none = Record::default();
                for at in 0..samples {
                    let (outputs, targets) = (batch.outputs().rows(at, at + 1), batch.targets().rows(at, at + 1));
                    let alone = BatchContext::new(index, &outputs, &targets, &none);
                    let alone = Context::of_batch(context.model(), alone);
                    self.add(plan, cores, &alone, index, (first_sample + at as u64, index));
                }
            }
        }
    }

    fn fail(&mut self, batch: u64, error: &MetricError, of: impl Fn(usize) -> bool) {
        for (at, core) in self.cores.iter_mut().enumerate() {
            if matches!(core, CoreSamples::Kept(_)) && of(at) {
                *core = CoreSamples::Failed { batch: Some(batch), error: error.clone() };
            }
        }
    }

    /// One part: a sample, or what a batch has of a sequence.
    fn add(&mut self, plan: &SamplePlan, cores: &[Core], context: &Context<'_>, batch: u64, key: PartKey) {
        let (seed, unit) = (plan.seed(), key.0);
        let group = group(seed, unit);
        self.groups[group] = self.groups[group].saturating_add(1);
        for ((core, keep), samples) in cores.iter().zip(&plan.cores).zip(&mut self.cores) {
            let CoreSamples::Kept(kept) = samples else { continue };
            if !keep.anything() {
                continue;
            }
            let weights = &mut self.weights;
            let added = guarded_metric(|| {
                let part = core.fold.part(context)?;
                if let Some(groups) = &mut kept.groups {
                    core.fold.merge_at(groups, group, &part);
                }
                if let Some(replicates) = &mut kept.replicates {
                    core.fold.merge_copies(replicates, &part, weights.of(seed, unit));
                }
                if let Some(counted) = &mut kept.counted {
                    counted.add(core.fold.counted(&part), unit, weights);
                }
                if let Some(spread) = &mut kept.spread {
                    spread.add(&part);
                }
                if let Some(parts) = &mut kept.parts {
                    parts.insert(key, part);
                }
                Ok(())
            });
            if let Err(error) = added {
                // The half-changed states go with it.
                *samples = CoreSamples::Failed { batch: Some(batch), error };
            }
        }
    }

    /// Those of disjoint sets of batches.
    pub(crate) fn merge(&mut self, other: Self, cores: &[Core]) {
        for (own, other) in self.groups.iter_mut().zip(other.groups) {
            *own = own.saturating_add(other);
        }
        self.units = self.units.saturating_add(other.units);
        let own = std::mem::take(&mut self.cores);
        self.cores = own.into_iter().zip(other.cores).zip(cores).map(|((a, b), core)| merged(core, a, b)).collect();
    }
}

/// A failure wins; of two, the one in the lower batch, then one in no batch, then the one whose reason comes first in the alphabet:
/// the order of merging is an accident.
fn merged(core: &Core, a: CoreSamples, b: CoreSamples) -> CoreSamples {
    match (a, b) {
        (CoreSamples::Kept(a), CoreSamples::Kept(b)) => match guarded_metric(|| Ok(a.and(b, core))) {
            Ok(kept) => CoreSamples::Kept(kept),
            // What the panic says may name the numbers that happened to meet.
            Err(_) => CoreSamples::Failed { batch: None, error: "the states of its samples cannot be merged".into() },
        },
        (CoreSamples::Failed { batch: i, error: e }, CoreSamples::Failed { batch: j, error: f }) => {
            let rank = |batch: Option<u64>, error: &MetricError| (batch.unwrap_or(u64::MAX), error.to_string());
            let (batch, error) = if rank(i, &e) <= rank(j, &f) { (i, e) } else { (j, f) };
            CoreSamples::Failed { batch, error }
        }
        (failed @ CoreSamples::Failed { .. }, _) | (_, failed) => failed,
    }
}

impl Kept {
    /// What both keep.
    fn and(self, other: Self, core: &Core) -> Self {
        let many = |a: Option<AnyState>, b: Option<AnyState>| {
            let (mut a, b) = (a?, b?);
            core.fold.merge_each(&mut a, b);
            Some(a)
        };
        let both = self.parts.zip(other.parts);
        Self {
            parts: both.map(|(mut parts, others)| {
                parts.extend(others);
                parts
            }),
            counted: self.counted.zip(other.counted).map(|(mut counted, other)| {
                counted.merge(other);
                counted
            }),
            groups: many(self.groups, other.groups),
            replicates: many(self.replicates, other.replicates),
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
    use crate::accumulate::Count;
    use crate::inputs::SampleCount;
    use crate::metric::Plan;

    /// How many samples there are.
    #[crate::accumulated_metric(unit = "samples")]
    fn samples_in_all(samples: SampleCount) -> Count {
        Count(samples.0)
    }

    #[test]
    fn of_two_failures_the_same_is_told_in_either_order() {
        let mut plan = Plan::default();
        assert!(plan.core(&SamplesInAll).is_ok());
        let told = |a: (Option<u64>, &str), b: (Option<u64>, &str)| {
            let failed = |(batch, error): (Option<u64>, &str)| CoreSamples::Failed { batch, error: error.into() };
            match merged(&plan.cores()[0], failed(a), failed(b)) {
                CoreSamples::Failed { batch, error } => (batch, error.to_string()),
                CoreSamples::Kept(_) => (None, String::new()),
            }
        };
        let failures = [(None, "x"), (None, "y"), (Some(3), "z"), (Some(3), "a"), (Some(2), "w")];
        for (at, a) in failures.into_iter().enumerate() {
            for b in failures.into_iter().skip(at) {
                assert_eq!(told(a, b), told(b, a), "{a:?} and {b:?}");
            }
        }
        assert_eq!(told(failures[0], failures[4]), (Some(2), "w".to_owned()));
    }
}
