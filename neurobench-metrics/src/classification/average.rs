//! Averages over classes.

use std::collections::BTreeMap;

use serde::Serializer;

use crate::classification::confusion::{ConfusionCounts, OneVersusRest, no_decisions};
use crate::weighing::weighing;
use neurobench_core::accumulate::MergeSum;
use neurobench_core::metric::undefined_as_a_whole;
use neurobench_core::metric::{Answer, Shape, Share};
use neurobench_core::prelude::*;

/// Average over the values of several classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// No average: every class has a separate value. A class whose value is skipped has none.
    None,
    /// The value of the counts summed over all classes. With one class per sample, precision, recall and F1 are then
    /// the accuracy.
    Micro,
    /// Mean of the values of the classes that occur, as targets or as predictions; in multi-label tasks, of all labels.
    #[default]
    Macro,
    /// Mean of the classes' values, each weighted by the number of times the class is the target. A class that is never
    /// the target needs no value; if no class is, all count equally, as in scikit-learn.
    Weighted,
}

/// Value of a class if its quotient is a division by zero.
///
/// scikit-learn's default is 0 with a warning. A report has no place for warnings, so 0 must be requested explicitly.
/// Without any sample nothing has a value, whatever the setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroDivision {
    /// The whole value is undefined, and the error names the class; with `average = none`, only the value of that
    /// class.
    #[default]
    Undefined,
    /// 0.
    Zero,
    /// 1.
    One,
    /// No value: the class is left out. If no class is left, the value is undefined.
    Skip,
}

/// One number over all classes or, with `average = none`, one for each class.
///
/// A setting decides which of the two it is, so the shape that is known before a run allows both
/// ([`Shape::NumberOrByClass`]), and `average = none` does not need a second set of metrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AverageValue {
    /// Over all classes.
    Number(f64),
    /// Value over all classes, as a share of decisions.
    #[serde(serialize_with = "quotient_of")]
    Share(Ratio),
    /// By class.
    ByClass(BTreeMap<i64, Answer<f64>>),
}

impl AverageValue {
    /// Returns the number over all classes, `None` if there is one for each class.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Share(share) => share.finish().ok(),
            Self::ByClass(_) => None,
        }
    }

    /// Returns the number of a class, `None` if there is one number for all classes, or this class has none.
    #[must_use]
    pub fn for_class(&self, class: i64) -> Option<f64> {
        match self {
            Self::Number(_) | Self::Share(_) => None,
            Self::ByClass(values) => values.get(&class)?.value().ok().copied(),
        }
    }
}

impl MetricValue for AverageValue {
    fn shape() -> Shape {
        Shape::NumberOrByClass
    }

    fn share(&self) -> Option<Share> {
        match self {
            Self::Share(share) => Some((*share).into()),
            Self::Number(_) | Self::ByClass(_) => None,
        }
    }
}

fn quotient_of<S: Serializer>(share: &Ratio, to: S) -> Result<S::Ok, S::Error> {
    share.finish().map_err(serde::ser::Error::custom)?.serialize(to)
}

/// A quotient that may be a division by zero.
pub(super) struct Quotient {
    pub(super) numerator: f64,
    pub(super) denominator: f64,
    /// Meaning of a zero denominator, such as "is never predicted".
    pub(super) zero_if: &'static str,
    /// The quotient as a share of decisions, if there are any.
    pub(super) share: Option<Ratio>,
}

impl Quotient {
    pub(super) fn from_counts(numerator: u64, denominator: u64, zero_if: &'static str) -> Self {
        let share = (denominator > 0).then_some(Ratio::new(numerator, denominator));
        Self { numerator: numerator as f64, denominator: denominator as f64, zero_if, share }
    }

    /// Returns the value, or its replacement by the convention; `None` if it is skipped.
    pub(super) fn value(&self, who: &str, convention: ZeroDivision) -> Result<Option<f64>, MetricError> {
        if self.denominator != 0.0 {
            return Ok(Some(self.numerator / self.denominator));
        }
        match convention {
            ZeroDivision::Undefined => Err(MetricError::undefined(format!(
                "{who} {}, a division by zero; set `zero_division` to choose a value",
                self.zero_if
            ))),
            ZeroDivision::Zero => Ok(Some(0.0)),
            ZeroDivision::One => Ok(Some(1.0)),
            ZeroDivision::Skip => Ok(None),
        }
    }
}

/// Sum of two counts of disjoint decisions.
pub(super) fn sum(left: u64, right: u64) -> u64 {
    let mut sum = left;
    sum.merge_sum(right);
    sum
}

/// Quotient of every class's decisions, and their average.
pub(super) fn average_over_classes(
    counts: &ConfusionCounts,
    average: Average,
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<AverageValue, MetricError> {
    let by_class = counts.by_class();
    let mut all = OneVersusRest::default();
    for class in by_class.values() {
        all.merge(*class);
    }
    if all == OneVersusRest::default() {
        return Err(no_decisions());
    }
    // With a single label, the mean is the share of that label.
    let is_one = average == Average::Macro && counts.labels().is_some_and(|labels| labels.len() == 1);
    if let (true, Some(share)) = (average == Average::Micro || is_one, quotient(&all).share) {
        return Ok(AverageValue::Share(share));
    }
    if average == Average::Micro {
        return number(quotient(&all).value("the sum of all classes", convention)?);
    }
    if average == Average::None {
        return each(&by_class, convention, quotient);
    }
    let classes: Vec<_> = by_class.iter().collect();
    let weight = |(_, class): &(_, &OneVersusRest)| match average {
        Average::Weighted => sum(class.true_positives, class.false_negatives),
        _ => 1,
    };
    let weights: Vec<u64> = classes.iter().map(weight).collect();
    let mut mean = Mean::default();
    for (weight, value) in weighing(&weights, |at| value_of(classes[at], convention, &quotient))? {
        mean.merge(Mean::weighted(value, weight));
    }
    number(mean.value())
}

/// Answers of all classes that are not skipped.
fn each(
    by_class: &BTreeMap<i64, OneVersusRest>,
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<AverageValue, MetricError> {
    let mut answers = BTreeMap::new();
    for (class, decisions) in by_class {
        if let Some(value) = value_of((class, decisions), convention, &quotient).transpose() {
            answers.insert(*class, Answer::from_result(value)?);
        }
    }
    if let Some(error) = undefined_as_a_whole(answers.values()) {
        return Err(error);
    }
    match answers.is_empty() {
        true => number(None),
        false => Ok(AverageValue::ByClass(answers)),
    }
}

fn value_of(
    (class, decisions): (&i64, &OneVersusRest),
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<Option<f64>, MetricError> {
    quotient(decisions).value(&format!("class {class}"), convention)
}

fn number(number: Option<f64>) -> Result<AverageValue, MetricError> {
    number
        .map(AverageValue::Number)
        .ok_or_else(|| MetricError::undefined("every class is skipped because of a division by zero"))
}
