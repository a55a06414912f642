//! The values of a run in the leaderboard of its task, beside the published ones.

use comfy_table::CellAlignment;
use neurobench_core::report::Results;
use neurobench_core::value::Value;

use crate::table;

/// Formats the leaderboard of a run, with a row for each of its columns; empty if there is none.
pub(crate) fn text(results: &Results) -> String {
    let Some(leaderboard) = &results.leaderboard else { return String::new() };
    let runs = ["this run".to_owned()].into_iter();
    let runs = runs.chain(leaderboard.published.iter().map(|published| format!("{}, published", published.model)));
    let mut table = table::plain(["leaderboard", "unit"].map(str::to_owned).into_iter().chain(runs));
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = |value: Option<&Value>| value.map_or_else(|| "–".to_owned(), Value::to_short_text);
    for (index, column) in leaderboard.columns.iter().enumerate() {
        let unit = column.unit.clone().unwrap_or_default();
        let published = leaderboard.published.iter().map(|published| text(published.values.get(index)));
        let values = [text(column.value.as_ref())].into_iter().chain(published);
        table.add_row([column.name.clone(), unit].into_iter().chain(values));
    }
    format!("{table}\n")
}
