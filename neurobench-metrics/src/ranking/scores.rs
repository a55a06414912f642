//! The scores of a run by class, and how what classes come to is averaged.

use crate::place::Part;
use crate::score_rows::ScoreRows;
use crate::shapes::unlike;
use crate::targets::{class_of, is_ignored, is_positive, is_positive_alone};
use crate::weighing::weighing;
use neurobench_core::accumulate::{PerOutput, ScoreCounts};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// How many positive and negative samples got each score, by class: what `auroc` and `average_precision` read.
///
/// What a batch is follows from its shapes:
///
/// * predictions `[samples]` or `[samples, 1]` with targets `[samples]` of 0 and 1: binary, scores of class 1;
/// * predictions `[samples, classes]` with targets `[samples]` of classes: multi-class, each against all others (one-vs-rest);
/// * predictions and targets `[samples, labels]`, targets of 0 and 1: multi-label, each label by itself;
/// * predictions with one axis more than targets `[samples, ..]`, the `class_axis`: multi-class, every place of a sample, such as a
///   time step, counts as a sample.
///
/// Scores are of any scale, higher for what is likelier. Memory grows with the number of different scores, up to that of samples
/// times classes; `binned_scores` is bounded.
#[accumulated_metric(
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn ranked_scores(
    scores: Predictions<'_>,
    targets: Targets<'_>,
    /// A target that is left out, in multi-label batches the label of a sample alone.
    #[param]
    ignore_index: Option<i64>,
    /// Where targets have more axes than `[samples]`, that of the classes in predictions: 1 of `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    by_class(&scores, &targets, ignore_index, class_axis, |score| score)
}

/// Counts the scores of a batch by class, each as `of` it.
pub(super) fn by_class(
    scores: &Predictions<'_>,
    targets: &Targets<'_>,
    ignore_index: Option<i64>,
    class_axis: usize,
    of: impl Fn(f64) -> f64,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let Some(rows) = ScoreRows::of(scores, targets.shape(), class_axis) else {
        return Err(unlike(scores.shape(), targets.shape(), class_axis));
    };
    let mut counts = vec![ScoreCounts::default(); rows.labels().unwrap_or(rows.width())];
    for ((place, row), &target) in rows.iter().zip(targets.iter()) {
        if is_ignored(target, ignore_index) {
            continue;
        }
        match (rows.width(), place.part) {
            (1, Some(Part::Label(label))) => counts[label].add(of(row[0]), is_positive(target, place)?)?,
            (1, _) => counts[0].add(of(row[0]), is_positive_alone(target, place)?)?,
            (classes, _) => {
                let target = class_of(target, classes, place)?;
                for (class, (counts, score)) in counts.iter_mut().zip(row).enumerate() {
                    counts.add(of(*score), class == target)?;
                }
            }
        }
    }
    Ok(PerOutput::of(counts))
}

/// How the values of several classes become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankingAverage {
    /// Their mean.
    #[default]
    Macro,
    /// Weighted with the number of each class's positive samples. A class without any needs no value, as in scikit-learn.
    Weighted,
    /// All classes in one ranking: every pair of a sample and a class counts.
    Micro,
}

/// The answer of every class.
pub(super) fn of_each_class(
    classes: &PerOutput<ScoreCounts>,
    value: fn(&ScoreCounts) -> Result<f64, &'static str>,
) -> Result<Vec<Answer<f64>>, MetricError> {
    let classes = classes.outputs()?;
    let of_class = |(class, counts)| value(counts).map_err(|why| lacking(why, class, classes.len()));
    Answer::all(classes.iter().enumerate().map(of_class))
}

/// What there are none of, and of which class where there are several.
fn lacking(why: &str, class: usize, classes: usize) -> MetricError {
    MetricError::undefined(match classes {
        1 => format!("there are {why} samples"),
        _ => format!("there are {why} samples for class {class}"),
    })
}

/// The values of the classes as one.
pub(super) fn averaged(
    classes: &PerOutput<ScoreCounts>,
    average: RankingAverage,
    value: fn(&ScoreCounts) -> Result<f64, &'static str>,
) -> Result<f64, MetricError> {
    if average == RankingAverage::Micro {
        let mut pooled = ScoreCounts::default();
        for counts in classes.outputs()? {
            pooled.merge(counts.clone());
        }
        return value(&pooled).map_err(|why| lacking(why, 0, 1));
    }
    let classes = classes.outputs()?;
    let weight = |counts: &ScoreCounts| if average == RankingAverage::Macro { 1 } else { counts.totals().0 };
    let weights: Vec<u64> = classes.iter().map(weight).collect();
    let mut mean = Mean::default();
    let of_class = |class: usize| value(&classes[class]).map(Some).map_err(|why| lacking(why, class, classes.len()));
    for (weight, value) in weighing(&weights, of_class)? {
        mean.merge(Mean::weighted(value, weight));
    }
    mean.finish()
}
