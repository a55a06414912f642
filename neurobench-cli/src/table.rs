//! Results and metrics as tables of text.

use std::fmt::Write;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use crate::print::lines;
use neurobench_core::names::shown;
use neurobench_core::report::{MetricResult, Results, Status};
use neurobench_core::value::Value;

/// An empty table. Long texts wrap.
pub(crate) fn plain<S: AsRef<str>>(head: impl IntoIterator<Item = S>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(head.into_iter().map(|name| name.as_ref().to_owned()));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width());
    table
}

/// Keeps these columns from wrapping up to a percentage of the line: descriptions may wrap, names should not.
pub(crate) fn keep_whole<const N: usize>(table: &mut Table, columns: [(usize, u32); N]) {
    let padding = 2;
    let longest = table.column_max_content_widths();
    for (index, percent) in columns {
        let letters = longest.get(index).map_or(0, |letters| letters.saturating_add(padding));
        if let Some(column) = table.column_mut(index) {
            let most = u16::try_from(u32::from(width()) * percent / 100).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(letters.min(most))));
        }
    }
}

/// Lets no cell break, nor a word of the head, whatever the width.
pub(crate) fn keep_cells_whole(table: &mut Table) {
    let padding = 2;
    let words = table
        .header()
        .into_iter()
        .flat_map(comfy_table::Row::cell_iter)
        .map(|cell| cell.content().split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0));
    let mut longest: Vec<usize> = words.collect();
    for row in table.row_iter() {
        for (longest, cell) in longest.iter_mut().zip(row.cell_iter()) {
            *longest = (*longest).max(cell.content().chars().count());
        }
    }
    for (column, longest) in table.column_iter_mut().zip(longest) {
        let letters = u16::try_from(longest + padding).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(letters)));
    }
}

/// Letters in a line of a table: as many as the terminal has, or as a page has where there is none.
fn width() -> u16 {
    const PAGE: u16 = 100;
    // A table within a few letters is no table; lines that are too long are the lesser evil.
    const LEAST: u16 = 40;
    console::Term::stdout().size_checked().map_or(PAGE, |(_, columns)| columns.max(LEAST))
}

/// A run's results.
pub(crate) fn results(results: &Results) -> String {
    let mut head = vec!["metric".to_owned(), "value".to_owned()];
    if let Some(intervals) = &results.intervals {
        head.push(interval_head(intervals.level));
    }
    head.extend(["unit", "better", "status"].map(str::to_owned));
    let mut table = plain(&head);
    for column in table.column_iter_mut().skip(1).take(head.len() - 4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for metric in &results.metrics {
        for Row { name, value, interval, unit, better, status } in rows(metric) {
            let interval = results.intervals.map(|_| interval);
            table.add_row([name, value].into_iter().chain(interval).chain([unit, better, status]));
        }
    }
    if !console::Term::stdout().is_term() {
        // Others read it: names must be found again.
        keep_cells_whole(&mut table);
    } else if results.intervals.is_some() {
        keep_whole(&mut table, [(0, 27), (1, 15), (2, 24), (3, 16), (4, 9), (5, 9)]);
    } else {
        keep_whole(&mut table, [(0, 37), (1, 18), (2, 23), (3, 10), (4, 12)]);
    }
    let mut text = String::new();
    let benchmark = results.benchmark.as_deref().unwrap_or("benchmark");
    let timing = &results.timing;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{benchmark}: {} in {}, {:.3} s on {}",
        number_of(results.samples, "sample"),
        if results.batches == 1 { "1 batch".to_owned() } else { format!("{} batches", results.batches) },
        timing.total_seconds,
        number_of(timing.workers as u64, "worker"),
    );
    let _ = writeln!(text, "{table}");
    // A reason is a sentence, and would take a table's other columns their room.
    for metric in &results.metrics {
        if let Some(why) = &metric.error {
            let _ = writeln!(text, "{}: {}", name_of(metric), lines(why));
        }
        text += &undefined(metric);
    }
    text += &reasons("no interval of", results, |metric| metric.no_interval.as_deref());
    text += &reasons("no values of single samples of", results, |metric| metric.no_samples.as_deref());
    text
}

/// What of a value is undefined, and why.
fn undefined(metric: &MetricResult) -> String {
    // Of a thousand classes nobody reads a thousand lines.
    const TOLD: usize = 5;
    let found = metric.value.as_ref().map(Value::undefined).unwrap_or_default();
    let mut text = String::new();
    for (path, why) in found.iter().take(TOLD) {
        let _ = writeln!(text, "{}: undefined: {}", name_within(metric, path), lines(why));
    }
    if let Some(more @ 1..) = found.len().checked_sub(TOLD) {
        let _ = writeln!(text, "{}: {more} more are undefined; the results say why", name_of(metric));
    }
    text
}

