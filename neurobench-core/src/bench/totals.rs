//! What a run has folded so far.

use std::time::Duration;

use crate::bench::guard::guarded_metric;
use crate::bench::ranges::BatchRanges;
use crate::metric::plan::{Core, CoreState};
use crate::metric::{Context, MetricError};

/// The states of all cores after some set of batches. It merges, whole batches at a time.
pub(crate) struct Totals {
    pub(crate) states: Vec<CoreState>,
    pub(crate) batches: BatchRanges,
    pub(crate) samples: u64,
    /// Time inside the model's forward passes, summed over workers.
    pub(crate) forward: Duration,
}

impl Totals {
    /// Of no batch.
    pub(crate) fn empty(cores: &[Core]) -> Self {
        Self {
            states: cores.iter().map(|core| CoreState::Good(core.fold.empty())).collect(),
            batches: BatchRanges::default(),
            samples: 0,
            forward: Duration::ZERO,
        }
    }

    /// One batch more. Batches must come in ascending order, so that the first failure of a core is its lowest.
    pub(crate) fn fold(&mut self, cores: &[Core], context: &Context<'_>, batch: u64, samples: usize) {
        for (core, state) in cores.iter().zip(&mut self.states) {
            if let CoreState::Good(good) = state
                && let Err(error) = guarded_metric(|| core.fold.fold(good, context, batch))
            {
                // The half-changed state goes with it.
                *state = CoreState::Failed { batch, error };
            }
        }
        self.batches.insert(batch);
        self.samples += samples as u64;
    }

    /// The batches of both, which must be disjoint.
    ///
    /// # Errors
    ///
    /// The first batch that both have.
    pub(crate) fn merge(self, other: Self, cores: &[Core]) -> Result<Self, u64> {
        let batches = self.batches.union(&other.batches)?;
        let pairs = self.states.into_iter().zip(other.states);
        let first = batches.iter().next().unwrap_or(0);
        let states = pairs.zip(cores).map(|((a, b), core)| merge_states(core, a, b, first)).collect();
        Ok(Self { states, batches, samples: self.samples + other.samples, forward: self.forward + other.forward })
    }
}

/// Two states merge by their core; a failure wins, the lower batch of two.
fn merge_states(core: &Core, a: CoreState, b: CoreState, first_batch: u64) -> CoreState {
    match (a, b) {
        (CoreState::Good(mut a), CoreState::Good(b)) => {
            let merged = guarded_metric(|| {
                core.fold.merge(&mut a, b);
                Ok(())
            });
            match merged {
                Ok(()) => CoreState::Good(a),
                Err(error) => CoreState::Failed { batch: first_batch, error: while_merging(&error) },
            }
        }
        (CoreState::Failed { batch: i, error: e }, CoreState::Failed { batch: j, error: f }) => {
            if i <= j {
                CoreState::Failed { batch: i, error: e }
            } else {
                CoreState::Failed { batch: j, error: f }
            }
        }
        (failed @ CoreState::Failed { .. }, CoreState::Good(_)) | (CoreState::Good(_), failed) => failed,
    }
}

fn while_merging(error: &MetricError) -> MetricError {
    MetricError::Other(format!("merging states: {error}"))
}
