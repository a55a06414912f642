//! Sources from which workers pull batches.
//!
//! Invariant 13: carried state starts from rest at the first sample of a sequence and nowhere else. A snapshot or a
//! shard may end within a sequence. A run that continues there runs the earlier batches of the sequence again, for
//! their state only: forward, neither counted nor reported to observers ([`Pulled::counts`]). So nothing that was
//! counted is discarded, and no state needs to be undone.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::bench::cut::Cut;
use crate::bench::error::BatchFailure;
use crate::bench::guard::guarded;
use crate::bench::place::Place;
use crate::bench::ranges::BatchRanges;
use crate::data::batch::Batch;
use crate::data::{DataError, Dataset};
use crate::model::SequenceData;

/// Name of what holds the samples of a stream.
pub(crate) const WHOLE: &str = "the data set";

/// Hands out batches to workers, to each in ascending order of their indices.
pub(crate) trait Source: Sync {
    /// Number of batches that will be counted, if known.
    fn batches(&self) -> Option<u64>;

    /// Number of samples in these batches, if known.
    fn samples(&self) -> Option<u64>;

    /// Returns the index of the batch that is the `n`-th to be counted, from zero; none beyond the last one.
    fn counted(&self, n: u64) -> Option<u64>;

    /// Number of units of work, if known: more workers would find nothing to do.
    fn units(&self) -> Option<u64>;

    /// Names of inputs and targets, such as the files that contain them.
    fn names(&self) -> (String, String);

    /// Returns the samples on which a model may be fitted before a sequence, if there are any.
    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError>;

    /// Returns the next batch for a worker; none at the end. `unit` holds the rest of the worker's unit and is empty at first: all
    /// batches of a sequence must go to one worker.
    fn pull(&self, unit: &mut Range<u64>) -> Option<Pulled>;
}

/// A batch that a worker got.
pub(crate) struct Pulled {
    pub(crate) place: Place,
    /// True if the batch is to do; otherwise it is run only for the state that it leaves to later batches.
    pub(crate) counts: bool,
    pub(crate) batch: Result<Batch, BatchFailure>,
}

/// Batches of a data set that can be read at any place.
pub(crate) struct RandomAccess<'a> {
    data: &'a dyn Dataset,
    cut: &'a Cut,
    todo: &'a BatchRanges,
    next_unit: AtomicU64,
}

impl<'a> RandomAccess<'a> {
    /// Every batch to do must be one that there is.
    pub(crate) fn new(data: &'a dyn Dataset, cut: &'a Cut, todo: &'a BatchRanges) -> Self {
        Self { data, cut, todo, next_unit: AtomicU64::new(0) }
    }
}

impl Source for RandomAccess<'_> {
    fn batches(&self) -> Option<u64> {
        Some(self.todo.len())
    }

    fn samples(&self) -> Option<u64> {
        let batches = (0..self.todo.len()).filter_map(|n| self.todo.nth(n));
        Some(batches.filter_map(|batch| self.cut.samples(batch)).map(|samples| samples.len() as u64).sum())
    }

    fn counted(&self, n: u64) -> Option<u64> {
        self.todo.nth(n)
    }

    fn units(&self) -> Option<u64> {
        Some(self.cut.units(self.todo))
    }

    fn names(&self) -> (String, String) {
        self.data.names()
    }

    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> {
        self.data.training(sequence)
    }

    fn pull(&self, unit: &mut Range<u64>) -> Option<Pulled> {
        while unit.is_empty() {
            *unit = self.cut.unit(self.next_unit.fetch_add(1, Ordering::Relaxed), self.todo)?;
        }
        let index = unit.next()?;
        let range = self.cut.samples(index)?;
        let wanted = range.len();
        let (sequence, begins_sequence) = (self.cut.sequence(index), self.cut.begins_sequence(index));
        let (first_sample, history) = (range.start as u64, self.cut.history(index));
        let place = Place { batch: index, first_sample, samples: wanted, history, sequence, begins_sequence };
        let range = range.start - history..range.end;
        let wanted = range.len();
        let batch = guarded("the data set", || self.data.batch(range).map_err(BatchFailure::Data));
        let batch = batch.and_then(|(inputs, targets)| match inputs.samples() {
            found if found == wanted => Ok(Batch { inputs, targets }),
            found => Err(BatchFailure::Samples(format!(
                "the data set returned {found} samples, \
                 but {wanted} were requested"
            ))),
        });
        Some(Pulled { place, counts: self.todo.contains(index), batch })
    }
}

/// Batches of an iterator, one worker at a time.
pub(crate) struct Stream<I> {
    state: Mutex<StreamState<I>>,
    /// All of it, for a model that carries state.
    is_sequence: bool,
}

struct StreamState<I> {
    /// The rest of the stream; none when it has ended or failed.
    batches: Option<I>,
    next: u64,
    /// Number of samples before the next batch.
    samples: u64,
}

impl<I: Iterator<Item = Result<Batch, DataError>>> Stream<I> {
    pub(crate) fn new(batches: I, carries_state: bool) -> Self {
        Self {
            state: Mutex::new(StreamState { batches: Some(batches), next: 0, samples: 0 }),
            is_sequence: carries_state,
        }
    }
}

impl<I: Iterator<Item = Result<Batch, DataError>> + Send> Source for Stream<I> {
    fn batches(&self) -> Option<u64> {
        None
    }

    fn samples(&self) -> Option<u64> {
        None
    }

    fn counted(&self, n: u64) -> Option<u64> {
        Some(n)
    }

    fn units(&self) -> Option<u64> {
        self.is_sequence.then_some(1)
    }

    fn names(&self) -> (String, String) {
        (WHOLE.to_owned(), WHOLE.to_owned())
    }

    fn training(&self, _: u64) -> Result<Option<SequenceData>, DataError> {
        Ok(None)
    }

    fn pull(&self, _: &mut Range<u64>) -> Option<Pulled> {
        // The state is consistent whenever the lock is free: a panic inside is caught below.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = state.batches.as_mut()?;
        let pulled = guarded("the data source", || Ok(batches.next()));
        let batch = match pulled {
            Ok(None) => None,
            Ok(Some(Ok(batch))) => Some(Ok(batch)),
            Ok(Some(Err(error))) => Some(Err(BatchFailure::Data(error))),
            Err(panicked) => Some(Err(panicked)),
        };
        if !matches!(batch, Some(Ok(_))) {
            state.batches = None;
        }
        let samples = batch.as_ref().map_or(0, |batch| batch.as_ref().map_or(0, |batch| batch.inputs.samples()));
        let begins_sequence = self.is_sequence && state.next == 0;
        let (batch_index, first_sample) = (state.next, state.samples);
        let place = Place { batch: batch_index, first_sample, samples, history: 0, sequence: 0, begins_sequence };
        state.next += 1;
        state.samples += samples as u64;
        batch.map(|batch| Pulled { place, counts: true, batch })
    }
}
