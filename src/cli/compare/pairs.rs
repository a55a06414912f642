//! Runs against the first of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::CommandError;
use crate::cli::compare::family::{Reasons, correct};
use crate::cli::compare::resamples::{self, ResampleComparison};
use crate::cli::compare::samples::{self, SampleComparison};
use crate::cli::compare::{
    CompareSettings, Named, NumberPath, checks, metric, metrics, number_name, number_paths, numbers,
};
use crate::metric::MetricKind;
use crate::report::MetricResult;

/// Runs against the first of them.
#[derive(Serialize)]
pub(super) struct PairComparison {
    /// The runs; the first is what the others are compared with.
    pub(super) runs: Vec<String>,
    /// Of the intervals.
    pub(super) level: f64,
    pub(super) values: Vec<NumberComparison>,
    /// Of metrics that are the mean of their values on single samples.
    pub(super) samples: Vec<SampleComparison>,
    /// Of other metrics.
    pub(super) resamples: Vec<ResampleComparison>,
    /// How many tests have a p-value, which Holm's correction takes together.
    pub(super) corrected_together: usize,
    pub(super) notes: Vec<String>,
}

/// One number that a metric found, in all runs.
#[derive(Serialize)]
pub(super) struct NumberComparison {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) higher_is_better: Option<bool>,
    /// Of the runs that have it.
    pub(super) values: Vec<RunNumber>,
}

#[derive(Serialize)]
pub(super) struct RunNumber {
    pub(super) run: String,
    pub(super) value: f64,
    /// From the first run, if that has it, too; not for the first run itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<f64>,
}

/// A metric of two runs.
#[derive(Clone, Copy)]
pub(super) struct Pair<'r> {
    pub(super) first: &'r Named,
    pub(super) run: &'r Named,
    /// That of the first run.
    pub(super) own: &'r MetricResult,
    /// That of the other.
    pub(super) its: &'r MetricResult,
}

impl Pair<'_> {
    /// The run that a difference speaks for, run − first.
    pub(super) fn better(&self, difference: f64, higher_is_better: Option<bool>) -> Option<String> {
        let higher_is_better = higher_is_better.filter(|_| difference != 0.0)?;
        let better = if (difference > 0.0) == higher_is_better { self.run } else { self.first };
        Some(better.name.clone())
    }

    /// The run that did not keep what tests need.
    fn lacks_samples(&self) -> Option<&Named> {
        let kept = |metric: &MetricResult| metric.samples.is_some() || metric.no_samples.is_some();
        let both = [(self.first, self.own), (self.run, self.its)];
        both.into_iter().find(|(_, metric)| !kept(metric)).map(|(run, _)| run)
    }
}

pub(super) fn compare(runs: &[Named], settings: &CompareSettings) -> Result<PairComparison, CommandError> {
    let (first, others) = runs.split_first().ok_or("there is nothing to compare")?;
    let all: Vec<&Named> = runs.iter().collect();
    let mut found = PairComparison {
        runs: runs.iter().map(|run| run.name.clone()).collect(),
        level: settings.level,
        values: compared_numbers(first, &all),
        samples: Vec::new(),
        resamples: Vec::new(),
        corrected_together: 0,
        notes: checks::notes(&all),
    };
    let mut untested = Reasons::default();
    for own in &first.results.metrics {
        for run in others {
            let Some(its) = metric(&run.results, &own.name) else { continue };
            // What looks at the model alone has no samples; what has no value has said why.
            if own.kind == MetricKind::Static || own.value.is_none() || its.value.is_none() {
                continue;
            }
            if let Err(why) = test(&Pair { first, run, own, its }, settings, &mut found) {
                untested.add(&own.name, format!(": {why}"));
            }
        }
    }
    found.notes.extend(untested.notes("no test of"));
    let of_samples = found.samples.iter_mut().flat_map(|found| &mut found.tests);
    found.corrected_together = correct(of_samples.chain(found.resamples.iter_mut().map(|found| &mut found.test)));
    found.notes.extend(lacking(&found));
    found.notes.extend(too_few_resamples(&found));
    Ok(found)
}

