//! Origin of results, and the command that reproduces them.

use maud::{Markup, html as markup};
use neurobench_core::names::shown;
use neurobench_core::report::export::NamedRun;
use neurobench_core::report::{Host, Provenance, Results};
use neurobench_core::value::Value;

use crate::html::table::{Cell, table};

pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    (!runs.is_empty()).then(|| {
        markup! {
            @for run in runs {
                @if runs.len() > 1 { h3 { (shown(run.name)) } }
                (run_origin(run.results))
            }
        }
    })
}

fn run_origin(results: &Results) -> Markup {
    let provenance = results.provenance.as_ref();
    markup! {
        @match provenance {
            Some(provenance) if !provenance.command.is_empty() => {
                p { "Run this command in the folder of the files below:" }
                pre { code { (shown(&provenance.command_line())) } }
            }
            _ => p { "The results do not record the command that made them: a program that uses the library wrote them." }
        }
        dl {
            @for (name, value) in facts(results) {
                dt { (name) }
                dd { (shown(&value)) }
            }
        }
        @if let Some(provenance) = provenance { (files(provenance)) }
        (definitions(results))
    }
}

/// Facts about the run, as names and values.
fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let unknown = || "unknown".to_owned();
    let mut facts = vec![
        ("Benchmark", results.benchmark.clone().unwrap_or_else(unknown)),
        ("Library", results.library.clone()),
        ("Schema of results", results.schema.to_string()),
        ("Model", results.model.clone().unwrap_or_else(unknown)),
        ("Data", results.data.clone().unwrap_or_else(unknown)),
        ("Samples", results.samples.to_string()),
        ("Batches", results.batches.to_string()),
    ];
    facts.extend(results.batch_size.map(|size| ("Batch size", size.to_string())));
    let listed = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    facts.push(("Preprocessors", listed(&results.preprocessors)));
    facts.push(("Postprocessors", listed(&results.postprocessors)));
    if let Some(intervals) = results.intervals {
        let settings = serde_json::to_value(intervals).unwrap_or_default();
        let settings = settings.as_object().into_iter().flatten();
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let settings: Vec<String> = settings.map(|(key, value)| format!("{key} = {}", text(value))).collect();
        facts.push(("Intervals", settings.join(", ")));
    }
    if let Some(provenance) = &results.provenance {
        let seeds: Vec<String> = provenance.seeds.iter().map(|(place, seed)| format!("{place} = {seed}")).collect();
        facts.push(("Seeds", listed(&seeds)));
        facts.extend(provenance.host.as_ref().map(|host| ("Host", host_text(host))));
    }
    let timing = &results.timing;
    let workers = if timing.workers == 1 { "worker" } else { "workers" };
    facts.push(("Duration", format!("{:.3} s on {} {workers}", timing.total_seconds, timing.workers)));
    facts
}

fn host_text(host: &Host) -> String {
    let cpu = host.cpu.as_ref().map(|cpu| format!("{cpu}, ")).unwrap_or_default();
    let cores = if host.cores == 1 { "core" } else { "cores" };
    format!("{cpu}{} {cores}, {} {}, instructions {}", host.cores, host.os, host.architecture, host.instruction_set)
}

/// Input files with their digests.
fn files(provenance: &Provenance) -> Markup {
    let row = |file: &neurobench_core::report::InputFile| {
        let name = match file.files {
            Some(files) => format!("{} ({files} files)", file.path),
            None => file.path.clone(),
        };
        vec![Cell::text(name), Cell::number(file.bytes.to_string()), Cell::text(&file.digest)]
    };
    let rows: Vec<Vec<Cell>> = provenance.files.iter().map(row).collect();
    let heads = [Cell::text("file"), Cell::number("bytes"), Cell::text("digest")];
    markup! { @if !rows.is_empty() { (table("Input files", &heads, &rows)) } }
}

/// Definitions of the metrics.
fn definitions(results: &Results) -> Markup {
    let row = |metric: &neurobench_core::report::MetricResult| {
        let settings: Vec<String> =
            metric.settings.iter().map(|(key, value)| format!("{key} = {}", setting(value))).collect();
        vec![
            Cell::text(&metric.name),
            Cell::text(&metric.metric),
            Cell::number(metric.version.to_string()),
            Cell::text(settings.join(", ")),
        ]
    };
    let heads = [Cell::text("metric"), Cell::text("definition"), Cell::number("version"), Cell::text("settings")];
    let rows: Vec<Vec<Cell>> = results.metrics.iter().map(row).collect();
    table("Definitions of the metrics", &heads, &rows)
}

fn setting(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        // A record that has a name, such as a device, is shown by it.
        Value::Map(entries) => match entries.iter().find(|(key, _)| key == "name") {
            Some((_, Value::Text(name))) => name.clone(),
            _ => value.to_string(),
        },
        value => value.to_string(),
    }
}
