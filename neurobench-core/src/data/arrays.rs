//! Two files of one array each.

use crate::component::InputPath;
use crate::data::{DataError, Dataset, OnDisk};
use crate::dataset;

/// Inputs and targets in two files of one array each, such as `.npy` files. Rows are read from the files on demand.
///
/// The first axis of both arrays is the sample. Targets are classes `[sample]`, or whatever the metrics take.
#[dataset]
pub fn arrays(
    /// File of the inputs.
    #[param]
    inputs: InputPath,
    /// File of the targets.
    #[param]
    targets: InputPath,
    /// Number of samples in each sequence, for models that carry state; by default all samples are one sequence.
    #[param(default = None)]
    sequences: Option<Vec<usize>>,
) -> Result<Box<dyn Dataset>, DataError> {
    in_sequences(OnDisk::arrays(inputs, targets)?, sequences)
}

/// Splits a data set into sequences, if their lengths are given.
pub(super) fn in_sequences(data: OnDisk, lengths: Option<Vec<usize>>) -> Result<Box<dyn Dataset>, DataError> {
    Ok(match lengths {
        Some(lengths) => Box::new(data.in_sequences(lengths)?),
        None => Box::new(data),
    })
}
