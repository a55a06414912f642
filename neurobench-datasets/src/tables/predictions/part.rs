//! Predictions or targets: columns of a table, or an array.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayD, ArrayRefD, Axis, Dimension as _};
use neurobench_core::data::{DataError, Rows, open_rows};
use neurobench_core::model::Tensor;
use neurobench_core::names::{listed, shown};

use super::table::{Kind, RowError, Table, Wanted, beside, column_name};
use crate::recordings::damaged;

/// Source of predictions or targets.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Columns(Columns),
    Array(Array),
}

/// Columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) table: Arc<dyn Table>,
    pub(super) wanted: Vec<Wanted>,
}

/// An array, or some of its columns.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) path: PathBuf,
    /// Name of the array in a file of several.
    pub(super) name: Option<String>,
    pub(super) rows: Arc<dyn Rows>,
    /// Columns to read; all of the array if there are none.
    pub(super) columns: Vec<usize>,
}

impl Part {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Columns(columns) => columns.table.rows(),
            Self::Array(array) => array.rows.shape().first().copied().unwrap_or(0),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Columns(columns) => columns.table.path(),
            Self::Array(array) => &array.path,
        }
    }

    /// Name for messages.
    pub(super) fn name(&self) -> String {
        let file = format!("`{}`", self.path().display());
        let columns = |names: Vec<String>| match names.as_slice() {
            [] => file.clone(),
            [one] => format!("column {one} of {file}"),
            several => format!("columns {} of {file}", listed(several)),
        };
        match self {
            Self::Columns(Columns { table, wanted }) => {
                columns(wanted.iter().map(|wanted| column_name(table.names(), wanted.column)).collect())
            }
            Self::Array(Array { name: Some(name), columns: none, .. }) if none.is_empty() => {
                format!("array `{}` of {file}", shown(name))
            }
            Self::Array(array) => columns(array.columns.iter().map(usize::to_string).collect()),
        }
    }

    /// Names a row that exists, for messages.
    pub(super) fn place(&self, row: usize) -> String {
        match self {
            Self::Columns(columns) => columns.table.place(row),
            Self::Array(_) => format!("row {row}"),
        }
    }

    /// Names a number of a row that exists, for messages, or the whole row if it has several numbers and `column` is `None`.
    pub(super) fn number(&self, row: usize, column: Option<usize>) -> String {
        let (place, file) = (self.place(row), self.path().display());
        match self {
            Self::Columns(Columns { table, wanted }) => {
                let name = |wanted: &Wanted| column_name(table.names(), wanted.column);
                // The numbers of a list are in one column.
                match (wanted.as_slice(), column.and_then(|column| wanted.get(column))) {
                    ([one], _) | (_, Some(one)) => format!("{place}, column {} of `{file}`", name(one)),
                    (several, None) => format!("{place}, columns {} of `{file}`", listed(several.iter().map(name))),
                }
            }
            Self::Array(array) => {
                let within: Vec<usize> = column.into_iter().collect();
                let (place, name) = (place + &array.column(&within), &array.name);
                let name = name.as_ref().map_or_else(String::new, |name| format!("array `{}` of ", shown(name)));
                format!("{place} of {name}`{file}`")
            }
        }
    }

    /// Names of the classes, if texts stand for them.
    pub(super) fn classes(&self) -> Option<&[String]> {
        let Self::Columns(columns) = self else { return None };
        columns.wanted.iter().find_map(|wanted| match &wanted.kind {
            Kind::Classes(classes) => Some(&**classes),
            Kind::Integers | Kind::Floats => None,
        })
    }

    pub(super) fn read(&self, rows: &Range<usize>) -> Result<Tensor, RowError> {
        match self {
            Self::Columns(columns) => {
                let read = columns.table.read(rows.clone(), &columns.wanted)?;
                combined(read, rows)
            }
            Self::Array(array) => array.read(rows),
        }
    }
}

/// One column as it is, or several side by side.
pub(super) fn combined(mut columns: Vec<Tensor>, rows: &Range<usize>) -> Result<Tensor, RowError> {
    match columns.len() {
        1 => Ok(columns.remove(0)),
        _ => beside(&columns, rows.len()).map_err(|error| RowError::new(rows.start, error)),
    }
}

