//! Comparison of several runs.

use maud::{Markup, html as markup};
use neurobench_core::compare::{
    ComparisonSettings, NamedResults, NoValue, NumberComparison, RunComparison, TestReport, compare_runs,
};
use neurobench_core::names::shown;
use neurobench_core::report::export::NamedRun;
use neurobench_core::report::{direction, interval_head, interval_text};
use neurobench_core::stats::Interval;
use neurobench_core::value::Value;

use crate::html::keyed::has_table;
use crate::html::table::{Cell, list, table};

/// Values of several runs, their differences from the first, and tests where the runs kept what tests need.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    if runs.len() < 2 {
        return None;
    }
    // Their numbers by layer and class stand in tables of their own.
    let metrics = runs.iter().flat_map(|run| &run.results.metrics);
    let keyed: Vec<String> =
        metrics.filter(|metric| has_table(metric)).map(|metric| format!("{} · ", metric.name)).collect();
    let named: Vec<NamedResults> = runs.iter().map(|run| NamedResults::new(run.name, run.results.clone())).collect();
    Some(match compare_runs(&named, &ComparisonSettings::default()) {
        Ok(comparison) => markup! {
            (values(&comparison, &keyed))
            (tests(&comparison))
            (list(&comparison.notes.iter().map(ToString::to_string).collect::<Vec<_>>()))
        },
        Err(error) => markup! { p { "The runs are not compared: " (shown(&error.to_string())) } },
    })
}

/// Values and differences, without the numbers whose names begin with one of these.
fn values(comparison: &RunComparison, without: &[String]) -> Markup {
    let runs = &comparison.runs;
    let baseline = runs.first().map(String::as_str).unwrap_or_default();
    let mut heads = vec![Cell::text("metric")];
    heads.extend(runs.iter().map(Cell::number));
    heads.extend(runs.iter().skip(1).map(|run| Cell::number(format!("{run} − {baseline}"))));
    heads.extend(["unit", "better"].map(Cell::text));
    let row = |number: &NumberComparison| {
        let of = |run: &String| number.values.iter().find(|value| value.run == *run);
        let best = best(number);
        let value = |run: &String| {
            let value = of(run).map(|value| value.value);
            let is_best = value.is_some() && value == best;
            Cell::number(number_or_dash(value)).class(if is_best { "best" } else { "" })
        };
        let mut row = vec![Cell::text(&number.name)];
        row.extend(runs.iter().map(value));
        let differences = runs.iter().skip(1).map(|run| of(run).and_then(|value| value.difference));
        row.extend(differences.map(|difference| Cell::number(number_or_dash(difference))));
        row.push(Cell::text(number.unit.clone().unwrap_or_default()).class("unit"));
        row.push(Cell::text(direction(number.higher_is_better)));
        row
    };
    let is_shown = |number: &&NumberComparison| !without.iter().any(|start| number.name.starts_with(start));
    let rows: Vec<Vec<Cell>> = comparison.values.iter().filter(is_shown).map(row).collect();
    table("Values and differences; the best value of each row is bold", &heads, &rows)
}

/// The best value, if the runs differ and the metric has a direction.
fn best(number: &NumberComparison) -> Option<f64> {
    let higher_is_better = number.higher_is_better?;
    let values = || number.values.iter().map(|value| value.value);
    let (lowest, highest) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    (lowest < highest).then_some(if higher_is_better { highest } else { lowest })
}

fn tests(comparison: &RunComparison) -> Markup {
    let interval = interval_head(comparison.level);
    let heads = [
        Cell::text("metric"),
        Cell::text("run"),
        Cell::text("on"),
        Cell::number("difference"),
        Cell::number(&interval),
        Cell::text("better"),
        Cell::text("test or effect"),
        Cell::number("value"),
        Cell::number("p"),
        Cell::number("p (Holm)"),
    ];
    let mut rows = Vec::new();
    for found in &comparison.samples {
        let first = [
            Cell::text(&found.metric),
            Cell::text(&found.candidate),
            Cell::text(format!("{} pairs", found.pairs)),
            Cell::number(number_or_dash(Some(found.mean_difference))),
            Cell::number(shown_interval(&found.interval)),
            Cell::text(found.better.clone().unwrap_or_default()),
        ];
        let effects = found.effects.iter().map(|effect| {
            let value = Cell::number(number_or_dash(effect.value.as_ref().ok().copied()));
            [Cell::text(effect.name), value, Cell::number(""), Cell::number("")]
        });
        add_block(&mut rows, first, found.tests.iter().map(test_cells).chain(effects));
    }
    for found in &comparison.resamples {
        let first = [
            Cell::text(&found.name),
            Cell::text(&found.candidate),
            Cell::text(format!("{} resamples", found.resamples)),
            Cell::number(number_or_dash(Some(found.difference))),
            Cell::number(shown_interval(&found.interval)),
            Cell::text(found.better.clone().unwrap_or_default()),
        ];
        add_block(&mut rows, first, found.tests.iter().map(test_cells));
    }
    markup! {
        @if !rows.is_empty() {
            (table("Tests against the first run", &heads, &rows))
            p.muted { "p (Holm): p-values of " (comparison.corrected_together) " tests, corrected together." }
        }
    }
}

/// Adds rows. Only the first shows the difference; all name what is compared.
fn add_block(rows: &mut Vec<Vec<Cell>>, first: [Cell; 6], lines: impl Iterator<Item = [Cell; 4]>) {
    let metric = first[0].text.clone();
    let mut first = Some(first);
    for cells in lines {
        let head = first.take().map_or_else(
            || {
                let mut head = vec![Cell::text(&metric)];
                head.extend((0..5).map(|_| Cell::text("")));
                head
            },
            Vec::from,
        );
        rows.push(head.into_iter().chain(cells).collect());
    }
}

fn test_cells(test: &TestReport) -> [Cell; 4] {
    let p = |p: Option<f64>| Cell::number(shown_p(p));
    [Cell::text(test.name), Cell::number(""), p(test.p_value.as_ref().ok().copied()), p(test.corrected_p)]
}

fn number_or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| Value::Float(value).to_short_text())
}

fn shown_interval(found: &Result<Interval, NoValue>) -> String {
    found.as_ref().map(|found| interval_text(found.low, found.high)).unwrap_or_default()
}

/// A p-value, to four places or three digits.
fn shown_p(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        // The p-value underflows; no outcome of a test has probability zero.
        Some(0.0) => "< 1e-307".to_owned(),
        Some(p) if p >= 1e-4 => format!("{p:.4}"),
        Some(p) => format!("{p:.2e}"),
    }
}
