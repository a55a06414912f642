//! Results as a table in Markdown.

use std::fmt::Write;

use crate::exporter;
use crate::names::shown;
use crate::report::export::{ExportError, Exporter};
use crate::report::{MetricResult, Results, Status};
use crate::value::Value;

/// Writes results as a table in Markdown: value, unit, better direction and status of every metric, and below it why a metric has
/// no value, and notes. Numbers are rounded; JSON has all digits.
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
        let s = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let samples = s(results.samples, "sample", "samples");
        writeln!(page, "{samples} in {}.\n", s(results.batches, "batch", "batches"))?;
        writeln!(page, "| metric | value | unit | better | status |\n|---|---:|---|---|---|")?;
        for metric in &results.metrics {
            for row in rows(metric) {
                writeln!(page, "| {} |", row.join(" | "))?;
            }
        }
        let notes = results.notes.iter().map(|note| format!("* note: {}", cell(note)));
        let reasons: Vec<String> = results.metrics.iter().flat_map(reasons).chain(notes).collect();
        if !reasons.is_empty() {
            writeln!(page, "\n{}", reasons.join("\n"))?;
        }
        Ok(page.into_bytes())
    }
}

/// One row for a number, one for each entry of a record or a map.
fn rows(metric: &MetricResult) -> Vec<[String; 5]> {
    let row = |path: &[&str], value: &Value, status: Status| {
        let better = metric.higher_is_better_at(path).map_or("", |higher| if higher { "higher" } else { "lower" });
        let unit = metric.unit_at(path).unwrap_or_default();
        [name(metric, path), cell(&value.to_short_text()), cell(unit), better.to_owned(), word(status).to_owned()]
    };
    let Some(value) = &metric.value else {
        return vec![row(&[], &Value::Undefined(String::new()), metric.status)];
    };
    let status = |value: &Value| match value {
        Value::Undefined(_) => Status::Undefined,
        value if value.undefined().is_empty() => Status::Ok,
        _ => Status::Partial,
    };
    value.leaves().into_iter().map(|(path, value)| row(&path, value, status(value))).collect()
}

/// Why the metric, or a part of its value, has no value.
fn reasons(metric: &MetricResult) -> Vec<String> {
    let reason = |path: &[&str], why: &str| format!("* {}: {}", name(metric, path), cell(why));
    let undefined = metric.value.as_ref().map(Value::undefined).unwrap_or_default();
    let parts = undefined.iter().map(|(path, why)| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        reason(&path, why)
    });
    metric.error.iter().map(|why| reason(&[], why)).chain(parts).collect()
}

/// Names of the metric, and the place within its value.
fn name(metric: &MetricResult, path: &[&str]) -> String {
    let names: Vec<String> = std::iter::once(&metric.name).chain(&metric.also).map(|name| cell(name)).collect();
    path.iter().fold(names.join(" = "), |name, key| name + " · " + &cell(key))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Partial => "partial",
        Status::Undefined => "undefined",
        Status::Failed => "failed",
    }
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

    #[test]
    fn a_table_has_a_row_for_each_number_and_reasons_below() {
        let metric = |name: &str, more: serde_json::Value| {
            let mut metric = serde_json::json!({
                "name": name, "metric": "m::a", "version": 1, "kind": "accumulated", "settings": {}, "status": "ok",
            });
            for (key, value) in more.as_object().unwrap() {
                metric[key] = value.clone();
            }
            metric
        };
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
