//! How the values of several classes become one.

use std::collections::BTreeMap;

use serde::Serializer;

use crate::classification::confusion::{ConfusionCounts, OneVersusRest, no_decisions};
use crate::weighing::weighing;
use neurobench_core::accumulate::MergeSum;
use neurobench_core::metric::undefined_as_a_whole;
use neurobench_core::metric::{Answer, Shape, Share};
use neurobench_core::prelude::*;

/// How the values of several classes become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// Not at all: every class has its own value. One whose value is skipped has none.
    None,
    /// The value of the sums of all classes' counts. For one class a sample, precision, recall and F1 are then the accuracy.
    Micro,
    /// The mean of the values of the classes that occur, as targets or as predictions; of all labels.
    #[default]
    Macro,
    /// The mean of the classes' values, each weighted by how often the class is the target. One that never is needs no value;
    /// where none is, all count alike, as in scikit-learn.
    Weighted,
}

/// What a class counts for whose value would be a division by zero.
///
/// scikit-learn's default is 0 with a warning. A report has no place for warnings, so that 0 must be asked for here. Without any
/// sample nothing has a value, whatever is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroDivision {
    /// The whole value is undefined, and the error names the class; with `average = none`, that of the class alone.
    #[default]
    Undefined,
    /// 0.
    Zero,
    /// 1.
    One,
    /// Nothing: the class is left out. If that leaves none, the value is undefined.
    Skip,
}

/// One number over all classes or, with `average = none`, one for each class.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Averaged {
    /// Over all classes.
    Number(f64),
    /// Over all classes, as so many of so many decisions.
    #[serde(serialize_with = "quotient_of")]
    Share(Ratio),
    /// By class.
    ByClass(BTreeMap<i64, Answer<f64>>),
}

impl Averaged {
    /// The number over all classes, unless there is one for each.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Share(share) => share.finish().ok(),
            Self::ByClass(_) => None,
        }
    }

    /// The number of a class, if each has its own, and this one has one.
    #[must_use]
    pub fn of_class(&self, class: i64) -> Option<f64> {
        match self {
            Self::Number(_) | Self::Share(_) => None,
            Self::ByClass(values) => values.get(&class)?.value().ok().copied(),
        }
    }
}

impl MetricValue for Averaged {
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
    /// What it means that the denominator is zero, as "is never predicted".
    pub(super) zero_if: &'static str,
    /// The same as a share of decisions, if it is one of more than none.
    pub(super) share: Option<Ratio>,
}

impl Quotient {
    pub(super) fn of_counts(numerator: u64, denominator: u64, zero_if: &'static str) -> Self {
        let share = (denominator > 0).then_some(Ratio::new(numerator, denominator));
        Self { numerator: numerator as f64, denominator: denominator as f64, zero_if, share }
    }

    /// The value, or what the convention puts in its place; none where it is skipped.
    pub(super) fn value(&self, who: &str, convention: ZeroDivision) -> Result<Option<f64>, MetricError> {
        if self.denominator != 0.0 {
            return Ok(Some(self.numerator / self.denominator));
        }
        match convention {
            ZeroDivision::Undefined => Err(MetricError::undefined(format!(
                "{who} {}, a division by zero; `zero_division` says what that counts for",
                self.zero_if
            ))),
            ZeroDivision::Zero => Ok(Some(0.0)),
            ZeroDivision::One => Ok(Some(1.0)),
            ZeroDivision::Skip => Ok(None),
        }
    }
}

/// The sum of two counts of disjoint decisions.
pub(super) fn sum(left: u64, right: u64) -> u64 {
    let mut sum = left;
    sum.merge_sum(right);
    sum
}

/// A quotient of every class's decisions, and their average.
pub(super) fn averaged(
    counts: &ConfusionCounts,
    average: Average,
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<Averaged, MetricError> {
    let by_class = counts.by_class();
    let mut all = OneVersusRest::default();
    for class in by_class.values() {
        all.merge(*class);
    }
    if all == OneVersusRest::default() {
        return Err(no_decisions());
    }
    // Of one label alone, the mean is its own share.
    let is_one = average == Average::Macro && counts.labels().is_some_and(|labels| labels.len() == 1);
    if let (true, Some(share)) = (average == Average::Micro || is_one, quotient(&all).share) {
        return Ok(Averaged::Share(share));
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

/// The answer of every class that is not skipped.
fn each(
    by_class: &BTreeMap<i64, OneVersusRest>,
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<Averaged, MetricError> {
    let mut answers = BTreeMap::new();
    for (class, decisions) in by_class {
        if let Some(value) = value_of((class, decisions), convention, &quotient).transpose() {
            answers.insert(*class, Answer::of(value)?);
        }
    }
    if let Some(error) = undefined_as_a_whole(answers.values()) {
        return Err(error);
    }
    match answers.is_empty() {
        true => number(None),
        false => Ok(Averaged::ByClass(answers)),
    }
}

fn value_of(
    (class, decisions): (&i64, &OneVersusRest),
    convention: ZeroDivision,
    quotient: impl Fn(&OneVersusRest) -> Quotient,
) -> Result<Option<f64>, MetricError> {
    quotient(decisions).value(&format!("class {class}"), convention)
}

fn number(number: Option<f64>) -> Result<Averaged, MetricError> {
    number.map(Averaged::Number).ok_or_else(|| MetricError::undefined("every class is skipped for a division by zero"))
}
