//! Archives of arrays: NumPy's npz format, a zip archive of npy files, stored or deflated.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::data::error::{DataError, NpyError};
use crate::data::npy::{self, Layout};
use crate::files::FileKind;
use crate::model::Tensor;
use crate::names::{did_you_mean, listed};

/// Maximum ratio of unpacked to packed bytes in deflate.
const DEFLATE_LIMIT: u64 = 1032;

/// Open archive.
pub(crate) struct Npz {
    file: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl Npz {
    /// Opens an archive and reads its directory, but no array.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let file = File::open(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| error.to_string() + &FileKind::hint(path, &[FileKind::Npz, FileKind::Zip]))
            .map_err(|problem| DataError::Npz { file: path.to_owned(), problem })?;
        Ok(Self { file: path.to_owned(), archive })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    /// Reads the array of this name.
    pub(crate) fn array(&mut self, name: &str) -> Result<Tensor, DataError> {
        let entry = self.entry(name)?;
        let length = entry.size();
        npy::parse(entry, length).map_err(|problem| damaged(&self.file, name, problem))
    }

    /// Finds the position of an uncompressed array's numbers in the file; `None` if they are compressed. The whole
    /// array is read once, for its checksum.
    pub(crate) fn stored(&mut self, name: &str) -> Result<Option<(u64, Layout)>, DataError> {
        let mut entry = self.entry(name)?;
        if entry.compression() != CompressionMethod::Stored {
            return Ok(None);
        }
        let (start, length) = (entry.data_start(), entry.size());
        let layout = Layout::read(&mut entry).and_then(|layout| {
            layout.check(length)?;
            layout.find_end(entry, layout.bytes)?;
            Ok(layout)
        });
        let layout = layout.map_err(|problem| damaged(&self.file, name, problem))?;
        Ok(Some((start + layout.header, layout)))
    }

    fn entry(&mut self, name: &str) -> Result<ZipFile<'_, BufReader<File>>, DataError> {
        let stored = [format!("{name}.npy"), name.to_owned()];
        let Some(index) = stored.iter().find_map(|name| self.archive.index_for_name(name)) else {
            return Err(self.no_array(name));
        };
        let Self { file, archive } = self;
        let entry = archive.by_index(index).map_err(|error| match error {
            ZipError::Io(problem) => DataError::Read { file: file.clone(), problem },
            error => DataError::Npz { file: file.clone(), problem: format!("array `{name}`: {error}") },
        })?;
        let (length, stored) = (entry.size(), entry.compressed_size());
        if length > stored.saturating_mul(DEFLATE_LIMIT).saturating_add(DEFLATE_LIMIT) {
            let problem = format!("{stored} bytes cannot be unpacked to the {length} that the archive claims");
            return Err(damaged(file, name, NpyError::Header { problem }));
        }
        Ok(entry)
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

fn damaged(file: &Path, name: &str, problem: NpyError) -> DataError {
    DataError::NpzArray { file: file.to_owned(), array: name.to_owned(), problem }
}
