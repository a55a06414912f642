//! Results as comma-separated values.

use std::fmt::Write;

use crate::exporter;
use crate::report::export::{ExportError, Exporter};
use crate::report::{MetricResult, Results, Status};
use crate::value::Value;

/// Writes results as comma-separated values (RFC 4180) with one line for each number: metric, path within its value,
/// value, interval, unit, direction, status and reason. Numbers have all digits; the path joins keys with `.`.
#[exporter(cite = "https://www.rfc-editor.org/rfc/rfc4180")]
pub fn csv() -> impl Exporter {
    CsvExporter
}

struct CsvExporter;

const HEAD: &str = "metric,path,value,low,high,unit,higher_is_better,status,reason";

impl Exporter for CsvExporter {
    fn extension(&self) -> &'static str {
        "csv"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        let mut text = format!("{HEAD}\r\n");
        for metric in &results.metrics {
            match &metric.value {
                None => line(&mut text, metric, &[], None)?,
                Some(value) => {
                    for (path, number) in scalars(value) {
                        line(&mut text, metric, &path, Some(&number))?;
                    }
                }
            }
        }
        Ok(text.into_bytes())
    }
}

/// Every number of a value with its path; items of lists have their zero-based index as key.
fn scalars(value: &Value) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    for (path, leaf) in value.leaves() {
        let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
        match leaf {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    for (rest, number) in scalars(item) {
                        let key = std::iter::once(index.to_string());
                        found.push((path.iter().cloned().chain(key).chain(rest).collect(), number));
                    }
                }
            }
            number => found.push((path, number.clone())),
        }
    }
    found
}

fn line(text: &mut String, metric: &MetricResult, path: &[String], value: Option<&Value>) -> Result<(), ExportError> {
    let interval = metric.intervals.iter().find(|interval| interval.path == path);
    let (number, status, reason) = match value {
        None => (String::new(), metric.status, metric.error.clone().unwrap_or_default()),
        Some(Value::Undefined(reason)) => (String::new(), Status::Undefined, reason.clone()),
        Some(Value::Text(text)) => (text.clone(), Status::Ok, String::new()),
        Some(value) => (value.to_json(), Status::Ok, String::new()),
    };
    let bound = |bound: Option<f64>| bound.map_or_else(String::new, |bound| Value::Float(bound).to_json());
    let better = metric.higher_is_better_at(path).map_or_else(String::new, |higher| higher.to_string());
    let cells = [
        metric.name.clone(),
        path.join("."),
        number,
        bound(interval.map(|interval| interval.low)),
        bound(interval.map(|interval| interval.high)),
        metric.unit_at(path).unwrap_or_default().to_owned(),
        better,
        status.to_string(),
        reason,
    ];
    write!(text, "{}\r\n", cells.map(|cell| quoted(&cell)).join(","))?;
    Ok(())
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
