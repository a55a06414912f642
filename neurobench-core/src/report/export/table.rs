//! Tables of values, which every format can write.

use crate::value::Value;

/// A table of values.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// Text above the table.
    pub title: Option<String>,
    /// Heads of the columns.
    pub heads: Vec<Head>,
    /// Cells, row by row; [`Value::Null`] for an empty cell.
    pub rows: Vec<Vec<Value>>,
    /// Lines below the table, for formats that have text around tables.
    pub notes: Vec<String>,
}

/// Head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// Name of the column.
    pub name: String,
    /// True for a column of numbers, which are aligned to the right.
    pub is_number: bool,
}

impl Head {
    /// A column of text.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: true }
    }
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(heads: impl IntoIterator<Item = Head>) -> Self {
        Self { heads: heads.into_iter().collect(), ..Self::default() }
    }

    /// Sets the text above the table.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds a row.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Value>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// Text of a cell for people: numbers are rounded, an empty cell is empty.
#[must_use]
pub fn cell_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => value.to_short_text(),
    }
}
