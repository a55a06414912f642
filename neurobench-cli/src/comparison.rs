//! Comparisons as text.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table};

use crate::measured;
use crate::table::{Block, fits, fitted, fitting, keep_cells_whole, plain, stacked, wrap_heads};
use neurobench_core::compare::{
    DiscordantSamples, GroupComparison, NoValue, Note, RunComparison, SampleComparison, TestReport,
};
use neurobench_core::names::shown;
use neurobench_core::report::{direction, interval_head, interval_text};
use neurobench_core::stats::Interval;
use neurobench_core::value::Value;

pub(crate) fn runs(comparison: &RunComparison) -> String {
    let RunComparison { runs, values, corrected_together, notes, .. } = comparison;
    let mut head = vec!["metric".to_owned()];
    head.extend(runs.iter().map(|run| shown(run)));
    head.extend(runs.iter().skip(1).map(|run| shown(&format!("{run} − {}", runs[0]))));
    head.extend(["unit", "better"].map(str::to_owned));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for found in values {
        let mut row = vec![shown(&found.name)];
        let of = |run: &String| found.values.iter().find(|number| number.run == *run);
        row.extend(runs.iter().map(|run| number_or_dash(of(run).map(|number| number.value))));
        row.extend(runs.iter().skip(1).map(|run| number_or_dash(of(run).and_then(|number| number.difference))));
        row.extend([optional(found.unit.as_deref()), direction(found.higher_is_better).to_owned()]);
        rows.push(row);
    }
    let mut table = plain(&head);
    right(&mut table, 1, head.len() - 3);
    table.add_rows(rows.clone());
    keep_cells_whole(&mut table);
    let mut text = fitting(format!("{table}\n"), |columns| narrow_values(comparison, head, rows, columns));
    if !(comparison.samples.is_empty() && comparison.resamples.is_empty()) {
        text += &fitting(format!("{}\n", tests(comparison)), |columns| narrow_tests(comparison, columns));
        let _ = writeln!(text, "p (Holm): p-values of {corrected_together} tests, corrected together");
    }
    // Results of measurements alone have no metrics.
    if values.is_empty() && !comparison.measurements.is_empty() {
        text.clear();
    }
    text + &measured::comparison(&comparison.measurements) + &noted(notes)
}

/// Table of values with wrapped names or, if that is too wide, with a row for each run below the metric.
fn narrow_values(comparison: &RunComparison, head: Vec<String>, rows: Vec<Vec<String>>, columns: usize) -> String {
    let (mut heads, unit) = (head, 2 * comparison.runs.len());
    wrap_heads(&mut heads, &rows, 1..unit);
    let table = fitted(heads, rows, 1..unit, &[(unit, 10), (0, 18)], columns);
    if fits(&table, columns) {
        return table;
    }
    let blocks = comparison.values.iter().map(|found| {
        let row = |run: &String| {
            let number = found.values.iter().find(|number| number.run == *run);
            let difference = number.and_then(|number| number.difference);
            let is_first = comparison.runs.first() == Some(run);
            let difference = if is_first { String::new() } else { number_or_dash(difference) };
            vec![shown(run), number_or_dash(number.map(|number| number.value)), difference]
        };
        let title = titled(&found.name, found.unit.as_deref(), found.higher_is_better);
        Block { title, rows: comparison.runs.iter().map(row).collect() }
    });
    stacked(["metric and run", "value", "difference"].map(str::to_owned).into(), blocks, columns)
}

/// Name of a metric with its unit and direction.
fn titled(name: &str, unit: Option<&str>, higher_is_better: Option<bool>) -> String {
    let unit = unit.map(|unit| format!(" in {}", shown(unit))).unwrap_or_default();
    let better = match direction(higher_is_better) {
        "" => String::new(),
        better => format!(", {better} is better"),
    };
    shown(name) + &unit + &better
}

/// Table of tests with the compared runs, their difference and its interval above the tests.
fn narrow_tests(comparison: &RunComparison, columns: usize) -> String {
    let of_samples = comparison.samples.iter().map(|found| {
        let place = format!("{}, {}, {} pairs", shown(&found.metric), shown(&found.candidate), found.pairs);
        let lines = sample_lines(comparison, found);
        narrow_block(comparison.level, place, found.mean_difference, &found.interval, found.better.as_deref(), lines)
    });
    let of_resamples = comparison.resamples.iter().map(|found| {
        let place = format!("{}, {}, {} resamples", shown(&found.name), shown(&found.candidate), found.resamples);
        let lines = found.tests.iter().map(shown_test).collect();
        narrow_block(comparison.level, place, found.difference, &found.interval, found.better.as_deref(), lines)
    });
    let heads = ["test or effect", "value", "p", "p (Holm)"].map(str::to_owned).into();
    stacked(heads, of_samples.chain(of_resamples), columns)
}

fn narrow_block(
    level: f64,
    place: String,
    difference: f64,
    interval: &Result<Interval, NoValue>,
    better: Option<&str>,
    lines: Vec<[String; 4]>,
) -> Block {
    let alone = |name: String, value: String| vec![name, value, String::new(), String::new()];
    let mut rows = vec![alone("difference".to_owned(), number_or_dash(Some(difference)))];
    if interval.is_ok() {
        rows.push(alone(interval_head(level), shown_interval(interval)));
    }
    rows.extend(lines.into_iter().map(Vec::from));
    let better = better.map(|better| format!("; better: {}", shown(better))).unwrap_or_default();
    Block { title: place + &better, rows }
}

