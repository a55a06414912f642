//! Measures of diagnostic tests: the change of odds by a prediction, and the rarest class for which predictions are
//! useful.

use crate::classification::average::{Average, AverageValue, Quotient, ZeroDivision, average_over_classes, sum};
use crate::classification::confusion::{Confusion, ConfusionCounts};
use neurobench_core::prelude::*;

/// Ratio of the rates at which a class is predicted for its own samples and for those of others: the positive
/// likelihood ratio.
///
/// `TPR / FPR = TP · (FP + TN) / (FP · (TP + FN))`, for each class against all others, then averaged over the classes
/// that occur as targets or predictions. Without a false positive it is undefined, whatever its limit, as in
/// scikit-learn.
#[accumulated_metric(
    of = Confusion,
    alias = "lr_plus",
    unit = "ratio",
    higher_is_better = true,
    bounds = 0.0..,
    cite = "Deeks & Altman 2004, BMJ 329:168, doi 10.1136/bmj.329.7458.168"
)]
pub fn positive_likelihood_ratio(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that has no false positive or is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        let others = sum(class.false_positives, class.true_negatives);
        Quotient {
            numerator: product(class.true_positives, others),
            denominator: product(class.false_positives, targets),
            zero_if: "has no false positive or is never the target",
            share: None,
        }
    })
}

/// Ratio of the rates at which another class is predicted for the samples of a class and for those of others: the
/// negative likelihood ratio.
///
/// `FNR / TNR = FN · (FP + TN) / (TN · (TP + FN))`, for each class against all others, then averaged over the classes that occur
/// as targets or predictions.
#[accumulated_metric(
    of = Confusion,
    alias = "lr_minus",
    unit = "ratio",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Deeks & Altman 2004, BMJ 329:168, doi 10.1136/bmj.329.7458.168"
)]
pub fn negative_likelihood_ratio(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that has no true negative or is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        let others = sum(class.false_positives, class.true_negatives);
        Quotient {
            numerator: product(class.false_negatives, others),
            denominator: product(class.true_negatives, targets),
            zero_if: "has no true negative or is never the target",
            share: None,
        }
    })
}

/// Prevalence of a class below which the precision of its predictions falls off steeply.
///
/// `√FPR / (√TPR + √FPR)`, for each class against all others, then averaged over the classes that occur as targets or
/// predictions. It equals `(√(TPR · FPR) − FPR) / (TPR − FPR)`, and has a value where `TPR = FPR`.
#[accumulated_metric(
    of = Confusion,
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Balayla 2020, PLoS ONE 15(10):e0240215, doi 10.1371/journal.pone.0240215"
)]
pub fn prevalence_threshold(
    counts: &ConfusionCounts,
    /// `none`, `micro`, `macro` or `weighted`.
    #[param]
    average: Average,
    /// Value of a class that is never the target, always the target or never predicted: `undefined`, `zero`, `one` or
    /// `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<AverageValue, MetricError> {
    average_over_classes(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        let others = sum(class.false_positives, class.true_negatives);
        // Multiplying both roots by the root of both denominators leaves integers up to the two roots.
        let root_of_true = product(class.true_positives, others).sqrt();
        let root_of_false = product(class.false_positives, targets).sqrt();
        let both_occur = targets > 0 && others > 0;
        Quotient {
            numerator: root_of_false,
            denominator: if both_occur { root_of_true + root_of_false } else { 0.0 },
            zero_if: "is never the target, always the target or never predicted",
            share: None,
        }
    })
}

/// Product, rounded once.
fn product(left: u64, right: u64) -> f64 {
    (u128::from(left) * u128::from(right)) as f64
}
