//! The task of a benchmark file: its data, its leaderboard and published results.

use serde::{Deserialize, Serialize};

use crate::report::{Leaderboard, LeaderboardColumn, LeaderboardRow, Results};
use crate::value::Value;

/// The table `[task]`: a benchmark that others have published results for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskSpec {
    /// Version of the task, raised when its results change.
    pub version: u32,
    /// Description in one sentence.
    pub summary: String,
    /// Source of the definition.
    #[serde(default)]
    pub source: Option<String>,
    /// Data that the task needs; none if it computes them.
    #[serde(default)]
    pub data: Option<TaskData>,
    /// Weights that the task needs; none if it contains or computes them.
    #[serde(default)]
    pub weights: Option<TaskData>,
    /// Columns of the leaderboard.
    #[serde(default)]
    pub leaderboard: Vec<Column>,
    /// Values of the task's own model that do not depend on data or weights that the project cannot have, in the order of the
    /// columns; text for the others. Empty if there are none.
    #[serde(default)]
    pub reproduced: Vec<Value>,
    /// Published results.
    #[serde(default)]
    pub published: Vec<Published>,
    /// Differences from the published task, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Data or weights that are published elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskData {
    /// Name.
    pub name: String,
    /// Page that publishes it.
    pub url: String,
    /// License.
    pub license: String,
    /// Setting of the data set that names its folder or file.
    #[serde(default = "folder")]
    pub setting: String,
}

fn folder() -> String {
    "folder".to_owned()
}

/// Column of a leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Column {
    /// Head of the column.
    pub name: String,
    /// Path of the value in the results: a metric, or a metric and a part of its value, joined by a dot.
    pub value: String,
    /// Group of sequences over which the value is the mean; by default it is that of the whole data set.
    #[serde(default)]
    pub group: Option<String>,
    /// Unit; by default that of the metric.
    #[serde(default)]
    pub unit: Option<String>,
}

impl Column {
    /// Unit of the metric or of the part of its value.
    fn unit_of_metric<'r>(&self, results: &'r Results) -> Option<&'r str> {
        let mut path = self.value.split('.');
        let name = path.next()?;
        let metric = results.metrics.iter().find(|metric| metric.name == name)?;
        metric.unit_at(&path.collect::<Vec<_>>())
    }
}

/// Published results of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Published {
    /// Name of the model.
    pub model: String,
    /// Values in the order of the columns; text where a value was not published as a number.
    pub values: Vec<Value>,
}

impl TaskSpec {
    /// Returns the row of the results in the leaderboard: a value for each column, or the reason why there is none.
    #[must_use]
    pub fn row(&self, results: &Results) -> Vec<Result<Value, String>> {
        let value = |column: &Column| match &column.group {
            None => results.get(&column.value).cloned().map_err(|error| error.to_string()),
            Some(name) => {
                let group = results.groups.iter().find(|group| group.name == *name);
                let mean = group.and_then(|group| group.means.iter().find(|mean| mean.metric == column.value));
                let missing = || format!("no mean of `{}` over the group `{name}`", column.value);
                mean.map(|mean| Value::Float(mean.mean)).ok_or_else(missing)
            }
        };
        self.leaderboard.iter().map(value).collect()
    }

    /// Returns the leaderboard with the row of the results; `None` if the task has no leaderboard.
    #[must_use]
    pub fn leaderboard(&self, results: &Results) -> Option<Leaderboard> {
        if self.leaderboard.is_empty() {
            return None;
        }
        let column = |(column, value): (&Column, Result<Value, String>)| {
            let unit = column.unit.as_deref().or_else(|| column.unit_of_metric(results)).map(str::to_owned);
            LeaderboardColumn::new(column.name.clone(), unit, value)
        };
        let columns = self.leaderboard.iter().zip(self.row(results)).map(column).collect();
        let row = |published: &Published| LeaderboardRow::new(published.model.clone(), published.values.clone());
        Some(Leaderboard::new(columns, self.published.iter().map(row).collect()))
    }
}
