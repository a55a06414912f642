//! Recordings of numbers: tables, images, time series and neural activity.

mod csv;
pub use csv::*;
pub mod formats;
mod idx;
pub use idx::*;

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use neurobench_core::data::{DataError, Fingerprint};
use neurobench_core::files;

/// Checks that the requested samples exist.
fn check_range(range: &Range<usize>, samples: usize) -> Result<(), DataError> {
    match range.start <= range.end && range.end <= samples {
        true => Ok(()),
        false => Err(DataError::Range { range: range.clone(), samples }),
    }
}

/// Adds the bytes of a file to a digest, piece by piece.
fn hash_file(all: &mut Fingerprint, path: &Path) -> std::io::Result<()> {
    let mut file: File = files::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            count => all.bytes(&piece[..count]),
        }
    }
}
