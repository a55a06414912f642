//! Shapes of predictions beside those of targets.

use neurobench_core::inputs::{hint_for_classes, hint_for_targets};
use neurobench_core::prelude::*;

/// Refuses predictions of another shape than the targets'.
pub(super) fn same_shape(predictions: &[usize], targets: &[usize]) -> Result<(), MetricError> {
    if predictions != targets {
        let hint = hint_for_targets(predictions, targets);
        let problem = format!("shape {predictions:?}, but the targets have {targets:?}{hint}");
        return Err(MetricError::input("predictions", problem));
    }
    Ok(())
}

/// Scores that are neither of classes nor of labels for the targets.
pub(super) fn unlike(predictions: &[usize], targets: &[usize], class_axis: usize) -> MetricError {
    let hint = hint_for_classes(predictions, targets);
    let problem = format!(
        "shape {predictions:?} with targets {targets:?}; [samples] or [samples, classes] with [samples], [samples, labels] of both, \
         or one axis more than the targets, `class_axis = {class_axis}`, are needed{hint}"
    );
    MetricError::input("predictions", problem)
}
