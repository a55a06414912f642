//! Runs against the first of them, by values and by tests of pairs of samples.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::CommandError;
use crate::cli::compare::{CompareSettings, Named, checks, metric, numbers, unit_and_direction};
use crate::metric::{MetricError, Value};
use crate::report::{MetricResult, SampleValues};
use crate::stats::Interval;
use crate::stats::effects::{cohens_d, odds_ratio, rank_biserial};
use crate::stats::intervals::mean;
use crate::stats::tests::{Discordant, SignedRanks, holm, mcnemar, paired_t, permutation, signed_rank};

/// Runs against the first of them.
#[derive(Serialize)]
pub(super) struct PairComparison {
    /// The runs; the first is what the others are compared with.
    pub(super) runs: Vec<String>,
    /// Of the intervals.
    pub(super) level: f64,
    pub(super) values: Vec<NumberComparison>,
    pub(super) samples: Vec<SampleComparison>,
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
    /// From the first run; not for the first run itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<f64>,
}

/// One metric of one run against the first, sample by sample. Differences are run − first.
#[derive(Serialize)]
pub(super) struct SampleComparison {
    pub(super) metric: String,
    pub(super) run: String,
    /// Samples on which both runs have a value.
    pub(super) pairs: usize,
    pub(super) mean_difference: f64,
    /// Student's, for the mean of the differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<Interval>,
    pub(super) tests: Vec<Test>,
    pub(super) effects: Vec<Effect>,
}

