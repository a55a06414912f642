//! Samples of a data set.

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
    /// Creates a batch from the inputs and targets of the same samples.
    #[must_use]
    pub fn new(inputs: impl Into<Tensor>, targets: impl Into<Tensor>) -> Self {
        Self { inputs: inputs.into(), targets: targets.into() }
    }
}
