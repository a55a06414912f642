//! Columns of tables and their roles.

use std::collections::BTreeSet;

use neurobench_core::names;
use serde::{Deserialize, Serialize};

/// Name or zero-based index of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// Zero-based index.
    Index(usize),
    /// Name in the header.
    Name(String),
}

/// Columns of a table and their roles.
#[derive(Debug)]
pub(super) struct Columns {
    /// Names; empty if the table has none.
    names: Vec<String>,
    pub(super) count: usize,
    pub(super) inputs: Vec<usize>,
    pub(super) target: usize,
}

impl Columns {
    /// Finds the columns of the settings. `names` is empty if the table has no names.
    pub(super) fn new(
        names: Vec<String>,
        count: usize,
        target: Option<&Column>,
        ignore: &[Column],
    ) -> Result<Self, String> {
        let mut columns = Self { names, count, inputs: Vec::new(), target: 0 };
        columns.target = target.map_or(Ok(count.saturating_sub(1)), |target| columns.find(target))?;
        let ignored = ignore.iter().map(|column| columns.find(column)).collect::<Result<BTreeSet<_>, _>>()?;
        if ignored.contains(&columns.target) {
            return Err(format!("column {} is the target and cannot be ignored", columns.name(columns.target)));
        }
        let is_input = |column: &usize| *column != columns.target && !ignored.contains(column);
        columns.inputs = (0..count).filter(is_input).collect();
        match columns.inputs.is_empty() {
            true => Err("there is no column of inputs besides the target".to_owned()),
            false => Ok(columns),
        }
    }

    fn find(&self, column: &Column) -> Result<usize, String> {
        match column {
            Column::Index(index) if *index < self.count => Ok(*index),
            Column::Index(index) => Err(format!("no column {index}: there are {} columns, from 0 on", self.count)),
            Column::Name(_) if self.names.is_empty() => {
                Err("columns without a header have no names; give an index".to_owned())
            }
            Column::Name(name) if self.names.iter().filter(|known| *known == name).count() > 1 => {
                Err(format!("several columns are called `{name}`; give an index"))
            }
            Column::Name(name) => self.names.iter().position(|known| known == name).ok_or_else(|| {
                let hint = names::did_you_mean(name, self.names.iter().map(String::as_str));
                format!("no column `{name}`; the columns are {}{hint}", names::listed(&self.names))
            }),
        }
    }

    /// Name of a column for messages.
    pub(super) fn name(&self, column: usize) -> String {
        self.names.get(column).map_or_else(|| column.to_string(), |name| format!("`{name}`"))
    }

    /// Finds the class of a text of the target.
    pub(super) fn class(&self, text: &str, classes: &[String]) -> Result<i64, String> {
        let class = classes.iter().position(|class| class == text);
        class.map(|class| class as i64).ok_or_else(|| {
            let hint = names::did_you_mean(text, classes.iter().map(String::as_str));
            format!("column {}: {text:?} is not a class{hint}", self.name(self.target))
        })
    }
}
