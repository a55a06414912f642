//! The area under the receiver operating characteristic.

use super::scores::{average_over_classes, each_class};
use super::{BinnedScores, RankedScores, RankingAverage};
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Area under the receiver operating characteristic: the probability that a positive sample scores higher than a
/// negative one.
///
/// `(pairs with the positive sample higher + half of the tied pairs) / pairs`, over all pairs of a positive and a
/// negative sample: the trapezoidal area under the curve of true against false positive rates. Each class is compared
/// against all others, and the values are averaged; `auroc_by_class` reports them separately. Undefined if a class has
/// no positive or no negative sample, as in scikit-learn (torchmetrics reports 0). Scores are compared unchanged, as in
/// scikit-learn; torchmetrics applies a softmax to scores beyond 0 and 1, which changes their order, so its figure is
/// that of a network that ends with a softmax. The value is exact, and memory grows with the number of different
/// scores; `binned_auroc` is bounded in memory.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    alias = "roc_auc_score",
    alias = "area_under_roc_curve",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Hanley & McNeil 1982, Radiology 143(1):29-36, doi 10.1148/radiology.143.1.7063747",
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn auroc(
    classes: &PerOutput<ScoreCounts>,
    /// Average over several classes: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    average_over_classes(classes, average, area)
}

/// Area under the receiver operating characteristic of each class separately, in order.
///
/// See `auroc`. A class without a positive or a negative sample is undefined and does not affect the others.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn auroc_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    each_class(classes, area)
}

/// Area under the receiver operating characteristic, from scores in bins: `auroc` in bounded memory.
///
/// Scores from one threshold up to the next count as equal, so the value is exact if every score is a threshold. The
/// curve starts at (0, 0); the curve of torchmetrics starts at the highest threshold and loses the area before it.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn binned_auroc(
    classes: &PerOutput<ScoreCounts>,
    /// Average over several classes: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    average_over_classes(classes, average, area)
}

/// Area under the receiver operating characteristic of each class separately, from scores in bins.
///
/// See `binned_auroc`.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn binned_auroc_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    each_class(classes, area)
}

/// Area, or the kind of samples that is missing.
pub(super) fn area(counts: &ScoreCounts) -> Result<f64, &'static str> {
    let (positives, negatives) = counts.totals();
    match (positives, negatives) {
        (0, 0) => return Err("no"),
        (0, _) => return Err("no positive"),
        (_, 0) => return Err("no negative"),
        _ => {}
    }
    let (mut positives_above, mut right, mut tied) = (0_u128, 0_u128, 0_u128);
    for at in counts.highest_first() {
        let (positives, negatives) = (u128::from(at.positives), u128::from(at.negatives));
        right += negatives * positives_above;
        tied += negatives * positives;
        positives_above += positives;
    }
    let pairs = u128::from(positives) * u128::from(negatives);
    Ok((right as f64 + tied as f64 / 2.0) / pairs as f64)
}
