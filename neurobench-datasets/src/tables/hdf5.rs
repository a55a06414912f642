//! HDF5 files whose data sets are read on demand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hdf5_reader::{ByteOrder, Dataset, Datatype, FileStorage, Hdf5File, OpenOptions};
use neurobench_core::data::DataError;
use neurobench_core::files;

use crate::recordings::damaged;

/// Maximum length of the header of an object: enough for a group of a hundred thousand members.
const HEADER_LIMIT: usize = 8 << 20;

/// An open file.
pub(super) struct File {
    path: PathBuf,
    file: Hdf5File,
}

impl File {
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let open = files::open(path).map_err(unreadable)?;
        let length = open.metadata().map_err(unreadable)?.len();
        // DEFLATE expands a byte to at most 1032 bytes. A file beyond 256 MiB must be stored in at least a 64th of its size.
        let most = length.saturating_mul(1032).min(length.saturating_mul(64).saturating_add(1 << 28));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let options = OpenOptions {
            max_chunk_bytes: most,
            max_read_bytes: most,
            max_object_header_bytes: HEADER_LIMIT.min(usize::try_from(length).unwrap_or(usize::MAX)),
            ..OpenOptions::default()
        };
        let storage = FileStorage::from_file(open).map_err(|error| damaged(path, error))?;
        let file = Hdf5File::from_storage_with_options(Arc::new(storage), options);
        Ok(Self { file: file.map_err(|error| damaged(path, error))?, path: path.to_owned() })
    }

    /// Returns an error about this file.
    pub(super) fn damaged(&self, problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataError {
        damaged(&self.path, problem)
    }

    /// Finds a data set by its path.
    pub(super) fn dataset(&self, path: &str) -> Result<Dataset, DataError> {
        self.file.dataset(path).map_err(|error| self.damaged(format!("data set `{path}`: {error}")))
    }

    /// Reads all numbers of a data set, in their order in the file.
    pub(super) fn numbers<T: Number>(&self, path: &str) -> Result<Vec<T>, DataError> {
        let dataset = self.dataset(path)?;
        let bytes = dataset.read_raw_bytes().map_err(|error| error.to_string());
        let numbers = bytes.and_then(|bytes| numbers(&bytes, dataset.dtype()));
        numbers.map_err(|problem| self.damaged(format!("data set `{path}`: {problem}")))
    }

    /// Opens a data set whose elements are lists of numbers.
    pub(super) fn lists(&self, path: &str) -> Result<Lists, DataError> {
        let refused = |problem: String| self.damaged(format!("data set `{path}`: {problem}"));
        let dataset = self.dataset(path)?;
        let Datatype::VarLen { base, .. } = dataset.dtype() else {
            return Err(refused("expected lists of numbers of variable length".to_owned()));
        };
        let (base, width) = ((**base).clone(), width(base).map_err(refused)?);
        let references = dataset.read_raw_bytes().map_err(|error| refused(error.to_string()))?;
        Ok(Lists { path: path.to_owned(), base, width, references, dataset })
    }

    /// Opens all data sets of a group and returns them by their addresses, to which object references point.
    pub(super) fn by_address(&self, group: &str) -> Result<HashMap<u64, Dataset>, DataError> {
        let members = self.file.group(group).and_then(|group| group.datasets());
        let members = members.map_err(|error| self.damaged(format!("group `{group}`: {error}")))?;
        Ok(members.into_iter().map(|dataset| (dataset.address(), dataset)).collect())
    }

    /// Reads a data set of references to objects and returns their addresses.
    pub(super) fn references(&self, path: &str) -> Result<(Vec<u64>, Vec<usize>), DataError> {
        let refused = |problem: String| self.damaged(format!("data set `{path}`: {problem}"));
        let dataset = self.dataset(path)?;
        if !matches!(dataset.dtype(), Datatype::Reference { .. }) {
            return Err(refused("expected references to objects, as a cell array has them".to_owned()));
        }
        let bytes = dataset.read_raw_bytes().map_err(|error| refused(error.to_string()))?;
        let addresses = hdf5_reader::reference::read_object_references(&bytes, self.file.superblock().offset_size);
        let shape = dataset.shape().iter().map(|length| *length as usize).collect();
        Ok((addresses.map_err(|error| refused(error.to_string()))?, shape))
    }
}

/// A data set whose elements are lists of numbers, each read on demand.
pub(super) struct Lists {
    path: String,
    dataset: Dataset,
    base: Datatype,
    /// Number of bytes of a number.
    width: usize,
    /// Places of the lists in the file.
    references: Vec<u8>,
}

impl Lists {
    /// Number of lists.
    pub(super) fn len(&self) -> usize {
        self.references.len() / self.dataset.vlen_reference_size()
    }

