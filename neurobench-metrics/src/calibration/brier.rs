//! The Brier score.

use super::probabilities::{Sample, SampleForm, Scores, each_sample, labels};
use crate::classification::Task;
use neurobench_core::accumulate::PerOutput;
use neurobench_core::prelude::*;

/// Brier score: the squared distance between predicted probabilities and outcomes.
///
/// `Σ over samples (Σ over classes (P(class) − [class is the target])²) / samples`, from 0 to 2. For up to two classes
/// it is halved: it then ranges from 0 to 1 and is the same whether one probability is given or two. `scale_by_half`
/// overrides this convention, which is scikit-learn's. A sum over classes that rounding in a row lifts above 2 counts
/// as 2.
///
/// Predictions `[samples]` or `[samples, 1]` are the probability of class 1, with targets 0 or 1. In `[samples,
/// classes]` every row holds the probabilities of all classes, and targets `[samples]` are classes. If both are
/// `[samples, columns]`, `task` is required: with `multiclass` the targets are one-hot classes; with `multilabel` each
/// label of each sample counts as one of two classes, and `brier_score_by_label` reports the labels separately. With targets `[samples, ..]` and the classes of predictions along one axis more, every position
/// counts as a sample. `scores` selects logarithms or logits instead of probabilities.
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
    /// Form of the targets: `multiclass`, `binary` or `multilabel`; if not set, the shapes determine it. Required for
    /// predictions and targets `[samples, columns]`, which are one-hot classes or labels.
    #[param]
    task: Option<Task>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Halve the sum over classes; if not set, it is halved for up to two classes.
    #[param]
    scale_by_half: Option<bool>,
    /// Target value to leave out; with several labels, only that label of the sample is left out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in predictions when targets have more axes than `[samples]`: 1 for `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<Mean, MetricError> {
    let form = SampleForm { task, scores, class_axis, ignore_index };
    let mut mean = Mean::default();
    each_sample(&predictions, &targets, form, |sample| {
        mean.add(squared_distance(sample, scale_by_half));
        Ok(())
    })?;
    Ok(mean)
}

/// Brier score of each label separately, in order.
///
/// `Σ over samples (P(label) − target)² / samples` for each label; predictions and targets are `[samples, labels]`.
/// Without `ignore_index`, `brier_score` is the mean of these. A label without samples is undefined and does not affect
/// the others.
#[accumulated_metric(
    unit = "squared probability",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Brier 1950, Monthly Weather Review 78(1):1-3, doi 10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2"
)]
pub fn brier_score_by_label(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Target value to leave out.
    #[param]
    ignore_index: Option<i64>,
) -> Result<PerOutput<Mean>, MetricError> {
    let mut means = vec![Mean::default(); labels(&predictions, &targets)?];
    each_sample(&predictions, &targets, SampleForm::for_labels(scores, ignore_index), |sample| {
        means[sample.label].add(squared_distance(sample, None));
        Ok(())
    })?;
    Ok(PerOutput::from_states(means))
}

fn squared_distance(sample: &Sample<'_>, scale_by_half: Option<bool>) -> f64 {
    let mut sum = Sum::default();
    let mut classes = 0;
    for (class, probability) in sample.probabilities().enumerate() {
        let outcome = if sample.is_binary() { sample.target == 1 } else { class == sample.target };
        let distance = probability - if outcome { 1.0 } else { 0.0 };
        sum.add(distance * distance);
        classes += 1;
    }
    // With two classes, the other class has the same distance as the given one.
    let sum = if sample.is_binary() { 2.0 * sum.value() } else { sum.value() };
    // Rows may sum to slightly more than 1, which could lift the worst score above its bound.
    let sum = sum.min(2.0);
    if scale_by_half.unwrap_or(classes <= 2) { sum / 2.0 } else { sum }
}
