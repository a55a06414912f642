//! Area under the curve of precision against recall, as average precision.

use super::scores::{average_over_classes, each_class};
use super::{BinnedScores, RankedScores, RankingAverage};
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Average precision: the mean of the precisions at which positive samples are found, from the highest score down.
///
/// `Σ (Rₖ − Rₖ₋₁) · Pₖ` over the different scores in descending order, with the precision Pₖ = TP / (TP + FP) and the
/// recall Rₖ = TP / positives of all samples with at least the k-th score; nothing is interpolated. Each class is
/// compared against all others, and the values are averaged; `average_precision_by_class` reports them separately.
/// Undefined if a class has no positive sample (scikit-learn reports 0 and warns). The value is exact, and memory grows
/// with the number of different scores; `binned_average_precision` is bounded in memory.
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
    /// Average over several classes: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    average_over_classes(classes, average, precision)
}

/// Average precision of each class separately, in order.
///
/// See `average_precision`. A class without a positive sample is undefined and does not affect the others.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "scikit-learn 1.9, `average_precision_score`, https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics"
)]
pub fn average_precision_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    each_class(classes, precision)
}

/// Average precision from scores in bins: `average_precision` in bounded memory.
///
/// Scores from one threshold up to the next count as equal, so the value is exact if every score is a threshold.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "torchmetrics 1.9, `AveragePrecision`, https://lightning.ai/docs/torchmetrics/stable/classification/average_precision.html"
)]
pub fn binned_average_precision(
    classes: &PerOutput<ScoreCounts>,
    /// Average over several classes: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    average_over_classes(classes, average, precision)
}

/// Average precision of each class separately, from scores in bins.
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
    each_class(classes, precision)
}

/// Average precision, or the kind of samples that is missing.
pub(super) fn precision(counts: &ScoreCounts) -> Result<f64, &'static str> {
    let (mut found, mut taken) = (0_u128, 0_u128);
    let mut mean = Mean::default();
    for at in counts.highest_first() {
        found += u128::from(at.positives);
        taken += u128::from(at.positives) + u128::from(at.negatives);
        mean.merge(Mean::weighted(found as f64 / taken as f64, at.positives));
    }
    mean.value().ok_or("no positive")
}
