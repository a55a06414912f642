//! Numbers within the values of metrics.

use std::collections::BTreeSet;

use crate::compare::NamedResults;
use crate::value::Value;
use crate::report::{MetricResult, Results};

/// Keys on the way to a number of a metric's value.
pub(super) type NumberPath = Vec<String>;

/// Every number of a metric's value outside lists, with its path.
pub(super) fn numbers(metric: &MetricResult) -> Vec<(NumberPath, f64)> {
    fn collect(path: &mut NumberPath, value: &Value, numbers: &mut Vec<(NumberPath, f64)>) {
        match value {
            Value::Map(entries) => {
                for (key, entry) in entries {
                    path.push(key.clone());
                    collect(path, entry, numbers);
                    path.pop();
                }
            }
            other => numbers.extend(other.as_f64().map(|number| (path.clone(), number))),
        }
    }
    let mut found = Vec::new();
    if let Some(value) = &metric.value {
        collect(&mut Vec::new(), value, &mut found);
    }
    found
}

/// The number at a path of a metric's value, within lists too.
pub(super) fn number_at(metric: &MetricResult, path: &[String]) -> Option<f64> {
    let mut value = metric.value.as_ref()?;
    for key in path {
        value = match value {
            Value::List(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
    }
    value.as_f64()
}

/// Name of the number at a path of a metric's value, as `synaptic_operations · dense`.
pub(super) fn number_name(metric: &MetricResult, path: &[String]) -> String {
    path.iter().fold(metric.name.clone(), |name, key| format!("{name} · {key}"))
}

/// Every metric of the runs, as described by the first run that has it, in the order of first occurrence.
pub(super) fn metrics<'r>(runs: &[&'r NamedResults]) -> Vec<&'r MetricResult> {
    let mut seen = BTreeSet::new();
    runs.iter().flat_map(|run| &run.results.metrics).filter(|metric| seen.insert(&metric.name)).collect()
}

/// Paths of all numbers of a metric in the runs, in the order of first occurrence.
pub(super) fn number_paths(runs: &[&NamedResults], name: &str) -> Vec<NumberPath> {
    let mut seen = BTreeSet::new();
    let found = runs.iter().filter_map(|run| metric_named(&run.results, name)).flat_map(numbers);
    found.map(|(path, _)| path).filter(|path| seen.insert(path.clone())).collect()
}

/// The metric with a name.
pub(super) fn metric_named<'r>(results: &'r Results, name: &str) -> Option<&'r MetricResult> {
    results.metrics.iter().find(|metric| metric.name == name)
}
