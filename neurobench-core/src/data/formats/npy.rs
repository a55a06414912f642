//! Arrays in NumPy's npy format.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::npy::header::Header;

use crate::component::Settings as _;
use crate::data::formats::{Contents, DataFormat, Rows};
use crate::data::{DataError, InMemoryRows};
use crate::data_format;
use crate::files::FileKind;
use crate::model::Tensor;

/// First bytes of a file.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Maximum length of a header; NumPy's own limit.
const HEADER_LIMIT: usize = 10_000;
/// Maximum nesting of brackets in the header; only structured types, which are not supported, have more.
const NESTING_LIMIT: usize = 8;
const TEXTS: &str = "it holds Python strings; `numpy.unique(names, return_inverse=True)` turns names into classes";
const OBJECTS: &str = "it holds Python objects, which are not read; for numbers of different lengths, such as lists of events, save an \
                       array of numbers that is padded to one length; `numpy.unique(names, return_inverse=True)` turns names \
                       into classes";
const SUPPORTED: &str = "supported types are f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 and b1";

/// Arrays of NumPy, one in a file, as `numpy.save` writes them.
///
/// Half, single and double precision, integers of up to 64 bits and booleans are read, in either byte order and either
/// memory order. Rows stay in the file, except those of arrays of several axes in Fortran order, which are read at once.
#[data_format(cite = "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html")]
pub fn npy() -> impl DataFormat {
    NpyFormat
}

struct NpyFormat;

impl DataFormat for NpyFormat {
    fn extensions(&self) -> &[&'static str] {
        &["npy"]
    }

    fn description(&self) -> &'static str {
        "a NumPy array (.npy)"
    }

    fn contents(&self) -> Contents {
        Contents::OneArray
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.starts_with(MAGIC)
    }

    fn open(&self, file: &Path, _: Option<&str>) -> Result<Box<dyn Rows>, DataError> {
        let path = file;
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let layout = Layout::read(&mut BufReader::new(&file)).and_then(|layout| layout.check(length).map(|()| layout));
        let layout = layout.map_err(|problem| file_error(path, problem))?;
        if !layout.has_rows() {
            return Ok(Box::new(InMemoryRows(read(path)?)));
        }
        let start = layout.header;
        Ok(Box::new(StoredRows { path: path.to_owned(), array: None, file: Mutex::new(file), start, layout }))
    }
}

/// Rows that stay in the file, where each is contiguous.
#[derive(Debug)]
pub(super) struct StoredRows {
    pub(super) path: PathBuf,
    /// Name of the array, in an archive.
    pub(super) array: Option<String>,
    /// Workers take turns, because the file has only one position.
    pub(super) file: Mutex<File>,
    /// Position of the numbers in the file.
    pub(super) start: u64,
    pub(super) layout: Layout,
}

impl Rows for StoredRows {
    fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError> {
        self.numbers(rows).map_err(|problem| match &self.array {
            None => file_error(&self.path, problem),
            Some(array) => array_error(&self.path, array, problem),
        })
    }
}

