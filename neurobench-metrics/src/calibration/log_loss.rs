//! The logarithmic loss.

use super::probabilities::{Sample, SampleForm, Scores, each_sample, labels};
use crate::classification::Task;
use neurobench_core::accumulate::PerOutput;
use neurobench_core::prelude::*;

/// Logarithmic loss, or cross-entropy: the negative log-probability that the model gave to the targets.
///
/// `−Σ ln P(target) / samples`, in nats. A row of probabilities must sum to 1 within 3.5e-4 and is not normalized. For
/// a target with probability 0 the loss is infinite, and so undefined, unless `clip` keeps probabilities away from 0
/// and 1. scikit-learn always clips, at 2⁻⁵².
///
/// Predictions `[samples]` or `[samples, 1]` are the probability of class 1, with targets 0 or 1. In `[samples,
/// classes]` every row holds the probabilities of all classes, and targets `[samples]` are classes. If both are
/// `[samples, columns]`, `task` is required: with `multiclass` the targets are one-hot classes; with `multilabel` each
/// label of each sample counts as one of two classes, as in PyTorch's mean binary cross-entropy, and
/// `log_loss_by_label` reports the labels separately. With targets `[samples, ..]` and the classes of
/// predictions along one axis more, every position counts as a sample. `scores` selects logarithms or logits instead of
/// probabilities.
#[accumulated_metric(
    alias = "cross_entropy",
    unit = "nats",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Good 1952, Journal of the Royal Statistical Society B 14(1):107-114, doi 10.1111/j.2517-6161.1952.tb00104.x"
)]
pub fn log_loss(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Form of the targets: `multiclass`, `binary` or `multilabel`; if not set, the shapes determine it. Required for
    /// predictions and targets `[samples, columns]`, which are one-hot classes or labels.
    #[param]
    task: Option<Task>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Lower bound for the probability of the target; the upper bound is 1 minus this value.
    #[param(default = 0.0, range = 0.0..=0.5)]
    clip: f64,
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
        mean.add(loss(sample, clip)?);
        Ok(())
    })?;
    Ok(mean)
}

/// Logarithmic loss of each label separately, in order.
///
/// `−Σ ln P(target) / samples` for each label, in nats; predictions and targets are `[samples, labels]`. Without
/// `ignore_index`, `log_loss` is the mean of these. A label without samples is undefined and does not affect the
/// others.
#[accumulated_metric(
    unit = "nats",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Good 1952, Journal of the Royal Statistical Society B 14(1):107-114, doi 10.1111/j.2517-6161.1952.tb00104.x"
)]
pub fn log_loss_by_label(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Lower bound for the probability of the target; the upper bound is 1 minus this value.
    #[param(default = 0.0, range = 0.0..=0.5)]
    clip: f64,
    /// Target value to leave out.
    #[param]
    ignore_index: Option<i64>,
) -> Result<PerOutput<Mean>, MetricError> {
    let mut means = vec![Mean::default(); labels(&predictions, &targets)?];
    each_sample(&predictions, &targets, SampleForm::for_labels(scores, ignore_index), |sample| {
        means[sample.label].add(loss(sample, clip)?);
        Ok(())
    })?;
    Ok(PerOutput::from_states(means))
}

fn loss(sample: &Sample<'_>, clip: f64) -> Result<f64, MetricError> {
    let logarithm = sample.log_probability_of_target();
    let logarithm = if clip == 0.0 { logarithm } else { logarithm.clamp(libm::log(clip), libm::log1p(-clip)) };
    if logarithm == f64::NEG_INFINITY {
        return Err(MetricError::undefined(
            "the predicted probability of a target is 0, so the loss is infinite; set `clip` to bound it",
        ));
    }
    // A row may sum to slightly more than 1, and so may a probability.
    Ok((-logarithm).max(0.0))
}
