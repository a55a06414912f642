//! Data set that stays in its files.

use std::ops::Range;
use std::path::Path;

use crate::data::fingerprint::Fingerprint;
use crate::data::npz::Npz;
use crate::data::rows::Rows;
use crate::data::{DataError, Dataset, check_range, check_together};
use crate::model::Tensor;

/// Inputs and targets that stay in their files: the rows of a batch are read on demand, so memory does not grow with
/// the number of samples.
///
/// Arrays that are not stored row by row are read once and kept in memory, as [`InMemory`](crate::data::InMemory) does:
/// arrays of a compressed archive, and arrays of several axes in Fortran order. The files must not change while they
/// are used; if a file has become shorter, the batch that misses its rows fails.
#[derive(Debug)]
pub struct OnDisk {
    inputs: Rows,
    targets: Rows,
    names: (String, String),
}

impl OnDisk {
    /// Opens two `.npy` files, of the types that [`InMemory::from_npy`](crate::data::InMemory::from_npy) reads.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or decoded, that differ in length from their headers, or that do not belong together.
    pub fn npy(inputs: impl AsRef<Path>, targets: impl AsRef<Path>) -> Result<Self, DataError> {
        let (inputs, targets) = (inputs.as_ref(), targets.as_ref());
        let name = |file: &Path| format!("`{}`", file.display());
        Self::new(Rows::in_npy(inputs)?, Rows::in_npy(targets)?, (name(inputs), name(targets)))
    }

    /// Opens two arrays of an `.npz` file that `numpy.savez` wrote. The file is read once now to compare checksums.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or decoded or lacks an array; arrays that do not belong together.
    pub fn npz(path: impl AsRef<Path>, inputs: &str, targets: &str) -> Result<Self, DataError> {
        let path = path.as_ref();
        let mut archive = Npz::open(path)?;
        let name = |array: &str| format!("`{array}` in `{}`", path.display());
        let (input_rows, target_rows) = (Rows::in_npz(&mut archive, inputs)?, Rows::in_npz(&mut archive, targets)?);
        Self::new(input_rows, target_rows, (name(inputs), name(targets)))
    }

    fn new(inputs: Rows, targets: Rows, names: (String, String)) -> Result<Self, DataError> {
        check_together(inputs.shape(), targets.shape())?;
        Ok(Self { inputs, targets, names })
    }
}

impl Dataset for OnDisk {
    fn samples(&self) -> usize {
        self.inputs.shape().first().copied().unwrap_or(0)
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        check_range(&range, self.samples())?;
        Ok((self.inputs.read(range.clone())?, self.targets.read(range)?))
    }

    fn names(&self) -> (String, String) {
        self.names.clone()
    }

    /// Same digest as for the same numbers in memory. Reads the files once.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        let mut all = Fingerprint::default();
        for rows in [&self.inputs, &self.targets] {
            rows.add_to(&mut all)?;
        }
        Ok(Some(all.finish()))
    }
}
