//! Results as a flat list of numbers, for formats that programs read.

use serde::Serialize;

use crate::report::export::measured::configuration;
use crate::report::export::{Head, NamedRun, Table};
use crate::report::{MeasuredRun, MetricResult, Quantity, Status};
use crate::value::Value;

/// One number of a run.
#[derive(Serialize)]
pub(super) struct Number {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
    pub(super) metric: String,
    /// Keys on the way to the number; items of lists have their zero-based index as key.
    pub(super) path: Vec<String>,
    pub(super) value: Option<Value>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) unit: Option<String>,
    pub(super) higher_is_better: Option<bool>,
    /// Status of the metric, or `invalid` for a measurement that is not valid.
    pub(super) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Every number of every metric and measurement. The run is named only if there are several.
pub(super) fn numbers(runs: &[NamedRun<'_>]) -> Vec<Number> {
    let of_run = |run: &NamedRun<'_>| {
        let name = (runs.len() > 1).then(|| run.name.to_owned());
        let metrics = run.results.metrics.iter().flat_map(|metric| metric_numbers(metric, name.as_ref()));
        let measured = run.results.measurements.iter().flat_map(|measured| &measured.runs);
        metrics.chain(measured.flat_map(|measured| measured_numbers(measured, name.as_ref()))).collect::<Vec<_>>()
    };
    runs.iter().flat_map(of_run).collect()
}

fn metric_numbers(metric: &MetricResult, run: Option<&String>) -> Vec<Number> {
    let number = |path: Vec<String>, value: Option<Value>| {
        let interval = metric.intervals.iter().find(|interval| interval.path == path);
        let (value, status, reason) = match value {
            None => (None, metric.status, metric.error.clone()),
            Some(Value::Undefined(reason)) => (None, Status::Undefined, Some(reason)),
            Some(value) => (Some(value), Status::Ok, None),
        };
        Number {
            run: run.cloned(),
            metric: metric.name.clone(),
            value,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            unit: metric.unit_at(&path).map(str::to_owned),
            higher_is_better: metric.higher_is_better_at(&path),
            status: status.to_string(),
            reason,
            path,
        }
    };
    match &metric.value {
        None => vec![number(Vec::new(), None)],
        Some(value) => scalars(value).into_iter().map(|(path, value)| number(path, Some(value))).collect(),
    }
}

/// The median of each quantity and, at the paths `min` and `max`, the range of the repeats. A measurement that is not valid has the
/// reasons beside each number.
fn measured_numbers(run: &MeasuredRun, name: Option<&String>) -> Vec<Number> {
    let configuration = configuration(run);
    let status = if run.valid { Status::Ok.to_string() } else { "invalid".to_owned() };
    let number = |quantity: &Quantity, path: &[&str], value: f64| Number {
        run: name.cloned(),
        metric: format!("{configuration} · {}", quantity.name),
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: Some(Value::Float(value)),
        low: None,
        high: None,
        unit: Some(quantity.unit.clone()).filter(|unit| !unit.is_empty()),
        higher_is_better: quantity.higher_is_better,
        status: status.clone(),
        reason: (!run.invalid.is_empty()).then(|| run.invalid.join("; ")),
    };
    let quantities = run.quantities.iter().flat_map(|quantity| {
        [
            number(quantity, &[], quantity.median),
            number(quantity, &["min"], quantity.min),
            number(quantity, &["max"], quantity.max),
        ]
    });
    let no_energy = run.no_energy.iter().map(|reason| Number {
        run: name.cloned(),
        metric: format!("{configuration} · measured_energy"),
        path: Vec::new(),
        value: None,
        low: None,
        high: None,
        unit: None,
        higher_is_better: None,
        status: Status::Failed.to_string(),
        reason: Some(reason.clone()),
    });
    quantities.chain(no_energy).collect()
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

/// Maximum number of numbers of a metric that have a column each in a table of runs.
const MAX_COLUMNS: usize = 8;

/// Returns a table with one row for each run and one column for each number. Metrics with many numbers, such as one for each layer,
/// have no columns and are named below.
#[must_use]
pub fn runs_table(runs: &[NamedRun<'_>]) -> Table {
    let mut columns: Vec<(String, Vec<String>, Option<String>)> = Vec::new();
    let mut wide: Vec<&str> = Vec::new();
    for metric in runs.iter().flat_map(|run| &run.results.metrics) {
        let numbers = metric_numbers(metric, None);
        if numbers.len() > MAX_COLUMNS {
            if !wide.contains(&metric.name.as_str()) {
                wide.push(&metric.name);
            }
            continue;
        }
        for number in numbers {
            if !columns.iter().any(|(name, path, _)| *name == number.metric && *path == number.path) {
                columns.push((number.metric, number.path, number.unit));
            }
        }
    }
    // A metric that failed in one run has the column of its whole value only if it has no other.
    let is_part = |name: &str| columns.iter().any(|(other, path, _)| other == name && !path.is_empty());
    let columns: Vec<_> = columns
        .iter()
        .filter(|(name, path, _)| !(path.is_empty() && (is_part(name) || wide.contains(&name.as_str()))))
        .collect();
    let head = |(name, path, unit): &&(String, Vec<String>, Option<String>)| {
        let name = path.iter().fold(name.clone(), |name, key| name + " · " + key);
        Head::number(unit.as_ref().map_or_else(|| name.clone(), |unit| format!("{name} ({unit})")))
    };
    let mut table = Table::new(std::iter::once(Head::text("run")).chain(columns.iter().map(head)));
    for run in runs {
        let numbers: Vec<Number> = run.results.metrics.iter().flat_map(|metric| metric_numbers(metric, None)).collect();
        let cell = |(name, path, _): &&(String, Vec<String>, Option<String>)| {
            let found = numbers.iter().find(|number| number.metric == *name && number.path == *path);
            found.map_or(Value::Null, |found| found.value.clone().unwrap_or(Value::Undefined(String::new())))
        };
        table.push(std::iter::once(Value::Text(run.name.to_owned())).chain(columns.iter().map(cell)));
    }
    let measured = runs.iter().filter(|run| run.results.measurements.is_some());
    let measured: Vec<&str> = measured.map(|run| run.name).collect();
    if !measured.is_empty() {
        let names = measured.join(", ");
        table.notes.push(format!("without columns: the measurements of {names}; `neurobench compare` compares them"));
    }
    if !wide.is_empty() {
        table.notes.push(format!("without columns, because of their many numbers: {}", wide.join(", ")));
    }
    for run in runs {
        let missing = run.results.metrics.iter().filter_map(|metric| Some((metric, metric.error.as_ref()?)));
        table.notes.extend(missing.map(|(metric, reason)| format!("{}: {}: {reason}", run.name, metric.name)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Results;
    use crate::report::export::results;

    #[test]
    fn a_table_of_runs_names_those_whose_measurements_it_leaves_out() {
        let plain = results(&[]);
        let measured: Results = {
            let mut json = serde_json::to_value(&plain).unwrap();
            json["measurements"] = serde_json::json!({
                "host": {
                    "cores": 2, "architecture": "x86_64", "os": "linux", "instruction_set": "avx2", "library": "neurobench",
                },
                "runs": [],
            });
            serde_json::from_value(json).unwrap()
        };
        let runs = [NamedRun { name: "a.json", results: &measured }, NamedRun { name: "b.json", results: &plain }];
        let expected = "without columns: the measurements of a.json; `neurobench compare` compares them";
        assert_eq!(runs_table(&runs).notes, [expected]);
    }
}