/// Lines of the discordant samples, the tests and the effects of a metric.
fn sample_lines(comparison: &RunComparison, found: &SampleComparison) -> Vec<[String; 4]> {
    let alone = found.discordant.into_iter().flat_map(|DiscordantSamples { candidate, baseline, .. }| {
        let line = |name: &str, count: u64| {
            [format!("better in {} alone", shown(name)), count.to_string(), String::new(), String::new()]
        };
        [line(&found.candidate, candidate), line(&comparison.runs[0], baseline)]
    });
    let effects = found.effects.iter().map(|effect| {
        [effect.name.to_owned(), number_or_dash(effect.value.as_ref().ok().copied()), String::new(), String::new()]
    });
    alone.chain(found.tests.iter().map(shown_test)).chain(effects).collect()
}

/// Table of tests and effect sizes: a block of lines for each metric and run.
fn tests(comparison: &RunComparison) -> Table {
    let interval = interval_head(comparison.level);
    let head = ["test of", "run", "on", "difference", &interval, "better", "test or effect", "value", "p", "p (Holm)"];
    let mut table = plain(head);
    right(&mut table, 3, 2);
    right(&mut table, 7, 3);
    for found in &comparison.samples {
        let first = [
            shown(&found.metric),
            shown(&found.candidate),
            format!("{} pairs", found.pairs),
            number_or_dash(Some(found.mean_difference)),
            shown_interval(&found.interval),
            optional(found.better.as_deref()),
        ];
        add_block(&mut table, first, sample_lines(comparison, found).into_iter());
    }
    for found in &comparison.resamples {
        let first = [
            shown(&found.name),
            shown(&found.candidate),
            format!("{} resamples", found.resamples),
            number_or_dash(Some(found.difference)),
            shown_interval(&found.interval),
            optional(found.better.as_deref()),
        ];
        add_block(&mut table, first, found.tests.iter().map(shown_test));
    }
    keep_cells_whole(&mut table);
    table
}

/// Adds a block of lines. Only its first line names what is compared.
fn add_block(table: &mut Table, first: [String; 6], lines: impl Iterator<Item = [String; 4]>) {
    let mut first = Vec::from(first);
    for cells in lines {
        table.add_row(first.into_iter().chain(cells));
        first = vec![String::new(); 6];
    }
}

fn shown_test(test: &TestReport) -> [String; 4] {
    [test.name.to_owned(), String::new(), shown_p(test.p_value.as_ref().ok().copied()), shown_p(test.corrected_p)]
}

pub(crate) fn groups(comparison: &GroupComparison) -> String {
    let GroupComparison { level, groups, values, notes, .. } = comparison;
    let interval = interval_head(*level);
    let mut head = vec!["metric", "group", "runs", "mean", &interval];
    let difference_head =
        groups.first().map(|first| shown(&format!("difference from {}", first.name))).unwrap_or_default();
    if groups.len() > 1 {
        head.extend([difference_head.as_str(), &interval]);
    }
    head.extend(["unit", "better"]);
    let mut table = plain(&head);
    right(&mut table, 2, head.len() - 4);
    for found in values {
        let mut row = vec![
            shown(&found.name),
            shown(&found.group),
            found.runs.to_string(),
            number_or_dash(Some(found.mean)),
            shown_interval(&found.interval),
        ];
        if groups.len() > 1 {
            row.extend(match &found.difference {
                Some(difference) => [number_or_dash(Some(difference.value)), shown_interval(&difference.interval)],
                None => Default::default(),
            });
        }
        row.extend([optional(found.unit.as_deref()), direction(found.higher_is_better).to_owned()]);
        table.add_row(row);
    }
    keep_cells_whole(&mut table);
    fitting(format!("{table}\n"), |columns| narrow_groups(comparison, columns)) + &noted(notes)
}

/// Table of groups with the difference from the first group below the mean.
fn narrow_groups(comparison: &GroupComparison, columns: usize) -> String {
    let GroupComparison { level, groups, values, .. } = comparison;
    let first = groups.first().map(|first| shown(&first.name)).unwrap_or_default();
    let blocks = values.chunk_by(|one, other| one.name == other.name).filter_map(|values| {
        let metric = values.first()?;
        let rows = values.iter().flat_map(|found| {
            let mean = number_or_dash(Some(found.mean));
            let row = vec![shown(&found.group), found.runs.to_string(), mean, shown_interval(&found.interval)];
            let difference = found.difference.as_ref().map(|difference| {
                let value = number_or_dash(Some(difference.value));
                let name = format!("{} − {first}", shown(&found.group));
                vec![name, String::new(), value, shown_interval(&difference.interval)]
            });
            std::iter::once(row).chain(difference)
        });
        let title = titled(&metric.name, metric.unit.as_deref(), metric.higher_is_better);
        Some(Block { title, rows: rows.collect() })
    });
    let heads = ["metric and group", "runs", "mean"].map(str::to_owned).into_iter().chain([interval_head(*level)]);
    stacked(heads.collect(), blocks, columns)
}

fn right(table: &mut Table, first: usize, count: usize) {
    for column in table.column_iter_mut().skip(first).take(count) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Name or unit, if there is one.
fn optional(name: Option<&str>) -> String {
    name.map(shown).unwrap_or_default()
}

fn number_or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| Value::Float(value).to_short_text())
}

fn shown_interval(found: &Result<Interval, NoValue>) -> String {
    found.as_ref().map(|found| interval_text(found.low, found.high)).unwrap_or_default()
}

/// A p-value, to four places or three digits.
pub(crate) fn shown_p(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        // The p-value underflows; no outcome of a test has probability zero.
        Some(0.0) => "< 1e-307".to_owned(),
        Some(p) if p >= 1e-4 => format!("{p:.4}"),
        Some(p) => format!("{p:.2e}"),
    }
}

fn noted(notes: &[Note]) -> String {
    notes.iter().fold(String::new(), |text, note| text + &format!("note: {}\n", shown(&note.to_string())))
}
