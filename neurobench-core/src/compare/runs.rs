//! Runs against the first of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::compare::numbers::{NumberPath, metric_named, metrics, number_name, number_paths, numbers};
use crate::compare::pair::{MetricPair, RunMetric};
use crate::compare::reason::Grouped;
use crate::compare::report::correct;
use crate::compare::tests::default_tests;
use crate::compare::{
    CompareError, ComparisonSettings, MeasurementComparison, NamedResults, Note, ResampleComparison, SampleComparison,
    TestReport, Untested, checks, measurements, resamples, samples,
};
use crate::metric::MetricKind;
use crate::report::MetricResult;

/// Comparison of runs, the candidates, with the first of them, the baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunComparison {
    /// Names of the runs, the baseline first.
    pub runs: Vec<String>,
    /// Confidence level of the intervals.
    pub level: f64,
    /// Every number of every metric in all runs.
    pub values: Vec<NumberComparison>,
    /// Metrics that are the mean of their per-sample values, sample by sample.
    pub samples: Vec<SampleComparison>,
    /// Numbers of other metrics, on the same resamples.
    pub resamples: Vec<ResampleComparison>,
    /// Number of tests whose p-values are corrected together.
    pub corrected_together: usize,
    /// Measured quantities, apart from metrics: their p-values are corrected together, and not with those of metrics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<MeasurementComparison>,
    /// Notes, such as the reasons why metrics are not tested.
    pub notes: Vec<Note>,
}

/// One number of a metric in all runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NumberComparison {
    /// Name of the number.
    pub name: String,
    /// Unit of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Direction of the metric: `true` if more is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub higher_is_better: Option<bool>,
    /// Values in the runs that have the number.
    pub values: Vec<RunNumber>,
}

/// A number of a metric in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunNumber {
    /// Name of the run.
    pub run: String,
    /// The number.
    pub value: f64,
    /// Difference from the baseline, if that has the number too; none for the baseline itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
}

impl RunComparison {
    /// All tests of metrics.
    pub fn tests(&self) -> impl Iterator<Item = &TestReport> {
        let of_samples = self.samples.iter().flat_map(|found| &found.tests);
        of_samples.chain(self.resamples.iter().flat_map(|found| &found.tests))
    }

    fn tests_mut(&mut self) -> impl Iterator<Item = &mut TestReport> {
        let of_samples = self.samples.iter_mut().flat_map(|found| &mut found.tests);
        of_samples.chain(self.resamples.iter_mut().flat_map(|found| &mut found.tests))
    }

    /// Tests a metric sample by sample if it is the mean of its per-sample values, else on resamples.
    fn test(&mut self, pair: &MetricPair<'_>, settings: &ComparisonSettings) -> Result<(), Untested> {
        if let Some(run) = pair.run_without_samples() {
            return Err(Untested::NotKept { run: run.name.clone() });
        }
        match samples::compare(pair, settings) {
            Ok(compared) => self.samples.push(compared),
            Err(no_samples) => match resamples::compare(pair, settings) {
                Ok(compared) => self.resamples.extend(compared),
                Err(no_replicates) => return Err(Untested::from_reasons(no_samples, no_replicates)),
            },
        }
        Ok(())
    }
}

