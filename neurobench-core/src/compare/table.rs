//! Comparisons as flat tables: one row for each number.

use crate::compare::{Comparison, GroupComparison, NoValue, RunComparison, TestReport};
use crate::report::export::{Head, Table};
use crate::stats::Interval;
use crate::value::Value;

impl Comparison {
    /// Returns a table with one row for each number: values, differences, their intervals, p-values and sizes of effects.
    #[must_use]
    pub fn table(&self) -> Table {
        match self {
            Self::Runs(comparison) => comparison.table(),
            Self::Groups(comparison) => comparison.table(),
        }
    }
}

/// A row of the table.
struct Row<'r> {
    statistic: &'r str,
    metric: &'r str,
    run: &'r str,
    value: Option<f64>,
    interval: Option<&'r Interval>,
    unit: Option<&'r str>,
    higher_is_better: Option<bool>,
}

impl<'r> Row<'r> {
    fn new(statistic: &'r str, metric: &'r str, run: &'r str, value: Option<f64>) -> Self {
        Self { statistic, metric, run, value, interval: None, unit: None, higher_is_better: None }
    }

    fn interval(self, interval: &'r Result<Interval, NoValue>) -> Self {
        Self { interval: interval.as_ref().ok(), ..self }
    }

    fn described(self, unit: Option<&'r str>, higher_is_better: Option<bool>) -> Self {
        Self { unit, higher_is_better, ..self }
    }

    fn add_to(self, table: &mut Table) {
        let text = |text: &str| Value::Text(text.to_owned());
        let number = |number: Option<f64>| number.map_or(Value::Null, Value::Float);
        table.push([
            text(self.statistic),
            text(self.metric),
            text(self.run),
            number(self.value),
            number(self.interval.map(|interval| interval.low)),
            number(self.interval.map(|interval| interval.high)),
            self.unit.map_or(Value::Null, text),
            self.higher_is_better.map_or(Value::Null, Value::Bool),
        ]);
    }
}

fn empty(run: &str) -> Table {
    let (text, number) = (Head::text, Head::number);
    Table::new([
        text("statistic"),
        text("metric"),
        text(run),
        number("value"),
        number("low"),
        number("high"),
        text("unit"),
        text("higher_is_better"),
    ])
}

impl RunComparison {
    fn table(&self) -> Table {
        let mut table = empty("run");
        for number in &self.values {
            for value in &number.values {
                let row = |statistic, shown| {
                    let row = Row::new(statistic, &number.name, &value.run, Some(shown));
                    row.described(number.unit.as_deref(), number.higher_is_better)
                };
                row("value", value.value).add_to(&mut table);
                if let Some(difference) = value.difference {
                    row("difference", difference).add_to(&mut table);
                }
            }
        }
        for found in &self.samples {
            let row = |statistic, value| Row::new(statistic, &found.metric, &found.candidate, value);
            row("mean difference of samples", Some(found.mean_difference)).interval(&found.interval).add_to(&mut table);
            add_tests(&mut table, &found.tests, &found.metric, &found.candidate);
            for effect in &found.effects {
                row(effect.name, effect.value.as_ref().ok().copied()).add_to(&mut table);
            }
        }
        for found in &self.resamples {
            let row = Row::new("difference on resamples", &found.name, &found.candidate, Some(found.difference));
            row.interval(&found.interval).add_to(&mut table);
            add_tests(&mut table, &found.tests, &found.name, &found.candidate);
        }
        table.notes = self.notes.iter().map(ToString::to_string).collect();
        table
    }
}

fn add_tests(table: &mut Table, tests: &[TestReport], metric: &str, run: &str) {
    for test in tests {
        let p = format!("{}: p", test.name);
        Row::new(&p, metric, run, test.p_value.as_ref().ok().copied()).add_to(table);
        let corrected = format!("{}: p (Holm)", test.name);
        Row::new(&corrected, metric, run, test.corrected_p).add_to(table);
    }
}

impl GroupComparison {
    fn table(&self) -> Table {
        let mut table = empty("group");
        for number in &self.values {
            let row = |statistic, value| {
                Row::new(statistic, &number.name, &number.group, Some(value))
                    .described(number.unit.as_deref(), number.higher_is_better)
            };
            row("mean", number.mean).interval(&number.interval).add_to(&mut table);
            row("runs", number.runs as f64).described(None, None).add_to(&mut table);
            if let Some(difference) = &number.difference {
                row("difference", difference.value).interval(&difference.interval).add_to(&mut table);
            }
        }
        table.notes = self.notes.iter().map(ToString::to_string).collect();
        table
    }
}
