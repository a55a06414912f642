//! What a target among numbers stands for.

use crate::place::Place;
use neurobench_core::prelude::*;

/// Whether it is the one that is left out.
pub(super) fn is_ignored(target: f64, ignore_index: Option<i64>) -> bool {
    ignore_index.is_some_and(|ignored| target == ignored as f64)
}

/// The class, of so many.
pub(super) fn class_of(target: f64, classes: usize, place: Place) -> Result<usize, MetricError> {
    if target.fract() != 0.0 || !(0.0..classes as f64).contains(&target) {
        return Err(place.refused("targets", format_args!("{target} is none of {classes} classes")));
    }
    Ok(target as usize)
}

/// Whether it is a yes, 1, and no no, 0.
pub(super) fn is_positive(target: f64, place: Place) -> Result<bool, MetricError> {
    yes_or_no(target, place, "")
}

/// The same where there is one score for it, of one class against the other.
pub(super) fn is_positive_alone(target: f64, place: Place) -> Result<bool, MetricError> {
    const HINT: &str = "; one score a sample is of two classes; those of more are [batch, class], and the postprocessor `aggregate` \
                        leaves them, `choose_max_count` one class alone";
    yes_or_no(target, place, HINT)
}

fn yes_or_no(target: f64, place: Place, hint: &str) -> Result<bool, MetricError> {
    match target {
        0.0 => Ok(false),
        1.0 => Ok(true),
        other => Err(place.refused("targets", format_args!("{other} is neither 0 nor 1{hint}"))),
    }
}
