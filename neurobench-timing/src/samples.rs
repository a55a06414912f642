//! Samples that are loaded before the clock starts.

use neurobench_core::data::Dataset;
use neurobench_core::model::Tensor;

use crate::TimingError;

/// Batches of a data set in memory. As in LoadGen, samples are loaded before the clock starts, and drawn again and again.
pub struct LoadedSamples<'d> {
    pub(crate) batches: Vec<LoadedBatch>,
    pub(crate) data: &'d dyn Dataset,
    batch_size: usize,
    samples: usize,
    in_sequences: bool,
}

/// Samples of one forward pass.
pub(crate) struct LoadedBatch {
    pub(crate) inputs: Tensor,
    pub(crate) targets: Tensor,
    /// Zero-based index of the first sample in the data set, without the history.
    pub(crate) first_sample: u64,
    /// Number of samples, without the history.
    pub(crate) samples: usize,
    /// Number of earlier samples at the beginning, which preprocessors need.
    pub(crate) history: usize,
    /// Zero-based index of the sequence that begins with this batch, for models that carry state.
    pub(crate) starts_sequence: Option<u64>,
}

/// Division of the data into batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Division {
    pub(crate) batch_size: usize,
    /// Number of earlier samples that preprocessors need.
    pub(crate) history: usize,
    /// True if batches are consecutive parts of sequences.
    pub(crate) in_sequences: bool,
}

impl<'d> LoadedSamples<'d> {
    /// Loads up to this number of samples. Every batch is full, except the last of a sequence.
    ///
    /// # Errors
    ///
    /// Samples cannot be read; there are fewer than the batch size.
    pub(crate) fn load(data: &'d dyn Dataset, most: usize, division: Division) -> Result<Self, TimingError> {
        let Division { batch_size, history, in_sequences } = division;
        let samples = data.samples().min(most.max(batch_size));
        if samples < batch_size && !in_sequences || samples == 0 {
            let message = format!("the data set has {samples} samples, fewer than the batch size {batch_size}");
            return Err(TimingError::Settings(message));
        }
        let lengths = if in_sequences || history > 0 { data.sequences() } else { vec![data.samples()] };
        let mut loaded = Self { batches: Vec::new(), data, batch_size, samples: 0, in_sequences };
        let mut start = 0;
        for (sequence, length) in (0..).zip(lengths) {
            let end = start + length;
            let mut first = start;
            while first < end.min(samples) {
                let count = batch_size.min(end - first);
                // A smaller batch would have a latency of its own.
                if count < batch_size && !in_sequences {
                    break;
                }
                let history = history.min(first - start);
                let (inputs, targets) = data.batch(first - history..first + count)?;
                let starts_sequence = (in_sequences && first == start).then_some(sequence);
                let first_sample = first as u64;
                loaded.batches.push(LoadedBatch {
                    inputs,
                    targets,
                    first_sample,
                    samples: count,
                    history,
                    starts_sequence,
                });
                loaded.samples += count;
                first += count;
            }
            start = end;
        }
        match loaded.batches.is_empty() {
            true => Err(TimingError::Settings(format!("no sequence has {batch_size} samples, the batch size"))),
            false => Ok(loaded),
        }
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Returns the number of samples in a batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Returns true if batches are consecutive parts of sequences.
    #[must_use]
    pub fn in_sequences(&self) -> bool {
        self.in_sequences
    }
}
