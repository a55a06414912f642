//! Measurements as text.

use comfy_table::{CellAlignment, Table};

use crate::comparison::shown_p;
use crate::table::{keep_cells_whole, plain};
use neurobench_core::compare::MeasurementComparison;
use neurobench_core::names::shown;
use neurobench_core::report::{
    DomainEnergy, Host, MeasuredEnergy, MeasuredRun, Measurements, Quantity, Scenario, direction,
};
use neurobench_timing::Measurement;

/// Number of characters in a line: tables of measurements fit a terminal of the usual width.
const WIDTH: u16 = 80;

/// Tables of all rows, with the description of the host and notes.
pub(crate) fn measurements(measurements: &Measurements) -> String {
    let Measurements { host, runs } = measurements;
    let Some(first) = runs.first() else { return String::new() };
    let varies = |column: &&Column| runs.iter().any(|run| (column.value)(run) != (column.value)(first));
    let (varying, constant): (Vec<&Column>, Vec<&Column>) = COLUMNS.iter().partition(varies);
    let heading: Vec<String> = constant.iter().map(|column| (column.sentence)(&(column.value)(first))).collect();
    let heading = if heading.is_empty() { String::new() } else { line(&heading.join(", ")) };
    let mut text = heading + &limits(runs) + &throughputs(runs, &varying);
    let medians = |columns: &[(&str, &str, &str)]| {
        let row = |run: &MeasuredRun| {
            let median = |(_, name, unit): &(&str, &str, &str)| Some(scaled(run.quantity(name)?.median, unit));
            columns.iter().map(|column| median(column).unwrap_or_else(dash)).collect()
        };
        let heads: Vec<&str> = columns.iter().map(|(head, ..)| *head).collect();
        table(&heads, runs.iter().map(row).collect())
    };
    text += &medians(&LATENCIES);
    text += &medians(&RESOURCES);
    let costs = COSTS.into_iter().filter(|(_, name, _)| runs.iter().any(|run| run.quantity(name).is_some()));
    let costs: Vec<_> = costs.collect();
    if !costs.is_empty() {
        text += &medians(&costs);
    }
    text += &line(
        "latency of a query, in the offline scenario of a batch; stages, CPU time and energy per sample; medians of the \
         repeats",
    );
    text += &line(&host_line(host));
    text + &remarks(runs)
}

/// Table of the throughput, with the settings that vary between rows. They have a table of their own if it would be too wide.
fn throughputs(runs: &[MeasuredRun], varying: &[&Column]) -> String {
    let heads = |columns: &[&Column]| -> Vec<&str> {
        columns.iter().map(|column| column.head).chain(["samples/s", "spread", "tail", "verdict"]).collect()
    };
    let settings = |run: &MeasuredRun| varying.iter().map(|column| shown(&(column.value)(run))).collect::<Vec<_>>();
    let numbers = |run: &MeasuredRun| {
        let throughput = run.quantity("throughput");
        [
            throughput.map_or_else(dash, |found| plain_number(found.median)),
            throughput.map_or_else(dash, spread),
            tail(run),
            if run.valid { "VALID" } else { "INVALID" }.to_owned(),
        ]
    };
    let row = |run: &MeasuredRun| settings(run).into_iter().chain(numbers(run)).collect();
    let whole = table(&heads(varying), runs.iter().map(row).collect());
    if whole.lines().all(|line| line.chars().count() <= usize::from(WIDTH)) {
        return whole;
    }
    let mut legend = plain(std::iter::once("row").chain(varying.iter().map(|column| column.head)));
    legend.set_width(WIDTH);
    for (number, run) in (1..).zip(runs) {
        legend.add_row(std::iter::once(number.to_string()).chain(settings(run)));
    }
    format!("{legend}\n{}", table(&heads(&[]), runs.iter().map(|run| numbers(run).into()).collect()))
}

/// Reasons and notes, each once with the rows that it is about.
fn remarks(runs: &[MeasuredRun]) -> String {
    let mut remarks: Vec<(String, Vec<String>)> = Vec::new();
    for (number, run) in (1..).zip(runs) {
        let lines = (run.invalid.iter().map(|problem| format!("INVALID: {problem}")))
            .chain(run.energy.iter().map(energy_line))
            .chain(run.no_energy.iter().map(|reason| format!("no measured energy: {reason}")))
            .chain(run.notes.iter().map(|found| format!("note: {found}")));
        for line in lines {
            match remarks.iter_mut().find(|(found, _)| *found == line) {
                Some((_, rows)) => rows.push(number.to_string()),
                None => remarks.push((line, vec![number.to_string()])),
            }
        }
    }
    let shown_remark = |(text, rows): (String, Vec<String>)| match rows.len() {
        all if all == runs.len() => line(&text),
        1 => line(&format!("row {}: {text}", rows[0])),
        _ => line(&format!("rows {}: {text}", rows.join(", "))),
    };
    remarks.into_iter().map(shown_remark).collect()
}

