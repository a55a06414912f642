//! Position of a batch in the data.

/// Position of a batch in the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Zero-based index of the batch.
    pub(crate) batch: u64,
    /// Zero-based index of the batch's first sample in the data set.
    pub(crate) first_sample: u64,
    /// Number of samples in the batch before preprocessing.
    pub(crate) samples: usize,
    /// Number of samples read before them, which preprocessors need.
    pub(crate) history: usize,
    /// Zero-based index of the batch's sequence.
    pub(crate) sequence: u64,
    /// True if the batch is the first of its sequence, so that the session must restart from rest.
    pub(crate) begins_sequence: bool,
}
