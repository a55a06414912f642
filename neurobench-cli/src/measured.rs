//! Measurements as text.

use comfy_table::{CellAlignment, Table};

use crate::table::{keep_cells_whole, plain};
use neurobench_core::names::shown;
use neurobench_core::report::{Host, MeasuredRun, Measurements, Quantity, Scenario};
use neurobench_timing::Measurement;

/// Number of characters in a line: tables of measurements fit a terminal of the usual width.
const WIDTH: u16 = 80;

/// Tables of all rows, with the description of the host and notes.
pub(crate) fn measurements(measurements: &Measurements) -> String {
    let Measurements { host, runs } = measurements;
    let Some(first) = runs.first() else { return String::new() };
    let columns: Vec<&Column> =
        COLUMNS.iter().filter(|column| runs.iter().any(|run| (column.of)(run) != (column.of)(first))).collect();
    let constant: Vec<String> = COLUMNS
        .iter()
        .filter(|column| !columns.iter().any(|varying| varying.head == column.head))
        .map(|column| (column.sentence)(&(column.of)(first)))
        .collect();
    let mut text = format!("{}\n{}\n", wrapped(&constant.join(", ")), wrapped(&conditions(first)));
    let mut head: Vec<&str> = columns.iter().map(|column| column.head).collect();
    head.extend(["samples/s", "spread", "tail latency"]);
    let has_cost = runs.iter().any(|run| run.quantity(COST).is_some());
    let has_energy = runs.iter().any(|run| run.quantity(ENERGY).is_some());
    head.extend(has_cost.then_some("cost/10⁶"));
    head.extend(has_energy.then_some("J/sample"));
    head.push("verdict");
    let is_numbered = runs.len() > 1;
    let rows = runs.iter().map(|run| {
        let mut row: Vec<String> = columns.iter().map(|column| shown(&(column.of)(run))).collect();
        let throughput = run.quantity("throughput");
        row.push(throughput.map_or_else(dash, |found| plain_number(found.median)));
        row.push(throughput.map_or_else(dash, spread));
        row.push(tail(run));
        row.extend(has_cost.then(|| run.quantity(COST).map_or_else(dash, |found| plain_number(found.median))));
        row.extend(has_energy.then(|| run.quantity(ENERGY).map_or_else(dash, |found| scaled(found.median, "J"))));
        row.push(if run.valid { "VALID" } else { "INVALID" }.to_owned());
        row
    });
    text += &table(&head, is_numbered, rows);
    let percentiles = ["p0", "p50", "p90", "p95", "p99", "p99.9", "p100"];
    let latencies = runs.iter().map(|run| {
        let latency =
            |name: &&str| run.quantity(&format!("latency_{name}")).map_or_else(dash, |found| scaled(found.median, "s"));
        percentiles.iter().map(latency).collect()
    });
    text += &table(&percentiles, is_numbered, latencies);
    let resources = runs.iter().map(|run| {
        RESOURCES
            .iter()
            .map(|(_, name, unit)| run.quantity(name).map_or_else(dash, |found| scaled(found.median, unit)))
            .collect()
    });
    text += &table(&RESOURCES.map(|(head, ..)| head), is_numbered, resources);
    text += &wrapped(
        "latency of a query, in the offline scenario of a batch; times of stages, CPU time and energy per sample; medians of the repeats",
    );
    text += "\n";
    text += &wrapped(&host_line(host));
    text += "\n";
    for (number, run) in (1..).zip(runs) {
        let row = if is_numbered { format!("row {number}: ") } else { String::new() };
        let energy = run.energy.as_ref().map(|energy| {
            let idle = energy
                .domains
                .iter()
                .filter_map(|domain| Some(format!("{} {}", domain.name, scaled(domain.idle_watts?, "W"))));
            let idle: Vec<String> = idle.collect();
            let idle = if idle.is_empty() {
                "the idle level is included".to_owned()
            } else {
                format!("idle level subtracted: {}", idle.join(", "))
            };
            format!("measured energy of {} by {}; {idle}", energy.boundary, energy.source)
        });
        let lines = (run.invalid.iter().map(|problem| format!("INVALID: {problem}")))
            .chain(energy)
            .chain(run.no_energy.iter().map(|reason| format!("no measured energy: {reason}")))
            .chain(run.notes.iter().map(|found| format!("note: {found}")));
        for line in lines {
            text += &wrapped(&format!("{row}{line}"));
            text += "\n";
        }
    }
    text
}

/// Scenario, batch size and workers of a measurement, for messages.
pub(crate) fn setting(measurement: &Measurement) -> String {
    let generator = &measurement.generator;
    format!("{}, batch size {}, {} workers", scenario(&generator.scenario), generator.batch_size, generator.workers)
}

const COST: &str = "cost_per_million";
const ENERGY: &str = "measured_energy";

/// A setting that may vary between rows: a column if it does, else part of the heading.
struct Column {
    head: &'static str,
    of: fn(&MeasuredRun) -> String,
    sentence: fn(&str) -> String,
}

const COLUMNS: [Column; 5] = [
    Column { head: "model", of: |run| run.model.clone(), sentence: shown },
    Column { head: "scenario", of: |run| scenario(&run.scenario), sentence: str::to_owned },
    Column { head: "batch", of: |run| run.batch_size.to_string(), sentence: |size| format!("batch size {size}") },
    Column {
        head: "workers",
        of: |run| run.workers.to_string(),
        sentence: |workers| counted(workers, "worker", "workers"),
    },
    Column { head: "copies", of: |run| run.copies.to_string(), sentence: |copies| counted(copies, "copy", "copies") },
];

/// Columns of the table of resources: head, quantity and unit.
const RESOURCES: [(&str, &str, &str); 6] = [
    ("preprocess", "preprocess_time", "s"),
    ("forward", "forward_time", "s"),
    ("postprocess", "postprocess_time", "s"),
    ("CPU time", "cpu_time", "s"),
    ("CPU load", "cpu_load", ""),
    ("peak memory", "peak_memory", "B"),
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
        size if size >= 1e7 || size < 1e-3 => format!("{number:.3e}"),
        size if size >= 1000.0 => format!("{number:.0}"),
        size if size >= 100.0 => format!("{number:.1}"),
        size if size >= 10.0 => format!("{number:.2}"),
        size if size >= 1.0 => format!("{number:.3}"),
        _ => format!("{number:.4}"),
    }
}

/// A number with its unit, with the prefix for which one to three digits stand before the point.
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
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{number:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {prefix}{unit}").trim_end().to_owned()
}

fn table(head: &[&str], is_numbered: bool, rows: impl Iterator<Item = Vec<String>>) -> String {
    let numbered = is_numbered.then_some("row");
    let mut table = plain(numbered.iter().chain(head));
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

/// Breaks a line between words so that it fits the width.
fn wrapped(text: &str) -> String {
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
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_prefix_that_makes_them_short() {
        for (number, unit, text) in [
            (0.001_234_567, "s", "1.235 ms"),
            (5.0, "s", "5 s"),
            (1234.5, "s", "1234.5 s"),
            (9.9e-8, "s", "99 ns"),
            (123_456_789.0, "B", "123.5 MB"),
            (1.987, "", "1.987"),
            (0.0, "s", "0 s"),
        ] {
            assert_eq!(scaled(number, unit), text);
        }
        assert_eq!([0.2, 12345.6, 99.99, 3e8].map(plain_number), ["0.2000", "12346", "99.99", "3.000e8"]);
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        let text = wrapped(&"word ".repeat(30));
        assert!(text.lines().all(|line| line.chars().count() <= 80) && text.lines().count() == 2, "{text}");
    }
}