/// A test: its p-value, or why it has none.
#[derive(Serialize)]
pub(super) struct Test {
    pub(super) test: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p_value: Option<f64>,
    /// By Holm's correction over all tests of the comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p_holm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// The size of an effect, or why it has none.
#[derive(Serialize)]
pub(super) struct Effect {
    pub(super) effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

pub(super) fn compare(runs: &[Named], settings: &CompareSettings) -> Result<PairComparison, CommandError> {
    let (first, others) = runs.split_first().ok_or("there is nothing to compare")?;
    let mut samples = Vec::new();
    let mut notes = checks::notes(&runs.iter().collect::<Vec<_>>());
    let mut kept = false;
    for own in &first.results.metrics {
        for other in others {
            let its = metric(&other.results, &own.name);
            let Some((own_samples, its)) = own.samples.as_ref().zip(its) else { continue };
            let Some(its_samples) = its.samples.as_ref() else { continue };
            kept = true;
            let both = [(first, own, own_samples), (other, its, its_samples)];
            if let Some((run, ..)) = both.into_iter().find(|(_, metric, samples)| !is_their_mean(metric, samples)) {
                let (name, run) = (&own.name, &run.name);
                notes
                    .push(format!("no tests of {name}: in `{run}` it is not the mean of its values on single samples"));
                continue;
            }
            let (metric, run) = (own.name.clone(), other.name.clone());
            samples.push(compared_samples(metric, run, &pairs(own_samples, its_samples), settings));
        }
    }
    correct(&mut samples);
    for found in &samples {
        let tests = found.tests.iter().filter_map(|test| Some((test.test, test.error.as_ref()?)));
        let effects = found.effects.iter().filter_map(|effect| Some((effect.effect, effect.error.as_ref()?)));
        notes.extend(
            tests.chain(effects).map(|(what, why)| format!("{what} of {} in `{}`: {why}", found.metric, found.run)),
        );
    }
    if !kept {
        notes.push("no tests: the values of single samples were not kept (`neurobench run --per-sample`)".to_owned());
    }
    let names = runs.iter().map(|run| run.name.clone()).collect();
    Ok(PairComparison { runs: names, level: settings.level, values: compared_numbers(first, runs), samples, notes })
}

/// Every number of the first run, in all.
fn compared_numbers(first: &Named, runs: &[Named]) -> Vec<NumberComparison> {
    let all = |own: &MetricResult| {
        let of_run = |run: &Named| metric(&run.results, &own.name).map(numbers).unwrap_or_default();
        let of_runs: Vec<BTreeMap<String, f64>> = runs.iter().map(|run| of_run(run).into_iter().collect()).collect();
        let number = |(name, first): (String, f64)| {
            let (unit, higher_is_better) = unit_and_direction(own, &name);
            let found = runs.iter().zip(&of_runs).enumerate().filter_map(|(at, (run, numbers))| {
                let value = *numbers.get(&name)?;
                Some(RunNumber { run: run.name.clone(), value, difference: (at > 0).then_some(value - first) })
            });
            NumberComparison { unit, higher_is_better, values: found.collect(), name }
        };
        numbers(own).into_iter().map(number).collect::<Vec<_>>()
    };
    first.results.metrics.iter().flat_map(all).collect()
}

/// Whether a metric is the mean of what it is on single samples: only of such does a difference of pairs tell. Recall has no value
/// on a sample that was predicted wrong, and the root mean squared error of one sample is its absolute error.
fn is_their_mean(metric: &MetricResult, samples: &SampleValues) -> bool {
    // Each value is rounded once more than in the sum over the run.
    let close = |value: f64, mean: f64| (value - mean).abs() <= 1e-9 * value.abs().max(mean.abs());
    let mean = crate::accumulate::Mean::of(samples.values.iter().copied()).value();
    metric.value.as_ref().and_then(Value::as_f64).zip(mean).is_some_and(|(value, mean)| close(value, mean))
}

/// The values of the first and of another run on the samples on which both have one.
fn pairs(first: &SampleValues, other: &SampleValues) -> Vec<(f64, f64)> {
    let of_other: BTreeMap<u64, f64> = other.samples.iter().copied().zip(other.values.iter().copied()).collect();
    let own = first.samples.iter().zip(&first.values);
    own.filter_map(|(sample, value)| Some((*value, *of_other.get(sample)?))).collect()
}

fn compared_samples(metric: String, run: String, pairs: &[(f64, f64)], settings: &CompareSettings) -> SampleComparison {
    let differences: Vec<f64> = pairs.iter().map(|(first, other)| other - first).collect();
    let is_truth = |value: f64| value == 0.0 || value == 1.0;
    let (tests, effects) = if pairs.iter().all(|(first, other)| is_truth(*first) && is_truth(*other)) {
        // Of the run that is compared, then of the first.
        let discordant = Discordant::of(pairs.iter().map(|(first, other)| (*other == 1.0, *first == 1.0)));
        (vec![Test::of("mcnemar_exact", mcnemar(discordant))], vec![Effect::of("odds_ratio", odds_ratio(discordant))])
    } else {
        let ranks = SignedRanks::of(&differences).and_then(|ranks| rank_biserial(&ranks));
        let drawn = permutation(&differences, settings.resamples, settings.seed);
        (
            vec![
                Test::of("paired_t", paired_t(&differences).map(|found| found.p_value)),
                Test::of("wilcoxon_signed_rank", signed_rank(&differences).map(|found| found.p_value)),
                Test::of("paired_permutation", drawn.map(|found| found.p_value)),
            ],
            vec![Effect::of("cohens_d", cohens_d(&differences)), Effect::of("rank_biserial", ranks)],
        )
    };
    SampleComparison {
        metric,
        run,
        pairs: pairs.len(),
        mean_difference: crate::accumulate::Mean::of(differences.iter().copied()).value().unwrap_or(0.0),
        interval: mean(&differences, settings.level).ok(),
        tests,
        effects,
    }
}

impl Test {
    fn of(test: &'static str, found: Result<f64, MetricError>) -> Self {
        let (p_value, error) = either(found);
        Self { test, p_value, p_holm: None, error }
    }
}

impl Effect {
    fn of(effect: &'static str, found: Result<f64, MetricError>) -> Self {
        let (value, error) = either(found);
        Self { effect, value, error }
    }
}

fn either(found: Result<f64, MetricError>) -> (Option<f64>, Option<String>) {
    match found {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

/// Holm's correction over all tests that have a p-value.
fn correct(samples: &mut [SampleComparison]) {
    let mut tests: Vec<&mut Test> = samples.iter_mut().flat_map(|sample| &mut sample.tests).collect();
    tests.retain(|test| test.p_value.is_some());
    let p_values: Vec<f64> = tests.iter().filter_map(|test| test.p_value).collect();
    for (test, corrected) in tests.into_iter().zip(holm(&p_values)) {
        test.p_holm = Some(corrected);
    }
}
