//! The area under the curve of precision against recall, as average precision.

use super::scores::{averaged, of_each_class};
use super::{BinnedScores, RankedScores, RankingAverage};
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Average precision: the mean of the precisions at which positive samples are found, from the highest score down.
///
/// `Σ (Rₖ − Rₖ₋₁) · Pₖ` over the different scores in descending order, with the precision Pₖ = TP / (TP + FP) and the
/// recall Rₖ = TP / positives of all samples with at least the k-th score; nothing is interpolated. Classes are taken one
/// against all others, and averaged; `average_precision_by_class` has them one by one. Undefined where a class has no positive sample
/// (scikit-learn answers 0 and warns). It is exact, and so keeps every different score; `binned_average_precision` is bounded
/// in memory.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    alias = "average_precision_score",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "scikit-learn 1.9, `average_precision_score`, https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics"
)]
pub fn average_precision(
    classes: &PerOutput<ScoreCounts>,
    /// How several classes are averaged: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    averaged(classes, average, precision)
}

/// Average precision of each class by itself, in order.
///
/// See `average_precision`. A class without a positive sample is undefined, and leaves the others their values.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "scikit-learn 1.9, `average_precision_score`, https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics"
)]
pub fn average_precision_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    of_each_class(classes, precision)
}

/// Average precision of scores in bins: `average_precision` in bounded memory.
///
/// Scores from one threshold up to the next count as equal, so that it is exact where every score is a threshold.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "torchmetrics 1.9, `AveragePrecision`, https://lightning.ai/docs/torchmetrics/stable/classification/average_precision.html"
)]
pub fn binned_average_precision(
    classes: &PerOutput<ScoreCounts>,
    /// How several classes are averaged: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    averaged(classes, average, precision)
}

/// Average precision of each class by itself, of scores in bins.
///
/// See `binned_average_precision`.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "torchmetrics 1.9, `AveragePrecision`, https://lightning.ai/docs/torchmetrics/stable/classification/average_precision.html"
)]
pub fn binned_average_precision_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    of_each_class(classes, precision)
}

/// The average precision, or what there are none of.
fn precision(counts: &ScoreCounts) -> Result<f64, &'static str> {
    let (mut found, mut taken) = (0_u128, 0_u128);
    let mut mean = Mean::default();
    for at in counts.highest_first() {
        found += u128::from(at.positives);
        taken += u128::from(at.positives) + u128::from(at.negatives);
        mean.merge(Mean::weighted(found as f64 / taken as f64, at.positives));
    }
    mean.value().ok_or("no positive")
}
