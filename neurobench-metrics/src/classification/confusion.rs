//! The core that most classification metrics read: decisions by target.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::place::{Part, Place};
use crate::shapes::same_shape;
use crate::targets::{is_ignored, is_positive};
use neurobench_core::accumulate::MergeSum;
use neurobench_core::figure::{Axis, Bars, Cells, Figure, Plot};
use neurobench_core::inputs::{ClassPairs, PredictionsAndTargets};
use neurobench_core::metric::InputName;
use neurobench_core::metric::{Resampling, Shape, ThingCounts};
use neurobench_core::prelude::*;

/// Form of a sample's target, and the rule that turns predictions into decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// One class out of several: predicted classes `[batch]`, or scores `[batch, class]` whose first maximum counts;
    /// targets `[batch]`, any whole numbers. With more axes, such as time steps, every position in a sample is one
    /// decision: targets `[batch, ..]`, predicted classes of that shape, or scores with one axis more, `[batch, class,
    /// ..]`.
    #[default]
    Multiclass,
    /// Yes or no: scores `[batch]` or `[batch, 1]`, yes above the threshold; targets `[batch]`, 1 for yes and 0 for no.
    Binary,
    /// Yes or no for each of several labels: scores `[batch, label]`, yes above the threshold; targets `[batch, label]`, 1 for
    /// yes and 0 for no.
    Multilabel,
}

/// Decisions on one class against all others, or on one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Accumulator)]
pub struct OneVersusRest {
    /// The class is the target and was predicted.
    #[merge(sum)]
    pub true_positives: u64,
    /// The class was predicted and is not the target.
    #[merge(sum)]
    pub false_positives: u64,
    /// The class is the target and was not predicted.
    #[merge(sum)]
    pub false_negatives: u64,
    /// The class is neither the target nor predicted.
    #[merge(sum)]
    pub true_negatives: u64,
}

impl OneVersusRest {
    /// Counts of a single decision.
    fn from_decision(target: bool, predicted: bool) -> Self {
        Self {
            true_positives: u64::from(target && predicted),
            false_positives: u64::from(!target && predicted),
            false_negatives: u64::from(target && !predicted),
            true_negatives: u64::from(!target && !predicted),
        }
    }

    fn by_outcome(&mut self) -> [&mut u64; 4] {
        [&mut self.true_positives, &mut self.false_positives, &mut self.false_negatives, &mut self.true_negatives]
    }
}

impl Finish for OneVersusRest {
    type Output = BTreeMap<&'static str, u64>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        let Self { true_positives, false_positives, false_negatives, true_negatives } = *self;
        Ok([
            ("true_positives", true_positives),
            ("false_positives", false_positives),
            ("false_negatives", false_negatives),
            ("true_negatives", true_negatives),
        ]
        .into())
    }
}

/// Number of decisions by target and prediction: the state of [`Confusion`]. Its size depends only on the classes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionCounts {
    /// Counts of a multi-class task.
    classes: ConfusionMatrix,
    /// Counts by label, numbered from 0, in a multi-label task; in a binary one under 1, its positive class.
    labels: BTreeMap<i64, OneVersusRest>,
}

impl ConfusionCounts {
    /// Counts of each class that occurred, as a target or as a prediction, against all others; of each label; in a
    /// binary task of the positive class only, under 1.
    #[must_use]
    pub fn by_class(&self) -> BTreeMap<i64, OneVersusRest> {
        let mut by_class = self.labels.clone();
        for (target, predicted, count) in self.classes.iter() {
            if target == predicted {
                by_class.entry(target).or_default().true_positives.merge_sum(count);
            } else {
                by_class.entry(target).or_default().false_negatives.merge_sum(count);
                by_class.entry(predicted).or_default().false_positives.merge_sum(count);
            }
        }
        if self.labels.is_empty() {
            let total = self.classes.total();
            for class in by_class.values_mut() {
                // The three others count disjoint cells.
                class.true_negatives = total - class.true_positives - class.false_positives - class.false_negatives;
            }
        }
        by_class
    }

    /// Decisions on each label, if the task has labels: several, or the positive class of a binary task.
    pub(super) fn labels(&self) -> Option<&BTreeMap<i64, OneVersusRest>> {
        (!self.labels.is_empty()).then_some(&self.labels)
    }

