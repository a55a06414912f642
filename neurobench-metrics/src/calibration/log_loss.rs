//! The logarithmic loss.

use super::probabilities::{Sample, Scores, each_sample, labels};
use neurobench_core::accumulate::PerOutput;
use neurobench_core::prelude::*;

/// Logarithmic loss, or cross-entropy: how improbable the targets were to the model.
///
/// `−Σ ln P(target) / samples`, in nats. A row of probabilities must sum to 1 within 3.5e-4 and is not normalised. Of a target
/// with the probability 0 it is infinite, and so undefined, unless `clip` keeps probabilities off 0 and 1; scikit-learn clips
/// at 2⁻⁵² without being asked.
///
/// Predictions `[samples]` or `[samples, 1]` are the probability of class 1, with targets 0 or 1. Of `[samples, classes]` every
/// row has the probabilities of all classes, and targets `[samples]` are classes. Where both are `[samples, labels]`, each label of
/// each sample counts as one of two classes, which is PyTorch's mean binary cross-entropy; `log_loss_by_label` has the labels one
/// by one. With targets `[samples, ..]` and the classes of predictions along one axis more, every place counts as a sample. `scores`
/// says if logarithms or logits are given.
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
    /// What the predictions are: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Count a probability of the target as at least this, and at most 1 less this.
    #[param(default = 0.0, range = 0.0..=0.5)]
    clip: f64,
    /// A target that is left out, of several labels the label of a sample alone.
    #[param]
    ignore_index: Option<i64>,
    /// Where targets have more axes than `[samples]`, that of the classes in predictions: 1 of `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<Mean, MetricError> {
    let mut mean = Mean::default();
    each_sample(&predictions, &targets, scores, class_axis, ignore_index, |sample| {
        mean.add(loss(sample, clip)?);
        Ok(())
    })?;
    Ok(mean)
}

/// Logarithmic loss of each label by itself, in order.
///
/// `−Σ ln P(target) / samples` of each label, in nats; predictions and targets are `[samples, labels]`. See `log_loss`, which
/// without `ignore_index` is the mean of these. A label without a sample is undefined, and leaves
/// the others their values.
#[accumulated_metric(
    unit = "nats",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Good 1952, Journal of the Royal Statistical Society B 14(1):107-114, doi 10.1111/j.2517-6161.1952.tb00104.x"
)]
pub fn log_loss_by_label(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// What the predictions are: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Count a probability of the target as at least this, and at most 1 less this.
    #[param(default = 0.0, range = 0.0..=0.5)]
    clip: f64,
    /// A target that is left out.
    #[param]
    ignore_index: Option<i64>,
) -> Result<PerOutput<Mean>, MetricError> {
    let mut means = vec![Mean::default(); labels(&predictions, &targets)?];
    each_sample(&predictions, &targets, scores, 1, ignore_index, |sample| {
        means[sample.label].add(loss(sample, clip)?);
        Ok(())
    })?;
    Ok(PerOutput::of(means))
}

fn loss(sample: &Sample<'_>, clip: f64) -> Result<f64, MetricError> {
    let logarithm = sample.log_probability_of_target();
    let logarithm = if clip == 0.0 { logarithm } else { logarithm.clamp(libm::log(clip), libm::log1p(-clip)) };
    if logarithm == f64::NEG_INFINITY {
        return Err(MetricError::undefined(
            "a target has the probability 0, so that the loss is infinite: set `clip` for a convention",
        ));
    }
    // A sum that is a little off 1 may make a probability that is.
    Ok((-logarithm).max(0.0))
}
