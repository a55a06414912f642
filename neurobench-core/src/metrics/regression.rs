//! Errors of predicted numbers.

use crate::prelude::*;

/// Mean squared error over all elements of the run.
///
/// `Σ (prediction − target)² / n`, in the square of the targets' unit. Each difference is rounded, and so is its square; the
/// sum of the squares is exact. Predictions and targets must have one shape.
#[accumulated_metric(
    alias = "mean_squared_error",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001"
)]
pub fn mse(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Mean, MetricError> {
    if predictions.shape() != targets.shape() {
        let (found, wanted) = (predictions.shape(), targets.shape());
        return Err(MetricError::input("predictions", format!("shape {found:?}, but the targets have {wanted:?}")));
    }
    // Not `powi`, whose precision may differ between machines.
    Ok(Mean::of(predictions.iter().zip(targets.iter()).map(|(prediction, target)| {
        let difference = prediction - target;
        difference * difference
    })))
}

/// Root of the mean squared error over all elements of the run.
///
/// `√(Σ (prediction − target)² / n)`, the root of `mse`, in the targets' unit.
#[accumulated_metric(
    of = Mse,
    alias = "root_mean_squared_error",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001"
)]
pub fn rmse(squared: &Mean) -> Result<f64, MetricError> {
    Ok(squared.finish()?.sqrt())
}
