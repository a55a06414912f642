//! How often the predicted class is right.

use crate::prelude::*;

/// Fraction of samples whose predicted class is the target class.
///
/// correct / samples over the whole run, one quotient of two integers: it does not depend on how the run is cut into
/// batches.
#[accumulated_metric(alias = "accuracy", unit = "fraction", higher_is_better = true, bounds = 0.0..=1.0)]
pub fn classification_accuracy(predicted: Classes<'_>, targets: TargetClasses<'_>) -> Ratio {
    Ratio::of(predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target))
}
