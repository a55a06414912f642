//! Archives of arrays: NumPy's npz format, a zip archive of npy files, stored or deflated.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::data::error::{DataError, NpyError};
use crate::data::npy;
use crate::model::Tensor;
use crate::names::{did_you_mean, listed};

/// Deflate makes no more than this many bytes of one.
const DEFLATE_LIMIT: u64 = 1032;

/// An open archive.
pub(crate) struct Npz {
    file: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl Npz {
    /// Opens an archive and reads what it holds, but no array.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let file = File::open(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| DataError::Npz { file: path.to_owned(), problem: error.to_string() })?;
        Ok(Self { file: path.to_owned(), archive })
    }

    /// The array of this name.
    pub(crate) fn array(&mut self, name: &str) -> Result<Tensor, DataError> {
        let stored = [format!("{name}.npy"), name.to_owned()];
        let Some(index) = stored.iter().find_map(|name| self.archive.index_for_name(name)) else {
            return Err(self.no_array(name));
        };
        let entry = self.archive.by_index(index).map_err(|error| match error {
            ZipError::Io(problem) => DataError::Read { file: self.file.clone(), problem },
            error => DataError::Npz { file: self.file.clone(), problem: format!("array `{name}`: {error}") },
        })?;
        let (length, stored) = (entry.size(), entry.compressed_size());
        let array = if length > stored.saturating_mul(DEFLATE_LIMIT).saturating_add(DEFLATE_LIMIT) {
            let problem = format!("{stored} bytes cannot be unpacked to the {length} that the archive claims");
            Err(NpyError::Header { problem })
        } else {
            npy::parse(entry, length)
        };
        array.map_err(|problem| DataError::NpzArray { file: self.file.clone(), array: name.to_owned(), problem })
    }

    fn no_array(&self, name: &str) -> DataError {
        let mut names: Vec<&str> =
            self.archive.file_names().map(|name| name.strip_suffix(".npy").unwrap_or(name)).collect();
        names.sort_unstable();
        DataError::NoArray {
            file: self.file.clone(),
            array: name.to_owned(),
            hint: did_you_mean(name, names.iter().copied()),
            known: if names.is_empty() { "none".to_owned() } else { listed(names) },
        }
    }
}
