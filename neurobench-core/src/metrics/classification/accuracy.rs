//! How often the prediction is right.

use crate::metrics::classification::average::sum;
use crate::metrics::classification::confusion::{Confusion, ConfusionCounts};
use crate::prelude::*;

/// Fraction of samples whose predicted class is the target class.
///
/// `Σᵢ [predictedᵢ = targetᵢ] / samples` over the whole run, one quotient of two integers: it does not depend on how the run
/// is cut into batches. With a threshold, several labels or classes to ignore, it is `accuracy`.
#[accumulated_metric(
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn classification_accuracy(predicted: Classes<'_>, targets: TargetClasses<'_>) -> Ratio {
    Ratio::of(predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target))
}

/// Fraction of decisions that are right.
///
/// `right / decisions`. A decision is that of a sample or, in a multi-label task, that of one label of a sample, so that it is
/// 1 − Hamming's loss there, and not the fraction of samples of which all labels are right.
#[accumulated_metric(
    of = Confusion,
    alias = "accuracy_score",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Sokolova & Lapalme 2009, Information Processing & Management 45(4):427-437, doi 10.1016/j.ipm.2009.03.002"
)]
pub fn accuracy(counts: &ConfusionCounts) -> Result<Ratio, MetricError> {
    let mut share = Ratio::default();
    match counts.labels() {
        Some(labels) => {
            for label in labels.values() {
                let right = sum(label.true_positives, label.true_negatives);
                let wrong = sum(label.false_positives, label.false_negatives);
                share.merge(Ratio::new(right, sum(right, wrong)));
            }
        }
        None => {
            for (target, predicted, count) in counts.matrix()?.iter() {
                let right = if target == predicted { count } else { 0 };
                share.merge(Ratio::new(right, count));
            }
        }
    }
    share.finish()?;
    Ok(share)
}

/// Fraction of samples whose target is among the `k` classes with the highest scores.
///
/// Scores `[batch, class]`, targets `[batch]`. Of equal scores that of the lower class counts as higher, so that `k = 1` is the
/// classification accuracy, whose prediction is the first maximum. scikit-learn prefers the higher class, torchmetrics neither.
/// With as many classes as `k` or fewer, every target is found.
#[accumulated_metric(
    alias = "top_k",
    variant("top_1", k = 1),
    variant("top_3", k = 3),
    variant("top_5", k = 5),
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Russakovsky et al. 2015, International Journal of Computer Vision 115:211-252, doi 10.1007/s11263-015-0816-y"
)]
pub fn top_k_accuracy(
    scores: Predictions<'_, Ix2>,
    targets: TargetClasses<'_>,
    /// How many of the highest scores count.
    #[param(default = 5, range = 1..)]
    k: usize,
    /// Samples with this target are passed over.
    #[param]
    ignore_index: Option<i64>,
) -> Result<Ratio, MetricError> {
    let mut found = Ratio::default();
    for (sample, (scores, target)) in scores.rows().into_iter().zip(targets.iter()).enumerate() {
        if Some(*target) == ignore_index {
            continue;
        }
        let own = usize::try_from(*target).ok().and_then(|class| Some((class, *scores.get(class)?)));
        let Some((class, own)) = own else {
            let classes = scores.len();
            return Err(MetricError::input(
                "targets",
                format!("{target} of sample {sample} is none of {classes} classes"),
            ));
        };
        let before =
            scores.iter().enumerate().filter(|(other, score)| **score > own || (**score == own && *other < class));
        found.merge(Ratio::of([before.count() < k]));
    }
    Ok(found)
}
