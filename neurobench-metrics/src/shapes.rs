//! Comparison of the shapes of predictions and targets.

use neurobench_core::inputs::{hint_for_classes, hint_for_targets};
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Rejects predictions whose shape differs from that of the targets.
pub(super) fn same_shape(predictions: &[usize], targets: &[usize]) -> Result<(), MetricError> {
    if predictions != targets {
        let hint = hint_for_targets(predictions, targets);
        let problem = format!("shape {predictions:?}, but the targets have {targets:?}{hint}");
        return Err(MetricError::input(InputName::Predictions, problem));
    }
    Ok(())
}

/// Error for scores whose shape fits neither classes nor labels of the targets.
pub(super) fn unlike(predictions: &[usize], targets: &[usize], class_axis: usize) -> MetricError {
    let hint = hint_for_classes(predictions, targets);
    let problem = format!(
        "shape {predictions:?} with targets {targets:?}; expected [samples] or [samples, classes] with targets [samples], \
         [samples, labels] for both, or one axis more than the targets at `class_axis = {class_axis}`{hint}"
    );
    MetricError::input(InputName::Predictions, problem)
}
