//! The values of a run in the leaderboard of its task, beside the published ones.

use comfy_table::CellAlignment;
use neurobench_core::report::Results;
use neurobench_core::spec::{Column, TaskSpec};
use neurobench_core::value::Value;

use crate::table;

/// Formats the leaderboard of a task; empty if it has none.
pub(crate) fn leaderboard(task: &TaskSpec, results: &Results) -> String {
    if task.leaderboard.is_empty() {
        return String::new();
    }
    let runs = ["this run".to_owned()].into_iter();
    let runs = runs.chain(task.published.iter().map(|published| format!("{}, published", published.model)));
    let mut table = table::plain(["leaderboard", "unit"].map(str::to_owned).into_iter().chain(runs));
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = |value: Option<&Value>| value.map_or_else(|| "–".to_owned(), Value::to_short_text);
    for (index, (column, own)) in task.leaderboard.iter().zip(task.row(results)).enumerate() {
        let unit = column.unit.as_deref().or_else(|| unit(column, results)).unwrap_or_default();
        let published = task.published.iter().map(|published| text(published.values.get(index)));
        let values = [text(own.as_ref().ok())].into_iter().chain(published);
        table.add_row([column.name.clone(), unit.to_owned()].into_iter().chain(values));
    }
    format!("{table}\n")
}

/// Unit of the value of a column.
fn unit<'r>(column: &Column, results: &'r Results) -> Option<&'r str> {
    let mut path = column.value.split('.');
    let name = path.next()?;
    let metric = results.metrics.iter().find(|metric| metric.name == name)?;
    metric.unit_at(&path.collect::<Vec<_>>())
}
