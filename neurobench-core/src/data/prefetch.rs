//! Reading ahead.

use std::collections::HashMap;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::data::{DataError, Dataset, everything_but_batches};
use crate::model::Tensor;

type Batch = Result<(Tensor, Tensor), DataError>;

/// A data set that reads the next batches while a batch is used, for slow sources.
///
/// Every request for samples `a..b` starts the reading of the batches of the same size that follow, up to the number of batches
/// to read ahead, each on its own thread. Memory grows by that number of batches. Values do not change.
///
/// ```
/// use ndarray::{Array1, Array2};
/// use neurobench::data::{Dataset, InMemory, Prefetch};
/// let data = InMemory::new(Array2::<f32>::zeros((300, 96)), Array1::<i64>::zeros(300))?;
/// let ahead = Prefetch::new(data.clone(), 2);
/// assert_eq!(ahead.batch(0..64)?, data.batch(0..64)?);
/// # Ok::<(), neurobench::data::DataError>(())
/// ```
pub struct Prefetch<D> {
    data: Arc<D>,
    batches: usize,
    reading: Mutex<Reading>,
}

#[derive(Default)]
struct Reading {
    /// Batches that are being read or wait for their request, by their first sample, with the sample behind them.
    started: HashMap<usize, (usize, JoinHandle<Batch>)>,
    /// First sample that no thread has been started for.
    next: usize,
}

impl<D: Dataset + 'static> Prefetch<D> {
    /// Reads this number of batches ahead.
    pub fn new(data: D, batches: usize) -> Self {
        Self { data: Arc::new(data), batches, reading: Mutex::new(Reading::default()) }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        // Nothing panics while the lock is held.
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a batch that is being read, and starts the next ones.
    fn take(&self, range: &Range<usize>) -> Option<JoinHandle<Batch>> {
        let mut reading = self.reading();
        let found = reading.started.remove(&range.start);
        let found = found.and_then(|(end, batch)| (end == range.end).then_some(batch));
        if found.is_none() {
            // The batches have another size, or begin elsewhere: those that were started will not be requested.
            reading.started.clear();
            reading.next = range.end;
        }
        let samples = self.data.samples();
        while reading.started.len() < self.batches && reading.next < samples && !range.is_empty() {
            let next = reading.next..samples.min(reading.next + range.len());
            let (data, wanted) = (Arc::clone(&self.data), next.clone());
            let spawned = thread::Builder::new().name("neurobench reader".to_owned()).spawn(move || data.batch(wanted));
            // Without a thread, the batch is read when it is requested.
            let Ok(batch) = spawned else { break };
            reading.next = next.end;
            reading.started.insert(next.start, (next.end, batch));
        }
        found
    }
}

impl<D: Dataset + 'static> Dataset for Prefetch<D> {
    fn batch(&self, range: Range<usize>) -> Batch {
        match self.take(&range) {
            // A panic continues where the batch is used.
            Some(batch) => batch.join().unwrap_or_else(|panic| resume_unwind(panic)),
            None => self.data.batch(range),
        }
    }

    everything_but_batches!(data);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ndarray::{Array1, Array2};

    use super::*;
    use crate::data::InMemory;

    /// Counts the samples that are read, and fails on sample 13.
    struct Counted(InMemory, AtomicUsize);

    impl Dataset for Counted {
        fn samples(&self) -> usize {
            self.0.samples()
        }

        fn batch(&self, range: Range<usize>) -> Batch {
            self.1.fetch_add(range.len(), Ordering::Relaxed);
            if range.contains(&13) { Err("sample 13 is damaged".into()) } else { self.0.batch(range) }
        }
    }

    fn counted() -> Counted {
        let inputs = Array2::from_shape_fn((20, 3), |(row, column)| (3 * row + column) as f32);
        Counted(InMemory::new(inputs, Array1::from_iter(0..20_i64)).unwrap(), AtomicUsize::new(0))
    }

    #[test]
    fn batches_in_any_order_are_those_of_the_data_set() {
        let data = Prefetch::new(counted(), 3);
        for range in [0..4, 4..8, 16..20, 0..6, 6..12, 2..3, 18..20, 5..5] {
            assert_eq!(data.batch(range.clone()).unwrap(), data.data.0.batch(range).unwrap());
        }
        assert_eq!(data.batch(12..16).unwrap_err().to_string(), "sample 13 is damaged");
    }

    #[test]
    fn batches_in_order_are_read_once() {
        let data = Prefetch::new(counted(), 2);
        for start in [0, 4, 8] {
            data.batch(start..start + 4).unwrap();
        }
        assert!(data.batch(12..16).is_err());
        data.batch(16..20).unwrap();
        assert_eq!(data.data.1.load(Ordering::Relaxed), 20);
    }
}
