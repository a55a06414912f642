//! Tables whose rows are read in any order, with the values of a cell.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, Array2};
use neurobench_core::data::DataError;
use neurobench_core::model::Tensor;
use neurobench_core::names::{did_you_mean, listed, shown};

use crate::recordings::damaged;

/// Number of rows at the beginning of a table that decide the type of a column of text.
pub(super) const FIRST_ROWS: usize = 8192;
/// Whole numbers up to this one are exact as 64-bit floats.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Number of characters of a cell in a message.
const SHOWN: usize = 40;

/// Type of the values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integers,
    Floats,
    /// Texts of the classes in their order.
    Classes(Arc<[String]>),
}

/// A column to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) column: usize,
    pub(super) kind: Kind,
}

/// Error about a row, so that of two errors the one about the earlier row can be reported.
#[derive(Debug)]
pub(super) struct RowError {
    pub(super) row: usize,
    pub(super) error: Box<DataError>,
}

impl RowError {
    pub(super) fn new(row: usize, error: DataError) -> Self {
        Self { row, error: Box::new(error) }
    }
}

/// A table whose rows are samples.
pub(super) trait Table: fmt::Debug + Send + Sync {
    fn path(&self) -> &Path;

    /// Names of the columns; empty if they have none.
    fn names(&self) -> &[String];

    /// Number of columns.
    fn columns(&self) -> usize;

    fn rows(&self) -> usize;

    /// Type of the values of a column. `classes` are the texts that stand for classes, if there are any.
    fn kind(&self, column: usize, classes: Option<&Arc<[String]>>) -> Result<Kind, DataError>;

    /// Reads rows that exist: the values of each column, `[row]`, or `[row, number]` if cells are lists.
    fn read(&self, rows: Range<usize>, wanted: &[Wanted]) -> Result<Vec<Tensor>, RowError>;

    /// Names a row that exists, for messages: `line 3` or `row 1`.
    fn place(&self, row: usize) -> String;
}

/// Name of a column for messages.
pub(super) fn column_name(names: &[String], column: usize) -> String {
    names.get(column).map_or_else(|| column.to_string(), |name| format!("`{}`", shown(name)))
}

/// Finds a column by its name or, if there is none of this name, by its zero-based index.
pub(super) fn find(table: &dyn Table, written: &str) -> Result<usize, DataError> {
    let (names, count) = (table.names(), table.columns());
    let refused = |problem: String| damaged(table.path(), problem);
    let mut named = (0..names.len()).filter(|column| names[*column] == written);
    match (named.next(), named.next(), written.parse::<usize>()) {
        (Some(column), None, _) => Ok(column),
        (Some(first), Some(second), _) => Err(refused(format!(
            "columns {first} and {second} have the same name `{}`: give the index of one",
            shown(written)
        ))),
        (None, _, Ok(index)) if index < count => Ok(index),
        (None, _, Ok(index)) => Err(refused(format!("no column {index}: there are {count}, from 0 on"))),
        (None, _, Err(_)) if names.is_empty() => {
            Err(refused(format!("no column `{}`: columns without names have an index, from 0 on", shown(written))))
        }
        (None, _, Err(_)) => {
            let hint = did_you_mean(written, names.iter().map(String::as_str));
            Err(refused(format!("no column `{}`; the columns are {}{hint}", shown(written), listed_columns(table))))
        }
    }
}

/// Lists the columns of a table.
pub(super) fn listed_columns(table: &dyn Table) -> String {
    const MOST: usize = 20;
    let names = (0..table.columns().min(MOST)).map(|column| column_name(table.names(), column));
    let others = table.columns().saturating_sub(MOST);
    let others = (others > 0).then(|| format!("{others} others"));
    listed(names.chain(others))
}

/// A cell of a text as a whole number. One that was written as a float, such as `2.0`, is one.
pub(super) fn integer(cell: &[u8]) -> Result<i64, String> {
    if let Some(number) = short_integer(cell) {
        return Ok(number);
    }
    let text = text(cell)?;
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{} does not fit a signed 64-bit integer", short(text)));
    }
    let number = float(cell)?;
    match number.fract() == 0.0 && number.abs() <= EXACT {
        true => Ok(number as i64),
        false => Err(format!(
            "expected an integer as in the first {FIRST_ROWS} rows, found {}; `--floats` reads every column as floats",
            short(text)
        )),
    }
}

