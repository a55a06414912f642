//! What medicine asks of a test: how far a prediction moves the odds, and for how rare a class it is still worth something.

use crate::classification::average::{Average, Averaged, Quotient, ZeroDivision, averaged, sum};
use crate::classification::confusion::{Confusion, ConfusionCounts};
use neurobench_core::prelude::*;

/// How many times as often a class is predicted for its own samples as for those of others: the positive likelihood ratio.
///
/// `TPR / FPR = TP · (FP + TN) / (FP · (TP + FN))`, of each class against all others, then averaged over the classes that occur
/// as targets or predictions. Without a false positive it has no value, whatever its limit, as in scikit-learn.
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
    /// What a class counts for that has no false positive or is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<Averaged, MetricError> {
    averaged(counts, average, zero_division, |class| {
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

/// How many times as often another class is predicted for the samples of a class as for those of others: the negative
/// likelihood ratio.
///
/// `FNR / TNR = FN · (FP + TN) / (TN · (TP + FN))`, of each class against all others, then averaged over the classes that occur
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
    /// What a class counts for that has no true negative or is never the target: `undefined`, `zero`, `one` or `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<Averaged, MetricError> {
    averaged(counts, average, zero_division, |class| {
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

/// How frequent a class must be for its predictions to be trusted: below this prevalence the precision falls off steeply.
///
/// `√FPR / (√TPR + √FPR)`, of each class against all others, then averaged over the classes that occur as targets or
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
    /// What a class counts for that is never the target, always the target or never predicted: `undefined`, `zero`, `one` or
    /// `skip`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<Averaged, MetricError> {
    averaged(counts, average, zero_division, |class| {
        let targets = sum(class.true_positives, class.false_negatives);
        let others = sum(class.false_positives, class.true_negatives);
        // Both roots times the root of both denominators: integers up to the two roots.
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

/// The product, rounded once.
fn product(left: u64, right: u64) -> f64 {
    (u128::from(left) * u128::from(right)) as f64
}
