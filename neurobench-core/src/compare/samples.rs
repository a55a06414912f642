//! Two runs sample by sample, by metrics that are the mean of their per-sample values.
//!
//! Pairs of samples are tested for these metrics only, and the comparison checks that a metric is such a mean. All
//! other metrics are tested on [replicates](super::resamples).

use serde::Serialize;

use crate::accumulate::Mean;
use crate::compare::pair::MetricPair;
use crate::compare::reason::interval_or_reason;
use crate::compare::tests::{Effect, Outcomes, PairedDecisions, SampleDifferences};
use crate::compare::{ComparisonSettings, NoSamplePairs, NoValue, TestReport};
use crate::report::{MetricResult, SampleValues};
use crate::stats::Interval;
use crate::value::Value;

/// A metric of one run, the candidate, against the first, the baseline, sample by sample. Differences are candidate −
/// baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SampleComparison {
    /// Name of the metric.
    pub metric: String,
    /// Name of the candidate; the key is `run` in JSON.
    #[serde(rename = "run")]
    pub candidate: String,
    /// Number of pairs of per-sample values.
    pub pairs: usize,
    /// Mean of the differences.
    pub mean_difference: f64,
    /// Name of the run that is better by the mean difference, if the runs differ and the metric has a direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
    /// Confidence interval of the mean difference, or why there is none: Tango's for a proportion, else Student's. The
    /// key is `interval` or `no_interval` in JSON.
    #[serde(flatten, serialize_with = "interval_or_reason")]
    pub interval: Result<Interval, NoValue>,
    /// For a proportion, the number of samples on which one run alone decides well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discordant: Option<DiscordantSamples>,
    /// All tests that apply.
    pub tests: Vec<TestReport>,
    /// Sizes of effects.
    pub effects: Vec<Effect>,
}

/// Numbers of samples on which one of two runs alone decides well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DiscordantSamples {
    /// Samples on which the candidate alone does; the key is `run` in JSON.
    #[serde(rename = "run")]
    pub candidate: u64,
    /// Samples on which the baseline alone does; the key is `first` in JSON.
    #[serde(rename = "first")]
    pub baseline: u64,
}

/// Compares a metric by its per-sample values.
pub(super) fn compare(pair: &MetricPair<'_>, settings: &ComparisonSettings) -> Result<SampleComparison, NoSamplePairs> {
    let (metric, run) = (pair.baseline.metric, pair.candidate.run);
    let (baseline, candidate) = (averaged(metric)?, averaged(pair.candidate.metric)?);
    if baseline.samples != candidate.samples {
        // The mean of the differences on common samples is not the difference of the means.
        return Err(NoSamplePairs::DifferentSamples);
    }
    let pairs = || baseline.values.iter().copied().zip(candidate.values.iter().copied());
    let differences: Vec<f64> = pairs().map(|(baseline, candidate)| candidate - baseline).collect();
    let mean_difference = Mean::from_values(differences.iter().copied()).value().ok_or(NoSamplePairs::Empty)?;
    let pair_count = differences.len();
    let (outcomes, discordant) = if baseline.proportion && candidate.proportion {
        let holds = |(baseline, candidate)| (baseline == 1.0, candidate == 1.0);
        let decisions = PairedDecisions::from_pairs(pairs().map(holds), metric.higher_is_better);
        let better = decisions.better_alone;
        let discordant = DiscordantSamples { candidate: better.first, baseline: better.second };
        (Outcomes::new(&Ok(decisions), settings), Some(discordant))
    } else {
        (Outcomes::new(&Ok(SampleDifferences(differences)), settings), None)
    };
    Ok(SampleComparison {
        metric: metric.name.clone(),
        candidate: run.name.clone(),
        pairs: pair_count,
        mean_difference,
        better: pair.better(mean_difference, metric.higher_is_better),
        interval: outcomes.interval(),
        discordant,
        effects: outcomes.effects(),
        tests: outcomes.reports(),
    })
}

/// The per-sample values of which a metric is the mean.
fn averaged(metric: &MetricResult) -> Result<&SampleValues, NoSamplePairs> {
    match (&metric.samples, &metric.no_samples) {
        (Some(samples), _) if is_their_mean(metric, samples) => Ok(samples),
        (Some(_), _) => Err(NoSamplePairs::NotTheirMean),
        (None, Some(why)) => Err(NoSamplePairs::Undefined(why.clone())),
        (None, None) => Err(NoSamplePairs::NotRecorded),
    }
}

/// Returns `true` for a metric that is the mean of its per-sample values: for others, differences of pairs say nothing
/// about the difference of the metric. Recall has no value on a sample that is predicted wrong, and the root mean
/// squared error of one sample is its absolute error.
fn is_their_mean(metric: &MetricResult, samples: &SampleValues) -> bool {
    // Each per-sample value is rounded once more than in the sum over the run.
    let close = |value: f64, mean: f64| (value - mean).abs() <= 1e-9 * value.abs().max(mean.abs());
    let mean = Mean::from_values(samples.values.iter().copied()).value();
    metric.value.as_ref().and_then(Value::as_f64).zip(mean).is_some_and(|(value, mean)| close(value, mean))
}