/// A number of at most 18 digits, which needs no check for overflow.
fn short_integer(cell: &[u8]) -> Option<i64> {
    let (digits, is_negative) = match cell {
        [b'-', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0_i64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if is_negative { -number } else { number })
}

/// A cell of a text as the nearest 64-bit float.
pub(super) fn float(cell: &[u8]) -> Result<f64, String> {
    let text = text(cell)?;
    let number: f64 = match text.parse() {
        Ok(number) => number,
        Err(_) if text.is_empty() => return Err("the value is missing".to_owned()),
        Err(_) => return Err(format!("expected a number, found {:?}", short(text))),
    };
    let is_written = text.bytes().any(|byte| byte.is_ascii_digit());
    match number {
        number if number.is_nan() => Err("found NaN; a missing value has no prediction and no target".to_owned()),
        number if number.is_infinite() && is_written => {
            Err(format!("{} is beyond the range of a 64-bit float", short(text)))
        }
        number => Ok(number),
    }
}

/// The class of a cell of a text.
pub(super) fn class(cell: &[u8], classes: &[String]) -> Result<i64, String> {
    if let Some(class) = classes.iter().position(|class| class.as_bytes() == cell) {
        return Ok(class as i64);
    }
    let text = text(cell)?;
    if text.is_empty() {
        return Err("the class is missing".to_owned());
    }
    let hint = did_you_mean(text, classes.iter().map(String::as_str));
    Err(format!("{:?} is not one of the classes {}{hint}", short(text), listed(classes.iter().map(|name| shown(name)))))
}

/// Type of a column of texts by its first cells.
pub(super) fn kind_of_cells<'a>(
    cells: impl Iterator<Item = &'a [u8]>,
    classes: Option<&Arc<[String]>>,
) -> Result<Kind, String> {
    let mut kind = Kind::Integers;
    for (index, cell) in cells.enumerate() {
        let known = |classes: &&Arc<[String]>| classes.iter().any(|class| class.as_bytes() == cell);
        if index == 0
            && let Some(classes) = classes.filter(known)
        {
            return Ok(Kind::Classes(Arc::clone(classes)));
        }
        let is_number = text(cell)?.parse::<f64>().is_ok();
        if index == 0 && !is_number && !cell.is_empty() {
            return match classes {
                Some(classes) => Ok(Kind::Classes(Arc::clone(classes))),
                None => Err(format!(
                    "expected a number, found {:?}; if these are the names of classes, give all of them in their order \
                     with `--classes`",
                    short(text(cell)?)
                )),
            };
        }
        // An integer that does not fit is an error where it is read.
        let is_integer = |cell: &[u8]| {
            let digits = cell.strip_prefix(b"-").or(cell.strip_prefix(b"+")).unwrap_or(cell);
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        };
        if is_number && !is_integer(cell) {
            kind = Kind::Floats;
        }
    }
    Ok(kind)
}

fn text(cell: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(cell).map_err(|_| "the cell is not UTF-8 text".to_owned())
}

/// A text for a message: its beginning, without control characters.
pub(super) fn short(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    shown(&short)
}

/// Values of a column in the order of the rows.
#[derive(Debug)]
pub(super) enum Values {
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

impl Values {
    pub(super) fn new(kind: &Kind, rows: usize) -> Self {
        match kind {
            Kind::Floats => Self::Floats(Vec::with_capacity(rows)),
            Kind::Integers | Kind::Classes(_) => Self::Integers(Vec::with_capacity(rows)),
        }
    }

    /// Adds a cell of a text.
    pub(super) fn push(&mut self, cell: &[u8], kind: &Kind) -> Result<(), String> {
        match (self, kind) {
            (Self::Integers(values), Kind::Classes(classes)) => values.push(class(cell, classes)?),
            (Self::Integers(values), _) => values.push(integer(cell)?),
            (Self::Floats(values), _) => values.push(float(cell)?),
        }
        Ok(())
    }

