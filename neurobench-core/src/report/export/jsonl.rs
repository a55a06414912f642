//! Results as JSON lines.

use serde_json::Map;

use crate::exporter;
use crate::report::Results;
use crate::report::export::numbers::numbers;
use crate::report::export::{ExportError, Exporter, NamedRun, Table};

/// Writes results as JSON lines, with one object for each number: metric, path within its value, value, interval, unit,
/// direction, status and reason. Numbers have all digits.
///
/// A measured quantity has its configuration in its name, `time · digits · single-stream · batch 1 · latency_p99`. It has an object for
/// the median of the repeats and, with the paths `min` and `max`, for their range; its status is `ok` or `invalid`.
#[exporter(alias = "json_lines", cite = "https://jsonlines.org")]
pub fn jsonl() -> impl Exporter {
    JsonLinesExporter
}

struct JsonLinesExporter;

impl Exporter for JsonLinesExporter {
    fn extension(&self) -> &'static str {
        "jsonl"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        self.export_runs(&[NamedRun { name: "", results }])
    }

    /// Objects of several runs have the name of the run.
    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        let mut text = String::new();
        for number in numbers(runs) {
            text += &serde_json::to_string(&number)?;
            text.push('\n');
        }
        Ok(text.into_bytes())
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let mut text = String::new();
        for object in objects(table)? {
            text += &serde_json::to_string(&object)?;
            text.push('\n');
        }
        Ok(text.into_bytes())
    }
}

/// The rows of a table as objects with the heads as keys.
pub(super) fn objects(table: &Table) -> Result<Vec<Map<String, serde_json::Value>>, serde_json::Error> {
    let object = |row: &Vec<crate::Value>| {
        let cells = table.heads.iter().zip(row);
        cells.map(|(head, cell)| Ok((head.name.clone(), serde_json::to_value(cell)?))).collect()
    };
    table.rows.iter().map(object).collect()
}