    /// Confusion matrix of a task with one decision per sample; the classes of a binary task are 0 and 1.
    ///
    /// # Errors
    ///
    /// Several labels, or no decisions at all.
    pub fn matrix(&self) -> Result<Cow<'_, ConfusionMatrix>, MetricError> {
        let matrix = match self.labels.values().collect::<Vec<_>>().as_slice() {
            [] => Cow::Borrowed(&self.classes),
            [only] => {
                let mut matrix = ConfusionMatrix::default();
                matrix.add(1, 1, only.true_positives);
                matrix.add(0, 1, only.false_positives);
                matrix.add(1, 0, only.false_negatives);
                matrix.add(0, 0, only.true_negatives);
                Cow::Owned(matrix)
            }
            several => {
                return Err(MetricError::Other(format!(
                    "there are {} labels; this metric is defined only for one decision per sample",
                    several.len()
                )));
            }
        };
        if matrix.is_empty() {
            return Err(no_decisions());
        }
        Ok(matrix)
    }
}

/// Error for an empty table: no samples, or all of them ignored.
pub(super) fn no_decisions() -> MetricError {
    MetricError::undefined("there are no samples, or all of them are ignored")
}

impl Accumulator for ConfusionCounts {
    fn merge(&mut self, other: Self) {
        self.classes.merge(other.classes);
        for (label, counts) in other.labels {
            self.labels.entry(label).or_default().merge(counts);
        }
    }

    /// Each count is of a target class and a predicted one, in two numbers; or of a label and the outcome of decisions on
    /// it, in three; or, in one number, of a label without decisions.
    fn resampling() -> Resampling<Self> {
        Resampling::states().with_counts(Self::counts, Self::add_count)
    }
}

impl ConfusionCounts {
    fn counts(&self, counts: &mut ThingCounts) {
        ConfusionMatrix::resampling().counts(&self.classes, counts);
        for (label, decisions) in &self.labels {
            let mut decisions = *decisions;
            if decisions.by_outcome().iter().all(|times| **times == 0) {
                counts.add(&[*label], 1);
            }
            for (outcome, times) in (0..).zip(decisions.by_outcome()) {
                counts.add(&[*label, outcome, LABEL], *times);
            }
        }
    }

    fn add_count(&mut self, thing: &[i64], times: u64) {
        match *thing {
            [label] => {
                self.labels.entry(label).or_default();
            }
            [label, outcome, LABEL] => {
                let decisions = self.labels.entry(label).or_default();
                if let Some(count) = (0..).zip(decisions.by_outcome()).find(|(at, _)| *at == outcome) {
                    count.1.merge_sum(times);
                }
            }
            _ => ConfusionMatrix::resampling().add_count(&mut self.classes, thing, times),
        }
    }
}

/// Distinguishes the decisions on a label from a pair of classes.
const LABEL: i64 = 0;

impl Finish for ConfusionCounts {
    type Output = ConfusionTable;

    fn finish(&self) -> Result<ConfusionTable, MetricError> {
        match self.labels.is_empty() {
            true => Ok(ConfusionTable::Classes(self.classes.finish()?)),
            false => Ok(ConfusionTable::Labels(self.labels.clone())),
        }
    }
}

/// Number of decisions by target and prediction, in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "BTreeMap<i64, BTreeMap<String, u64>>")]
pub enum ConfusionTable {
    /// Counts of a multi-class task: by target class, then by predicted class. Pairs that did not occur are left out.
    Classes(BTreeMap<i64, BTreeMap<i64, u64>>),
    /// Counts by label of a multi-label task; of a binary task under 1, its positive class.
    Labels(BTreeMap<i64, OneVersusRest>),
}

/// Reads the names of counts as those of a label, and numbers as predicted classes.
impl TryFrom<BTreeMap<i64, BTreeMap<String, u64>>> for ConfusionTable {
    type Error = String;

    fn try_from(rows: BTreeMap<i64, BTreeMap<String, u64>>) -> Result<Self, String> {
        if rows.values().any(|row| row.contains_key("true_positives")) {
            let label = |(label, mut row): (i64, BTreeMap<String, u64>)| {
                let mut take = |name: &str| row.remove(name).ok_or_else(|| format!("label {label} has no `{name}`"));
                let counts = OneVersusRest {
                    true_positives: take("true_positives")?,
                    false_positives: take("false_positives")?,
                    false_negatives: take("false_negatives")?,
                    true_negatives: take("true_negatives")?,
                };
                Ok((label, counts))
            };
            return Ok(Self::Labels(rows.into_iter().map(label).collect::<Result<_, String>>()?));
        }
        let class = |(class, count): (String, u64)| {
            let class = class.parse().map_err(|_| format!("`{class}` is not a class"))?;
            Ok((class, count))
        };
        let row = |(target, row): (i64, BTreeMap<String, u64>)| {
            Ok((target, row.into_iter().map(class).collect::<Result<_, String>>()?))
        };
        Ok(Self::Classes(rows.into_iter().map(row).collect::<Result<_, String>>()?))
    }
}

