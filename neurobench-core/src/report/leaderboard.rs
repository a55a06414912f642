//! The row of a run in the leaderboard of a task, beside published rows.

use serde::{Deserialize, Serialize};

use crate::report::export::{Head, Table};
use crate::value::Value;

/// The leaderboard of a task with the row of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Leaderboard {
    /// Columns, in the order of the task.
    pub columns: Vec<LeaderboardColumn>,
    /// Published rows.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub published: Vec<LeaderboardRow>,
}

/// A column of a leaderboard with the value of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeaderboardColumn {
    /// Head of the column.
    pub name: String,
    /// Unit of the values.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// Value of the run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Value>,
    /// The reason why there is no value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Published values of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeaderboardRow {
    /// Name of the model.
    pub model: String,
    /// Values in the order of the columns; text where a value was not published as a number.
    pub values: Vec<Value>,
}

impl Leaderboard {
    /// A leaderboard with these columns and published rows.
    #[must_use]
    pub fn new(columns: Vec<LeaderboardColumn>, published: Vec<LeaderboardRow>) -> Self {
        Self { columns, published }
    }

    /// Returns the leaderboard as a table: a row for each run, then one for each published model. All runs must be of the same task.
    #[must_use]
    pub fn table<'l>(runs: impl IntoIterator<Item = (&'l str, &'l Self)>) -> Table {
        let mut runs = runs.into_iter().peekable();
        let Some((_, first)) = runs.peek().copied() else { return Table::default() };
        let head = |column: &LeaderboardColumn| match &column.unit {
            Some(unit) => Head::number(format!("{} ({unit})", column.name)),
            None => Head::number(column.name.clone()),
        };
        let mut table = Table::new(std::iter::once(Head::text("model")).chain(first.columns.iter().map(head)));
        for (name, leaderboard) in runs {
            let values = leaderboard.columns.iter().map(|column| column.value.clone().unwrap_or(Value::Null));
            table.push(std::iter::once(Value::Text(name.to_owned())).chain(values));
        }
        for row in &first.published {
            let values = (0..first.columns.len()).map(|at| row.values.get(at).cloned().unwrap_or(Value::Null));
            table.push(std::iter::once(Value::Text(format!("{} (published)", row.model))).chain(values));
        }
        table
    }
}

impl LeaderboardColumn {
    /// A column with the value of a run, or the reason why there is none.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: Option<String>, value: Result<Value, String>) -> Self {
        let (value, reason) = match value {
            Ok(value) => (Some(value), None),
            Err(reason) => (None, Some(reason)),
        };
        Self { name: name.into(), unit, value, reason }
    }
}

impl LeaderboardRow {
    /// The published values of a model.
    #[must_use]
    pub fn new(model: impl Into<String>, values: Vec<Value>) -> Self {
        Self { model: model.into(), values }
    }
}