/// Compares runs with the first of them.
///
/// Metrics of the same name must have the same definition in all runs, over the same data. A metric that is the mean of
/// its per-sample values is tested sample by sample; any other is tested on the bootstrap replicates that the runs
/// keep.
///
/// # Errors
///
/// The settings are invalid; there are fewer than two runs, or two with one name; the runs differ in what must be
/// equal.
pub fn compare_runs(runs: &[NamedResults], settings: &ComparisonSettings) -> Result<RunComparison, CompareError> {
    settings.check_level()?;
    default_tests()?;
    settings.check_permutations()?;
    let (first, others) = match runs {
        [] => return Err(CompareError::NoRuns),
        [only] => return Err(CompareError::OneRun { run: only.name.clone() }),
        [first, others @ ..] => (first, others),
    };
    let mut names = BTreeSet::new();
    if let Some(again) = runs.iter().find(|run| !names.insert(&run.name)) {
        return Err(CompareError::SameRun { run: again.name.clone() });
    }
    let all: Vec<&NamedResults> = runs.iter().collect();
    checks::check(&all)?;
    let mut comparison = RunComparison {
        runs: runs.iter().map(|run| run.name.clone()).collect(),
        level: settings.level,
        values: compare_numbers(first, &all),
        samples: Vec::new(),
        resamples: Vec::new(),
        corrected_together: 0,
        measurements: Vec::new(),
        notes: checks::notes(&all),
    };
    let mut untested = Grouped::new();
    for metric in &first.results.metrics {
        for run in others {
            let Some(other) = metric_named(&run.results, &metric.name) else { continue };
            // A static metric looks at the model alone and has no samples; a metric without a value has its own note.
            if metric.kind == MetricKind::Static || metric.value.is_none() || other.value.is_none() {
                continue;
            }
            let pair =
                MetricPair { baseline: RunMetric { run: first, metric }, candidate: RunMetric { run, metric: other } };
            if let Err(reason) = comparison.test(&pair, settings) {
                untested.add(reason, &metric.name);
            }
        }
    }
    comparison.corrected_together = correct(comparison.tests_mut(), settings.correction);
    let mut notes: Vec<Note> =
        untested.into_iter().map(|(reason, metrics)| Note::NotTested { metrics, reason }).collect();
    notes.extend(missing_results(&comparison));
    notes.extend(too_few_resamples(&comparison, settings));
    comparison.notes.append(&mut notes);
    let (measured, mut notes) = measurements::compare(runs, settings);
    comparison.measurements = measured;
    comparison.notes.append(&mut notes);
    Ok(comparison)
}

/// Notes of tests, effects and intervals that have no value.
fn missing_results(comparison: &RunComparison) -> Vec<Note> {
    let mut missing = Grouped::new();
    for found in &comparison.samples {
        let tests = found.tests.iter().map(|test| (test.name, test.p_value.as_ref().err()));
        let effects = found.effects.iter().map(|effect| (effect.name, effect.value.as_ref().err()));
        for (result, reason) in [("interval", found.interval.as_ref().err())].into_iter().chain(tests).chain(effects) {
            if let Some(reason) = reason {
                missing.add((&found.metric, &found.candidate, reason), result);
            }
        }
    }
    for found in &comparison.resamples {
        for test in &found.tests {
            if let Err(reason) = &test.p_value {
                missing.add((&found.name, &found.candidate, reason), test.name);
            }
        }
    }
    let note = |((number, run, reason), results): ((&String, &String, &_), _)| Note::NoResult {
        results,
        number: number.clone(),
        run: run.clone(),
        reason: Clone::clone(reason),
    };
    missing.into_iter().map(note).collect()
}

/// Notes of tests that can give no p-value that is significant after the correction.
fn too_few_resamples(comparison: &RunComparison, settings: &ComparisonSettings) -> Vec<Note> {
    let corrected_together = comparison.corrected_together;
    // The smallest p-value of all is corrected by the number of tests.
    let factor = corrected_together.max(1) as f64;
    let mut too_few = Grouped::new();
    for test in comparison.tests() {
        let smallest_p = test.smallest_p.map_or(0.0, |smallest_p| smallest_p * factor);
        if !settings.is_significant(smallest_p) {
            too_few.add(smallest_p, test.name);
        }
    }
    let level = comparison.level;
    let note = |(smallest_p, tests)| Note::TooFewResamples { tests, smallest_p, corrected_together, level };
    too_few.into_iter().map(note).collect()
}

/// Every number of the runs, in all of them.
fn compare_numbers(first: &NamedResults, runs: &[&NamedResults]) -> Vec<NumberComparison> {
    let of_metric = |metric: &MetricResult| {
        let of_run = |run: &NamedResults| metric_named(&run.results, &metric.name).map(numbers).unwrap_or_default();
        let of_runs: Vec<BTreeMap<NumberPath, f64>> =
            runs.iter().map(|run| of_run(run).into_iter().collect()).collect();
        let of_first: BTreeMap<NumberPath, f64> = of_run(first).into_iter().collect();
        let number = |path: NumberPath| {
            let found = runs.iter().zip(&of_runs).enumerate().filter_map(|(at, (run, numbers))| {
                let value = *numbers.get(&path)?;
                let difference = of_first.get(&path).filter(|_| at > 0).map(|first| value - first);
                Some(RunNumber { run: run.name.clone(), value, difference })
            });
            NumberComparison {
                name: number_name(metric, &path),
                unit: metric.unit_at(&path).map(str::to_owned),
                higher_is_better: metric.higher_is_better_at(&path),
                values: found.collect(),
            }
        };
        number_paths(runs, &metric.name).into_iter().map(number).collect::<Vec<_>>()
    };
    metrics(runs).into_iter().flat_map(of_metric).collect()
}
