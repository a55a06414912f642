//! One file of named arrays.

use crate::component::InputPath;
use crate::data::arrays::in_sequences;
use crate::data::{DataError, Dataset, OnDisk};
use crate::dataset;

/// Inputs and targets in one file of named arrays, such as an `.npz` file. Rows are read from the file on demand if the
/// file stores them without compression.
///
/// The first axis of both arrays is the sample. Targets are classes `[sample]`, or whatever the metrics take.
#[dataset]
pub fn archive(
    /// File of the arrays.
    #[param]
    archive: InputPath,
    /// Name of the array of inputs.
    #[param]
    inputs: String,
    /// Name of the array of targets.
    #[param]
    targets: String,
    /// Number of samples in each sequence, for models that carry state; by default all samples are one sequence.
    #[param(default = None)]
    sequences: Option<Vec<usize>>,
) -> Result<Box<dyn Dataset>, DataError> {
    in_sequences(OnDisk::archive(archive, &inputs, &targets)?, sequences)
}
