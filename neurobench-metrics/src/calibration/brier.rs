//! The Brier score.

use super::probabilities::{Sample, Scores, each_sample, labels};
use neurobench_core::accumulate::PerOutput;
use neurobench_core::prelude::*;

/// Brier score: the squared distance of predicted probabilities from what happened.
///
/// `Σ over samples (Σ over classes (P(class) − [class is the target])²) / samples`, from 0 to 2. Of up to two classes it is
/// halved, and so from 0 to 1 and the same whether one probability is given or two, unless `scale_by_half` says otherwise; that
/// is scikit-learn's convention. A sum over classes that a row's rounding lifts above 2 counts as 2.
///
/// Predictions `[samples]` or `[samples, 1]` are the probability of class 1, with targets 0 or 1. Of `[samples, classes]` every
/// row has the probabilities of all classes, and targets `[samples]` are classes. Where both are `[samples, labels]`, each label of
/// each sample counts as one of two classes; `brier_score_by_label` has the labels one by one. With targets `[samples, ..]` and the
/// classes of predictions along one axis more, every place counts as a sample. `scores` says if logarithms or
/// logits are given.
#[accumulated_metric(
    unit = "squared probability",
    alias = "brier_score_loss",
    alias = "brier",
    higher_is_better = false,
    bounds = 0.0..=2.0,
    cite = "Brier 1950, Monthly Weather Review 78(1):1-3, doi 10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2"
)]
pub fn brier_score(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// What the predictions are: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Whether to halve the sum over classes; if not set, that of two classes is.
    #[param]
    scale_by_half: Option<bool>,
    /// A target that is left out, of several labels the label of a sample alone.
    #[param]
    ignore_index: Option<i64>,
    /// Where targets have more axes than `[samples]`, that of the classes in predictions: 1 of `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<Mean, MetricError> {
    let mut mean = Mean::default();
    each_sample(&predictions, &targets, scores, class_axis, ignore_index, |sample| {
        mean.add(squared_distance(sample, scale_by_half));
        Ok(())
    })?;
    Ok(mean)
}

/// Brier score of each label by itself, in order.
///
/// `Σ over samples (P(label) − target)² / samples` of each label; predictions and targets are `[samples, labels]`. See
/// `brier_score`, which without `ignore_index` is the mean of these. A label without a sample is undefined, and leaves
/// the others their values.
#[accumulated_metric(
    unit = "squared probability",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Brier 1950, Monthly Weather Review 78(1):1-3, doi 10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2"
)]
pub fn brier_score_by_label(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// What the predictions are: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// A target that is left out.
    #[param]
    ignore_index: Option<i64>,
) -> Result<PerOutput<Mean>, MetricError> {
    let mut means = vec![Mean::default(); labels(&predictions, &targets)?];
    each_sample(&predictions, &targets, scores, 1, ignore_index, |sample| {
        means[sample.label].add(squared_distance(sample, None));
        Ok(())
    })?;
    Ok(PerOutput::of(means))
}

fn squared_distance(sample: &Sample<'_>, scale_by_half: Option<bool>) -> f64 {
    let mut sum = Sum::default();
    let mut classes = 0;
    for (class, probability) in sample.probabilities().enumerate() {
        let happened = if sample.is_binary() { sample.target == 1 } else { class == sample.target };
        let distance = probability - if happened { 1.0 } else { 0.0 };
        sum.add(distance * distance);
        classes += 1;
    }
    // The other class of two is as far off as the given one.
    let sum = if sample.is_binary() { 2.0 * sum.value() } else { sum.value() };
    // What rows may be off from 1 may lift the worst above its bound.
    let sum = sum.min(2.0);
    if scale_by_half.unwrap_or(classes <= 2) { sum / 2.0 } else { sum }
}