    pub(super) fn into_tensor(self) -> Tensor {
        match self {
            Self::Integers(values) => Array1::from(values).into(),
            Self::Floats(values) => Array1::from(values).into(),
        }
    }
}

/// Columns `[row]` side by side: `[row, column]`, as integers if all of them are.
pub(super) fn beside(columns: &[Tensor], rows: usize) -> Result<Tensor, DataError> {
    fn stack<T: Clone + Default>(columns: &[Vec<T>], rows: usize) -> Array2<T> {
        let mut stacked: Array2<T> = Array2::default((rows, columns.len()));
        for (mut row, index) in stacked.rows_mut().into_iter().zip(0..) {
            for (number, column) in row.iter_mut().zip(columns) {
                if let Some(value) = column.get(index) {
                    number.clone_from(value);
                }
            }
        }
        stacked
    }
    if let Some(list) = columns.iter().find(|column| column.shape().len() != 1) {
        return Err(DataError::Other(format!(
            "several columns together must each hold one number in a row, but one has shape {:?}",
            list.shape()
        )));
    }
    let integers: Option<Vec<Vec<i64>>> = columns
        .iter()
        .map(|column| match column {
            Tensor::I64(values) => Some(values.iter().copied().collect()),
            _ => None,
        })
        .collect();
    Ok(match integers {
        Some(integers) => stack(&integers, rows).into(),
        None => {
            let floats: Vec<Vec<f64>> =
                columns.iter().map(|column| column.to_f64().iter().copied().collect()).collect();
            stack(&floats, rows).into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_and_refused_beyond_64_bits() {
        for number in [0, -1, 7, i64::MAX, i64::MIN, 999_999_999_999_999_999] {
            assert_eq!(integer(number.to_string().as_bytes()), Ok(number));
        }
        assert_eq!(integer(b"+5"), Ok(5));
        assert_eq!(integer(b"2.0"), Ok(2));
        assert_eq!(integer(b"1e3"), Ok(1000));
        let problem = |cell: &str| integer(cell.as_bytes()).unwrap_err();
        assert_eq!(problem("9223372036854775808"), "9223372036854775808 does not fit a signed 64-bit integer");
        assert!(problem("0.5").starts_with("expected an integer as in the first 8192 rows, found 0.5"));
        assert!(problem("1e300").starts_with("expected an integer"));
        assert_eq!(problem("cat"), "expected a number, found \"cat\"");
        assert_eq!(problem(""), "the value is missing");
        assert_eq!(problem("-"), "expected a number, found \"-\"");
    }

    #[test]
    fn floats_are_the_nearest_and_neither_nan_nor_out_of_range() {
        assert_eq!(float(b"0.1"), Ok(0.1));
        assert_eq!(float(b"1e300"), Ok(1e300));
        assert_eq!(float(b"-inf"), Ok(f64::NEG_INFINITY));
        assert_eq!(float(b"1e999").unwrap_err(), "1e999 is beyond the range of a 64-bit float");
        assert!(float(b"nan").unwrap_err().starts_with("found NaN"));
        assert_eq!(float(b"\xff").unwrap_err(), "the cell is not UTF-8 text");
    }

    #[test]
    fn the_first_cells_decide_the_type_of_a_column() {
        let classes: Arc<[String]> = ["cat", "7"].map(str::to_owned).into();
        let kind = |cells: &[&str], classes| kind_of_cells(cells.iter().map(|cell| cell.as_bytes()), classes);
        assert_eq!(kind(&["1", "2"], None), Ok(Kind::Integers));
        assert_eq!(kind(&["1", "2.5"], None), Ok(Kind::Floats));
        assert_eq!(kind(&["1", "99999999999999999999"], None), Ok(Kind::Integers));
        assert_eq!(kind(&["dog"], Some(&classes)), Ok(Kind::Classes(Arc::clone(&classes))));
        assert_eq!(kind(&["7"], Some(&classes)), Ok(Kind::Classes(Arc::clone(&classes))));
        assert_eq!(kind(&["1"], Some(&classes)), Ok(Kind::Integers));
        assert!(kind(&["dog"], None).unwrap_err().contains("`--classes`"));
    }
}
