//! Rows of an array in a file, read on demand.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::data::error::{DataError, NpyError};
use crate::data::fingerprint::Fingerprint;
use crate::data::npy::{self, Layout};
use crate::data::npz::Npz;
use crate::model::Tensor;

/// Array with access to its rows in any order.
#[derive(Debug)]
pub(super) enum Rows {
    /// Rows that stay in the file.
    Stored(Stored),
    /// Rows read once, because they are not contiguous in the file.
    Loaded(Tensor),
}

/// Array in a file, each of whose rows is contiguous.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    /// Name of the array, in an archive.
    array: Option<String>,
    /// Workers take turns, because the file has only one position.
    file: Mutex<File>,
    /// Position of the numbers in the file.
    start: u64,
    layout: Layout,
}

impl Rows {
    pub(super) fn in_npy(path: &Path) -> Result<Self, DataError> {
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let layout = Layout::read(&mut BufReader::new(&file)).and_then(|layout| layout.check(length).map(|()| layout));
        let layout = layout.map_err(|problem| npy::file_error(path, problem))?;
        if !layout.has_rows() {
            return Ok(Self::Loaded(npy::read(path)?));
        }
        let (path, file, start) = (path.to_owned(), Mutex::new(file), layout.header);
        Ok(Self::Stored(Stored { path, array: None, file, start, layout }))
    }

    pub(super) fn in_npz(archive: &mut Npz, name: &str) -> Result<Self, DataError> {
        match archive.stored(name)? {
            Some((start, layout)) if layout.has_rows() => {
                let path = archive.path().to_owned();
                let file = File::open(&path).map_err(|problem| DataError::Read { file: path.clone(), problem })?;
                let (array, file) = (Some(name.to_owned()), Mutex::new(file));
                Ok(Self::Stored(Stored { path, array, file, start, layout }))
            }
            _ => Ok(Self::Loaded(archive.array(name)?)),
        }
    }

    pub(super) fn shape(&self) -> &[usize] {
        match self {
            Self::Stored(stored) => &stored.layout.shape,
            Self::Loaded(tensor) => tensor.shape(),
        }
    }

    /// Reads these rows, which must exist.
    pub(super) fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError> {
        match self {
            Self::Stored(stored) => stored.read(rows).map_err(|problem| stored.error(problem)),
            Self::Loaded(tensor) => Ok(tensor.rows(rows.start, rows.end)),
        }
    }

    /// Adds number format, shape and all numbers to a fingerprint, a few rows at a time.
    pub(super) fn add_to(&self, fingerprint: &mut Fingerprint) -> Result<(), DataError> {
        const PIECE: usize = 1 << 13;
        let (rows, numbers) = match self.shape() {
            [rows, row @ ..] => (*rows, row.iter().product::<usize>()),
            [] => (0, 0),
        };
        let step = (PIECE / numbers.max(1)).max(1);
        fingerprint.array(self.read(0..0)?.dtype(), self.shape());
        for start in (0..rows).step_by(step) {
            fingerprint.numbers(&self.read(start..rows.min(start + step))?);
        }
        Ok(())
    }
}

impl Stored {
    fn read(&self, rows: Range<usize>) -> Result<Tensor, NpyError> {
        let mut shape = self.layout.shape.clone();
        let Some(all) = shape.first_mut() else { return Err(NpyError::TooLarge { shape }) };
        // The array is known to be complete in the file, and no product here is larger.
        let row = self.layout.bytes / (*all as u64).max(1);
        *all = rows.len();
        let numbers: usize = shape.iter().skip(1).product();
        let bytes = self.bytes(rows.start as u64 * row, rows.len() as u64 * row)?;
        self.layout.numbers(bytes.as_slice(), rows.start * numbers, &shape)
    }

    /// Reads bytes of the numbers. The caller decodes them while others read.
    fn bytes(&self, offset: u64, count: u64) -> Result<Vec<u8>, NpyError> {
        let mut bytes = Vec::new();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.start + offset)).map_err(NpyError::Read)?;
        file.by_ref().take(count).read_to_end(&mut bytes).map_err(NpyError::Read)?;
        if (bytes.len() as u64) < count {
            let length = file.metadata().map_err(NpyError::Read)?.len();
            return Err(self.layout.cut_short(length.saturating_sub(self.start)));
        }
        Ok(bytes)
    }

    fn error(&self, problem: NpyError) -> DataError {
        match self.array.clone() {
            None => npy::file_error(&self.path, problem),
            Some(array) => DataError::NpzArray { file: self.path.clone(), array, problem },
        }
    }
}
