//! Results and metrics as tables of text.

use std::fmt::Write;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use crate::cli::print::{escaped, lines};
use crate::metric::Value;
use crate::report::{FieldResult, MetricResult, Results, Status};

/// An empty table. Long texts wrap.
pub(super) fn plain<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(head);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width());
    table
}

/// Leaves these columns whole as long as each has so many percent of the line: what is told of something may wrap, what it is
/// called should not.
pub(super) fn keep_whole<const N: usize>(table: &mut Table, columns: [(usize, u32); N]) {
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

/// Letters in a line of a table: as many as the terminal has, or as a page has where there is none.
fn width() -> u16 {
    const PAGE: u16 = 100;
    // A table within a few letters is no table; lines that are too long are the lesser evil.
    const LEAST: u16 = 40;
    console::Term::stdout().size_checked().map_or(PAGE, |(_, columns)| columns.max(LEAST))
}

/// A run's results.
pub(super) fn results(results: &Results) -> String {
    let mut table = plain(["metric", "value", "unit", "better", "status"]);
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for metric in &results.metrics {
        for row in rows(metric) {
            table.add_row(row);
        }
    }
    keep_whole(&mut table, [(0, 37), (1, 18), (2, 23), (3, 10), (4, 12)]);
    let mut text = String::new();
    let benchmark = results.benchmark.as_deref().unwrap_or("benchmark");
    let timing = &results.timing;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{benchmark}: {} samples in {} batches, {:.3} s on {} worker{}",
        results.samples,
        results.batches,
        timing.total_seconds,
        timing.workers,
        if timing.workers == 1 { "" } else { "s" }
    );
    let _ = writeln!(text, "{table}");
    // A reason is a sentence, and would take a table's other columns their room.
    for metric in &results.metrics {
        if let Some(why) = &metric.error {
            let _ = writeln!(text, "{}: {}", name(metric), lines(why));
        }
    }
    text
}

/// One row for a number, one for each entry of a record or a map.
fn rows(metric: &MetricResult) -> Vec<[String; 5]> {
    let Some(value) = &metric.value else {
        let unit = metric.unit.clone().unwrap_or_default();
        let better = direction(metric.higher_is_better);
        return vec![[name(metric), "–".to_owned(), unit, better, status(metric).to_owned()]];
    };
    let mut leaves = Vec::new();
    flatten(&name(metric), value, None, &metric.fields, &mut leaves);
    let row = |(name, value, field): (String, String, Option<&FieldResult>)| {
        let unit = field.and_then(|field| field.unit.clone()).or_else(|| metric.unit.clone()).unwrap_or_default();
        let better = field.and_then(|field| field.higher_is_better).or(metric.higher_is_better);
        [name, value, unit, direction(better), "ok".to_owned()]
    };
    leaves.into_iter().map(row).collect()
}

fn status(metric: &MetricResult) -> &'static str {
    match metric.status {
        Status::Ok => "ok",
        Status::Undefined => "undefined",
        Status::Failed => "failed",
    }
}

/// Every name under which it was asked for.
fn name(metric: &MetricResult) -> String {
    let mut name = metric.name.clone();
    for also in &metric.also {
        let _ = write!(name, " = {also}");
    }
    name
}

fn direction(higher_is_better: Option<bool>) -> String {
    match higher_is_better {
        Some(true) => "higher".to_owned(),
        Some(false) => "lower".to_owned(),
        None => String::new(),
    }
}

/// Records and maps become a leaf for each entry, named by its path.
fn flatten<'f>(
    name: &str,
    value: &Value,
    field: Option<&'f FieldResult>,
    fields: &'f [FieldResult],
    leaves: &mut Vec<(String, String, Option<&'f FieldResult>)>,
) {
    if let Value::Map(entries) = value {
        for (key, entry) in entries {
            let own = fields.iter().find(|field| field.name == *key).or(field);
            // It may be the path of a layer, which comes from a file.
            flatten(&format!("{name} · {}", escaped(key)), entry, own, fields, leaves);
        }
    } else {
        leaves.push((name.to_owned(), number(value), field));
    }
}

/// A number, to six places after the point; the file of results has all of them. A long list by its length.
fn number(value: &Value) -> String {
    match value {
        Value::List(items) if items.len() > 8 => format!("[{} values]", items.len()),
        Value::Float(float) if *float != 0.0 && !(1e-3..1e12).contains(&float.abs()) => format!("{float:.6e}"),
        Value::Float(float) => {
            let text = format!("{float:.6}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string(),
    }
}
