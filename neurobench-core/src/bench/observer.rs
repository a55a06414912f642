//! Following a run.

use crate::bench::Snapshot;
use crate::metric::MetricError;
use crate::value::Value;

/// Follows a run. The engine prints nothing; whoever wants to see progress observes.
///
/// Batches finish in any order, on any worker: an observer that wants order sorts.
pub trait Observer: Send + Sync {
    /// The run begins.
    fn started(&self, _run: &RunStart) {}

    /// Whether each batch should come with the metrics' values for it alone. It costs every metric a second pass over
    /// the batch.
    fn wants_values(&self) -> bool {
        false
    }

    /// A batch is done.
    fn batch(&self, _event: &BatchEvent<'_>) {}

    /// Whether the run is to end after the batches under way. Every worker asks before each batch: what was completed is then in
    /// [`RunError::Interrupted`](crate::bench::RunError::Interrupted), and another run can go on from there.
    fn interrupts(&self) -> bool {
        false
    }

    /// Whether the run is to pause, so that [`completed`](Self::completed) tells of what there is by then. Every worker asks after
    /// a batch or, of a model that carries state, a sequence; they begin again together when all have paused. Of
    /// a stream, which is not there a second time, nobody asks.
    fn wants_completed(&self) -> bool {
        false
    }

    /// All batches that were completed before a pause, with those of the snapshot that the run went on from.
    fn completed(&self, _snapshot: &Snapshot) {}

    /// The run is over; whether it was finished.
    fn ended(&self, _finished: bool) {}
}

/// What is known when a run begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunStart {
    /// How many batches will be told of, where that is known.
    pub batches: Option<u64>,
    /// How many workers pull them.
    pub workers: usize,
}

/// One batch that is done.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchEvent<'a> {
    /// Its place in the data set, counted from 0.
    pub index: u64,
    /// How many samples it has.
    pub samples: usize,
    /// Which worker ran it, counted from 0.
    pub worker: usize,
    /// For every metric, by name, its value for this batch alone; empty unless asked for.
    pub values: &'a [(String, Result<Value, MetricError>)],
}
