//! Rates of right and wrong decisions on a class.

use crate::classification::average::{Average, AverageValue, Quotient, ZeroDivision, average_over_classes, sum};
use crate::classification::confusion::{Confusion, ConfusionCounts};
use neurobench_core::prelude::*;

const NEVER_TARGET: &str = "is never the target";
const ALWAYS_TARGET: &str = "is always the target";
const NEVER_PREDICTED: &str = "is never predicted";
const ALWAYS_PREDICTED: &str = "is always predicted";

/// Fraction of the samples of a class that were predicted to be of it: recall, sensitivity, the true positive rate.
///
/// `TP / (TP + FN)`, for each class against all others, then averaged over the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "true_positive_rate",
    alias = "sensitivity",
    alias = "hit_rate",
    alias = "tpr",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Altman & Bland 1994, BMJ 308:1552, doi 10.1136/bmj.308.6943.1552",
    cite = "Sokolova & Lapalme 2009, Information Processing & Management 45(4):427-437, doi 10.1016/j.ipm.2009.03.002"
)]
pub fn recall(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        Quotient::from_counts(class.true_positives, targets, NEVER_TARGET)
    })
}

/// Fraction of the samples of other classes that were predicted to be of another class: specificity, the true negative rate.
///
/// `TN / (TN + FP)`, for each class against all others, then averaged over the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "true_negative_rate",
    alias = "selectivity",
    alias = "tnr",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Altman & Bland 1994, BMJ 308:1552, doi 10.1136/bmj.308.6943.1552"
)]
pub fn specificity(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is always the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let others = sum(class.true_negatives, class.false_positives);
        Quotient::from_counts(class.true_negatives, others, ALWAYS_TARGET)
    })
}

/// Fraction of the predictions of a class that are right: precision, the positive predictive value.
///
/// `TP / (TP + FP)`, for each class against all others, then averaged over the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "positive_predictive_value",
    alias = "ppv",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Altman & Bland 1994, BMJ 309:102, doi 10.1136/bmj.309.6947.102",
    cite = "Sokolova & Lapalme 2009, Information Processing & Management 45(4):427-437, doi 10.1016/j.ipm.2009.03.002"
)]
pub fn precision(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is never predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let predicted = sum(class.true_positives, class.false_positives);
        Quotient::from_counts(class.true_positives, predicted, NEVER_PREDICTED)
    })
}

/// Fraction of the predictions of other classes whose target is another class: the negative predictive value.
///
/// `TN / (TN + FN)`, for each class against all others, then averaged over the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "npv",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Altman & Bland 1994, BMJ 309:102, doi 10.1136/bmj.309.6947.102"
)]
pub fn negative_predictive_value(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is always predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let others = sum(class.true_negatives, class.false_negatives);
        Quotient::from_counts(class.true_negatives, others, ALWAYS_PREDICTED)
    })
}

/// Fraction of the samples of a class that were predicted to be of another: the false negative rate, or miss rate.
///
/// `FN / (FN + TP)`, which is 1 − recall, for each class against all others, then averaged over the classes that occur
/// as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "miss_rate",
    alias = "fnr",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn false_negative_rate(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        Quotient::from_counts(class.false_negatives, targets, NEVER_TARGET)
    })
}

/// Fraction of the samples of other classes that were predicted to be of this one: the false positive rate, or fall-out.
///
/// `FP / (FP + TN)`, which is 1 − specificity, for each class against all others, then averaged over the classes that
/// occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "fall_out",
    alias = "fpr",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn false_positive_rate(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is always the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let others = sum(class.true_negatives, class.false_positives);
        Quotient::from_counts(class.false_positives, others, ALWAYS_TARGET)
    })
}

/// Fraction of the predictions of a class that are wrong: the false discovery rate.
///
/// `FP / (FP + TP)`, which is 1 − precision, for each class against all others, then averaged over the classes that
/// occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "fdr",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn false_discovery_rate(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is never predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let predicted = sum(class.true_positives, class.false_positives);
        Quotient::from_counts(class.false_positives, predicted, NEVER_PREDICTED)
    })
}

/// Fraction of the predictions of other classes whose target is this class: the false omission rate.
///
/// `FN / (FN + TN)`, which is 1 − the negative predictive value, for each class against all others, then averaged over
/// the classes that occur as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "for",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Fawcett 2006, Pattern Recognition Letters 27(8):861-874, doi 10.1016/j.patrec.2005.10.010"
)]
pub fn false_omission_rate(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is always predicted: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let others = sum(class.true_negatives, class.false_negatives);
        Quotient::from_counts(class.false_negatives, others, ALWAYS_PREDICTED)
    })
}
