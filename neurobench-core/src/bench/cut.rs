//! Division of a data set into batches and units of work.

use std::ops::Range;

use crate::bench::ranges::BatchRanges;
use crate::data::{DataError, Dataset, check_sequences};

/// Division of a data set into batches, and of these into units of work, each of which one worker runs in order, in one session.
///
/// For a model that starts every sample from rest, each batch is a unit. For one that carries state, each sequence is, and no
/// batch reaches from one sequence into the next (Invariant 13). Batches that preprocessors need with earlier samples do not
/// either, and neither do those earlier samples.
pub(crate) struct Cut {
    batch_size: usize,
    /// Number of samples before a batch that preprocessors need.
    history: usize,
    /// The sequences in order, or one stretch of all samples. None is empty.
    stretches: Vec<Stretch>,
    in_sequences: bool,
}

/// Consecutive samples, and the batches that they are cut into.
struct Stretch {
    samples: Range<usize>,
    batches: Range<u64>,
}

impl Cut {
    /// Cuts a data set, for a model that carries state or one that does not, and preprocessors that need this number of samples
    /// before each batch.
    ///
    /// # Errors
    ///
    /// Sequences that are empty, or not all of the data.
    pub(crate) fn new(
        data: &dyn Dataset,
        batch_size: usize,
        carries_state: bool,
        history: usize,
    ) -> Result<Self, DataError> {
        let samples = data.samples();
        let lengths = match (samples, carries_state || history > 0) {
            (0, _) => Vec::new(),
            (_, false) => vec![samples],
            (_, true) => {
                let lengths = data.sequences();
                check_sequences(&lengths, samples)?;
                lengths
            }
        };
        let mut stretches = Vec::with_capacity(lengths.len());
        let (mut sample, mut batch) = (0, 0);
        for length in lengths {
            let (first, first_batch) = (sample, batch);
            sample += length;
            batch += length.div_ceil(batch_size) as u64;
            stretches.push(Stretch { samples: first..sample, batches: first_batch..batch });
        }
        Ok(Self { batch_size, history, stretches, in_sequences: carries_state })
    }

    /// Number of batches.
    pub(crate) fn batches(&self) -> u64 {
        self.stretches.last().map_or(0, |last| last.batches.end)
    }

    /// The samples of a batch.
    pub(crate) fn samples(&self, batch: u64) -> Option<Range<usize>> {
        let stretch = self.stretches.get(self.stretches.partition_point(|stretch| stretch.batches.end <= batch))?;
        let before = usize::try_from(batch - stretch.batches.start).ok()?.checked_mul(self.batch_size)?;
        let start = stretch.samples.start.checked_add(before)?;
        Some(start..stretch.samples.end.min(start.saturating_add(self.batch_size)))
    }

    /// Number of samples before a batch to read with it: those that preprocessors need, or fewer at the beginning of a sequence.
    pub(crate) fn history(&self, batch: u64) -> usize {
        let stretch = self.stretches.get(self.stretches.partition_point(|stretch| stretch.batches.end <= batch));
        match (stretch, self.samples(batch)) {
            (Some(stretch), Some(samples)) => self.history.min(samples.start - stretch.samples.start),
            _ => 0,
        }
    }

    /// Zero-based index of the stretch of a batch: of its sequence, for a model that carries state.
    pub(crate) fn sequence(&self, batch: u64) -> u64 {
        self.stretches.partition_point(|stretch| stretch.batches.end <= batch) as u64
    }

    /// Returns true if the session must be put to rest before a batch.
    pub(crate) fn begins_sequence(&self, batch: u64) -> bool {
        self.in_sequences && self.stretches.binary_search_by_key(&batch, |stretch| stretch.batches.start).is_ok()
    }

    /// Number of units that contain any of these batches.
    pub(crate) fn units(&self, todo: &BatchRanges) -> u64 {
        match self.in_sequences {
            true => self.stretches.iter().filter(|stretch| todo_in(stretch, todo).is_some()).count() as u64,
            false => todo.len(),
        }
    }

    /// The batches to run of the unit at a zero-based index, from its beginning to the last batch to do in it; empty for a sequence
    /// without any. None beyond the last unit.
    pub(crate) fn unit(&self, n: u64, todo: &BatchRanges) -> Option<Range<u64>> {
        if !self.in_sequences {
            return todo.nth(n).map(|batch| batch..batch + 1);
        }
        let stretch = self.stretches.get(usize::try_from(n).ok()?)?;
        let start = stretch.batches.start;
        Some(start..todo_in(stretch, todo).unwrap_or(start))
    }
}

/// One past the last batch to do of a stretch; none if there is nothing to do.
fn todo_in(stretch: &Stretch, todo: &BatchRanges) -> Option<u64> {
    todo.end_below(stretch.batches.end).filter(|end| *end > stretch.batches.start)
}