    /// Reads a list.
    pub(super) fn read<T: Number>(&self, index: usize) -> Result<Vec<T>, String> {
        let named = |problem: String| format!("list {index} of data set `{}`: {problem}", self.path);
        let reference = self.references.chunks_exact(self.dataset.vlen_reference_size()).nth(index);
        let reference = reference.ok_or_else(|| named("does not exist".to_owned()))?;
        let bytes = self.dataset.resolve_vlen_reference_bytes(reference, self.width);
        let bytes = bytes.map_err(|error| named(error.to_string()))?;
        numbers(&bytes, &self.base).map_err(named)
    }
}

/// Number into which stored numbers are converted.
pub(super) trait Number: Sized {
    fn from_integer(integer: i64) -> Option<Self>;
    fn from_float(float: f64) -> Option<Self>;
}

impl Number for f64 {
    fn from_integer(integer: i64) -> Option<Self> {
        Some(integer as f64)
    }

    fn from_float(float: f64) -> Option<Self> {
        Some(float)
    }
}

impl Number for i64 {
    fn from_integer(integer: i64) -> Option<Self> {
        Some(integer)
    }

    fn from_float(float: f64) -> Option<Self> {
        // 2⁵³: all whole numbers up to it are exact.
        (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i64)
    }
}

fn width(datatype: &Datatype) -> Result<usize, String> {
    match datatype {
        Datatype::FixedPoint { size: size @ (1 | 2 | 4 | 8), .. }
        | Datatype::FloatingPoint { size: size @ (2 | 4 | 8), .. } => Ok(usize::from(*size)),
        other => Err(format!("expected numbers, found {other:?}")),
    }
}

/// Decodes numbers.
pub(super) fn numbers<T: Number>(bytes: &[u8], datatype: &Datatype) -> Result<Vec<T>, String> {
    let width = width(datatype)?;
    let decode = |bytes: &[u8]| match datatype {
        Datatype::FixedPoint { signed, byte_order, .. } => T::from_integer(integer(bytes, *byte_order, *signed)?),
        Datatype::FloatingPoint { byte_order, .. } => T::from_float(float(bytes, *byte_order)?),
        _ => None,
    };
    let numbers = bytes.chunks_exact(width).enumerate();
    numbers
        .map(|(index, bytes)| decode(bytes).ok_or_else(|| format!("number {index} is not whole or too large")))
        .collect()
}

/// Sorts the bytes of a number, least significant first.
fn ordered(bytes: &[u8], order: ByteOrder) -> [u8; 8] {
    let mut ordered = [0; 8];
    let places = ordered.iter_mut();
    match order {
        ByteOrder::LittleEndian => places.zip(bytes).for_each(|(place, byte)| *place = *byte),
        ByteOrder::BigEndian => places.zip(bytes.iter().rev()).for_each(|(place, byte)| *place = *byte),
    }
    ordered
}

fn integer(bytes: &[u8], order: ByteOrder, signed: bool) -> Option<i64> {
    let bits = u64::from_le_bytes(ordered(bytes, order));
    Some(match (bytes.len(), signed) {
        (1, true) => i64::from(bits as u8 as i8),
        (2, true) => i64::from(bits as u16 as i16),
        (4, true) => i64::from(bits as u32 as i32),
        (8, true) => bits as i64,
        _ => i64::try_from(bits).ok()?,
    })
}

fn float(bytes: &[u8], order: ByteOrder) -> Option<f64> {
    let bits = u64::from_le_bytes(ordered(bytes, order));
    Some(match bytes.len() {
        2 => half(bits as u16),
        4 => f64::from(f32::from_bits(bits as u32)),
        8 => f64::from_bits(bits),
        _ => return None,
    })
}

/// Converts IEEE 754 half precision.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    // Powers of two of this range are exact.
    let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
    sign * match exponent {
        0 => fraction * power(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * power(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_their_values() {
        // From the table in IEEE 754-2008: smallest subnormal, largest subnormal, smallest normal, 1, 1/3, largest, ∞.
        let cases = [
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3c00, 1.0),
            (0x3555, 0.333_251_953_125),
            (0xfbff, -65504.0),
            (0x7c00, f64::INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7c01).is_nan());
    }

    #[test]
    fn numbers_of_either_byte_order_and_sign_are_decoded() {
        let fixed = |size, signed, byte_order| Datatype::FixedPoint { size, signed, byte_order };
        let cases: [(&[u8], Datatype, i64); 5] = [
            (&[0xff], fixed(1, true, ByteOrder::LittleEndian), -1),
            (&[0xff], fixed(1, false, ByteOrder::LittleEndian), 255),
            (&[0xff, 0xfe], fixed(2, true, ByteOrder::BigEndian), -2),
            (&[1, 2, 0, 0], fixed(4, false, ByteOrder::LittleEndian), 513),
            (&[0xff; 8], fixed(8, true, ByteOrder::BigEndian), -1),
        ];
        for (bytes, datatype, expected) in cases {
            assert_eq!(numbers::<i64>(bytes, &datatype).unwrap(), [expected]);
        }
        let large = numbers::<i64>(&[0xff; 8], &fixed(8, false, ByteOrder::LittleEndian)).unwrap_err();
        assert_eq!(large, "number 0 is not whole or too large");
    }
}