/// Sample by sample where that tells of the metric, else on resamples.
fn test(pair: &Pair<'_>, settings: &CompareSettings, found: &mut PairComparison) -> Result<(), String> {
    if let Some(run) = pair.lacks_samples() {
        let how = "`neurobench run --intervals --per-sample` does";
        return Err(format!("`{}` does not keep the values of single samples ({how})", run.name));
    }
    match samples::compare(pair, settings) {
        Ok(compared) => found.samples.push(compared),
        Err(why) => match resamples::compare(pair, settings.level) {
            Ok(compared) => found.resamples.extend(compared),
            // For want of single samples there is neither.
            Err(nor) if nor.ends_with(&why) => return Err(why),
            Err(nor) => return Err(format!("{why}, and {nor}")),
        },
    }
    Ok(())
}

/// What has no value in a comparison, and why.
fn lacking(found: &PairComparison) -> Vec<String> {
    let mut reasons = Reasons::default();
    for found in &found.samples {
        let place = format!("{} in `{}`", found.metric, found.run);
        let tests = found.tests.iter().map(|test| (test.test, &test.error));
        let effects = found.effects.iter().map(|effect| (effect.effect, &effect.error));
        for (what, why) in [("interval", &found.no_interval)].into_iter().chain(tests).chain(effects) {
            if let Some(why) = why {
                reasons.add(what, format!(" of {place}: {why}"));
            }
        }
    }
    for found in &found.resamples {
        if let Some(why) = &found.test.error {
            reasons.add(found.test.test, format!(" of {} in `{}`: {why}", found.name, found.run));
        }
    }
    reasons.notes("no")
}

/// Tests of which the smallest p-value that there can be is, corrected as the smallest of all, not below 1 − level.
fn too_few_resamples(found: &PairComparison) -> Vec<String> {
    let of_samples = found.samples.iter().flat_map(|found| &found.tests);
    let together = found.corrected_together as f64;
    let mut reasons = Reasons::default();
    for test in of_samples.chain(found.resamples.iter().map(|found| &found.test)) {
        let smallest = test.smallest_p.map_or(0.0, |smallest| smallest * together);
        if smallest > 1.0 - found.level + 1e-9 {
            let level = found.level;
            let tail = format!(
                ": the smallest p-value that they can give is {smallest:.4} when {together} tests are corrected together, which \
                 level {level} does not call significant"
            );
            reasons.add(test.test, tail);
        }
    }
    reasons.notes("too few resamples for")
}

/// Every number that one of the runs has, in all.
fn compared_numbers(first: &Named, runs: &[&Named]) -> Vec<NumberComparison> {
    let all = |of: &MetricResult| {
        let of_run = |run: &Named| metric(&run.results, &of.name).map(numbers).unwrap_or_default();
        let of_runs: Vec<BTreeMap<NumberPath, f64>> =
            runs.iter().map(|run| of_run(run).into_iter().collect()).collect();
        let firsts: BTreeMap<NumberPath, f64> = of_run(first).into_iter().collect();
        let number = |path: NumberPath| {
            let found = runs.iter().zip(&of_runs).enumerate().filter_map(|(at, (run, numbers))| {
                let value = *numbers.get(&path)?;
                let difference = firsts.get(&path).filter(|_| at > 0).map(|first| value - first);
                Some(RunNumber { run: run.name.clone(), value, difference })
            });
            NumberComparison {
                name: number_name(of, &path),
                unit: of.unit_at(&path).map(str::to_owned),
                higher_is_better: of.higher_is_better_at(&path),
                values: found.collect(),
            }
        };
        number_paths(runs, of).into_iter().map(number).collect::<Vec<_>>()
    };
    metrics(runs).into_iter().flat_map(all).collect()
}
