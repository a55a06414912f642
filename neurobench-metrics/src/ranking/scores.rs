//! Scores of a run by class, and averages over classes.

use crate::place::Part;
use crate::score_rows::ScoreRows;
use crate::shapes::unlike;
use crate::targets::{class_of, is_ignored, is_positive, is_positive_alone};
use crate::weighing::weighing;
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Number of positive and negative samples with each score, by class: the core of `auroc` and `average_precision`.
///
/// The shapes determine the form of a batch:
///
/// * predictions `[samples]` or `[samples, 1]` with targets `[samples]` of 0 and 1: binary, scores of class 1;
/// * predictions `[samples, classes]` with targets `[samples]` of classes: multi-class, each class against all others
/// (one-vs-rest);
/// * predictions and targets `[samples, labels]`, targets of 0 and 1: multi-label, each label separately;
/// * predictions with one axis more than targets `[samples, ..]`, the `class_axis`: multi-class, every place of a sample, such as a
///   time step, counts as a sample.
///
/// Scores have any scale; a higher score means more likely. Memory grows with the number of different scores, up to
/// samples times classes; `binned_scores` is bounded.
#[accumulated_metric(
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn ranked_scores(
    scores: Predictions<'_>,
    targets: Targets<'_>,
    /// Target value to leave out; in multi-label batches, only that label of the sample is left out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in predictions when targets have more axes than `[samples]`: 1 for `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    by_class(&scores, &targets, ignore_index, class_axis, |score| score)
}

/// Counts the scores of a batch by class, after applying `convert` to each.
pub(super) fn by_class(
    scores: &Predictions<'_>,
    targets: &Targets<'_>,
    ignore_index: Option<i64>,
    class_axis: usize,
    convert: impl Fn(f64) -> f64,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let Some(rows) = ScoreRows::from_scores(scores, targets.shape(), class_axis) else {
        return Err(unlike(scores.shape(), targets.shape(), class_axis));
    };
    let mut counts = vec![ScoreCounts::default(); rows.labels().unwrap_or(rows.width())];
    for ((place, row), &target) in rows.iter().zip(targets.iter()) {
        if is_ignored(target, ignore_index) {
            continue;
        }
        match (rows.width(), place.part) {
            (1, Some(Part::Label(label))) => counts[label].add(convert(row[0]), is_positive(target, place)?)?,
            (1, _) => counts[0].add(convert(row[0]), is_positive_alone(target, place)?)?,
            (classes, _) => {
                let target = class_of(target, classes, place)?;
                for (class, (counts, score)) in counts.iter_mut().zip(row).enumerate() {
                    counts.add(convert(*score), class == target)?;
                }
            }
        }
    }
    Ok(PerOutput::from_states(counts))
}

/// Average over the values of several classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankingAverage {
    /// Mean of the values.
    #[default]
    Macro,
    /// Mean weighted by the number of each class's positive samples. A class without positive samples needs no value,
    /// as in scikit-learn.
    Weighted,
    /// Value of all classes in one ranking: every pair of a sample and a class counts.
    Micro,
}

/// Answers of all classes.
pub(super) fn each_class<V>(
    classes: &PerOutput<ScoreCounts>,
    value: impl Fn(&ScoreCounts) -> Result<V, &'static str>,
) -> Result<Vec<Answer<V>>, MetricError> {
    let classes = classes.outputs()?;
    let answer = |(class, counts)| value(counts).map_err(|samples| missing(samples, class, classes.len()));
    Answer::all(classes.iter().enumerate().map(answer))
}

/// Error for a kind of samples that is missing, for a class if there are several.
fn missing(samples: &str, class: usize, classes: usize) -> MetricError {
    MetricError::undefined(match classes {
        1 => format!("there are {samples} samples"),
        _ => format!("there are {samples} samples for class {class}"),
    })
}

/// Average over the values of the classes.
pub(super) fn average_over_classes(
    classes: &PerOutput<ScoreCounts>,
    average: RankingAverage,
    value: fn(&ScoreCounts) -> Result<f64, &'static str>,
) -> Result<f64, MetricError> {
    if average == RankingAverage::Micro {
        let mut pooled = ScoreCounts::default();
        for counts in classes.outputs()? {
            pooled.merge(counts.clone());
        }
        return value(&pooled).map_err(|samples| missing(samples, 0, 1));
    }
    let classes = classes.outputs()?;
    let weight = |counts: &ScoreCounts| if average == RankingAverage::Macro { 1 } else { counts.totals().0 };
    let weights: Vec<u64> = classes.iter().map(weight).collect();
    let mut mean = Mean::default();
    let class_value =
        |class: usize| value(&classes[class]).map(Some).map_err(|samples| missing(samples, class, classes.len()));
    for (weight, value) in weighing(&weights, class_value)? {
        mean.merge(Mean::weighted(value, weight));
    }
    mean.finish()
}