impl Array {
    /// Opens an array, or some columns `[row]` of it.
    pub(super) fn open(path: &Path, written: &[String]) -> Result<Self, DataError> {
        let refused = |problem: String| damaged(path, problem);
        // The name in a file of several arrays; in a file of one, columns have indices.
        let (rows, name, columns) = match written {
            [] => (open_rows(path, None), None, &written[..0]),
            [name] if name.parse::<usize>().is_err() => {
                (open_rows(path, Some(name)), Some(name.clone()), &written[..0])
            }
            columns => (open_rows(path, None), None, columns),
        };
        let rows: Arc<dyn Rows> = rows?.into();
        let Some(count) = rows.shape().first() else {
            return Err(refused("a single number without rows".to_owned()));
        };
        if *count == 0 {
            return Err(refused(format!("the array has no rows: its shape is {:?}", rows.shape())));
        }
        let mut indices = Vec::with_capacity(columns.len());
        for column in columns {
            let &[_, width] = rows.shape() else {
                return Err(refused(format!(
                    "column {column} of an array of shape {:?}: only an array [row, column] has \
                                            columns",
                    rows.shape()
                )));
            };
            match column.parse() {
                Ok(index) if index < width => indices.push(index),
                Ok(index) => return Err(refused(format!("no column {index}: there are {width}, from 0 on"))),
                Err(_) => {
                    let column = shown(column);
                    return Err(refused(format!("no column `{column}`: columns of an array have an index, from 0 on")));
                }
            }
        }
        Ok(Self { path: path.to_owned(), name, rows, columns: indices })
    }

    fn read(&self, rows: &Range<usize>) -> Result<Tensor, RowError> {
        let at = |row: usize, error: DataError| RowError::new(row, error);
        let read = self.rows.read(rows.clone()).map_err(|error| at(rows.start, error))?;
        let read = match self.columns.is_empty() {
            true => read,
            false => match &read {
                Tensor::F32(array) => self.selected(array).into(),
                Tensor::F64(array) => self.selected(array).into(),
                Tensor::I64(array) => self.selected(array).into(),
                Tensor::U8(array) => self.selected(array).into(),
            },
        };
        let nan = match &read {
            Tensor::F32(array) => first(array, |number| number.is_nan()),
            Tensor::F64(array) => first(array, |number| number.is_nan()),
            Tensor::I64(_) | Tensor::U8(_) => None,
        };
        match nan {
            None => Ok(read),
            Some((row, within)) => {
                let row = rows.start + row;
                let place = self.column(&within);
                let array = self.name.as_ref().map_or_else(String::new, |name| format!("array `{}`, ", shown(name)));
                let problem =
                    format!("{array}row {row}{place}: found NaN; a missing value has no prediction and no target");
                Err(at(row, damaged(&self.path, problem)))
            }
        }
    }

    /// Names the column of a number for messages, by the index of the number among those that are read of its row.
    fn column(&self, within: &[usize]) -> String {
        match (self.columns.as_slice(), within) {
            ([], []) => String::new(),
            ([], [column]) => format!(", column {column}"),
            ([], index) => format!(", index {index:?}"),
            ([column], _) => format!(", column {column}"),
            (columns, index) => match index.first().and_then(|index| columns.get(*index)) {
                Some(column) => format!(", column {column}"),
                None => format!(", columns {}", listed(columns.iter().map(usize::to_string))),
            },
        }
    }

    /// The columns to read: `[row]` if there is one, `[row, column]` if there are several.
    fn selected<T: Clone>(&self, table: &ArrayRefD<T>) -> ArrayD<T> {
        let columns = table.select(Axis(1), &self.columns);
        match self.columns.len() {
            1 => columns.index_axis_move(Axis(1), 0),
            _ => columns,
        }
    }
}

/// The first number of a kind: its row and its index within the row.
fn first<T>(array: &ArrayRefD<T>, is_wanted: impl Fn(&T) -> bool) -> Option<(usize, Vec<usize>)> {
    // Iterating by index takes many times as long.
    if !array.iter().any(&is_wanted) {
        return None;
    }
    let (place, _) = array.indexed_iter().find(|(_, number)| is_wanted(number))?;
    let place = place.as_array_view().to_vec();
    Some((place[0], place[1..].to_vec()))
}
