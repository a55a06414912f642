//! The scores of a run by class, and how what classes come to is averaged.

use ndarray::Axis;

use crate::accumulate::{PerOutput, ScoreCounts};
use crate::metrics::first_few::first_few;
use crate::metrics::targets::{class_of, is_positive};
use crate::metrics::weighing::weighing;
use crate::prelude::*;

/// How many positive and negative samples got each score, by class: what `auroc` and `average_precision` read.
///
/// What a batch is follows from its shapes:
///
/// * predictions `[samples]` or `[samples, 1]` with targets `[samples]` of 0 and 1: binary, scores of class 1;
/// * predictions `[samples, classes]` with targets `[samples]` of classes: multi-class, each against all others (one-vs-rest);
/// * predictions and targets `[samples, labels]`, targets of 0 and 1: multi-label, each label by itself.
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
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    by_class(&scores, &targets, ignore_index, |score| score)
}

/// Counts the scores of a batch by class, each as `of` it.
pub(super) fn by_class(
    scores: &Predictions<'_>,
    targets: &Targets<'_>,
    ignore_index: Option<i64>,
    of: impl Fn(f64) -> f64,
) -> Result<PerOutput<ScoreCounts>, MetricError> {
    let ignored = |target: f64| ignore_index.is_some_and(|ignored| target == ignored as f64);
    match (scores.shape(), targets.shape()) {
        ([samples] | [samples, 1], [labelled]) if samples == labelled => {
            let mut counts = ScoreCounts::default();
            for (sample, (score, target)) in scores.iter().zip(targets.iter()).enumerate() {
                if !ignored(*target) {
                    counts.add(of(*score), is_positive(*target, || format!("sample {sample}"))?)?;
                }
            }
            Ok(PerOutput::of([counts]))
        }
        ([samples, classes], [labelled]) if samples == labelled => {
            let mut counts = vec![ScoreCounts::default(); *classes];
            for (sample, (row, target)) in scores.axis_iter(Axis(0)).zip(targets.iter()).enumerate() {
                if ignored(*target) {
                    continue;
                }
                let target = class_of(*target, *classes, sample)?;
                for (class, (counts, score)) in counts.iter_mut().zip(row).enumerate() {
                    counts.add(of(*score), class == target)?;
                }
            }
            Ok(PerOutput::of(counts))
        }
        ([_, labels], both) if both == scores.shape() => {
            let mut counts = vec![ScoreCounts::default(); *labels];
            for ((place, score), target) in scores.indexed_iter().zip(targets.iter()) {
                if !ignored(*target) {
                    let positive = is_positive(*target, || format!("sample {}, label {}", place[0], place[1]))?;
                    counts[place[1]].add(of(*score), positive)?;
                }
            }
            Ok(PerOutput::of(counts))
        }
        (scores, targets) => Err(MetricError::input(
            "predictions",
            format!(
                "shape {scores:?} with targets {targets:?}; [samples] or [samples, 1] with [samples], or [samples, classes] with [samples] or [samples, classes] are needed"
            ),
        )),
    }
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

/// The value of every class.
pub(super) fn of_each_class(
    classes: &PerOutput<ScoreCounts>,
    value: fn(&ScoreCounts) -> Result<f64, &'static str>,
) -> Result<Vec<f64>, MetricError> {
    let classes = classes.outputs()?;
    let (mut values, mut without) = (Vec::with_capacity(classes.len()), Vec::new());
    for (class, counts) in classes.iter().enumerate() {
        match value(counts) {
            Ok(value) => values.push(value),
            Err(why) => without.push(lacking(why, class, classes.len())),
        }
    }
    // Who wants each class is told of all that have none.
    if !without.is_empty() {
        return Err(MetricError::undefined(format!("there are {}", first_few(&without))));
    }
    Ok(values)
}

/// What there are none of, and of which class where there are several.
fn lacking(why: &str, class: usize, classes: usize) -> String {
    if classes == 1 { format!("{why} samples") } else { format!("{why} samples for class {class}") }
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
        return Ok(of_each_class(&PerOutput::of([pooled]), value)?[0]);
    }
    let classes = classes.outputs()?;
    let weight = |counts: &ScoreCounts| if average == RankingAverage::Macro { 1 } else { counts.totals().0 };
    let weights: Vec<u64> = classes.iter().map(weight).collect();
    let mut mean = Mean::default();
    let of_class = |class: usize| {
        let undefined = |why| MetricError::undefined(format!("there are {}", lacking(why, class, classes.len())));
        value(&classes[class]).map(Some).map_err(undefined)
    };
    for (weight, value) in weighing(&weights, of_class)? {
        mean.merge(Mean::weighted(value, weight));
    }
    mean.finish()
}
