//! How often the predicted class is right.

use crate::prelude::*;

/// Fraction of samples whose predicted class is the target class.
///
/// `Σᵢ [predictedᵢ = targetᵢ] / samples` over the whole run, one quotient of two integers: it does not depend on how the run
/// is cut into batches.
#[accumulated_metric(
    alias = "accuracy",
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn classification_accuracy(predicted: Classes<'_>, targets: TargetClasses<'_>) -> Ratio {
    Ratio::of(predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target))
}
