//! The area under the receiver operating characteristic.

use super::scores::{averaged, of_each_class};
use super::{BinnedScores, RankedScores, RankingAverage};
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Area under the receiver operating characteristic: the chance that a positive sample scores higher than a negative one.
///
/// `(pairs in which the positive one scores higher + half of those that tie) / pairs`, over all pairs of a positive and a
/// negative sample: the trapezoidal area under the curve of true against false positive rates. Classes are taken one against
/// all others, and averaged; `auroc_by_class` has them one by one. Undefined where a class has no positive or no negative
/// sample, as in scikit-learn (torchmetrics answers 0). Scores are compared as they are, as there; torchmetrics puts those that
/// lie beyond 0 and 1 through a softmax first, after which samples rank otherwise: a network that ends with one has its
/// figure. It is exact, and so keeps every different score; `binned_auroc` is bounded in memory.
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
    /// How several classes are averaged: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    averaged(classes, average, area)
}

/// Area under the receiver operating characteristic of each class by itself, in order.
///
/// See `auroc`. A class without a positive or a negative sample is undefined, and leaves the others their values.
#[accumulated_metric(
    unit = "fraction",
    of = RankedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn auroc_by_class(classes: &PerOutput<ScoreCounts>) -> Result<Vec<Answer<f64>>, MetricError> {
    of_each_class(classes, area)
}

/// Area under the receiver operating characteristic, of scores in bins: `auroc` in bounded memory.
///
/// Scores from one threshold up to the next count as equal, so that it is exact where every score is a threshold. The curve
/// starts at (0, 0); that of torchmetrics starts at the highest threshold, and loses what lies before it.
#[accumulated_metric(
    unit = "fraction",
    of = BinnedScores,
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn binned_auroc(
    classes: &PerOutput<ScoreCounts>,
    /// How several classes are averaged: `macro`, `weighted` or `micro`.
    #[param]
    average: RankingAverage,
) -> Result<f64, MetricError> {
    averaged(classes, average, area)
}

/// Area under the receiver operating characteristic of each class by itself, of scores in bins.
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
    of_each_class(classes, area)
}

/// The area, or what there are none of.
fn area(counts: &ScoreCounts) -> Result<f64, &'static str> {
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
