//! Errors of predicted numbers.

use crate::prelude::*;

/// Mean squared error over all elements of the run.
///
/// Σ (prediction − target)² / n. Each square is rounded once; their sum is exact. Predictions and targets must have one
/// shape.
#[accumulated_metric(alias = "mean_squared_error", higher_is_better = false, bounds = 0.0..)]
pub fn mse(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Mean, MetricError> {
    if predictions.shape() != targets.shape() {
        let (found, wanted) = (predictions.shape(), targets.shape());
        return Err(MetricError::input("predictions", format!("shape {found:?}, but the targets have {wanted:?}")));
    }
    Ok(Mean::of(predictions.iter().zip(targets.iter()).map(|(prediction, target)| (prediction - target).powi(2))))
}

/// Root of the mean squared error: √ of `mse`.
#[accumulated_metric(of = Mse, alias = "root_mean_squared_error", higher_is_better = false, bounds = 0.0..)]
pub fn rmse(squared: &Mean) -> Result<f64, MetricError> {
    Ok(squared.finish()?.sqrt())
}
