//! Measurements of time and energy, which depend on the machine.

use maud::{Markup, html as markup};
use neurobench_core::names::shown;
use neurobench_core::report::export::NamedRun;
use serde_json::{Map, Value};

use crate::html::table::{Cell, table};

/// Measurements of each run that has any.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let measured: Vec<(&str, Value)> = runs
        .iter()
        .filter_map(|run| {
            let mut results = serde_json::to_value(run.results).ok()?;
            let found = results.get_mut("measurements")?.take();
            (!found.is_null()).then_some((run.name, found))
        })
        .collect();
    (!measured.is_empty()).then(|| {
        markup! {
            p.muted { "Measured on one machine: other machines give other numbers. They are no metrics, and are never compared with estimates." }
            @for (run, value) in &measured {
                @if runs.len() > 1 { h3 { (shown(run)) } }
                (rendered("Measurement", value))
            }
        }
    })
}

/// A record as a list of facts, a list of records as a table with a row each, and records within records below.
fn rendered(name: &str, value: &Value) -> Markup {
    match value {
        Value::Object(fields) => {
            let is_plain = |value: &Value| !is_nested(value);
            markup! {
                dl {
                    @for (key, value) in fields.iter().filter(|(_, value)| is_plain(value)) {
                        dt { (shown(&words(key))) }
                        dd { (shown(&plain(value))) }
                    }
                }
                @for (key, value) in fields.iter().filter(|(_, value)| is_nested(value)) {
                    @if value.is_object() { h3 { (shown(&words(key))) } }
                    (rendered(&words(key), value))
                }
            }
        }
        Value::Array(rows) if rows.iter().all(Value::is_object) && !rows.is_empty() => of_records(name, rows),
        value => markup! { p { (shown(name)) ": " (shown(&plain(value))) } },
    }
}

/// Returns true for records, and lists of records.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    }
}

fn of_records(name: &str, rows: &[Value]) -> Markup {
    let flat: Vec<Vec<(String, &Value)>> = rows.iter().map(|row| flattened("", row)).collect();
    let mut columns: Vec<&String> = Vec::new();
    for (column, _) in flat.iter().flatten() {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let is_number = |column: &String| {
        flat.iter().flatten().filter(|(own, _)| own == column).all(|(_, value)| value.is_number() || value.is_null())
    };
    let cell = |column: &String, text: String| if is_number(column) { Cell::number(text) } else { Cell::text(text) };
    let heads: Vec<Cell> = columns.iter().map(|column| cell(column, words(column))).collect();
    let row = |row: &Vec<(String, &Value)>| {
        let value = |column: &&String| {
            let found = row.iter().find(|(own, _)| own == *column);
            cell(column, found.map(|(_, value)| plain(value)).unwrap_or_default())
        };
        columns.iter().map(value).collect()
    };
    let rows: Vec<Vec<Cell>> = flat.iter().map(row).collect();
    table(name, &heads, &rows)
}

/// The fields of a record, with the names of inner records before those of their fields.
fn flattened<'v>(prefix: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
    let inner = |fields: &'v Map<String, Value>| {
        fields.iter().flat_map(|(key, value)| {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix} · {key}") };
            flattened(&name, value)
        })
    };
    match value {
        Value::Object(fields) => inner(fields).collect(),
        value => vec![(prefix.to_owned(), value)],
    }
}

fn words(key: &str) -> String {
    key.replace('_', " ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_f64()
            .filter(|_| number.is_f64())
            .map_or_else(|| number.to_string(), |number| neurobench_core::Value::Float(number).to_short_text()),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null => "–".to_owned(),
        value => value.to_string(),
    }
}
