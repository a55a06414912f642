//! Data set that stays in its files.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::data::fingerprint::Fingerprint;
use crate::data::formats::{self, Rows};
#[cfg(feature = "npy")]
use crate::data::formats::{DataFormat as _, npy, npz};
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
    inputs: Box<dyn Rows>,
    targets: Box<dyn Rows>,
    names: (String, String),
    files: Vec<PathBuf>,
}

impl OnDisk {
    /// Opens two files of one array each, in any linked [data format](crate::data::DataFormat).
    ///
    /// # Errors
    ///
    /// Files that no format reads, that cannot be read or decoded, or that do not belong together.
    pub fn arrays(inputs: impl AsRef<Path>, targets: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::in_files(inputs.as_ref(), targets.as_ref(), |file| formats::open(file, None))
    }

    /// Opens two arrays of one file, in any linked [data format](crate::data::DataFormat) with named arrays.
    ///
    /// # Errors
    ///
    /// A file that no format reads, that cannot be read or decoded, or that lacks an array; arrays that do not belong
    /// together.
    pub fn archive(file: impl AsRef<Path>, inputs: &str, targets: &str) -> Result<Self, DataError> {
        let file = file.as_ref();
        Self::in_archive(file, inputs, targets, |array| formats::open(file, Some(array)))
    }

    /// Opens two `.npy` files, of the types that [`InMemory::from_npy`](crate::data::InMemory::from_npy) reads, with
    /// any extension.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or decoded, that differ in length from their headers, or that do not belong together.
    #[cfg(feature = "npy")]
    pub fn npy(inputs: impl AsRef<Path>, targets: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::in_files(inputs.as_ref(), targets.as_ref(), |file| npy().open(file, None))
    }

    /// Opens two arrays of an `.npz` file that `numpy.savez` wrote, with any extension. Each array is read once now
    /// to compare checksums.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or decoded or lacks an array; arrays that do not belong together.
    #[cfg(feature = "npy")]
    pub fn npz(path: impl AsRef<Path>, inputs: &str, targets: &str) -> Result<Self, DataError> {
        let path = path.as_ref();
        Self::in_archive(path, inputs, targets, |array| npz().open(path, Some(array)))
    }

    fn in_files(
        inputs: &Path,
        targets: &Path,
        open: impl Fn(&Path) -> Result<Box<dyn Rows>, DataError>,
    ) -> Result<Self, DataError> {
        let name = |file: &Path| format!("`{}`", file.display());
        let files = vec![inputs.to_owned(), targets.to_owned()];
        Self::new(open(inputs)?, open(targets)?, (name(inputs), name(targets)), files)
    }

    fn in_archive(
        file: &Path,
        inputs: &str,
        targets: &str,
        open: impl Fn(&str) -> Result<Box<dyn Rows>, DataError>,
    ) -> Result<Self, DataError> {
        let name = |array: &str| format!("`{array}` in `{}`", file.display());
        Self::new(open(inputs)?, open(targets)?, (name(inputs), name(targets)), vec![file.to_owned()])
    }

    pub(super) fn new(
        inputs: Box<dyn Rows>,
        targets: Box<dyn Rows>,
        names: (String, String),
        files: Vec<PathBuf>,
    ) -> Result<Self, DataError> {
        check_together(inputs.shape(), targets.shape())?;
        Ok(Self { inputs, targets, names, files })
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

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Same digest as for the same numbers in memory. Reads the files once.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        let mut all = Fingerprint::default();
        for rows in [&self.inputs, &self.targets] {
            add_rows(&mut all, &**rows)?;
        }
        Ok(Some(all.finish()))
    }
}

/// Adds number format, shape and all numbers to a fingerprint, a few rows at a time.
fn add_rows(fingerprint: &mut Fingerprint, rows: &dyn Rows) -> Result<(), DataError> {
    const PIECE: usize = 1 << 13;
    let (count, numbers) = match rows.shape() {
        [count, row @ ..] => (*count, row.iter().product::<usize>()),
        [] => (0, 0),
    };
    let step = (PIECE / numbers.max(1)).max(1);
    fingerprint.array(rows.read(0..0)?.dtype(), rows.shape());
    for start in (0..count).step_by(step) {
        fingerprint.numbers(&rows.read(start..count.min(start + step))?);
    }
    Ok(())
}
