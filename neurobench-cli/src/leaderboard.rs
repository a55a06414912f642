//! The row of a run in the leaderboard of its task, above the published rows.

use comfy_table::CellAlignment;
use neurobench_core::report::Results;
use neurobench_core::spec::{Column, TaskSpec};

use crate::table;

/// Formats the leaderboard of a task; empty if it has none.
pub(crate) fn leaderboard(task: &TaskSpec, results: &Results) -> String {
    if task.leaderboard.is_empty() {
        return String::new();
    }
    let head = |column: &Column| match column.unit.as_deref().or_else(|| unit(column, results)) {
        Some(unit) => format!("{} [{unit}]", column.name),
        None => column.name.clone(),
    };
    let mut table = table::plain(["leaderboard".to_owned()].into_iter().chain(task.leaderboard.iter().map(head)));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let own =
        task.row(results).into_iter().map(|value| value.map_or_else(|_| "–".to_owned(), |value| value.to_short_text()));
    table.add_row(["this run".to_owned()].into_iter().chain(own));
    for published in &task.published {
        let values = published.values.iter().map(|value| value.to_short_text());
        table.add_row([format!("{} (published)", published.model)].into_iter().chain(values));
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
