//! Tables of values with a number for each layer or class: keys as rows, metrics as columns.

use maud::{Markup, html as markup};
use neurobench_core::metric::{Registry, Shape};
use neurobench_core::names::shown;
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;
use neurobench_core::value::Value;

use crate::html::table::{Cell, table};

/// Returns true for a metric whose value is a map by layer or class.
pub(super) fn has_table(metric: &MetricResult) -> bool {
    entries(metric).is_some()
}

/// Entries of a value that is a map by layer or class; none for a record, whose keys are its fields.
fn entries(metric: &MetricResult) -> Option<&[(String, Value)]> {
    let Value::Map(entries) = metric.value.as_ref()? else { return None };
    let is_keyed = match shape(metric) {
        Some(shape) => key(&shape).is_some(),
        // The metric is not linked into this program.
        None => !entries.iter().all(|(key, _)| metric.fields.iter().any(|field| field.name == *key)),
    };
    (is_keyed && !entries.is_empty()).then_some(entries)
}

/// Shape of the value of a metric that is linked into this program in the version of the results.
fn shape(metric: &MetricResult) -> Option<Shape> {
    let registered = Registry::global().iter().find(|registered| {
        let about = registered.metric().component;
        about.id() == metric.metric && about.version == metric.version
    })?;
    Some(registered.shape())
}

/// Head of the column of keys.
fn key(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::PerLayer(_) => Some("layer"),
        Shape::Map(_) => Some("class"),
        Shape::Optional(inner) => key(inner),
        _ => None,
    }
}

/// A column: its head, and its cells by key.
struct Column {
    head: String,
    cells: Vec<(String, String)>,
}

/// Metrics of a run with the same keys.
struct Group {
    key: &'static str,
    keys: Vec<String>,
    columns: Vec<Column>,
}

/// Tables by layer and class, one for all metrics of a run with the same keys.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let of_runs: Vec<(&str, Vec<Group>)> =
        runs.iter().map(|run| (run.name, groups(run))).filter(|(_, groups)| !groups.is_empty()).collect();
    (!of_runs.is_empty()).then(|| {
        markup! {
            @for (run, groups) in &of_runs {
                @if runs.len() > 1 { h3 { (shown(run)) } }
                @for group in groups { (of_group(group)) }
            }
        }
    })
}

fn groups(run: &NamedRun<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for metric in &run.results.metrics {
        let Some(entries) = entries(metric) else { continue };
        let keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
        let key = shape(metric).as_ref().and_then(key).unwrap_or("key");
        let columns = columns(metric, entries);
        match groups.iter_mut().find(|group| group.keys == keys && group.key == key) {
            Some(group) => group.columns.extend(columns),
            None => groups.push(Group { key, keys, columns }),
        }
    }
    groups
}

/// A column for each number of the entries.
fn columns(metric: &MetricResult, entries: &[(String, Value)]) -> Vec<Column> {
    let mut columns: Vec<(Vec<String>, Column)> = Vec::new();
    for (key, value) in entries {
        for (path, leaf) in value.leaves() {
            let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
            let cell = (key.clone(), leaf.to_short_text());
            match columns.iter_mut().find(|(known, _)| *known == path) {
                Some((_, column)) => column.cells.push(cell),
                None => {
                    let name = path.iter().fold(metric.name.clone(), |name, key| name + " · " + key);
                    let unit = metric.unit_at(&path).map(|unit| format!(" ({unit})")).unwrap_or_default();
                    columns.push((path, Column { head: name + &unit, cells: vec![cell] }));
                }
            }
        }
    }
    // An entry that is undefined as a whole has an empty path beside the paths of the others.
    if columns.len() > 1
        && let Some(whole) = columns.iter().position(|(path, _)| path.is_empty())
    {
        let (_, undefined) = columns.remove(whole);
        if let Some((_, first)) = columns.first_mut() {
            first.cells.extend(undefined.cells);
        }
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

fn of_group(group: &Group) -> Markup {
    let heads: Vec<Cell> = std::iter::once(Cell::text(group.key))
        .chain(group.columns.iter().map(|column| Cell::number(&column.head).class("head")))
        .collect();
    let row = |key: &String| {
        let cell = |column: &Column| {
            let found = column.cells.iter().find(|(own, _)| own == key);
            Cell::number(found.map(|(_, text)| text.clone()).unwrap_or_default())
        };
        std::iter::once(Cell::text(key)).chain(group.columns.iter().map(cell)).collect()
    };
    let rows: Vec<Vec<Cell>> = group.keys.iter().map(row).collect();
    table(&format!("Numbers by {}", group.key), &heads, &rows)
}