/// A confusion matrix: of classes, or of yes and no for a single label. Bars of the counts of several labels.
impl Plot for ConfusionTable {
    fn plot(&self) -> Figure {
        let labels = match self {
            Self::Classes(classes) => return classes.plot(),
            Self::Labels(labels) => labels,
        };
        if let (1, Some(label)) = (labels.len(), labels.values().next()) {
            let names = ["negative", "positive"];
            let rows = [
                [label.true_negatives, label.false_positives].map(|count| count as f64).to_vec(),
                [label.false_negatives, label.true_positives].map(|count| count as f64).to_vec(),
            ];
            let shades = rows.clone().map(|row| {
                let total = row.iter().sum::<f64>().max(1.0);
                row.iter().map(|count| count / total).collect()
            });
            let cells = Cells::new("samples", rows).shades(shades);
            return Figure::new(Axis::categories("prediction", names), Axis::categories("target", names)).mark(cells);
        }
        let bars = |name: &str, count: fn(&OneVersusRest) -> u64| {
            Bars::new(labels.values().map(|label| count(label) as f64)).label(name)
        };
        Figure::new(Axis::categories("label", labels.keys().map(ToString::to_string)), Axis::value())
            .mark(bars("true positives", |label| label.true_positives))
            .mark(bars("false positives", |label| label.false_positives))
            .mark(bars("false negatives", |label| label.false_negatives))
    }
}

impl MetricValue for ConfusionTable {
    fn shape() -> Shape {
        Shape::Map(Box::new(Shape::Map(Box::new(Shape::Integer))))
    }
}

/// Number of predictions of each class for each target: the counts that precision, recall, F1 and similar metrics read.
///
/// Metrics with equal `task`, `threshold`, `ignore_index` and `class_axis` share it. Scores are compared unchanged: no
/// sigmoid is applied, whatever their range. A score equal to the threshold is a no, as in torchmetrics and as for the
/// first maximum of `[1 − p, p]` at one half.
#[accumulated_metric(
    alias = "confusion_matrix",
    unit = "samples",
    cite = "Sokolova & Lapalme 2009, Information Processing & Management 45(4):427-437, doi 10.1016/j.ipm.2009.03.002"
)]
pub fn confusion(
    counts: &mut ConfusionCounts,
    batch: PredictionsAndTargets<'_>,
    /// Form of a decision: `multiclass`, one class per sample; `binary`, yes or no by a threshold; `multilabel`, yes or
    /// no for each label.
    #[param]
    task: Task,
    /// Scores above this are a yes, in binary and multi-label tasks.
    #[param(default = 0.5)]
    threshold: f64,
    /// Target value to leave out, whatever was predicted; in multi-label tasks, only that label of the sample is left
    /// out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in scores, in multi-class tasks with more axes: 1 for `[batch, class, ..]`, 2 for `[batch, step, class]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<(), MetricError> {
    match task {
        Task::Multiclass => {
            let ClassPairs { predicted, targets } = batch.class_pairs(class_axis, ignore_index)?;
            same_length(predicted.len(), targets.len())?;
            counts.classes.add_pairs(&targets, &predicted, ignore_index);
        }
        Task::Binary => {
            let (scores, targets) = (batch.predictions::<IxDyn>()?, batch.target_classes()?);
            same_length(scores.len(), targets.len())?;
            let mut positive = OneVersusRest::default();
            for (sample, (score, target)) in scores.iter().zip(targets.iter()).enumerate() {
                match *target {
                    target if Some(target) == ignore_index => {}
                    0 | 1 => positive.merge(OneVersusRest::from_decision(*target == 1, *score > threshold)),
                    other => {
                        let problem = format_args!("{other} is neither 0 nor 1");
                        return Err(Place::sample(sample).error(InputName::Targets, problem));
                    }
                }
            }
            counts.labels.entry(1).or_default().merge(positive);
        }
        Task::Multilabel => {
            let (scores, targets) = (batch.predictions::<Ix2>()?, batch.targets::<Ix2>()?);
            same_shape(scores.shape(), targets.shape())?;
            let mut labels = vec![OneVersusRest::default(); scores.ncols()];
            for (sample, (scores, targets)) in scores.rows().into_iter().zip(targets.rows()).enumerate() {
                for (label, (score, target)) in scores.iter().zip(targets).enumerate() {
                    if !is_ignored(*target, ignore_index) {
                        let is_target = is_positive(*target, Place::part(sample, Part::Label(label)))?;
                        labels[label].merge(OneVersusRest::from_decision(is_target, *score > threshold));
                    }
                }
            }
            for (label, decisions) in (0..).zip(labels) {
                counts.labels.entry(label).or_default().merge(decisions);
            }
        }
    }
    Ok(())
}

pub(super) fn same_length(predictions: usize, targets: usize) -> Result<(), MetricError> {
    match predictions == targets {
        true => Ok(()),
        false => {
            Err(MetricError::input(InputName::Predictions, format!("{predictions} predictions for {targets} targets")))
        }
    }
}
