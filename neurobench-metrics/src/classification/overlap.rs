//! Overlap between the samples predicted to be of a class and those that are.

use crate::classification::average::{Average, AverageValue, Quotient, ZeroDivision, average_over_classes, sum};
use crate::classification::confusion::{Confusion, ConfusionCounts, OneVersusRest};
use neurobench_core::prelude::*;

const NEITHER: &str = "is neither a target nor predicted";
/// Missing denominator of F with a `beta` of 0, which is the precision.
const NEVER_PREDICTED: &str = "is never predicted";

/// Fraction of right predictions among the samples that are of a class or predicted to be: Jaccard's index, the threat
/// score.
///
/// `TP / (TP + FP + FN)`, for each class against all others, then averaged over the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "threat_score",
    alias = "critical_success_index",
    alias = "jaccard",
    alias = "jaccard_score",
    alias = "intersection_over_union",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Jaccard 1912, New Phytologist 11(2):37-50, doi 10.1111/j.1469-8137.1912.tb05611.x",
    cite = "Schaefer 1990, Weather and Forecasting 5(4):570-575, doi 10.1175/1520-0434(1990)005<0570:TCSIAA>2.0.CO;2"
)]
pub fn jaccard_index(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a label that is neither a target nor predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let wrong = sum(class.false_positives, class.false_negatives);
        Quotient::from_counts(class.true_positives, sum(class.true_positives, wrong), NEITHER)
    })
}

/// Harmonic mean of precision and recall: F1, also Dice's coefficient.
///
/// `2 TP / (2 TP + FP + FN)`, for each class against all others, then averaged over the classes that occur as targets
/// or predictions. The macro average is the mean of the classes' F1, not F1 of their mean precision and recall.
#[accumulated_metric(
    of = Confusion,
    alias = "f1",
    alias = "f_measure",
    alias = "dice",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Dice 1945, Ecology 26(3):297-302, doi 10.2307/1932409",
    cite = "van Rijsbergen 1979, Information Retrieval, 2nd ed., Butterworths, chapter 7"
)]
pub fn f1_score(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a label that is neither a target nor predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    averaged_f_measure(counts, average, zero_division, 1.0)
}

/// Harmonic mean of precision and recall, with recall weighted `beta` times as much as precision.
///
/// `(1 + β²) TP / ((1 + β²) TP + β² FN + FP)`, for each class against all others, then averaged over the classes that
/// occur as targets or predictions. With a `beta` of 0 it is the precision.
#[accumulated_metric(
    of = Confusion,
    alias = "f_beta",
    variant("f2_score", beta = 2.0),
    variant("f0_5_score", beta = 0.5),
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "van Rijsbergen 1979, Information Retrieval, 2nd ed., Butterworths, chapter 7"
)]
pub fn f_beta_score(
    counts: &ConfusionCounts,
    /// Weight of recall relative to precision.
    #[param(default = 1.0, range = 0.0..=1e6)]
    beta: f64,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is neither a target nor predicted or, with a `beta` of 0, is never predicted: `undefined`,
    /// `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    averaged_f_measure(counts, average, zero_division, beta)
}

fn averaged_f_measure(
    counts: &ConfusionCounts,
    average: Average,
    zero_division: ZeroDivision,
    beta: f64,
) -> Result<AverageValue, MetricError> {
    match (average, counts.labels()) {
        // Over all classes there are as many predictions as targets: precision, recall and their mean are the same
        // share.
        (Average::Micro, None) => average_over_classes(counts, average, zero_division, |all| {
            Quotient::from_counts(all.true_positives, sum(all.true_positives, all.false_positives), NEITHER)
        }),
        _ => average_over_classes(counts, average, zero_division, |class| f_measure(class, beta)),
    }
}

fn f_measure(class: &OneVersusRest, beta: f64) -> Quotient {
    let square = beta * beta;
    let targets = sum(class.true_positives, class.false_negatives) as f64;
    let predicted = sum(class.true_positives, class.false_positives) as f64;
    let numerator = (1.0 + square) * class.true_positives as f64;
    let denominator = square * targets + predicted;
    // Two roundings may lift a perfect value above 1.
    let zero_if = if square == 0.0 { NEVER_PREDICTED } else { NEITHER };
    Quotient { numerator: numerator.min(denominator), denominator, zero_if, share: None }
}
