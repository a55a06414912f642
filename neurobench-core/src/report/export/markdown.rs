//! Results as a table in Markdown.

use std::fmt::Write;

use crate::exporter;
use crate::names::shown;
use crate::report::export::{ExportError, Exporter, NamedRun, Table, cell_text, measured, runs_table};
use crate::report::{Leaderboard, Measurements, MetricResult, Results};
use crate::value::Value;

/// Writes results as a table in Markdown: value, unit, better direction and status of every metric, or one row for each of
/// several runs, and below it why a metric has no value, notes, the leaderboard of a task and a table of each measurement. Numbers are rounded; JSON
/// has all digits.
#[exporter(alias = "md")]
pub fn markdown() -> impl Exporter {
    MarkdownExporter
}

struct MarkdownExporter;

impl Exporter for MarkdownExporter {
    fn extension(&self) -> &'static str {
        "md"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        let mut page = String::new();
        if let Some(benchmark) = &results.benchmark {
            writeln!(page, "# {}\n", cell(benchmark))?;
        }
        let measured = results.measurements.as_ref();
        if let Some(measured) = measured.filter(|_| results.metrics.is_empty()) {
            write_measurements(&mut page, measured)?;
            return Ok(page.into_bytes());
        }
        let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let samples = counted(results.samples, "sample", "samples");
        writeln!(page, "{samples} in {}.\n", counted(results.batches, "batch", "batches"))?;
        writeln!(page, "| metric | value | unit | better | status |\n|---|---:|---|---|---|")?;
        for row in results.metrics.iter().flat_map(MetricResult::rows) {
            let (value, unit) = (cell(&row.value), cell(&row.unit));
            let (better, status) = (row.better, row.status);
            writeln!(page, "| {} | {value} | {unit} | {better} | {status} |", cell(&row.name()))?;
        }
        let notes = results.notes.iter().map(|note| format!("* note: {}", cell(note)));
        let reasons: Vec<String> = results.metrics.iter().flat_map(reasons).chain(notes).collect();
        if !reasons.is_empty() {
            writeln!(page, "\n{}", reasons.join("\n"))?;
        }
        if let Some(leaderboard) = &results.leaderboard {
            page.push('\n');
            write_table(&mut page, &Leaderboard::table([("this run", leaderboard)]))?;
        }
        if let Some(measured) = measured {
            page.push('\n');
            write_measurements(&mut page, measured)?;
        }
        Ok(page.into_bytes())
    }

    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        match runs {
            [only] => self.export(only.results),
            runs => self.export_table(&runs_table(runs)),
        }
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let mut page = String::new();
        if let Some(title) = &table.title {
            writeln!(page, "# {}\n", cell(title))?;
        }
        write_table(&mut page, table)?;
        write_notes(&mut page, table)?;
        Ok(page.into_bytes())
    }
}

/// Writes a section for each configuration, and a line about the machine.
fn write_measurements(page: &mut String, measurements: &Measurements) -> std::fmt::Result {
    for table in measured::tables(measurements) {
        writeln!(page, "## {}\n", cell(table.title.as_deref().unwrap_or_default()))?;
        write_table(page, &table)?;
        write_notes(page, &table)?;
        page.push('\n');
    }
    writeln!(page, "{}", cell(&measured::host(measurements)))
}

fn write_notes(page: &mut String, table: &Table) -> std::fmt::Result {
    if table.notes.is_empty() {
        return Ok(());
    }
    let notes: Vec<String> = table.notes.iter().map(|note| format!("* {}", cell(note))).collect();
    writeln!(page, "\n{}", notes.join("\n"))
}

fn write_table(page: &mut String, table: &Table) -> std::fmt::Result {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(page, "{}", row(table.heads.iter().map(|head| cell(&head.name)).collect()))?;
    let rules: String = table.heads.iter().map(|head| if head.is_number { "---:|" } else { "---|" }).collect();
    writeln!(page, "|{rules}")?;
    for cells in &table.rows {
        writeln!(page, "{}", row(cells.iter().map(|value| cell(&cell_text(value))).collect()))?;
    }
    Ok(())
}

/// Reasons why the metric, or parts of its value, have no value.
fn reasons(metric: &MetricResult) -> Vec<String> {
    let reason = |path: &[String], why: &str| format!("* {}: {}", name(metric, path), cell(why));
    let undefined = metric.value.as_ref().map(Value::undefined).unwrap_or_default();
    let parts = undefined.iter().map(|(path, why)| reason(path, why));
    metric.error.iter().map(|why| reason(&[], why)).chain(parts).collect()
}

/// Names of the metric, and the place within its value.
fn name(metric: &MetricResult, path: &[String]) -> String {
    let names: Vec<String> = metric.names().map(|name| cell(name)).collect();
    path.iter().fold(names.join(" = "), |name, key| name + " · " + &cell(key))
}

/// Text that stays within its cell, and in which Markdown sees no markup.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for letter in shown(text).chars() {
        if matches!(letter, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#') {
            cell.push('\\');
        }
        cell.push(letter);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::metric;

    #[test]
    fn a_table_has_a_row_for_each_number_and_reasons_below() {
        let results: Results = serde_json::from_value(serde_json::json!({
            "schema": 2, "benchmark": "digits", "library": "neurobench", "model": null, "data": null, "samples": 1,
            "batches": 2, "batch_size": null, "preprocessors": [], "postprocessors": [],
            "timing": { "workers": 1, "total_seconds": 0.0, "forward_seconds": 0.0 },
            "metrics": [
                metric("accuracy", serde_json::json!({ "value": 0.75, "higher_is_better": true, "unit": "a|b" })),
                metric("by_class", serde_json::json!({
                    "value": { "0": 2, "1": { "undefined": "no samples" } }, "status": "partial",
                })),
                metric("broken", serde_json::json!({ "error": "failed in batch 0", "status": "failed" })),
            ],
        }))
        .unwrap();
        let page = String::from_utf8(MarkdownExporter.export(&results).unwrap()).unwrap();
        let expected = "# digits\n\n1 sample in 2 batches.\n\n\
            | metric | value | unit | better | status |\n|---|---:|---|---|---|\n\
            | accuracy | 0.75 | a\\|b | higher | ok |\n\
            | by\\_class · 0 | 2 |  |  | ok |\n\
            | by\\_class · 1 | – |  |  | undefined |\n\
            | broken | – |  |  | failed |\n\n\
            * by\\_class · 1: no samples\n\
            * broken: failed in batch 0\n";
        assert_eq!(page, expected);
    }
}
