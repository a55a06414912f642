//! Results as comma-separated values.

use crate::exporter;
use crate::report::Results;
use crate::report::export::numbers::{Number, numbers};
use crate::report::export::{ExportError, Exporter, NamedRun, Table};
use crate::value::Value;

/// Writes results as comma-separated values (RFC 4180) with one line for each number: metric, path within its value,
/// value, interval, unit, direction, status and reason. Numbers have all digits; the path joins keys with `.`.
///
/// A measured quantity has its configuration in its name, `time · digits · single-stream · batch 1 · latency_p99`. It has a line for the
/// median of the repeats and, with the paths `min` and `max`, for their range; its status is `ok` or `invalid`.
#[exporter(cite = "https://www.rfc-editor.org/rfc/rfc4180")]
pub fn csv() -> impl Exporter {
    CsvExporter
}

struct CsvExporter;

const HEAD: [&str; 9] = ["metric", "path", "value", "low", "high", "unit", "higher_is_better", "status", "reason"];

impl Exporter for CsvExporter {
    fn extension(&self) -> &'static str {
        "csv"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        self.export_runs(&[NamedRun { name: "", results }])
    }

    /// Several runs have a first column with the name of the run.
    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        let run = (runs.len() > 1).then_some("run");
        let mut text = line(run.into_iter().chain(HEAD).map(str::to_owned));
        for number in numbers(runs) {
            text += &line(cells(number));
        }
        Ok(text.into_bytes())
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let mut text = line(table.heads.iter().map(|head| head.name.clone()));
        for row in &table.rows {
            text += &line(row.iter().map(cell));
        }
        Ok(text.into_bytes())
    }
}

fn cells(number: Number) -> impl Iterator<Item = String> {
    let bound = |bound: Option<f64>| bound.map_or_else(String::new, |bound| Value::Float(bound).to_json());
    let cells = [
        number.metric,
        number.path.join("."),
        number.value.as_ref().map_or_else(String::new, cell),
        bound(number.low),
        bound(number.high),
        number.unit.unwrap_or_default(),
        number.higher_is_better.map_or_else(String::new, |higher| higher.to_string()),
        number.status.to_string(),
        number.reason.unwrap_or_default(),
    ];
    number.run.into_iter().chain(cells)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null | Value::Undefined(_) => String::new(),
        Value::Text(text) => text.clone(),
        value => value.to_json(),
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Quotes a cell if it contains a separator.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::metric;

    #[test]
    fn every_number_has_a_line_with_all_digits() {
        let results: Results = serde_json::from_value(serde_json::json!({
            "schema": 2, "library": "neurobench", "model": null, "data": null, "samples": 3, "batches": 1,
            "batch_size": null, "preprocessors": [], "postprocessors": [],
            "timing": { "workers": 1, "total_seconds": 0.0, "forward_seconds": 0.0 },
            "metrics": [
                metric("accuracy", serde_json::json!({
                    "value": 1.0 / 3.0, "higher_is_better": true, "unit": "a, \"b\"",
                    "intervals": [{ "path": [], "low": 0.25, "high": 0.5, "kind": "wilson" }],
                })),
                metric("by_layer", serde_json::json!({
                    "value": { "conv.1": [2, 3], "lif": { "undefined": "no spikes" } }, "status": "partial",
                })),
                metric("broken", serde_json::json!({ "error": "failed\nin batch 0", "status": "failed" })),
            ],
        }))
        .unwrap();
        let text = String::from_utf8(CsvExporter.export(&results).unwrap()).unwrap();
        let expected = "metric,path,value,low,high,unit,higher_is_better,status,reason\r\n\
            accuracy,,0.3333333333333333,0.25,0.5,\"a, \"\"b\"\"\",true,ok,\r\n\
            by_layer,conv.1.0,2,,,,,ok,\r\n\
            by_layer,conv.1.1,3,,,,,ok,\r\n\
            by_layer,lif,,,,,,undefined,no spikes\r\n\
            broken,,,,,,,failed,\"failed\nin batch 0\"\r\n";
        assert_eq!(text, expected);
    }
}
