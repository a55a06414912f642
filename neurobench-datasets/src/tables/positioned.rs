//! Parquet files that several workers read at the same time.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

/// A file without a current position: each read has its own.
///
/// The `ChunkReader` of a [`File`] duplicates its handle. Duplicates share the current position, so of two workers that read
/// at the same time each would continue where the other has moved it.
#[derive(Clone, Debug)]
pub(super) struct PositionedFile {
    file: Arc<File>,
    /// Length when the file was opened.
    length: u64,
}

/// Reads a [`PositionedFile`] onwards.
#[derive(Debug)]
pub(super) struct Onwards {
    file: Arc<File>,
    position: u64,
}

impl PositionedFile {
    pub(super) fn new(file: File) -> io::Result<Self> {
        Ok(Self { length: file.metadata()?.len(), file: Arc::new(file) })
    }

    fn onwards(&self, position: u64) -> Onwards {
        Onwards { file: Arc::clone(&self.file), position }
    }
}

impl Length for PositionedFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for PositionedFile {
    type T = BufReader<Onwards>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(self.onwards(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // Checked before memory is reserved: a damaged file may claim any length.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!(
                "expected {length} bytes from byte {start} on, but the file is shorter"
            )));
        }
        let mut bytes = vec![0; length];
        self.onwards(start).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

impl Read for Onwards {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, bytes, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, position)
}

/// Moves the current position of the file too, which no read uses.
#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, position)
}
