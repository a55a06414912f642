//! Observers of a run.

use crate::bench::Snapshot;
use crate::metric::MetricError;
use crate::value::Value;

/// Follows a run. The engine prints nothing; progress is shown by an observer.
///
/// Batches finish in any order, on any worker: an observer that needs an order must sort, or ask for running values.
///
/// # Values over time
///
/// A metric has one value, that of the run. How it develops within the run is for observers: the value of each batch alone
/// ([`wants_values`](Self::wants_values)) and the value over all batches so far
/// ([`wants_running_values`](Self::wants_running_values)), of any metric, without a change to the metric.
///
/// ```
/// use std::sync::Mutex;
///
/// use neurobench::Benchmark;
/// use neurobench::bench::{BatchEvent, Observer};
/// use neurobench::data::InMemory;
/// use neurobench::metrics::Mse;
///
/// /// The mean squared error after every batch.
/// #[derive(Default)]
/// struct Curve(Mutex<Vec<f64>>);
///
/// impl Observer for &Curve {
///     fn wants_running_values(&self) -> bool {
///         true
///     }
///
///     fn batch(&self, event: &BatchEvent<'_>) {
///         let values = event.running.iter().filter_map(|(_, value)| value.as_ref().ok()?.as_f64());
///         self.0.lock().unwrap().extend(values);
///     }
/// }
///
/// let data = InMemory::new(ndarray::array![1.0, 2.0, 3.0], ndarray::array![1.0, 0.0, 0.0]).unwrap();
/// let curve = Curve::default();
/// let model = neurobench::testing::predictions();
/// let benchmark = Benchmark::builder().model(model).data(data).batch_size(1).workers(2).metric(Mse).observe(&curve);
/// benchmark.build().unwrap().run().unwrap();
/// // 0, (0 + 4) / 2, (0 + 4 + 9) / 3
/// assert_eq!(*curve.0.lock().unwrap(), [0.0, 2.0, 13.0 / 3.0]);
/// ```
pub trait Observer: Send + Sync {
    /// Called when the run begins.
    fn started(&self, _run: &RunStart) {}

    /// Returns true to receive the values of the metrics for each batch alone. This costs every metric a second pass over
    /// the batch.
    fn wants_values(&self) -> bool {
        false
    }

    /// Returns true to receive the values of the metrics over all batches so far. This costs every metric a second pass
    /// over the batch, and memory for a further set of states.
    ///
    /// All observers then receive the batches in the order of their indices, and the running values are the same for any
    /// number of workers. A batch waits until all lower ones have finished or, if one of them fails, until the end.
    fn wants_running_values(&self) -> bool {
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
    /// Number of samples in these batches, before preprocessing.
    pub samples: Option<u64>,
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
    /// For every metric, by name, its value over this batch and all lower ones, including those of the snapshot that the
    /// run was resumed from; empty unless [requested](Observer::wants_running_values).
    pub running: &'a [(String, Result<Value, MetricError>)],
}