impl StoredRows {
    fn numbers(&self, rows: Range<usize>) -> Result<Tensor, NpyError> {
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
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Tensor, DataError> {
    let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    parse(BufReader::new(file), length).map_err(|problem| file_error(path, problem))
}

/// Error about an array in an archive.
pub(super) fn array_error(path: &Path, array: &str, problem: NpyError) -> DataError {
    let (file, array, looks) = (path.to_owned(), Some(array.to_owned()), String::new());
    DataError::Format { file, array, problem: Box::new(problem), looks }
}

/// Error about a file, with a hint if the file is of another kind.
fn file_error(path: &Path, problem: NpyError) -> DataError {
    let looks = match problem {
        NpyError::Magic => FileKind::hint(path, &[FileKind::Data(Npy::ABOUT.name)]),
        _ => String::new(),
    };
    DataError::Format { file: path.to_owned(), array: None, problem: Box::new(problem), looks }
}

/// Reads an array that takes `length` bytes, including the header, up to its end, where a reader that compares a
/// checksum does so. It takes no more memory than these bytes justify.
pub(super) fn parse(mut bytes: impl Read, length: u64) -> Result<Tensor, NpyError> {
    let layout = Layout::read(&mut bytes)?;
    layout.check(length)?;
    let tensor = layout.numbers(&mut bytes, 0, &layout.shape)?;
    layout.find_end(bytes, 0)?;
    Ok(tensor)
}

/// Layout of a stored array, as its header describes it.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) shape: Vec<usize>,
    /// True if neighbors lie along the first axis (Fortran order); otherwise they lie along the last.
    fortran: bool,
    /// Number of bytes before the numbers: the header and its prefix.
    pub(super) header: u64,
    /// Number of bytes of all numbers.
    pub(super) bytes: u64,
    /// Type of the numbers, as written in the header.
    dtype: String,
}

impl Layout {
    /// Reads only a header.
    pub(super) fn read(bytes: &mut impl Read) -> Result<Self, NpyError> {
        let (header, length) = read_header(bytes)?;
        let descriptor = header.type_descriptor.to_string();
        let dtype = descriptor.trim_matches('\'').to_owned();
        let width = match kind(&dtype) {
            "i1" | "u1" | "b1" => 1,
            "f2" | "i2" | "u2" => 2,
            "f4" | "i4" | "u4" => 4,
            "f8" | "i8" | "u8" => 8,
            kind => {
                let supported = match kind.as_bytes().first() {
                    Some(b'U' | b'S') => TEXTS,
                    Some(b'O') => OBJECTS,
                    _ => SUPPORTED,
                };
                return Err(NpyError::Dtype { dtype: descriptor, supported });
            }
        };
        let (fortran, shape) = (header.layout.is_fortran(), header.shape);
        let bytes = elements(&shape).and_then(|elements| (elements as u64).checked_mul(width));
        let Some(bytes) = bytes else { return Err(NpyError::TooLarge { shape }) };
        Ok(Self { shape, fortran, header: length as u64, bytes, dtype })
    }

    /// Checks that the numbers take all bytes after the header; `length` includes the header.
    pub(super) fn check(&self, length: u64) -> Result<(), NpyError> {
        let (expected, found) = (self.bytes, length.saturating_sub(self.header));
        if expected > found {
            return Err(self.cut_short(found));
        }
        if expected < found {
            return Err(NpyError::TrailingBytes { extra: found - expected });
        }
        Ok(())
    }

    /// Reads to the end, where `left` bytes of the numbers must remain. The given length may be wrong, and an archive
    /// compares its checksum when a read goes beyond the end.
    pub(super) fn find_end(&self, mut bytes: impl Read, left: u64) -> Result<(), NpyError> {
        let found = std::io::copy(&mut bytes, &mut std::io::sink()).map_err(NpyError::Read)?;
        if found < left {
            return Err(self.cut_short(self.bytes - left + found));
        }
        if found > left {
            return Err(NpyError::TrailingBytes { extra: found - left });
        }
        Ok(())
    }

    /// Reads numbers into a tensor of this shape; the first number has the index `first` in the file.
    pub(super) fn numbers(&self, bytes: impl Read, first: usize, shape: &[usize]) -> Result<Tensor, NpyError> {
        let big = self.dtype.starts_with('>');
        let reader = Numbers { bytes, first, shape, big, layout: self };
        Ok(match kind(&self.dtype) {
            "f4" => reader.array(|_, bytes| Ok(f32::from_le_bytes(bytes)))?.into(),
            "f8" => reader.array(|_, bytes| Ok(f64::from_le_bytes(bytes)))?.into(),
            "i8" => reader.array(|_, bytes| Ok(i64::from_le_bytes(bytes)))?.into(),
            "u1" | "b1" => reader.array(|_, bytes| Ok(u8::from_le_bytes(bytes)))?.into(),
            "f2" => reader.array(|_, bytes| Ok(from_half(u16::from_le_bytes(bytes))))?.into(),
            "i1" => reader.array(|_, bytes| Ok(i64::from(i8::from_le_bytes(bytes))))?.into(),
            "i2" => reader.array(|_, bytes| Ok(i64::from(i16::from_le_bytes(bytes))))?.into(),
            "i4" => reader.array(|_, bytes| Ok(i64::from(i32::from_le_bytes(bytes))))?.into(),
            "u2" => reader.array(|_, bytes| Ok(i64::from(u16::from_le_bytes(bytes))))?.into(),
            "u4" => reader.array(|_, bytes| Ok(i64::from(u32::from_le_bytes(bytes))))?.into(),
            "u8" => reader
                .array(|index, bytes| {
                    let value = u64::from_le_bytes(bytes);
                    i64::try_from(value).map_err(|_| NpyError::TooLargeNumber { index, value })
                })?
                .into(),
            _ => return Err(NpyError::Dtype { dtype: self.dtype.clone(), supported: SUPPORTED }),
        })
    }

