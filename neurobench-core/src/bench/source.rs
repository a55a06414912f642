//! Where workers pull batches from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::bench::error::BatchFailure;
use crate::bench::guard::guarded;
use crate::bench::ranges::BatchRanges;
use crate::data::{DataError, Dataset};
use crate::model::Tensor;

/// Inputs and targets of the same samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `[batch, ..]`
    pub inputs: Tensor,
    /// `[batch, ..]`
    pub targets: Tensor,
}

impl Batch {
    /// Inputs and targets of the same samples.
    #[must_use]
    pub fn new(inputs: impl Into<Tensor>, targets: impl Into<Tensor>) -> Self {
        Self { inputs: inputs.into(), targets: targets.into() }
    }
}

/// Hands out batches, in ascending order of their indices, to whoever asks next.
pub(crate) trait Source: Sync {
    /// The next batch with its index; none at the end.
    fn pull(&self) -> Option<(u64, Result<Batch, BatchFailure>)>;
}

/// Batches of a data set that can be read at any place.
pub(crate) struct RandomAccess<'a> {
    data: &'a dyn Dataset,
    samples: usize,
    batch_size: usize,
    todo: &'a BatchRanges,
    next: AtomicU64,
}

impl<'a> RandomAccess<'a> {
    /// Of so many samples; every batch to do must be one that they have.
    pub(crate) fn new(data: &'a dyn Dataset, samples: usize, batch_size: usize, todo: &'a BatchRanges) -> Self {
        Self { data, samples, batch_size, todo, next: AtomicU64::new(0) }
    }
}

impl Source for RandomAccess<'_> {
    fn pull(&self) -> Option<(u64, Result<Batch, BatchFailure>)> {
        let index = self.todo.nth(self.next.fetch_add(1, Ordering::Relaxed))?;
        let start = usize::try_from(index).ok()?.checked_mul(self.batch_size)?;
        let range = start..self.samples.min(start.saturating_add(self.batch_size));
        let wanted = range.len();
        let batch = guarded("the data set", || self.data.batch(range).map_err(BatchFailure::Data));
        let checked = batch.and_then(|(inputs, targets)| match inputs.samples() {
            given if given == wanted => Ok(Batch { inputs, targets }),
            given => Err(BatchFailure::Samples(format!("the data set gave {given} samples for {wanted}"))),
        });
        Some((index, checked))
    }
}

/// Batches of an iterator, one worker at a time.
pub(crate) struct Stream<I> {
    state: Mutex<StreamState<I>>,
}

struct StreamState<I> {
    /// None when the stream has ended or failed.
    batches: Option<I>,
    next: u64,
}

impl<I: Iterator<Item = Result<Batch, DataError>>> Stream<I> {
    pub(crate) fn new(batches: I) -> Self {
        Self { state: Mutex::new(StreamState { batches: Some(batches), next: 0 }) }
    }
}

impl<I: Iterator<Item = Result<Batch, DataError>> + Send> Source for Stream<I> {
    fn pull(&self) -> Option<(u64, Result<Batch, BatchFailure>)> {
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
        let index = state.next;
        state.next += 1;
        batch.map(|batch| (index, batch))
    }
}
