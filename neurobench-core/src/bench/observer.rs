//! Observers of a run.

use crate::bench::Snapshot;
use crate::metric::MetricError;
use crate::value::Value;

/// Follows a run. The engine prints nothing; progress is shown by an observer.
///
/// Batches finish in any order, on any worker: an observer that needs an order must sort.
pub trait Observer: Send + Sync {
    /// Called when the run begins.
    fn started(&self, _run: &RunStart) {}

    /// Returns true to receive the values of the metrics for each batch alone. This costs every metric a second pass over
    /// the batch.
    fn wants_values(&self) -> bool {
        false
    }

    /// Called after a batch.
    fn batch(&self, _event: &BatchEvent<'_>) {}

    /// Returns true to end the run after the current batches. Every worker asks before each batch. The completed batches are then in
    /// [`RunError::Interrupted`](crate::bench::RunError::Interrupted), and another run can go on from there.
    fn interrupts(&self) -> bool {
        false
    }

    /// Returns true to pause the run, so that [`completed`](Self::completed) receives a snapshot. Every worker asks after
    /// a batch or, for a model that carries state, a sequence; they continue together when all have paused. For
    /// a stream, which cannot be read a second time, this is never called.
    fn wants_completed(&self) -> bool {
        false
    }

    /// Called at a pause, with a snapshot of all completed batches, including those of the snapshot that the run was resumed from.
    fn completed(&self, _snapshot: &Snapshot) {}

    /// Called at the end of the run, with true if it was finished.
    fn ended(&self, _finished: bool) {}
}

/// The beginning of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunStart {
    /// Number of batches, if known.
    pub batches: Option<u64>,
    /// Number of workers.
    pub workers: usize,
}

/// A completed batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchEvent<'a> {
    /// Its zero-based index in the data set.
    pub index: u64,
    /// Number of samples.
    pub samples: usize,
    /// Zero-based index of its worker.
    pub worker: usize,
    /// For every metric, by name, its value for this batch alone; empty unless requested.
    pub values: &'a [(String, Result<Value, MetricError>)],
}
