//! Arrays of NumPy whose rows are records: structured arrays, and plain ones of two axes.

use ndarray_npy::npy::header::Header;
use py_literal::Value;

use super::super::{EventError, problem};

/// Maximum length of a header; NumPy's own limit.
const HEADER_LIMIT: usize = 10_000;
/// Maximum nesting of the header that its parser, which recurses, is given.
const NESTING_LIMIT: usize = 8;

/// Layout of an array of records.
#[derive(Clone, Debug)]
pub(in crate::events) struct Structured {
    pub(in crate::events) fields: Vec<Field>,
    /// Number of records.
    pub(in crate::events) rows: usize,
    /// Number of bytes of a record, at least 1.
    pub(in crate::events) row: usize,
    /// Number of columns of a plain array; `None` for a structured one.
    pub(in crate::events) plain: Option<usize>,
    /// True if the columns of a plain array follow each other (Fortran order).
    pub(in crate::events) by_columns: bool,
}

/// Number in every record.
#[derive(Clone, Debug)]
pub(in crate::events) struct Field {
    /// Name; empty in a plain array.
    pub(in crate::events) name: String,
    kind: Kind,
    /// Number of bytes of the number.
    width: usize,
    /// True if the first byte is the most significant one.
    big: bool,
    /// Position in the record, or of the first number if columns follow each other.
    offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

/// Number of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::events) enum Number {
    Int(i64),
    Float(f64),
}

impl Structured {
    /// Reads the header and returns it with its length; `None` if more bytes are needed.
    pub(in crate::events) fn read(bytes: &[u8], last: bool) -> Result<Option<(Self, usize)>, EventError> {
        let short = || match last {
            true => problem(bytes.len(), "the file ends within the header of the array"),
            false => Ok(None),
        };
        let Some(start) = bytes.get(..12) else { return short() };
        if !start.starts_with(b"\x93NUMPY") {
            return problem(0, "not in the npy format: it does not begin with \\x93NUMPY");
        }
        let (begin, length) = match start[6] {
            1 => (10, usize::from(u16::from_le_bytes([start[8], start[9]]))),
            _ => (12, u32::from_le_bytes([start[8], start[9], start[10], start[11]]) as usize),
        };
        if length > HEADER_LIMIT {
            return problem(8, format!("the header claims {length} bytes; the limit is {HEADER_LIMIT}"));
        }
        let Some(header) = bytes.get(..begin + length) else { return short() };
        let mut depth = 0_usize;
        for byte in header {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > NESTING_LIMIT {
                return problem(0, "the header of the array has too many nested brackets");
            }
        }
        let parsed = Header::from_reader(&mut &*header);
        match parsed.map_err(|error| error.to_string().replace('\n', " ")).and_then(|header| Self::from_header(&header))
        {
            Ok(array) => Ok(Some((array, begin + length))),
            Err(message) => problem(0, format!("the header of the array: {message}")),
        }
    }

    fn from_header(header: &Header) -> Result<Self, String> {
        match (&header.type_descriptor, header.shape.as_slice()) {
            (Value::List(list), [rows]) => {
                let (mut fields, mut row) = (Vec::new(), 0_usize);
                for field in list {
                    let (name, (kind, width, big)) = described(field)?;
                    if let Some(kind) = kind {
                        fields.push(Field { name: name.to_owned(), kind, width, big, offset: row });
                    }
                    row = row.checked_add(width).ok_or("a record is too large")?;
                }
                let row = Some(row).filter(|row| *row > 0).ok_or("a record has no fields")?;
                Ok(Self { fields, rows: *rows, row, plain: None, by_columns: false })
            }
            (Value::String(dtype), [rows, columns @ 1..=64]) => {
                let (kind, width, big) = number(dtype)?;
                let kind = kind.ok_or_else(|| unsupported(dtype))?;
                let by_columns = header.layout.is_fortran();
                let stride = match by_columns {
                    true => rows.checked_mul(width).filter(|bytes| bytes.checked_mul(*columns).is_some()),
                    false => Some(width),
                };
                let stride = stride.ok_or("the array is too large")?;
                let field = |column| Field { name: String::new(), kind, width, big, offset: column * stride };
                let fields = (0..*columns).map(field).collect();
                Ok(Self { fields, rows: *rows, row: width * columns, plain: Some(*columns), by_columns })
            }
            (_, shape @ [0]) => {
                Err(format!("the array is empty, with shape {shape:?}; a plain array without rows has shape [0, 4]"))
            }
            (_, shape) => {
                let advice = if shape.first() == Some(&4) { ": save its transpose" } else { "" };
                Err(format!(
                    "expected a structured array [row] or a plain one [row, column], found shape {shape:?}{advice}"
                ))
            }
        }
    }