    /// Returns true if the numbers of one row, one index of the first axis, are contiguous.
    pub(super) fn has_rows(&self) -> bool {
        match self.shape.len() {
            0 => false,
            1 => true,
            _ => !self.fortran,
        }
    }

    /// Error for a file in which only `found` bytes follow the header.
    pub(super) fn cut_short(&self, found: u64) -> NpyError {
        NpyError::CutShort { shape: self.shape.clone(), dtype: self.dtype.clone(), expected: self.bytes, found }
    }
}

/// Type as written in the header, without its byte order.
fn kind(dtype: &str) -> &str {
    dtype.strip_prefix(['<', '>', '=', '|']).unwrap_or(dtype)
}

/// Number of elements of this shape, if it and all partial products can be counted.
fn elements(shape: &[usize]) -> Option<usize> {
    let mut lengths = shape.iter().filter(|length| **length > 0);
    let product = lengths.try_fold(1_usize, |product, length| product.checked_mul(*length))?;
    Some(if shape.contains(&0) { 0 } else { product })
}

/// Reads the header; returns it with its length, including what precedes it.
fn read_header(bytes: &mut impl Read) -> Result<(Header, usize), NpyError> {
    // The length is checked here, before the parser takes memory for it, and the nesting before it recurses.
    let mut start = Vec::with_capacity(HEADER_LIMIT);
    fill(bytes, &mut start, 8)?;
    if !start.starts_with(MAGIC) {
        return Err(NpyError::Magic);
    }
    let width = if start[6] == 1 { 2 } else { 4 };
    fill(bytes, &mut start, width)?;
    let length = start[8..].iter().rev().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length > HEADER_LIMIT {
        return Err(NpyError::HeaderTooLong { length, limit: HEADER_LIMIT });
    }
    fill(bytes, &mut start, length)?;
    let nested = start.iter().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
    if nested > NESTING_LIMIT {
        let problem = format!("it has {nested} opening brackets; structured types are not supported");
        return Err(NpyError::Header { problem });
    }
    let header = Header::from_reader(&mut start.as_slice());
    let header = header.map_err(|error| NpyError::Header { problem: error.to_string().replace('\n', " ") })?;
    Ok((header, start.len()))
}

/// Appends `count` bytes.
fn fill(bytes: &mut impl Read, buffer: &mut Vec<u8>, count: usize) -> Result<(), NpyError> {
    let read = bytes.by_ref().take(count as u64).read_to_end(buffer).map_err(NpyError::Read)?;
    let magic = buffer.len().min(MAGIC.len());
    match read == count {
        true => Ok(()),
        false if buffer[..magic] != MAGIC[..magic] || buffer.is_empty() => Err(NpyError::Magic),
        false => Err(NpyError::HeaderCutShort),
    }
}

/// Numbers to be read.
struct Numbers<'a, R> {
    bytes: R,
    /// Index of the first number in the array.
    first: usize,
    /// Shape of the result.
    shape: &'a [usize],
    /// True if the first byte of a number is its most significant one.
    big: bool,
    layout: &'a Layout,
}

impl<R: Read> Numbers<'_, R> {
    /// Reads numbers of `WIDTH` bytes into an array in index order; `number` receives the place in the file and the
    /// bytes in little-endian order.
    fn array<T: Clone, const WIDTH: usize>(
        mut self,
        number: impl Fn(usize, [u8; WIDTH]) -> Result<T, NpyError>,
    ) -> Result<ArrayD<T>, NpyError> {
        let too_large = || NpyError::TooLarge { shape: self.shape.to_vec() };
        let elements = elements(self.shape).ok_or_else(too_large)?;
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(elements).map_err(|_| too_large())?;
        // Each piece holds a whole number of elements of any width.
        let mut piece = vec![0; (1 << 16).min(elements.saturating_mul(WIDTH))];
        while numbers.len() < elements {
            let size = piece.len().min((elements - numbers.len()).saturating_mul(WIDTH));
            if let Err(error) = self.bytes.read_exact(&mut piece[..size]) {
                return Err(match error.kind() {
                    std::io::ErrorKind::UnexpectedEof => {
                        self.layout.cut_short(((self.first + numbers.len()) * WIDTH) as u64)
                    }
                    _ => NpyError::Read(error),
                });
            }
            for bytes in piece[..size].as_chunks::<WIDTH>().0 {
                let mut bytes = *bytes;
                if self.big {
                    bytes.reverse();
                }
                numbers.push(number(self.first + numbers.len(), bytes)?);
            }
        }
        let shape = IxDyn(self.shape).set_f(self.layout.fortran);
        let array = ArrayD::from_shape_vec(shape, numbers).map_err(|_| too_large())?;
        Ok(if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() })
    }
}

