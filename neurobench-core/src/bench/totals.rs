//! Totals of a run.

use std::time::Duration;

use crate::bench::error::SnapshotError;
use crate::bench::guard::guarded_metric;
use crate::bench::origin::Origin;
use crate::bench::ranges::BatchRanges;
use crate::bench::resample::Samples;
use crate::metric::plan::{Core, CoreState};
use crate::metric::{Context, MetricError};

/// The states of all cores after some set of batches. Totals of disjoint sets merge.
pub(crate) struct Totals {
    pub(crate) states: Vec<CoreState>,
    pub(crate) batches: BatchRanges,
    pub(crate) samples: u64,
    /// The kept samples, if any are requested.
    pub(crate) single: Option<Samples>,
    /// Time inside the model's forward passes, summed over workers.
    pub(crate) forward: Duration,
    /// Layers that did not spike in any of the batches, in the order of the model; `None` if that is unknown. Snapshots do not
    /// contain it.
    pub(crate) silent: Option<Vec<String>>,
}

impl Totals {
    /// Totals before any batch. A core whose requirements the model does not meet starts out failed.
    pub(crate) fn empty(cores: &[Core], missing: &[Option<MetricError>]) -> Self {
        let state = |(core, missing): (&Core, &Option<MetricError>)| match missing {
            None => CoreState::Good(core.fold.empty()),
            Some(error) => CoreState::Failed { batch: None, error: error.clone() },
        };
        Self {
            states: cores.iter().zip(missing).map(state).collect(),
            batches: BatchRanges::default(),
            samples: 0,
            single: None,
            forward: Duration::ZERO,
            silent: None,
        }
    }

    /// Folds one more batch. Batches must come in ascending order, so that the first failure of a core is its lowest. With the origin of
    /// the batch, errors name the sample in the data.
    pub(crate) fn fold(
        &mut self,
        cores: &[Core],
        context: &Context<'_>,
        batch: u64,
        samples: usize,
        origin: Option<&Origin<'_>>,
    ) {
        for (core, state) in cores.iter().zip(&mut self.states) {
            if let CoreState::Good(good) = state
                && let Err(error) = guarded_metric(|| core.fold.fold(good, context, batch))
            {
                let error = match origin {
                    Some(origin) => origin.locate_metric_error(core, context, error),
                    None => error,
                };
                // The half-changed state is dropped.
                *state = CoreState::Failed { batch: Some(batch), error };
            }
        }
        self.batches.insert(batch);
        self.samples += samples as u64;
    }

    /// Merges the totals of disjoint sets of batches.
    ///
    /// # Errors
    ///
    /// The first batch that is in both; more samples than can be counted.
    pub(crate) fn merge(self, other: Self) -> Result<Self, SnapshotError> {
        let batches = self.batches.union(&other.batches).map_err(SnapshotError::Overlap)?;
        let samples = self.samples.checked_add(other.samples).ok_or(SnapshotError::TooManySamples)?;
        let silent = match (self.batches.is_empty(), other.batches.is_empty()) {
            (true, _) => other.silent,
            (_, true) => self.silent,
            _ => self.silent.zip(other.silent).map(|(mut silent, others)| {
                silent.retain(|layer| others.contains(layer));
                silent
            }),
        };
        let states = self.states.into_iter().zip(other.states).map(|(a, b)| merge_states(a, b)).collect();
        let single = self.single.zip(other.single).map(|(mut single, other)| {
            single.merge(other);
            single
        });
        Ok(Self { states, batches, samples, single, forward: self.forward + other.forward, silent })
    }
}

/// Merges two states of a core. A failure wins; of two, the one in the lower batch, then the one in no batch, then the one whose
/// reason comes first in the alphabet: the order of merging is arbitrary.
fn merge_states(a: CoreState, b: CoreState) -> CoreState {
    match (a, b) {
        (CoreState::Good(mut a), CoreState::Good(b)) => {
            let merged = guarded_metric(|| {
                a.merge(b);
                Ok(())
            });
            match merged {
                Ok(()) => CoreState::Good(a),
                Err(error) => CoreState::Failed { batch: None, error: while_merging(&error) },
            }
        }
        (CoreState::Failed { batch: i, error: e }, CoreState::Failed { batch: j, error: f }) => {
            let rank = |batch: Option<u64>, error: &MetricError| (batch.unwrap_or(u64::MAX), error.to_string());
            let (batch, error) = if rank(i, &e) <= rank(j, &f) { (i, e) } else { (j, f) };
            CoreState::Failed { batch, error }
        }
        (failed @ CoreState::Failed { .. }, CoreState::Good(_)) | (CoreState::Good(_), failed) => failed,
    }
}

fn while_merging(error: &MetricError) -> MetricError {
    MetricError::Other(format!("merging states: {error}"))
}