fn energy_line(energy: &MeasuredEnergy) -> String {
    let idle = |domain: &DomainEnergy| Some(format!("{} {}", domain.name, scaled(domain.idle_watts?, "W")));
    let idle: Vec<String> = energy.domains.iter().filter_map(idle).collect();
    let idle = match idle.is_empty() {
        true => "the idle level is included".to_owned(),
        false => format!("idle level subtracted: {}", idle.join(", ")),
    };
    format!("measured energy of {} by {}; {idle}", energy.boundary, energy.source)
}

/// Tables of compared measurements, one for each candidate and configuration.
pub(crate) fn comparison(compared: &[MeasurementComparison]) -> String {
    let mut text = String::new();
    for block in compared.chunk_by(|a, b| a.candidate == b.candidate && a.configuration == b.configuration) {
        let Some(first) = block.first() else { continue };
        text +=
            &line(&format!("measurements of {} against the first: {}", shown(&first.candidate), first.configuration));
        let mut table = plain(["quantity", "first", "other", "change", "better", "p", "p (Holm)"]);
        table.set_width(WIDTH);
        for found in block {
            let unit = found.unit.split('/').next().unwrap_or_default();
            let number = |number: f64| match unit {
                "s" | "J" | "B" => scaled(number, unit),
                _ => plain_number(number),
            };
            let change = 100.0 * (found.candidate_median / found.baseline_median - 1.0);
            let p_value = found.test.as_ref().and_then(|test| test.p_value.as_ref().ok().copied());
            let corrected = found.test.as_ref().and_then(|test| test.corrected_p);
            table.add_row([
                shown(&found.quantity),
                number(found.baseline_median),
                number(found.candidate_median),
                if change.is_finite() { format!("{change:+.1} %") } else { dash() },
                direction(found.higher_is_better).to_owned(),
                p_value.map_or_else(String::new, |p| shown_p(Some(p))),
                corrected.map_or_else(String::new, |p| shown_p(Some(p))),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        keep_cells_whole(&mut table);
        text += &format!("{table}\n");
    }
    if !text.is_empty() {
        text += &line("p: Welch's test of the repeats; p (Holm): those of all measurements, corrected together");
    }
    text
}

/// Scenario, batch size and workers of a measurement, for messages.
pub(crate) fn setting(measurement: &Measurement) -> String {
    let generator = &measurement.generator;
    format!("{}, batch size {}, {} workers", scenario(&generator.scenario), generator.batch_size, generator.workers)
}

/// A setting that may vary between rows: a column if it does, else part of the heading.
struct Column {
    head: &'static str,
    value: fn(&MeasuredRun) -> String,
    sentence: fn(&str) -> String,
}

const COLUMNS: [Column; 5] = [
    Column { head: "model", value: |run| run.model.clone(), sentence: shown },
    Column { head: "scenario", value: |run| scenario(&run.scenario), sentence: str::to_owned },
    Column { head: "batch", value: |run| run.batch_size.to_string(), sentence: |size| format!("batch size {size}") },
    Column {
        head: "workers",
        value: |run| run.workers.to_string(),
        sentence: |workers| counted(workers, "worker", "workers"),
    },
    Column {
        head: "copies",
        value: |run| run.copies.to_string(),
        sentence: |copies| counted(copies, "copy", "copies"),
    },
];

/// Columns of the table of latencies: head, quantity and unit.
const LATENCIES: [(&str, &str, &str); 7] = [
    ("p0", "latency_p0", "s"),
    ("p50", "latency_p50", "s"),
    ("p90", "latency_p90", "s"),
    ("p95", "latency_p95", "s"),
    ("p99", "latency_p99", "s"),
    ("p99.9", "latency_p99.9", "s"),
    ("p100", "latency_p100", "s"),
];

/// Columns of the table of costs.
const COSTS: [(&str, &str, &str); 2] =
    [("cost per 10⁶ samples", "cost_per_million", ""), ("measured energy", "measured_energy", "J")];

/// Columns of the table of resources.
const RESOURCES: [(&str, &str, &str); 6] = [
    ("preprocess", "preprocess_time", "s"),
    ("forward", "forward_time", "s"),
    ("postprocess", "postprocess_time", "s"),
    ("CPU time", "cpu_time", "s"),
    ("CPU load", "cpu_load", ""),
    ("memory", "peak_memory", "B"),
];

fn counted(number: &str, one: &str, several: &str) -> String {
    format!("{number} {}", if number == "1" { one } else { several })
}

fn scenario(scenario: &Scenario) -> String {
    match scenario {
        Scenario::MultiStream { samples_per_query } => format!("{} of {samples_per_query}", scenario.name()),
        Scenario::Server { rate } => format!("{} at {}/s", scenario.name(), plain_number(*rate)),
        Scenario::SingleStream | Scenario::Offline => scenario.name().to_owned(),
    }
}

/// Conditions of the rows: those of each scenario if they differ.
fn limits(runs: &[MeasuredRun]) -> String {
    let mut found: Vec<(&str, String)> = Vec::new();
    for run in runs {
        let conditions = conditions(run);
        if !found.iter().any(|(_, known)| *known == conditions) {
            found.push((run.scenario.name(), conditions));
        }
    }
    match &found[..] {
        [(_, only)] => line(only),
        several => several.iter().map(|(scenario, conditions)| line(&format!("{scenario}: {conditions}"))).collect(),
    }
}

fn conditions(run: &MeasuredRun) -> String {
    let conditions = &run.conditions;
    let repeats = counted(&conditions.repeats.to_string(), "repeat", "repeats");
    let mut minima = vec![scaled(conditions.min_seconds, "s")];
    if conditions.min_queries > 1 {
        minima.push(format!("{} queries", conditions.min_queries));
    }
    if conditions.min_samples > 0 {
        minima.push(format!("{} samples", conditions.min_samples));
    }
    let warmup = scaled(conditions.warmup_seconds, "s");
    let minima = minima.join(" and ");
    format!("{repeats} of at least {minima}, after {warmup} of warm-up; {} samples loaded", conditions.loaded_samples)
}

fn host_line(host: &Host) -> String {
    let cpu = host.cpu.as_deref().unwrap_or(&host.architecture);
    let Host { cores, os, instruction_set, library, .. } = host;
    format!("host: {}, {cores} processors, {os}, kernels for {instruction_set}, {library}", shown(cpu))
}

/// Estimate of the percentile of the scenario, such as `p90 ≤ 1.2 ms`.
fn tail(run: &MeasuredRun) -> String {
    let Some(percentile) = run.scenario.percentile() else { return dash() };
    let estimate = run.quantity(&format!("latency_p{percentile}_estimate"));
    estimate.map_or_else(dash, |found| format!("p{percentile} ≤ {}", scaled(found.median, "s")))
}

/// Range of the repeats in percent of their median.
fn spread(quantity: &Quantity) -> String {
    match quantity.values.len() {
        0 | 1 => dash(),
        _ => format!("{:.1} %", 100.0 * (quantity.max - quantity.min) / quantity.median),
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// A number to four digits.
fn plain_number(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e7).contains(&size) => format!("{number:.3e}"),
        size if size >= 1000.0 => format!("{number:.0}"),
        size if size >= 100.0 => format!("{number:.1}"),
        size if size >= 10.0 => format!("{number:.2}"),
        size if size >= 1.0 => format!("{number:.3}"),
        _ => format!("{number:.4}"),
    }
}

/// A number to three digits with its unit, whose prefix leaves one to three of them before the point.
fn scaled(number: f64, unit: &str) -> String {
    const PREFIXES: [(f64, &str); 8] =
        [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p")];
    if number == 0.0 {
        return format!("0 {unit}").trim_end().to_owned();
    }
    let size = number.abs();
    let (factor, prefix) = match unit {
        "" => (1.0, ""),
        // A kilosecond is no usual unit.
        "s" if size >= 1.0 => (1.0, ""),
        _ => PREFIXES.into_iter().find(|(factor, _)| size >= *factor).unwrap_or((1e-12, "p")),
    };
    let number = number / factor;
    let digits = match number.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{number:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {prefix}{unit}").trim_end().to_owned()
}

/// A table whose rows are numbered if there are several.
fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    let is_numbered = rows.len() > 1;
    let numbered = is_numbered.then_some("row");
    let mut table = plain(numbered.iter().chain(heads));
    table.set_width(WIDTH);
    for (number, row) in (1..).zip(rows) {
        table.add_row(is_numbered.then(|| number.to_string()).into_iter().chain(row));
    }
    right_align(&mut table);
    keep_cells_whole(&mut table);
    format!("{table}\n")
}

/// Aligns the columns of numbers, which begin with a digit in every row.
fn right_align(table: &mut Table) {
    let is_number = |cell: Option<&comfy_table::Cell>| {
        cell.is_some_and(|cell| cell.content().starts_with(|letter: char| letter.is_ascii_digit() || letter == '–'))
    };
    let columns = table.column_count();
    let numbers: Vec<bool> =
        (0..columns).map(|index| table.row_iter().all(|row| is_number(row.cell_iter().nth(index)))).collect();
    for (column, is_number) in table.column_iter_mut().zip(numbers) {
        if is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// A line of text, broken between words so that it fits the width.
fn line(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        let letters = line.chars().count() + word.chars().count() + 1;
        if letters > usize::from(WIDTH) && !line.is_empty() {
            lines.push(format!("  {word}"));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_prefix_that_makes_them_short() {
        for (number, unit, text) in [
            (0.001_234_567, "s", "1.23 ms"),
            (5.0, "s", "5 s"),
            (1234.5, "s", "1234 s"),
            (9.9e-8, "s", "99 ns"),
            (123_456_789.0, "B", "123 MB"),
            (1.987, "", "1.99"),
            (0.0, "s", "0 s"),
        ] {
            assert_eq!(scaled(number, unit), text);
        }
        assert_eq!([0.2, 12345.6, 99.99, 3e8].map(plain_number), ["0.2000", "12346", "99.99", "3.000e8"]);
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        let text = line(&"word ".repeat(30));
        assert!(text.lines().all(|line| line.chars().count() <= 80) && text.lines().count() == 2, "{text}");
    }
}
