//! Probabilities from model outputs: of class 1 alone, `[samples]`, or a row with one for each class.

use ndarray::ArrayView1;

use crate::classification::Task;
use crate::place::{Part, Place};
use crate::score_rows::ScoreRows;
use crate::shapes::unlike;
use crate::targets::{class_of, is_ignored, is_positive, is_positive_alone};
use neurobench_core::inputs::hint_for_targets;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Form of the model's outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Probabilities, from 0 to 1; those of a row of classes sum to 1.
    #[default]
    Probabilities,
    /// Any numbers: the softmax of a row, or the logistic function of a single number, gives the probabilities.
    Logits,
    /// Natural logarithms of probabilities.
    LogProbabilities,
}

/// Largest distance from 1 at which a row of probabilities is accepted: the root of the precision of an `f32`, as in
/// scikit-learn.
pub(super) const SUM_TOLERANCE: f64 = 3.4526698300124393e-4;

/// One sample: its probabilities and its class. With several labels, each label of a sample is one such sample.
pub(super) struct Sample<'a> {
    row: ArrayView1<'a, f64>,
    scores: Scores,
    /// Logarithm of the sum of the exponentials of a row of logits.
    log_of_sum: f64,
    /// The target class, in 0..classes.
    pub(super) target: usize,
    /// Label of the sample, 0 if there are no labels.
    pub(super) label: usize,
}

impl<'a> Sample<'a> {
    /// Checks that the row has its declared form.
    fn checked(
        row: &ArrayView1<'a, f64>,
        scores: Scores,
        target: usize,
        label: usize,
        place: Place,
    ) -> Result<Self, MetricError> {
        let log_of_sum = check(row, scores).map_err(|problem| place.error(InputName::Predictions, problem))?;
        Ok(Self { row: *row, scores, log_of_sum, target, label })
    }

    /// Returns true if the only prediction is the probability of class 1.
    pub(super) fn is_binary(&self) -> bool {
        self.row.len() == 1
    }

    /// Probabilities: of class 1 alone, or of every class.
    pub(super) fn probabilities(&self) -> impl Iterator<Item = f64> {
        self.row.iter().map(|score| match (self.scores, self.is_binary()) {
            (Scores::Probabilities, _) => *score,
            (Scores::LogProbabilities, _) => libm::exp(*score),
            (Scores::Logits, true) => libm::exp(log_logistic(*score)),
            (Scores::Logits, false) => libm::exp(score - self.log_of_sum),
        })
    }

    /// Natural logarithm of the probability of the target class.
    pub(super) fn log_probability_of_target(&self) -> f64 {
        let score = self.row[if self.is_binary() { 0 } else { self.target }];
        match (self.scores, self.is_binary() && self.target == 0) {
            (Scores::Probabilities, false) => libm::log(score),
            (Scores::Probabilities, true) => libm::log1p(-score),
            (Scores::LogProbabilities, false) => score,
            (Scores::LogProbabilities, true) => log_of_one_minus_exp(score),
            (Scores::Logits, other) if self.is_binary() => log_logistic(if other { -score } else { score }),
            (Scores::Logits, _) => score - self.log_of_sum,
        }
    }
}

/// ln(1 / (1 + e⁻ˣ)), without overflow or cancellation.
fn log_logistic(x: f64) -> f64 {
    if x < 0.0 { x - libm::log1p(libm::exp(x)) } else { -libm::log1p(libm::exp(-x)) }
}

/// ln(1 − eˣ) for x ≤ 0, by the form that does not cancel (Mächler 2012, "Accurately computing log(1 − exp(−|a|))").
fn log_of_one_minus_exp(x: f64) -> f64 {
    if x > -core::f64::consts::LN_2 { libm::log(-libm::expm1(x)) } else { libm::log1p(-libm::exp(x)) }
}

/// Number of labels of a batch whose predictions and targets are both `[samples, labels]`.
pub(super) fn labels(predictions: &Predictions<'_>, targets: &Targets<'_>) -> Result<usize, MetricError> {
    match (predictions.shape(), targets.shape()) {
        ([_, labels], both) if both == predictions.shape() => Ok(*labels),
        (shape, targets) => Err(MetricError::input(
            InputName::Predictions,
            format!(
                "shape {shape:?} with targets {targets:?}; expected [samples, labels] for both{}",
                hint_for_targets(shape, targets)
            ),
        )),
    }
}

/// Settings that determine the samples of a batch.
#[derive(Clone, Copy)]
pub(super) struct SampleForm {
    /// Form of the targets; if not set, the shapes determine it.
    pub(super) task: Option<Task>,
    pub(super) scores: Scores,
    pub(super) class_axis: usize,
    pub(super) ignore_index: Option<i64>,
}

impl SampleForm {
    /// The form of predictions and targets `[samples, labels]`.
    pub(super) fn for_labels(scores: Scores, ignore_index: Option<i64>) -> Self {
        Self { task: Some(Task::Multilabel), scores, class_axis: 1, ignore_index }
    }
}

