//! Two runs on the same resamples of the data, by metrics of any kind.
//!
//! A run with intervals and per-sample values keeps its values on all replicates. The draws of a replicate depend on
//! seed, sample and replicate alone, so two runs over the same data differ on each replicate by the models alone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::bench::Intervals;
use crate::compare::numbers::{number_at, number_name};
use crate::compare::pair::{MetricPair, RunMetric};
use crate::compare::reason::interval_if_any;
use crate::compare::tests::{Outcomes, PairedReplicates};
use crate::compare::{ComparisonSettings, NamedResults, NoReplicatePairs, NoValue, ReplicateSource, TestReport};
use crate::report::ReplicateValues;
use crate::stats::Interval;

/// One number of a metric of one run, the candidate, against the first, the baseline, on the same resamples.
/// Differences are candidate − baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResampleComparison {
    /// Name of the number.
    pub name: String,
    /// Name of the candidate; the key is `run` in JSON.
    #[serde(rename = "run")]
    pub candidate: String,
    /// Number of resamples on which both runs have a value.
    pub resamples: usize,
    /// Difference of the values on the data itself.
    pub difference: f64,
    /// Name of the run that is better by the difference, if the runs differ and the metric has a direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
    /// Confidence interval of the difference, between percentiles of the differences on resamples, or why there is
    /// none. JSON leaves the reason out: it is that of the test.
    #[serde(skip_serializing_if = "Result::is_err", serialize_with = "interval_if_any")]
    pub interval: Result<Interval, NoValue>,
    /// All tests that apply. In JSON, the first is `test`, and further ones are a list, `further_tests`.
    #[serde(flatten, serialize_with = "test_and_further_tests")]
    pub tests: Vec<TestReport>,
}

fn test_and_further_tests<S: Serializer>(tests: &[TestReport], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if let Some((first, further)) = tests.split_first() {
        map.serialize_entry("test", first)?;
        if !further.is_empty() {
            map.serialize_entry("further_tests", further)?;
        }
    }
    map.end()
}

/// At most one replicate in this number may be without a value, as for the interval of one run.
const ONE_UNDEFINED_OF: usize = 100;

/// Compares every number of which both runs have replicates.
pub(super) fn compare(
    pair: &MetricPair<'_>,
    settings: &ComparisonSettings,
) -> Result<Vec<ResampleComparison>, NoReplicatePairs> {
    let (baseline, candidate) = (pair.baseline.run, pair.candidate.run);
    let (a, b) = (source(baseline)?, source(candidate)?);
    if a != b {
        let sources = Box::new([(baseline.name.clone(), a), (candidate.name.clone(), b)]);
        return Err(NoReplicatePairs::Differ { sources });
    }
    let samples = sample_count(baseline)?.min(sample_count(candidate)?);
    if let Some(without) = pair.both().into_iter().find(|own| own.metric.replicates.is_empty()) {
        return Err(why_none(without));
    }
    let numbers = pair.baseline.metric.replicates.iter();
    let found: Vec<_> = numbers.filter_map(|number| compare_number(pair, number, samples, settings)).collect();
    if found.is_empty() { Err(NoReplicatePairs::NoCommonNumber) } else { Ok(found) }
}

/// Reason why a metric has no replicates although its run has.
fn why_none(RunMetric { run, metric }: RunMetric<'_>) -> NoReplicatePairs {
    let run = run.name.clone();
    match &metric.no_interval {
        Some(reason) => NoReplicatePairs::Undefined { run, reason: reason.clone() },
        None if !metric.intervals.is_empty() => NoReplicatePairs::ClosedForm { run },
        None => NoReplicatePairs::NotRecorded { run },
    }
}

fn source(run: &NamedResults) -> Result<ReplicateSource, NoReplicatePairs> {
    let Some(Intervals { replicates, seed, .. }) = run.results.intervals else {
        return Err(NoReplicatePairs::NotKept { run: run.name.clone() });
    };
    Ok(ReplicateSource { replicates, seed, library: run.results.library.clone() })
}

/// Number of samples or sequences from which the replicates of a run are drawn.
fn sample_count(run: &NamedResults) -> Result<u64, NoReplicatePairs> {
    run.results.sample_units.ok_or_else(|| NoReplicatePairs::UnknownSampleCount { run: run.name.clone() })
}

/// Compares a number by the replicates of the baseline; none if the candidate does not have them.
fn compare_number(
    pair: &MetricPair<'_>,
    replicates: &ReplicateValues,
    samples: u64,
    settings: &ComparisonSettings,
) -> Option<ResampleComparison> {
    let (metric, candidate) = (pair.baseline.metric, pair.candidate);
    let path = &replicates.path;
    let others = candidate.metric.replicates.iter().find(|others| others.path == *path)?;
    let others: BTreeMap<usize, f64> = others.iter().collect();
    let difference = number_at(candidate.metric, path)? - number_at(metric, path)?;
    let pairs = replicates.iter().filter_map(|(at, baseline)| Some((*others.get(&at)?, baseline)));
    let (candidate_values, baseline_values): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let resamples = candidate_values.len();
    let drawn = replicates.values.len() + replicates.undefined.len();
    let without = drawn.saturating_sub(resamples);
    let data = if without * ONE_UNDEFINED_OF > drawn {
        Err(NoValue::new(format!("{without} of {drawn} resamples have no value in one of the runs")))
    } else {
        Ok(PairedReplicates { candidate: candidate_values, baseline: baseline_values, samples })
    };
    let outcomes = Outcomes::new(&data, settings);
    Some(ResampleComparison {
        name: number_name(metric, path),
        candidate: candidate.run.name.clone(),
        resamples,
        difference,
        better: pair.better(difference, metric.higher_is_better_at(path)),
        interval: outcomes.interval(),
        tests: outcomes.reports(),
    })
}
