//! The data of a benchmark file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::data::{DataError, Dataset, OnDisk};

/// Arrays with the inputs and targets of every sample.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DataSpec {
    /// A `.npy` file, or the name of an array in `archive`.
    pub inputs: String,
    /// A `.npy` file, or the name of an array in `archive`.
    pub targets: String,
    /// A `.npz` file with both arrays.
    pub archive: Option<PathBuf>,
    /// Number of samples in a batch.
    pub batch_size: Option<usize>,
    /// Number of samples of each sequence.
    pub sequences: Option<Vec<usize>>,
}

impl DataSpec {
    /// Opens the data set.
    pub(super) fn open(&self, folder: &Path) -> Result<Box<dyn Dataset>, DataError> {
        let Self { inputs, targets, archive, sequences, .. } = self;
        let data = match archive {
            Some(archive) => OnDisk::npz(folder.join(archive), inputs, targets)?,
            None => OnDisk::npy(folder.join(inputs), folder.join(targets))?,
        };
        Ok(match sequences {
            Some(lengths) => Box::new(data.in_sequences(lengths.clone())?),
            None => Box::new(data),
        })
    }
}