/// IEEE 754 half precision: a sign, 5 bits of exponent, 10 of fraction. Single precision represents every such number.
fn from_half(bits: u16) -> f32 {
    let (exponent, fraction) = (u32::from(bits >> 10) & 0x1f, u32::from(bits) & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: a multiple of 2^-24.
        0 => fraction as f32 * (-24.0_f32).exp2(),
        0x1f => f32::from_bits(0x7f80_0000 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// Problem of an array in the npy format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file does not begin with the magic string of the format.
    #[error("not in the npy format: it does not begin with \\x93NUMPY")]
    Magic,
    /// The file ends within the header.
    #[error("truncated: it ends within the header")]
    HeaderCutShort,
    /// A header longer than NumPy's limit.
    #[error("the header claims {length} bytes; the limit is {limit}")]
    HeaderTooLong {
        /// Length that the header claims.
        length: usize,
        /// Maximum length.
        limit: usize,
    },
    /// A header that cannot be parsed.
    #[error("the header cannot be read: {problem}")]
    Header {
        /// Problem of the header.
        problem: String,
    },
    /// Numbers of a type that is not supported.
    #[error("dtype {dtype} is not supported: {supported}")]
    Dtype {
        /// Type, as written in the header.
        dtype: String,
        /// Supported types, or a remedy.
        supported: &'static str,
    },
    /// Fewer bytes than the header claims.
    #[error("truncated: shape {shape:?} of {dtype} takes {expected} bytes, but {found} follow the header")]
    CutShort {
        /// The shape.
        shape: Vec<usize>,
        /// Type of the numbers.
        dtype: String,
        /// Number of bytes of the shape.
        expected: u64,
        /// Number of bytes in the file.
        found: u64,
    },
    /// More bytes than the header claims.
    #[error("{extra} bytes follow the last number")]
    TrailingBytes {
        /// Number of extra bytes.
        extra: u64,
    },
    /// A shape with too many elements to count.
    #[error("shape {shape:?} has too many elements")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A number that fits no number format of tensors.
    #[error("element {index} is {value}, which does not fit a signed 64-bit integer")]
    TooLargeNumber {
        /// Zero-based index in the file.
        index: usize,
        /// Value of the number.
        value: u64,
    },
    /// An error of reading the numbers.
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a file with this dictionary and these numbers.
    fn npy(dictionary: &str, numbers: &[u8]) -> Vec<u8> {
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        let header = format!("{dictionary}\n");
        file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(numbers);
        file
    }

    fn parsed_array(descr: &str, fortran: &str, shape: &str, numbers: &[u8]) -> Result<Tensor, NpyError> {
        let file = npy(&format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"), numbers);
        parse(file.as_slice(), file.len() as u64)
    }

    #[test]
    fn every_supported_type_becomes_the_nearest_tensor_kind() {
        let cases: [(&str, &[u8], Tensor); 13] = [
            ("<f4", &2.5_f32.to_le_bytes(), ndarray::array![2.5_f32].into()),
            (">f4", &2.5_f32.to_be_bytes(), ndarray::array![2.5_f32].into()),
            ("<f8", &2.5_f64.to_le_bytes(), ndarray::array![2.5_f64].into()),
            ("<i8", &(-3_i64).to_le_bytes(), ndarray::array![-3_i64].into()),
            (">i8", &(-3_i64).to_be_bytes(), ndarray::array![-3_i64].into()),
            ("|u1", &[250], ndarray::array![250_u8].into()),
            ("|b1", &[1], ndarray::array![1_u8].into()),
            ("|i1", &[0xff], ndarray::array![-1_i64].into()),
            ("<i2", &(-300_i16).to_le_bytes(), ndarray::array![-300_i64].into()),
            ("<i4", &(-70_000_i32).to_le_bytes(), ndarray::array![-70_000_i64].into()),
            ("<u2", &60_000_u16.to_le_bytes(), ndarray::array![60_000_i64].into()),
            ("<u4", &4_000_000_000_u32.to_le_bytes(), ndarray::array![4_000_000_000_i64].into()),
            ("<u8", &7_u64.to_le_bytes(), ndarray::array![7_i64].into()),
        ];
        for (descr, bytes, tensor) in cases {
            assert_eq!(parsed_array(descr, "False", "(1,)", bytes).unwrap(), tensor, "{descr}");
        }
    }

    #[test]
    fn half_precision_is_exact() {
        let cases =
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x7bff, 65504.0), (0x0001, 5.960_464_5e-8)];
        for (bits, value) in cases {
            assert_eq!(from_half(bits), value);
        }
        assert_eq!(from_half(0x7c00), f32::INFINITY);
        assert!(from_half(0x7e00).is_nan());
        assert!(from_half(0x8000) == 0.0 && from_half(0x8000).is_sign_negative());
    }

    #[test]
    fn fortran_order_is_converted() {
        let tensor = parsed_array("|u1", "True", "(2, 3)", &[1, 4, 2, 5, 3, 6]).unwrap();
        assert_eq!(tensor, ndarray::array![[1_u8, 2, 3], [4, 5, 6]].into());
        assert!(matches!(tensor, Tensor::U8(array) if array.as_slice() == Some(&[1, 2, 3, 4, 5, 6])));
    }

    #[test]
    fn errors_describe_the_problem() {
        let problem = |result: Result<Tensor, NpyError>| result.unwrap_err().to_string();
        assert!(
            problem(parsed_array("<c8", "False", "(1,)", &[0; 8]))
                .starts_with("dtype '<c8' is not supported: supported types are f2")
        );
        let cut = problem(parsed_array("<f4", "False", "(2, 3)", &[0; 20]));
        assert_eq!(cut, "truncated: shape [2, 3] of <f4 takes 24 bytes, but 20 follow the header");
        assert_eq!(problem(parsed_array("|u1", "False", "(2,)", &[0; 5])), "3 bytes follow the last number");
        let huge = problem(parsed_array("<f4", "False", "(4611686018427387904, 16)", &[]));
        assert_eq!(huge, "shape [4611686018427387904, 16] has too many elements");
        assert!(problem(parsed_array("<f8", "False", "(1000000000000,)", &[0; 8])).starts_with("truncated"));
        assert!(problem(parsed_array("<f4", "False", "(0, 9223372036854775807, 4)", &[])).starts_with("shape"));
        let large = problem(parsed_array("<u8", "False", "(1,)", &u64::MAX.to_le_bytes()));
        assert_eq!(large, "element 0 is 18446744073709551615, which does not fit a signed 64-bit integer");
        for (file, text) in [
            (&b""[..], "not in the npy format"),
            (b"PK\x03\x04 and so on", "not in the npy format"),
            (b"\x93NUMPY\x01\x00\xff\xff{", "the header claims 65535 bytes"),
            (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", "the header claims 4294967295 bytes"),
            (b"\x93NUMPY\x01\x00\x02\x00{\n", "the header cannot be read"),
            (b"\x93NUMPY\x09\x00\x02\x00\x00\x00{\n", "the header cannot be read"),
        ] {
            assert!(
                problem(parse(file, file.len() as u64)).starts_with(text),
                "{}",
                problem(parse(file, file.len() as u64))
            );
        }
        let deep = npy(&"(".repeat(5000), &[]);
        assert!(problem(parse(deep.as_slice(), deep.len() as u64)).contains("5000 opening brackets"));
    }

    #[test]
    fn extra_bytes_are_an_error_whatever_the_given_length() {
        for numbers in [&[][..], &[1, 0, 2, 0, 3, 0]] {
            let shape = numbers.len() / 2;
            let mut file = npy(&format!("{{'descr': '<i2', 'fortran_order': False, 'shape': ({shape},), }}"), numbers);
            let length = file.len() as u64;
            file.extend([9; 5]);
            let error = parse(file.as_slice(), length).unwrap_err();
            assert_eq!(error.to_string(), "5 bytes follow the last number");
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error() {
        let file = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }", &[1, 0, 2, 0, 3, 0]);
        assert!(parse(file.as_slice(), file.len() as u64).is_ok());
        for length in 0..file.len() {
            assert!(parse(&file[..length], length as u64).is_err(), "{length}");
            // Even if the given length is wrong.
            assert!(parse(&file[..length], file.len() as u64).is_err(), "{length}");
        }
    }
}
