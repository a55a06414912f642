//! Arrays in the IDX format.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use ndarray::{ArrayD, IxDyn};
use neurobench_core::data::{Contents, DataError, DataFormat, InMemoryRows, Rows};
use neurobench_core::data_format;
use neurobench_core::files;
use neurobench_core::model::Tensor;

use crate::recordings::damaged;

/// Maximum number of axes; published files have at most 4.
const AXES: u8 = 8;
/// First bytes of a file compressed by gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Arrays of the MNIST family, one in a file, as they are or compressed by gzip.
///
/// A file has two zero bytes, a byte for the type of its numbers, a byte for the number of axes, the length of each axis
/// (32 bits) and the numbers, all big-endian. The types are unsigned bytes (`0x08`), integers of 8, 16 and 32 bits (`0x09`,
/// `0x0B`, `0x0C`), which become `i64`, and single and double precision (`0x0D`, `0x0E`). Rows stay in the file, except
/// those of a compressed file, which are decompressed at once.
#[data_format(type = IdxFormat, cite = "http://yann.lecun.com/exdb/mnist/")]
pub fn idx() -> impl DataFormat {
    IdxArrays
}

struct IdxArrays;

impl DataFormat for IdxArrays {
    fn extensions(&self) -> &[&'static str] {
        &["idx", "idx1-ubyte", "idx2-ubyte", "idx3-ubyte", "idx4-ubyte"]
    }

    fn description(&self) -> &'static str {
        "an IDX array (MNIST)"
    }

    fn contents(&self) -> Contents {
        Contents::OneArray
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let mut magic = [0; 4];
        let read = match beginning.starts_with(&GZIP) {
            true => MultiGzDecoder::new(beginning).read_exact(&mut magic),
            false => (&*beginning).read_exact(&mut magic),
        };
        read.is_ok() && magic[..2] == [0, 0] && Type::from_code(magic[2]).is_some() && (1..=AXES).contains(&magic[3])
    }

    fn open(&self, file: &Path, _: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
        open(file)
    }
}

/// Opens a file, which may be compressed.
fn open(path: &Path) -> Result<Box<dyn Rows>, DataError> {
    let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
    let mut file = files::open(path).map_err(unreadable)?;
    let mut magic = Vec::new();
    file.by_ref().take(GZIP.len() as u64).read_to_end(&mut magic).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    if magic == GZIP {
        let array = decompressed(MultiGzDecoder::new(file)).map_err(|problem| damaged(path, problem))?;
        return Ok(Box::new(InMemoryRows(array)));
    }
    let length = file.metadata().map_err(unreadable)?.len();
    let layout = Layout::read(&mut file).and_then(|layout| {
        layout.check(length.saturating_sub(layout.header))?;
        Ok(layout)
    });
    let layout = layout.map_err(|problem| damaged(path, problem))?;
    Ok(Box::new(StoredRows { path: path.to_owned(), file: Mutex::new(file), layout }))
}

/// Reads a whole array and the end of its stream, where its checksum is compared.
fn decompressed(mut stream: impl Read) -> Result<Tensor, String> {
    let layout = Layout::read(&mut stream)?;
    let mut numbers = Vec::new();
    let failed = |error: std::io::Error| format!("cannot be decompressed: {error}");
    stream.by_ref().take(layout.bytes).read_to_end(&mut numbers).map_err(failed)?;
    let beyond = std::io::copy(&mut stream, &mut std::io::sink()).map_err(failed)?;
    layout.check(numbers.len() as u64 + beyond)?;
    layout.tensor(&numbers, &layout.shape)
}

/// Type of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Type {
    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Self::U8,
            0x09 => Self::I8,
            0x0b => Self::I16,
            0x0c => Self::I32,
            0x0d => Self::F32,
            0x0e => Self::F64,
            _ => return None,
        })
    }

    fn width(self) -> u64 {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Layout of a file, as its header describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    numbers: Type,
    shape: Vec<usize>,
    /// Number of bytes before the numbers.
    header: u64,
    /// Number of bytes of all numbers.
    bytes: u64,
}

impl Layout {
    fn read(file: &mut impl Read) -> Result<Self, String> {
        let mut word = || {
            let mut word = [0; 4];
            file.read_exact(&mut word).map(|()| word).map_err(|error| format!("the header is cut short: {error}"))
        };
        let [0, 0, code, axes] = word()? else {
            return Err("not in the IDX format: it does not begin with two zero bytes".to_owned());
        };
        let numbers = Type::from_code(code);
        let numbers = numbers.ok_or_else(|| format!("not in the IDX format: {code:#04x} is no type of numbers"))?;
        if !(1..=AXES).contains(&axes) {
            return Err(format!("an array of {axes} axes; expected 1 to {AXES}"));
        }
        let lengths = (0..axes).map(|_| word().map(u32::from_be_bytes)).collect::<Result<Vec<_>, _>>()?;
        let bytes = lengths.iter().try_fold(numbers.width(), |bytes, length| bytes.checked_mul(u64::from(*length)));
        let bytes = bytes.ok_or_else(|| format!("shape {lengths:?} has too many elements"))?;
        let shape = lengths.iter().map(|length| *length as usize).collect();
        Ok(Self { numbers, shape, header: 4 + 4 * u64::from(axes), bytes })
    }

    /// Checks that the numbers take all bytes after the header.
    fn check(&self, found: u64) -> Result<(), String> {
        let Self { shape, bytes, .. } = self;
        match found == *bytes {
            true => Ok(()),
            false => Err(format!("the header describes shape {shape:?}, {bytes} bytes, but {found} bytes follow it")),
        }
    }

