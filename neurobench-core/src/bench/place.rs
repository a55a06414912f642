//! The place of a batch in the data.

/// The place of a batch in the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Zero-based index of the batch.
    pub(crate) batch: u64,
    /// Zero-based index of its first sample in the data set.
    pub(crate) first_sample: u64,
    /// Number of samples that the data set gave for it.
    pub(crate) samples: usize,
    /// Zero-based index of its sequence.
    pub(crate) sequence: u64,
    /// True if the batch is the first of its sequence, so that the session must be put to rest before it.
    pub(crate) begins_sequence: bool,
}