    /// Returns the field with one of these names.
    pub(in crate::events) fn field(&self, names: &[&str]) -> Option<&Field> {
        self.fields.iter().find(|field| names.contains(&field.name.as_str()))
    }
}

/// Name and type of a field as its descriptor has them: `('x', '<i2')`.
fn described(field: &Value) -> Result<(&str, Dtype), String> {
    let Value::Tuple(parts) = field else { return Err(format!("the field {field} is not supported")) };
    match parts.as_slice() {
        [Value::String(name), Value::String(dtype)] => Ok((name, number(dtype)?)),
        _ => Err(format!("the field {field} is not supported: it is not one number")),
    }
}

/// Kind, number of bytes, and true if big-endian. Padding has no kind.
type Dtype = (Option<Kind>, usize, bool);

fn number(dtype: &str) -> Result<Dtype, String> {
    let big = dtype.starts_with('>');
    let name = dtype.strip_prefix(['<', '>', '=', '|']).unwrap_or(dtype);
    let signed = Some(Kind::Signed);
    let unsigned = Some(Kind::Unsigned);
    let (kind, width) = match name {
        "i1" => (signed, 1),
        "i2" => (signed, 2),
        "i4" => (signed, 4),
        "i8" => (signed, 8),
        "u1" | "b1" => (unsigned, 1),
        "u2" => (unsigned, 2),
        "u4" => (unsigned, 4),
        "u8" => (unsigned, 8),
        "f4" => (Some(Kind::Float), 4),
        "f8" => (Some(Kind::Float), 8),
        other => match other.strip_prefix('V').and_then(|width| width.parse().ok()) {
            Some(width) => (None, width),
            None => return Err(unsupported(dtype)),
        },
    };
    Ok((kind, width, big))
}

fn unsupported(dtype: &str) -> String {
    format!("the type {} is not supported; i1 to i8, u1 to u8, f4, f8 and b1 are", dtype.escape_debug())
}

impl Field {
    /// Returns the number of a record; `index` counts records if columns follow each other, and is 0 otherwise.
    pub(in crate::events) fn number(&self, record: &[u8], index: usize) -> Result<Number, String> {
        let begin = self.offset + index * self.width;
        let bytes = record.get(begin..begin + self.width).unwrap_or_default();
        let push = |bits, byte: &u8| bits << 8 | u64::from(*byte);
        let bits = match self.big {
            true => bytes.iter().fold(0, push),
            false => bytes.iter().rev().fold(0, push),
        };
        match self.kind {
            Kind::Float if self.width == 4 => Ok(Number::Float(f64::from(f32::from_bits(bits as u32)))),
            Kind::Float => Ok(Number::Float(f64::from_bits(bits))),
            Kind::Unsigned => {
                i64::try_from(bits).map(Number::Int).map_err(|_| format!("the number {bits} is too large"))
            }
            Kind::Signed => {
                let unused = 64 - 8 * self.width as u32;
                Ok(Number::Int((bits << unused) as i64 >> unused))
            }
        }
    }

    /// Returns a number that is an integer.
    pub(in crate::events) fn integer(&self, record: &[u8], index: usize) -> Result<i64, String> {
        match self.number(record, index)? {
            Number::Int(number) => Ok(number),
            Number::Float(number) if number.fract() == 0.0 && number.abs() < i64::MAX as f64 => Ok(number as i64),
            Number::Float(number) => Err(format!("{number} is not a whole number")),
        }
    }

    /// Returns any number.
    pub(in crate::events) fn float(&self, record: &[u8]) -> Result<f64, String> {
        Ok(match self.number(record, 0)? {
            Number::Int(number) => number as f64,
            Number::Float(number) => number,
        })
    }
}
