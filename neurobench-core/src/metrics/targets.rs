//! What a target among numbers stands for.

use crate::prelude::*;

/// The class, of so many.
pub(super) fn class_of(target: f64, classes: usize, sample: usize) -> Result<usize, MetricError> {
    if target.fract() != 0.0 || !(0.0..classes as f64).contains(&target) {
        let problem = format!("{target} of sample {sample} of the batch is none of {classes} classes");
        return Err(MetricError::input("targets", problem));
    }
    Ok(target as usize)
}

/// Whether it is a yes, 1, and no no, 0.
pub(super) fn is_positive(target: f64, place: impl Fn() -> String) -> Result<bool, MetricError> {
    match target {
        0.0 => Ok(false),
        1.0 => Ok(true),
        other => Err(MetricError::input("targets", format!("{other} of {} of the batch is neither 0 nor 1", place()))),
    }
}