/// `1 sample`, `2 samples`.
fn number_of(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What metrics lack, and why: those with the same reason on one line.
fn reasons(lack: &str, results: &Results, why: impl Fn(&MetricResult) -> Option<&str>) -> String {
    let mut by_reason: Vec<(&str, String)> = Vec::new();
    for metric in &results.metrics {
        let Some(why) = why(metric) else { continue };
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => {
                let _ = write!(names, ", {}", metric.name);
            }
            None => by_reason.push((why, metric.name.clone())),
        }
    }
    by_reason.into_iter().fold(String::new(), |text, (why, names)| text + &format!("{lack} {names}: {}\n", lines(why)))
}

/// The head of a column of intervals: `95 % interval`.
pub(crate) fn interval_head(level: f64) -> String {
    format!("{} % interval", Value::Float(level * 100.0).to_short_text())
}

/// An interval as text.
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("{} – {}", Value::Float(low).to_short_text(), Value::Float(high).to_short_text())
}

/// One line of results.
struct Row {
    name: String,
    value: String,
    interval: String,
    unit: String,
    better: String,
    status: String,
}

/// One row for a number, one for each entry of a record or a map.
fn rows(metric: &MetricResult) -> Vec<Row> {
    let Some(value) = &metric.value else {
        return vec![Row {
            name: name_of(metric),
            value: "–".to_owned(),
            interval: String::new(),
            unit: metric.unit.clone().unwrap_or_default(),
            better: direction(metric.higher_is_better),
            status: status(metric).to_owned(),
        }];
    };
    let row = |(path, value): (Vec<&str>, &Value)| Row {
        name: name_within(metric, &path),
        value: value.to_short_text(),
        interval: intervals_at(metric, &path),
        unit: metric.unit_at(&path).unwrap_or_default().to_owned(),
        better: direction(metric.higher_is_better_at(&path)),
        status: status_of(value).to_owned(),
    };
    value.leaves().into_iter().map(row).collect()
}

/// The interval of a number; of a list those of its items, or how many there are.
fn intervals_at(metric: &MetricResult, path: &[&str]) -> String {
    if let Some(found) = metric.intervals.iter().find(|interval| interval.path == path) {
        return interval(found.low, found.high);
    }
    let is_item = |item: &[String]| item.len() == path.len() + 1 && item[..path.len()] == *path;
    let items: Vec<_> = metric.intervals.iter().filter(|interval| is_item(&interval.path)).collect();
    match items.len() {
        0 => String::new(),
        many if many > 8 => format!("[{many} intervals]"),
        _ => format!("[{}]", items.iter().map(|item| interval(item.low, item.high)).collect::<Vec<_>>().join(", ")),
    }
}

fn status(metric: &MetricResult) -> &'static str {
    match metric.status {
        Status::Ok => "ok",
        Status::Partial => "partial",
        Status::Undefined => "undefined",
        Status::Failed => "failed",
    }
}

/// The status of a part of a value.
fn status_of(value: &Value) -> &'static str {
    match value {
        Value::Undefined(_) => "undefined",
        value if value.undefined().is_empty() => "ok",
        _ => "partial",
    }
}

/// Every name under which it was asked for, and where it is in the value.
fn name_within<S: AsRef<str>>(metric: &MetricResult, path: &[S]) -> String {
    path.iter().fold(name_of(metric), |mut name, key| {
        // It may be the path of a layer, which comes from a file.
        let _ = write!(name, " · {}", shown(key.as_ref()));
        name
    })
}

/// Every name under which it was asked for.
fn name_of(metric: &MetricResult) -> String {
    let mut name = shown(&metric.name);
    for also in &metric.also {
        let _ = write!(name, " = {}", shown(also));
    }
    name
}

pub(crate) fn direction(higher_is_better: Option<bool>) -> String {
    match higher_is_better {
        Some(true) => "higher".to_owned(),
        Some(false) => "lower".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_list_show_their_intervals_in_its_row() {
        let item = |at: u32| serde_json::json!({"path": [at.to_string()], "low": 0.25, "high": 0.5, "kind": "bca"});
        let shown = |items: u32| {
            let metric = serde_json::from_value(serde_json::json!({
                "name": "by_class", "metric": "m::by_class", "version": 1, "kind": "accumulated", "settings": {},
                "status": "ok", "value": vec![0.375; items as usize],
                "intervals": (0..items).map(item).collect::<Vec<_>>(),
            }));
            metric
                .map(|metric| rows(&metric).into_iter().map(|row| row.interval).collect::<Vec<_>>())
                .unwrap_or_default()
        };
        assert_eq!(shown(2), ["[0.25 – 0.5, 0.25 – 0.5]"]);
        assert_eq!(shown(9), ["[9 intervals]"]);
        assert_eq!(shown(0), [""]);
    }
}
