//! Meaning of target values.

use crate::place::Place;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;
use neurobench_core::process::{Aggregate, ChooseMaxCount};

/// Returns true if the target is the one to leave out.
pub(super) fn is_ignored(target: f64, ignore_index: Option<i64>) -> bool {
    ignore_index.is_some_and(|ignored| target == ignored as f64)
}

/// Class of a target, out of a number of classes.
pub(super) fn class_of(target: f64, classes: usize, place: Place) -> Result<usize, MetricError> {
    if target.fract() != 0.0 || !(0.0..classes as f64).contains(&target) {
        return Err(place.error(InputName::Targets, format_args!("{target} is not one of {classes} classes")));
    }
    Ok(target as usize)
}

/// Returns true for the target 1, false for 0.
pub(super) fn is_positive(target: f64, place: Place) -> Result<bool, MetricError> {
    yes_or_no(target, place, String::new)
}

/// Same as [`is_positive`], for a single score of one class against the other.
pub(super) fn is_positive_alone(target: f64, place: Place) -> Result<bool, MetricError> {
    let hint = || {
        let (sums, classes) = (Aggregate::ABOUT.name, ChooseMaxCount::ABOUT.name);
        format!(
            "; one score per sample means two classes; scores of more are [batch, class]: the postprocessor `{sums}` keeps \
             them, `{classes}` leaves only one class"
        )
    };
    yes_or_no(target, place, hint)
}

fn yes_or_no(target: f64, place: Place, hint: impl Fn() -> String) -> Result<bool, MetricError> {
    match target {
        0.0 => Ok(false),
        1.0 => Ok(true),
        other => Err(place.error(InputName::Targets, format_args!("{other} is neither 0 nor 1{}", hint()))),
    }
}
