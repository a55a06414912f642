//! Fraction of samples whose decisions are all right.

use crate::classification::confusion::{Task, same_length};
use crate::place::{Part, Place};
use crate::shapes::same_shape;
use crate::targets::{is_ignored, is_positive};
use neurobench_core::inputs::{ClassPairs, PredictionsAndTargets};
use neurobench_core::prelude::*;

/// Fraction of samples whose decisions are all right: the exact match ratio, or subset accuracy.
///
/// `Σᵢ [all decisions on sample i are right] / samples`. The decisions are those that `accuracy` counts individually:
/// in a multi-label task one for each label, for classes with more axes, such as time steps, one for each position. It
/// equals scikit-learn's `accuracy_score` for several labels. Labels with the target `ignore_index` are left out, and
/// so is a sample without any other label; torchmetrics counts such a sample as right.
#[accumulated_metric(
    alias = "exact_match",
    alias = "subset_accuracy",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Zhang & Zhou 2014, IEEE Transactions on Knowledge and Data Engineering 26(8):1819-1837, doi 10.1109/TKDE.2013.39"
)]
pub fn exact_match_ratio(
    batch: PredictionsAndTargets<'_>,
    samples: SampleCount,
    /// Form of a decision: `multilabel`, yes or no for each label; `multiclass`, one class for each position; `binary`,
    /// yes or no.
    #[param(default = Task::Multilabel)]
    task: Task,
    /// Scores above this are a yes, in binary and multi-label tasks.
    #[param(default = 0.5)]
    threshold: f64,
    /// Target value of decisions to leave out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in scores, in multi-class tasks with more axes: 1 for `[batch, class, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<Ratio, MetricError> {
    let decisions = match task {
        Task::Multiclass => {
            let ClassPairs { predicted, targets } = batch.class_pairs(class_axis, ignore_index)?;
            same_length(predicted.len(), targets.len())?;
            let decision =
                |(predicted, target): (&i64, &i64)| (Some(*target) != ignore_index).then_some(predicted == target);
            predicted.iter().zip(&*targets).map(decision).collect()
        }
        Task::Binary => {
            let (scores, targets) = (batch.predictions::<IxDyn>()?, batch.targets::<Ix1>()?);
            same_length(scores.len(), targets.len())?;
            yes_or_no(scores.iter().zip(&*targets), Place::sample, threshold, ignore_index)?
        }
        Task::Multilabel => {
            let (scores, targets) = (batch.predictions::<Ix2>()?, batch.targets::<Ix2>()?);
            same_shape(scores.shape(), targets.shape())?;
            let labels = scores.ncols();
            let place = |at| Place::part(at / labels, Part::Label(at % labels));
            yes_or_no(scores.iter().zip(&*targets), place, threshold, ignore_index)?
        }
    };
    // Every sample has the same number of decisions.
    let per_sample = decisions.len().checked_div(samples.0 as usize).unwrap_or(0).max(1);
    let all_right = |decisions: &[Option<bool>]| decisions.iter().flatten().copied().reduce(|all, right| all && right);
    Ok(Ratio::from_bools(decisions.chunks(per_sample).filter_map(all_right)))
}

/// Outcome of each decision: right or wrong, `None` if it is left out.
fn yes_or_no<'a>(
    pairs: impl Iterator<Item = (&'a f64, &'a f64)>,
    place: impl Fn(usize) -> Place,
    threshold: f64,
    ignore_index: Option<i64>,
) -> Result<Vec<Option<bool>>, MetricError> {
    let decision = |(at, (score, target)): (usize, (&f64, &f64))| match is_ignored(*target, ignore_index) {
        true => Ok(None),
        false => Ok(Some((*score > threshold) == is_positive(*target, place(at))?)),
    };
    pairs.enumerate().map(decision).collect()
}
