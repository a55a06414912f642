//! Errors in the targets' own unit, or its square.

use super::elements;
use neurobench_core::prelude::*;

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
    // `powi` may have a different precision on other machines.
    Ok(Mean::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| {
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

/// Mean absolute error over all elements of the run.
///
/// `Σ |prediction − target| / n`, in the targets' unit. Each difference is rounded; their sum is exact.
#[accumulated_metric(
    alias = "mean_absolute_error",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001"
)]
pub fn mae(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Mean, MetricError> {
    Ok(Mean::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| (prediction - target).abs())))
}

/// Largest absolute error of all elements of the run.
///
/// `max |prediction − target|`, in the targets' unit.
#[accumulated_metric(
    alias = "maximum_absolute_error",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "scikit-learn 1.9, `max_error`, https://scikit-learn.org/stable/modules/model_evaluation.html#max-error"
)]
pub fn max_error(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Max, MetricError> {
    Ok(Max::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| (prediction - target).abs())))
}
