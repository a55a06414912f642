//! Two runs sample by sample, by metrics that are the mean of their values on single samples.

use serde::Serialize;

use crate::accumulate::Mean;
use crate::cli::compare::CompareSettings;
use crate::cli::compare::family::{Test, either};
use crate::cli::compare::pairs::Pair;
use crate::metric::Value;
use crate::report::{MetricResult, SampleValues};
use crate::stats::effects::{cohens_d, odds_ratio, rank_biserial};
use crate::stats::intervals::{difference_of_proportions, mean};
use crate::stats::tests::{Discordant, SignedRanks, mcnemar, paired_t, permutation, signed_rank};
use crate::stats::{Interval, StatsError};

/// One metric of one run against the first, sample by sample. Differences are run − first.
#[derive(Serialize)]
pub(super) struct SampleComparison {
    pub(super) metric: String,
    pub(super) run: String,
    pub(super) pairs: usize,
    pub(super) mean_difference: f64,
    /// The run that the difference speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) better: Option<String>,
    /// Of a proportion Tango's, else Student's for the mean of the differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<Interval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) no_interval: Option<String>,
    /// Of a proportion: the samples on which the runs differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discordant: Option<OneAlone>,
    pub(super) tests: Vec<Test>,
    pub(super) effects: Vec<Effect>,
}

/// How many samples are decided well by one of two runs alone.
#[derive(Clone, Copy, Serialize)]
pub(super) struct OneAlone {
    pub(super) run: u64,
    pub(super) first: u64,
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

impl Effect {
    fn of(effect: &'static str, found: Result<f64, StatsError>) -> Self {
        let (value, error) = either(found);
        Self { effect, value, error }
    }
}

/// The values on single samples of which a metric is the mean.
fn averaged(metric: &MetricResult) -> Result<&SampleValues, String> {
    match (&metric.samples, &metric.no_samples) {
        (Some(samples), _) if is_their_mean(metric, samples) => Ok(samples),
        (Some(_), _) => Err("it is not the mean of its values on single samples".to_owned()),
        (None, Some(why)) => Err(why.clone()),
        (None, None) => Err("it has no values on single samples".to_owned()),
    }
}

/// Whether a metric is the mean of what it is on single samples: only of such does a difference of pairs tell. Recall has no value
/// on a sample that was predicted wrong, and the root mean squared error of one sample is its absolute error.
fn is_their_mean(metric: &MetricResult, samples: &SampleValues) -> bool {
    // Each value is rounded once more than in the sum over the run.
    let close = |value: f64, mean: f64| (value - mean).abs() <= 1e-9 * value.abs().max(mean.abs());
    let mean = Mean::of(samples.values.iter().copied()).value();
    metric.value.as_ref().and_then(Value::as_f64).zip(mean).is_some_and(|(value, mean)| close(value, mean))
}

/// A metric by its values on single samples, or why it cannot be compared by them.
pub(super) fn compare(of: &Pair<'_>, settings: &CompareSettings) -> Result<SampleComparison, String> {
    let Pair { run, own, its, .. } = *of;
    let (own_samples, its_samples) = (averaged(own)?, averaged(its)?);
    if own_samples.samples != its_samples.samples {
        // The mean of the differences that there are is not the difference of the means.
        return Err("the runs have values of it on different samples".to_owned());
    }
    let pairs: Vec<(f64, f64)> = own_samples.values.iter().copied().zip(its_samples.values.iter().copied()).collect();
    let differences: Vec<f64> = pairs.iter().map(|(first, other)| other - first).collect();
    let mean_difference = Mean::of(differences.iter().copied()).value().ok_or("it has a value on no sample")?;
    let mut found = SampleComparison {
        metric: own.name.clone(),
        run: run.name.clone(),
        pairs: pairs.len(),
        mean_difference,
        better: of.better(mean_difference, own.higher_is_better),
        interval: None,
        no_interval: None,
        discordant: None,
        tests: Vec::new(),
        effects: Vec::new(),
    };
    if own_samples.proportion && its_samples.proportion {
        // Of the run that is compared, then of the first.
        let alone = Discordant::of(pairs.iter().map(|(first, other)| (*other == 1.0, *first == 1.0)));
        let interval = difference_of_proportions(alone, pairs.len() as u64, settings.level);
        (found.interval, found.no_interval) = either(interval);
        // What is better where less is better does not hold.
        let discordant = match own.higher_is_better {
            Some(false) => Discordant { first: alone.second, second: alone.first },
            _ => alone,
        };
        found.discordant = Some(OneAlone { run: discordant.first, first: discordant.second });
        found.tests.push(Test::of("mcnemar_exact", mcnemar(discordant)));
        found.effects.push(Effect::of("odds_ratio", odds_ratio(discordant)));
    } else {
        (found.interval, found.no_interval) = either(mean(&differences, settings.level));
        let ranks = SignedRanks::of(&differences).and_then(|ranks| rank_biserial(&ranks));
        let permuted = permutation(&differences, settings.resamples, settings.seed);
        let draws = permuted.as_ref().is_ok_and(|found| !found.exact);
        let permuted = Test::of("paired_permutation", permuted.map(|found| found.p_value));
        found.tests = vec![
            Test::of("paired_t", paired_t(&differences).map(|found| found.p_value)),
            Test::of("wilcoxon_signed_rank", signed_rank(&differences).map(|found| found.p_value)),
            if draws { permuted.drawn(settings.smallest_p()) } else { permuted },
        ];
        found.effects = vec![Effect::of("cohens_d", cohens_d(&differences)), Effect::of("rank_biserial", ranks)];
    }
    Ok(found)
}