/// Visits the samples of a batch, each checked, without those whose target is `ignore_index`.
///
/// The task and the shapes determine the form of the samples; see [`ScoreRows`].
pub(super) fn each_sample(
    predictions: &Predictions<'_>,
    targets: &Targets<'_>,
    form: SampleForm,
    mut take: impl FnMut(&Sample<'_>) -> Result<(), MetricError>,
) -> Result<(), MetricError> {
    let (shape, target_shape) = (predictions.shape(), targets.shape());
    match (form.task, shape, target_shape) {
        // With one column, a label and a yes or no for each sample are the same.
        (None, [_, columns], both) if both == shape && *columns > 1 => return Err(ambiguous(shape)),
        (Some(Task::Multiclass), [_, columns], both) if both == shape && *columns > 1 => {
            return each_one_hot_sample(predictions, targets, form, take);
        }
        (Some(Task::Multiclass), [samples] | [samples, 1], [others] | [others, 1]) if samples == others => {
            return Err(misfit(shape, target_shape, Task::Multiclass));
        }
        (Some(Task::Binary), [samples] | [samples, 1], [others]) if samples == others => {}
        (Some(Task::Binary), [_, 1], both) if both == shape => {}
        (Some(Task::Binary), ..) => return Err(misfit(shape, target_shape, Task::Binary)),
        (Some(Task::Multilabel), ..) => _ = labels(predictions, targets)?,
        _ => {}
    }
    let Some(rows) = ScoreRows::from_scores(predictions, target_shape, form.class_axis) else {
        return Err(unlike(shape, target_shape, form.class_axis));
    };
    for ((place, row), &target) in rows.iter().zip(targets.iter()) {
        if is_ignored(target, form.ignore_index) {
            continue;
        }
        let (label, target) = match place.part {
            Some(Part::Label(label)) => (label, usize::from(is_positive(target, place)?)),
            _ if row.len() == 1 => (0, usize::from(is_positive_alone(target, place)?)),
            _ => (0, class_of(target, row.len(), place)?),
        };
        take(&Sample::checked(&row, form.scores, target, label, place)?)?;
    }
    Ok(())
}

/// Visits the samples of a batch whose targets are one-hot, `[samples, classes]`. A row of `ignore_index` alone is left
/// out.
fn each_one_hot_sample(
    predictions: &Predictions<'_>,
    targets: &Targets<'_>,
    form: SampleForm,
    mut take: impl FnMut(&Sample<'_>) -> Result<(), MetricError>,
) -> Result<(), MetricError> {
    let (shape, target_shape) = (predictions.shape(), targets.shape());
    let Some(rows) = ScoreRows::from_class_scores(predictions, &target_shape[..1], 1) else {
        return Err(unlike(shape, target_shape, form.class_axis));
    };
    for ((place, row), targets) in rows.iter().zip(targets.outer_iter()) {
        if targets.iter().all(|target| is_ignored(*target, form.ignore_index)) {
            continue;
        }
        let mut ones = targets.iter().enumerate().filter(|(_, target)| **target == 1.0).map(|(class, _)| class);
        let (Some(target), None, true) = (ones.next(), ones.next(), targets.iter().all(|x| [0.0, 1.0].contains(x)))
        else {
            let problem = "the row is not one-hot: it must hold a single 1 and otherwise zeros, as `task = multiclass` \
                           requires; for yes or no on each label set `task = multilabel`";
            return Err(place.error(InputName::Targets, problem));
        };
        take(&Sample::checked(&row, form.scores, target, 0, place)?)?;
    }
    Ok(())
}

/// Error for predictions and targets of one shape, whose targets may be one-hot classes or labels.
fn ambiguous(shape: &[usize]) -> MetricError {
    let problem = format!(
        "shape {shape:?}, as the targets, which may be one-hot classes or labels; set `task = multiclass` for one-hot \
         classes or `task = multilabel` for yes or no on each label"
    );
    MetricError::input(InputName::Predictions, problem)
}

/// Error for shapes that do not belong to the task.
fn misfit(predictions: &[usize], targets: &[usize], task: Task) -> MetricError {
    let (name, expected) = match task {
        Task::Multiclass => {
            ("multiclass", "the probabilities of at least two classes; for yes or no set `task = binary`")
        }
        Task::Binary => ("binary", "[samples] or [samples, 1] with targets [samples]"),
        Task::Multilabel => ("multilabel", "[samples, labels] for both"),
    };
    let problem = format!("shape {predictions:?} with targets {targets:?}; `task = {name}` expects {expected}");
    MetricError::input(InputName::Predictions, problem)
}

/// Checks that a row has its declared form; returns the logarithm of the sum of the exponentials for a row of logits.
fn check(row: &ArrayView1<'_, f64>, scores: Scores) -> Result<f64, String> {
    let sum_of = |values: &mut dyn Iterator<Item = f64>| Sum::from_values(values).value();
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = match scores {
        // The logistic function accepts infinities.
        Scores::Logits if row.len() == 1 => return Ok(0.0),
        Scores::Logits if !largest.is_finite() => return Err("the largest logit is infinite".to_owned()),
        Scores::Logits => {
            return Ok(largest + libm::log(sum_of(&mut row.iter().map(|logit| libm::exp(logit - largest)))));
        }
        Scores::Probabilities => {
            if let Some(bad) = row.iter().find(|probability| !(0.0..=1.0).contains(*probability)) {
                return Err(format!("{bad} is not a probability; set `scores` if these are logits or logarithms"));
            }
            sum_of(&mut row.iter().copied())
        }
        Scores::LogProbabilities => {
            if largest > 0.0 {
                return Err(format!("{largest} is not the logarithm of a probability; it must be at most 0"));
            }
            sum_of(&mut row.iter().map(|logarithm| libm::exp(*logarithm)))
        }
    };
    if row.len() > 1 && (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(format!("the probabilities sum to {sum}; they must sum to 1 within {SUM_TOLERANCE:.1e}"));
    }
    Ok(0.0)
}
