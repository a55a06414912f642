//! Predictions and targets of one shape.

use crate::prelude::*;

/// Refuses predictions of another shape than the targets'.
pub(super) fn same_shape(predictions: &[usize], targets: &[usize]) -> Result<(), MetricError> {
    if predictions != targets {
        let problem = format!("shape {predictions:?}, but the targets have {targets:?}");
        return Err(MetricError::input("predictions", problem));
    }
    Ok(())
}
