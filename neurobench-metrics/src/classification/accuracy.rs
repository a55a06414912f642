//! Fractions of right predictions.

use crate::classification::average::sum;
use crate::classification::confusion::{Confusion, ConfusionCounts};
use crate::score_rows::ScoreRows;
use crate::targets::{class_of, is_ignored};
use neurobench_core::inputs::hint_for_classes;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Fraction of samples whose predicted class is the target class.
///
/// `Σᵢ [predictedᵢ = targetᵢ] / samples` over the whole run, one quotient of two integers: it does not depend on the
/// batch size. For a threshold, several labels or classes to ignore, see `accuracy`.
#[accumulated_metric(
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn classification_accuracy(predicted: Classes<'_>, targets: KnownTargetClasses<'_>) -> Ratio {
    Ratio::from_bools(predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target))
}

/// Fraction of decisions that are right.
///
/// `right / decisions`. A decision is made for a sample or, in a multi-label task, for one label of a sample. In a
/// multi-label task accuracy is therefore 1 − `hamming_loss`; the fraction of samples whose labels are all right is
/// `exact_match_ratio`.
#[accumulated_metric(
    of = Confusion,
    alias = "accuracy_score",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Sokolova & Lapalme 2009, Information Processing & Management 45(4):427-437, doi 10.1016/j.ipm.2009.03.002"
)]
pub fn accuracy(counts: &ConfusionCounts) -> Result<Ratio, MetricError> {
    right_decisions(counts)
}

/// Fraction of decisions that are wrong: Hamming loss.
///
/// `wrong / decisions`, which is 1 − `accuracy`: in a multi-label task the mean share of a sample's labels that are
/// wrong.
#[accumulated_metric(
    of = Confusion,
    alias = "hamming_distance",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Schapire & Singer 2000, Machine Learning 39:135-168, doi 10.1023/A:1007649029923"
)]
pub fn hamming_loss(counts: &ConfusionCounts) -> Result<Ratio, MetricError> {
    let Ratio { part: right, whole } = right_decisions(counts)?;
    Ok(Ratio::new(whole - right, whole))
}

/// Right decisions out of all decisions.
fn right_decisions(counts: &ConfusionCounts) -> Result<Ratio, MetricError> {
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
/// Scores are `[batch, class]`, targets `[batch]`. With targets `[batch, ..]` and scores with one axis more, the
/// `class_axis`, every position in a sample, such as a time step, counts as a sample. Ties are broken in favor of the
/// lower class, so `k = 1` is the classification accuracy, whose prediction is the first maximum. scikit-learn prefers
/// the higher class, torchmetrics neither. With `k` classes or fewer, every target is found.
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
    scores: Predictions<'_>,
    targets: Targets<'_>,
    /// Number of highest scores that count.
    #[param(default = 5, range = 1..)]
    k: usize,
    /// Target value to leave out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in scores when targets have more axes than `[batch]`: 1 for `[batch, class, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<Ratio, MetricError> {
    let Some(rows) = ScoreRows::from_class_scores(&scores, targets.shape(), class_axis) else {
        let (scores, targets) = (scores.shape(), targets.shape());
        let hint = hint_for_classes(scores, targets);
        let problem = format!(
            "shape {scores:?} with targets {targets:?}; expected scores [batch, class] with targets [batch], or one axis more \
             than the targets at `class_axis = {class_axis}`{hint}"
        );
        return Err(MetricError::input(InputName::Predictions, problem));
    };
    let mut found = Ratio::default();
    for ((place, scores), &target) in rows.iter().zip(targets.iter()) {
        if is_ignored(target, ignore_index) {
            continue;
        }
        let class = class_of(target, scores.len(), place)?;
        let target_score = scores[class];
        let before = scores
            .iter()
            .enumerate()
            .filter(|(other, score)| **score > target_score || (**score == target_score && *other < class));
        found.merge(Ratio::from_bools([before.count() < k]));
    }
    Ok(found)
}
