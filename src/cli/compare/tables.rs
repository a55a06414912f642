//! Comparisons as text.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table};

use crate::cli::compare::groups::GroupComparison;
use crate::cli::compare::pairs::PairComparison;
use crate::cli::table::{direction, interval, interval_head, keep_cells_whole, number, plain};
use crate::metric::Value;
use crate::stats::Interval;

pub(super) fn pairs(comparison: &PairComparison) -> String {
    let PairComparison { runs, level, values, samples, notes } = comparison;
    let mut head = vec!["metric".to_owned()];
    head.extend(runs.iter().cloned());
    head.extend(runs.iter().skip(1).map(|run| format!("{run} − {}", runs[0])));
    head.extend(["unit", "better"].map(str::to_owned));
    let mut table = plain(&head);
    right(&mut table, 1, head.len() - 3);
    for found in values {
        let mut row = vec![found.name.clone()];
        let of = |run: &String| found.values.iter().find(|number| number.run == *run);
        row.extend(runs.iter().map(|run| shown(of(run).map(|number| number.value))));
        row.extend(runs.iter().skip(1).map(|run| shown(of(run).and_then(|number| number.difference))));
        row.extend([found.unit.clone().unwrap_or_default(), direction(found.higher_is_better)]);
        table.add_row(row);
    }
    keep_cells_whole(&mut table);
    let mut text = format!("{table}\n");
    if !samples.is_empty() {
        let interval = interval_head(*level);
        let head =
            ["samples of", "run", "pairs", "mean difference", &interval, "test or effect", "value", "p", "p (Holm)"];
        let mut table = plain(head);
        right(&mut table, 2, 3);
        right(&mut table, 6, 3);
        for found in samples {
            let mut first = vec![
                found.metric.clone(),
                found.run.clone(),
                found.pairs.to_string(),
                shown(Some(found.mean_difference)),
                shown_interval(found.interval),
            ];
            let tests = found
                .tests
                .iter()
                .map(|test| [test.test.to_owned(), String::new(), shown_p(test.p_value), shown_p(test.p_holm)]);
            let effects = found
                .effects
                .iter()
                .map(|effect| [effect.effect.to_owned(), shown(effect.value), String::new(), String::new()]);
            for cells in tests.chain(effects) {
                table.add_row(first.into_iter().chain(cells));
                first = vec![String::new(); 5];
            }
        }
        keep_cells_whole(&mut table);
        let _ = writeln!(text, "{table}");
    }
    text + &noted(notes)
}

pub(super) fn groups(comparison: &GroupComparison) -> String {
    let GroupComparison { level, groups, values, notes } = comparison;
    let interval = interval_head(*level);
    let mut head = vec!["metric", "group", "runs", "mean", &interval];
    let of_difference = groups.first().map(|first| format!("difference from {}", first.name)).unwrap_or_default();
    if groups.len() > 1 {
        head.extend([of_difference.as_str(), &interval]);
    }
    head.extend(["unit", "better"]);
    let mut table = plain(&head);
    right(&mut table, 2, head.len() - 4);
    for found in values {
        let mut row = vec![
            found.name.clone(),
            found.group.clone(),
            found.runs.to_string(),
            shown(Some(found.mean)),
            shown_interval(found.interval),
        ];
        if groups.len() > 1 {
            let difference = found.difference.map(|difference| shown(Some(difference))).unwrap_or_default();
            row.extend([difference, shown_interval(found.difference_interval)]);
        }
        row.extend([found.unit.clone().unwrap_or_default(), direction(found.higher_is_better)]);
        table.add_row(row);
    }
    keep_cells_whole(&mut table);
    format!("{table}\n{}", noted(notes))
}

fn right(table: &mut Table, first: usize, count: usize) {
    for column in table.column_iter_mut().skip(first).take(count) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| number(&Value::Float(value)))
}

fn shown_interval(found: Option<Interval>) -> String {
    found.map(|found| interval(found.low, found.high)).unwrap_or_default()
}

/// A p-value, to four places or three digits.
fn shown_p(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p == 0.0 || p >= 1e-4 => format!("{p:.4}"),
        Some(p) => format!("{p:.2e}"),
    }
}

fn noted(notes: &[String]) -> String {
    notes.iter().fold(String::new(), |text, note| text + &format!("note: {note}\n"))
}