    fn tensor(&self, bytes: &[u8], shape: &[usize]) -> Result<Tensor, String> {
        match self.numbers {
            Type::U8 => array(bytes, shape, |[byte]: [u8; 1]| byte),
            Type::I8 => array(bytes, shape, |byte| i64::from(i8::from_be_bytes(byte))),
            Type::I16 => array(bytes, shape, |bytes| i64::from(i16::from_be_bytes(bytes))),
            Type::I32 => array(bytes, shape, |bytes| i64::from(i32::from_be_bytes(bytes))),
            Type::F32 => array(bytes, shape, f32::from_be_bytes),
            Type::F64 => array(bytes, shape, f64::from_be_bytes),
        }
    }
}

fn array<T, const WIDTH: usize>(bytes: &[u8], shape: &[usize], number: fn([u8; WIDTH]) -> T) -> Result<Tensor, String>
where
    Tensor: From<ArrayD<T>>,
{
    let (words, _) = bytes.as_chunks();
    let numbers = words.iter().map(|word| number(*word)).collect();
    ArrayD::from_shape_vec(IxDyn(shape), numbers).map(Tensor::from).map_err(|error| error.to_string())
}

/// Rows that stay in the file.
#[derive(Debug)]
struct StoredRows {
    path: PathBuf,
    /// Workers take turns, because the file has only one position.
    file: Mutex<File>,
    layout: Layout,
}

impl Rows for StoredRows {
    fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError> {
        let mut shape = self.layout.shape.clone();
        let Some(all) = shape.first_mut() else { return Err(damaged(&self.path, "an array without axes")) };
        // The array is known to be complete in the file, and no product here is larger.
        let row = self.layout.bytes / (*all as u64).max(1);
        *all = rows.len();
        let bytes = self.bytes(rows.start as u64 * row, rows.len() as u64 * row);
        let bytes = bytes.map_err(|problem| DataError::Read { file: self.path.clone(), problem })?;
        if bytes.len() as u64 != rows.len() as u64 * row {
            return Err(damaged(&self.path, "the file has become shorter since it was opened"));
        }
        self.layout.tensor(&bytes, &shape).map_err(|problem| damaged(&self.path, problem))
    }
}

impl StoredRows {
    /// Reads bytes of the numbers. The caller decodes them while others read.
    fn bytes(&self, offset: u64, count: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.layout.header + offset))?;
        file.by_ref().take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn rows(bytes: &[u8]) -> Result<Tensor, String> {
        let file = file(bytes);
        let rows =
            open(file.path()).map_err(|error| error.to_string().replace(file.path().to_str().unwrap(), "FILE"))?;
        Ok(rows.read(0..rows.shape()[0]).unwrap())
    }

    #[test]
    fn every_type_of_numbers_is_read() {
        let cases: [(&[u8], Tensor); 6] = [
            (&[8, 1, 0, 0, 0, 2, 7, 200], ndarray::array![7_u8, 200].into()),
            (&[9, 1, 0, 0, 0, 2, 7, 255], ndarray::array![7_i64, -1].into()),
            (&[11, 1, 0, 0, 0, 1, 1, 2], ndarray::array![258_i64].into()),
            (&[12, 2, 0, 0, 0, 1, 0, 0, 0, 1, 255, 255, 255, 254], ndarray::array![[-2_i64]].into()),
            (&[13, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0], ndarray::array![1.0_f32].into()),
            (&[14, 1, 0, 0, 0, 1, 0xc0, 0, 0, 0, 0, 0, 0, 0], ndarray::array![-2.0_f64].into()),
        ];
        for (bytes, expected) in cases {
            let bytes = [&[0, 0], bytes].concat();
            assert_eq!(rows(&bytes).unwrap(), expected);
            assert_eq!(rows(&gzip(&bytes)).unwrap(), expected);
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let cases: [(&[u8], &str); 6] = [
            (b"PK\x03\x04", "FILE: not in the IDX format: it does not begin with two zero bytes"),
            (&[0, 0, 7, 1, 0, 0, 0, 1, 0], "FILE: not in the IDX format: 0x07 is no type of numbers"),
            (&[0, 0, 8, 9], "FILE: an array of 9 axes; expected 1 to 8"),
            (&[0, 0, 8, 1, 0], "FILE: the header is cut short: failed to fill whole buffer"),
            (&[0, 0, 8, 1, 0, 0, 0, 3, 1, 2], "FILE: the header describes shape [3], 3 bytes, but 2 bytes follow it"),
            (&[0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "FILE: the header describes shape [1], 1 bytes, but 2 bytes follow it"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(rows(bytes).unwrap_err(), expected);
            assert!(rows(&gzip(bytes)).is_err());
        }
        let huge = [&[0, 0, 14, 3][..], &[255; 12]].concat();
        assert!(rows(&huge).unwrap_err().ends_with("has too many elements"));
        let whole = gzip(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 200]);
        for length in 2..whole.len() {
            assert!(rows(&whole[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_an_array_or_an_error(code in 0_u8..16, axes in 0_u8..4, rest in prop::collection::vec(0_u8..4, 0..40)) {
            let bytes = [&[0, 0, code, axes][..], &rest].concat();
            let _ = rows(&bytes);
            let _ = rows(&gzip(&bytes));
            let _ = rows(&[&GZIP[..], &rest].concat());
        }
    }
}
