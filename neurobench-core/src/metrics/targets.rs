//! What a target among numbers stands for.

use crate::metrics::place::Place;
use crate::prelude::*;

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
    match target {
        0.0 => Ok(false),
        1.0 => Ok(true),
        other => Err(place.refused("targets", format_args!("{other} is neither 0 nor 1"))),
    }
}
