//! The table of metrics, and the reasons why something is missing.

use maud::{Markup, html as markup};
use neurobench_core::names::shown;
use neurobench_core::report::export::{NamedRun, runs_table};
use neurobench_core::report::{MetricResult, Results, Row, Status, interval_head};
use neurobench_core::value::Value;

use crate::html::keyed;
use crate::html::table::{Cell, list, table, values};

/// Maximum number of rows of one metric; the rest is in other formats.
const MAX_ROWS: usize = 24;

/// A table of all runs if there are several, and a table of the metrics of each run, without the numbers that have a table by layer or class.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let tables: Vec<Markup> = runs.iter().map(|run| run_table(run, runs.len() > 1)).collect();
    (!tables.is_empty()).then(|| {
        markup! {
            @if runs.len() > 1 {
                @let together = runs_table(runs);
                (values(&together, Some("Runs")))
                (list(&together.notes))
            }
            @for table in &tables { (table) }
        }
    })
}

fn run_table(run: &NamedRun<'_>, is_one_of_several: bool) -> Markup {
    let results = run.results;
    let interval = results.intervals.map(|intervals| interval_head(intervals.level));
    let mut heads = vec![Cell::text("metric"), Cell::number("value")];
    heads.extend(interval.as_ref().map(Cell::number));
    heads.extend(["unit", "better", "status"].map(Cell::text));
    let mut rows = Vec::new();
    let mut shortened = Vec::new();
    for metric in &results.metrics {
        if keyed::has_table(metric) {
            continue;
        }
        let of_metric = metric.rows();
        if let Some(more @ 1..) = of_metric.len().checked_sub(MAX_ROWS) {
            shortened.push(format!("{}: {more} more numbers are in the formats json and csv", metric.name));
        }
        rows.extend(of_metric.into_iter().take(MAX_ROWS).map(|row| cells(row, interval.is_some())));
    }
    let caption = match is_one_of_several {
        true => format!("Metrics of {}", run.name),
        false => "Metrics".to_owned(),
    };
    markup! {
        @if rows.is_empty() {
            p { "Every metric has a table by layer or class below." }
        } @else {
            (table(&caption, &heads, &rows))
        }
        (list(&shortened))
        (groups(results))
    }
}

fn cells(row: Row, with_interval: bool) -> Vec<Cell> {
    let status = match row.status {
        Status::Ok => Cell::text("ok"),
        status => Cell::text(status.to_string()).class("bad"),
    };
    let name = row.name();
    let interval = with_interval.then(|| Cell::number(row.interval));
    let first = [Cell::text(name), Cell::number(row.value)].into_iter().chain(interval);
    first.chain([Cell::text(row.unit).class("unit"), Cell::text(row.better), status]).collect()
}

/// Means over groups of sequences.
fn groups(results: &Results) -> Markup {
    let heads = results.group_heads();
    let head = |(at, head): (usize, &String)| if at == 0 { Cell::text(head) } else { Cell::number(head) };
    let heads: Vec<Cell> = heads.iter().enumerate().map(head).collect();
    let row = |row: Vec<String>| {
        row.into_iter()
            .enumerate()
            .map(|(at, text)| if at == 0 { Cell::text(text) } else { Cell::number(text) })
            .collect()
    };
    let rows: Vec<Vec<Cell>> = results.group_cells().into_iter().map(row).collect();
    markup! {
        @if !rows.is_empty() { (table("Means over groups of sequences", &heads, &rows)) }
    }
}

/// The reasons why metrics, parts of their values, intervals and per-sample values are missing, and the notes of the runs.
pub(super) fn notes(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let of_runs: Vec<(&str, Vec<String>)> =
        runs.iter().map(|run| (run.name, missing_parts(run.results))).filter(|(_, lines)| !lines.is_empty()).collect();
    (!of_runs.is_empty()).then(|| {
        markup! {
            @for (run, lines) in &of_runs {
                @if runs.len() > 1 { h3 { (shown(run)) } }
                (list(lines))
            }
        }
    })
}

fn missing_parts(results: &Results) -> Vec<String> {
    let failed = results
        .metrics
        .iter()
        .filter_map(|metric| metric.error.as_ref().map(|reason| format!("{}: {reason}", metric.name)));
    let undefined = results.metrics.iter().flat_map(undefined);
    let mut lines: Vec<String> = failed.chain(undefined).collect();
    lines.extend(by_reason(results, "no interval of", |metric| metric.no_interval.as_deref()));
    lines.extend(by_reason(results, "no values of single samples of", |metric| metric.no_samples.as_deref()));
    lines.extend(results.notes.iter().cloned());
    lines
}

/// Undefined parts of a value: those with the same reason in one line.
fn undefined(metric: &MetricResult) -> Vec<String> {
    let parts = metric.value.as_ref().map(Value::undefined).unwrap_or_default();
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for (path, reason) in parts {
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, paths)) => paths.push(path.join(" · ")),
            None => by_reason.push((reason, vec![path.join(" · ")])),
        }
    }
    let line =
        |(reason, paths): (&str, Vec<String>)| format!("{} · {}: undefined: {reason}", metric.name, paths.join(", "));
    by_reason.into_iter().map(line).collect()
}

/// Metrics that lack something: those with the same reason in one line.
fn by_reason(results: &Results, lack: &str, reason: impl Fn(&MetricResult) -> Option<&str>) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for metric in &results.metrics {
        let Some(reason) = reason(metric) else { continue };
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(&metric.name),
            None => by_reason.push((reason, vec![&metric.name])),
        }
    }
    by_reason.into_iter().map(|(reason, names)| format!("{lack} {}: {reason}", names.join(", "))).collect()
}
