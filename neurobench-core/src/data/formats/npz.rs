//! Archives of arrays: NumPy's npz format, a zip archive of npy files, stored or deflated.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::component::Settings as _;
use crate::data::formats::npy::{self, Layout, NpyError, StoredRows};
use crate::data::formats::{Contents, DataFormat, Rows};
use crate::data::{DataError, InMemoryRows};
use crate::data_format;
use crate::files::FileKind;
use crate::model::Tensor;
use crate::names::{did_you_mean, listed};

/// Maximum ratio of unpacked to packed bytes in deflate.
const DEFLATE_LIMIT: u64 = 1032;

/// Archives of NumPy arrays, as `numpy.savez` and `numpy.savez_compressed` write them.
///
/// Checksums are compared when an array is opened, for which it is read once. Rows stay in the file unless the archive is
/// compressed or the array has several axes in Fortran order; such arrays are read at once. Types are those of `npy`.
#[data_format(cite = "https://numpy.org/doc/stable/reference/generated/numpy.savez.html")]
pub fn npz() -> impl DataFormat {
    NpzFormat
}

struct NpzFormat;

impl DataFormat for NpzFormat {
    fn extensions(&self) -> &[&'static str] {
        &["npz"]
    }

    fn description(&self) -> &'static str {
        "an archive of NumPy arrays (.npz)"
    }

    fn contents(&self) -> Contents {
        Contents::NamedArrays
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.starts_with(b"PK\x03\x04") && beginning.windows(4).any(|window| window == b".npy")
    }

    fn open(&self, file: &Path, array: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
        let (mut archive, array) = (NpzArchive::open(file)?, array.unwrap_or_default());
        Ok(match archive.stored(array)? {
            Some((start, layout)) if layout.has_rows() => {
                let path = file.to_owned();
                let file = File::open(&path).map_err(|problem| DataError::Read { file: path.clone(), problem })?;
                Box::new(StoredRows { path, array: Some(array.to_owned()), file: Mutex::new(file), start, layout })
            }
            _ => Box::new(InMemoryRows(archive.array(array)?)),
        })
    }
}

/// Open archive.
pub(crate) struct NpzArchive {
    file: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl NpzArchive {
    /// Opens an archive and reads its directory, but no array.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let file = File::open(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|problem| DataError::Format {
            file: path.to_owned(),
            array: None,
            problem: Box::new(problem),
            looks: FileKind::hint(path, &[FileKind::Data(Npz::ABOUT.name), FileKind::Zip]),
        })?;
        Ok(Self { file: path.to_owned(), archive })
    }

    /// Reads the array of this name.
    pub(crate) fn array(&mut self, name: &str) -> Result<Tensor, DataError> {
        let entry = self.entry(name)?;
        let length = entry.size();
        npy::parse(entry, length).map_err(|problem| npy::array_error(&self.file, name, problem))
    }

    /// Finds the position of an uncompressed array's numbers in the file; `None` if they are compressed. The whole
    /// array is read once, for its checksum.
    fn stored(&mut self, name: &str) -> Result<Option<(u64, Layout)>, DataError> {
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
        let layout = layout.map_err(|problem| npy::array_error(&self.file, name, problem))?;
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
            error => DataError::Format {
                file: file.clone(),
                array: None,
                problem: format!("array `{name}`: {error}").into(),
                looks: String::new(),
            },
        })?;
        let (length, stored) = (entry.size(), entry.compressed_size());
        if length > stored.saturating_mul(DEFLATE_LIMIT).saturating_add(DEFLATE_LIMIT) {
            let problem = format!("{stored} bytes cannot be unpacked to the {length} that the archive claims");
            return Err(npy::array_error(file, name, NpyError::Header { problem }));
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
