//! Beginnings of sequences, for models that carry state.

use std::fmt;

use crate::model::{ModelError, Tensor};

/// Inputs and targets of the samples of a sequence.
pub type SequenceData = (Tensor, Tensor);

/// Beginning of a sequence: the session of a model that [carries state](crate::model::Model::carries_state) receives it
/// before the first batch.
pub struct SequenceStart<'d> {
    index: u64,
    training: &'d dyn Fn() -> Result<Option<SequenceData>, ModelError>,
}

impl<'d> SequenceStart<'d> {
    /// Creates the beginning of the sequence with this zero-based index in the data set. `training` returns the samples that
    /// precede the sequence and are not a part of the benchmark, if the data set has any.
    #[must_use]
    pub fn new(index: u64, training: &'d dyn Fn() -> Result<Option<SequenceData>, ModelError>) -> Self {
        Self { index, training }
    }

    /// Returns the zero-based index of the sequence in the data set.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns inputs and targets of the samples on which a model may be fitted or warmed up before the sequence; `None` if
    /// the data set has none. See [`Dataset::training`](crate::data::Dataset::training).
    ///
    /// # Errors
    ///
    /// Samples that cannot be read.
    pub fn training(&self) -> Result<Option<SequenceData>, ModelError> {
        (self.training)()
    }
}

impl fmt::Debug for SequenceStart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SequenceStart").field("index", &self.index).finish_non_exhaustive()
    }
}
