//! Merging of snapshots, of totals and of the states of cores.

use crate::bench::error::{RunError, SnapshotError};
use crate::bench::guard::guarded_metric;
use crate::bench::totals::Totals;
use crate::bench::{Benchmark, Snapshot};
use crate::metric::MetricError;
use crate::metric::plan::CoreState;

impl Benchmark<'_> {
    /// Merges snapshots that have no batch in common. The merged snapshot keeps their samples only if this benchmark
    /// also requests intervals or per-sample values.
    ///
    /// # Errors
    ///
    /// Snapshots from a different run, or with a batch in common.
    pub fn merge(&self, snapshots: &[Snapshot]) -> Result<Snapshot, RunError> {
        let (cores, identity, plan) = (self.plan.cores(), self.identity()?, self.resample_plan()?);
        let mut merged: Option<Totals> = None;
        for snapshot in snapshots {
            let totals = snapshot.restore(cores, identity, plan.as_ref())?;
            merged = Some(match merged {
                None => totals,
                Some(merged) => merged.merge(totals)?,
            });
        }
        let merged = merged.ok_or(SnapshotError::Nothing)?;
        Ok(Snapshot::save(&merged, cores, identity.clone(), plan.as_ref()))
    }
}

impl Totals {
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
