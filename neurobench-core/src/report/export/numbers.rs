//! Results as a flat list of numbers, for formats that programs read.

use serde::Serialize;

use crate::report::export::{Head, NamedRun, Table};
use crate::report::{MetricResult, Status};
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
    pub(super) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Every number of every metric. The run is named only if there are several.
pub(super) fn numbers(runs: &[NamedRun<'_>]) -> Vec<Number> {
    let of_run = |run: &NamedRun<'_>| {
        let name = (runs.len() > 1).then(|| run.name.to_owned());
        run.results.metrics.iter().flat_map(|metric| metric_numbers(metric, name.as_ref())).collect::<Vec<_>>()
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
            status,
            reason,
            path,
        }
    };
    match &metric.value {
        None => vec![number(Vec::new(), None)],
        Some(value) => scalars(value).into_iter().map(|(path, value)| number(path, Some(value))).collect(),
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
    if !wide.is_empty() {
        table.notes.push(format!("without columns, because of their many numbers: {}", wide.join(", ")));
    }
    for run in runs {
        let missing = run.results.metrics.iter().filter_map(|metric| Some((metric, metric.error.as_ref()?)));
        table.notes.extend(missing.map(|(metric, reason)| format!("{}: {}: {reason}", run.name, metric.name)));
    }
    table
}
