//! Errors relative to the targets.

use super::{elements, elements_per_sample};
use neurobench_core::prelude::*;

/// Mean absolute percentage error, as a fraction: the mean of every error relative to its target.
///
/// `Σ |prediction − target| / max(|target|, epsilon) / n`. An element without an error counts 0, even if its target is
/// 0. An error with a target of 0 has no relative size: with an `epsilon` of 0 the metric is then undefined.
/// scikit-learn uses 2⁻⁵² for `epsilon`, and torchmetrics 1.17e-6, with which one such element decides the mean.
#[accumulated_metric(
    alias = "mean_absolute_percentage_error",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001"
)]
pub fn mape(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Smallest divisor of an error.
    #[param(default = 0.0, range = 0.0..=1e300)]
    epsilon: f64,
) -> Result<Mean, MetricError> {
    let mut mean = Mean::default();
    for (element, (prediction, target)) in elements(&predictions, &targets)?.enumerate() {
        let (error, size) = ((prediction - target).abs(), target.abs().max(epsilon));
        if size == 0.0 && error > 0.0 {
            let of_a_sample = elements_per_sample(&targets);
            let (sample, element) = (element / of_a_sample, element % of_a_sample);
            let reason = format!(
                "element {element} has the target 0, so its relative error is undefined; set `epsilon`, or use smape"
            );
            return Err(MetricError::undefined(reason).at_sample(sample));
        }
        mean.add(if error == 0.0 { 0.0 } else { error / size });
    }
    Ok(mean)
}

/// Symmetric mean absolute percentage error, in percent from 0 to 200.
///
/// `200 · Σ (|prediction − target| / (|prediction| + |target|)) / n`. An element whose prediction and target are both 0
/// has no error and counts 0 (NeuroBench 2.3.0 reports 200 for the whole batch if there is one). Definitions differ in
/// their factor: this is NeuroBench's; torchmetrics reports a hundredth of it.
#[accumulated_metric(
    alias = "symmetric_mean_absolute_percentage_error",
    unit = "percent",
    higher_is_better = false,
    bounds = 0.0..=200.0,
    cite = "Makridakis 1993, International Journal of Forecasting 9(4):527-529, doi 10.1016/0169-2070(93)90079-3",
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn smape(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Mean, MetricError> {
    Ok(Mean::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| {
        let relative = |prediction: f64, target: f64| (prediction - target).abs() / (prediction.abs() + target.abs());
        match prediction.abs() + target.abs() {
            0.0 => 0.0,
            // Two halves of finite numbers have a finite sum.
            sum if sum.is_infinite() => 200.0 * relative(prediction / 2.0, target / 2.0),
            _ => 200.0 * relative(prediction, target),
        }
    })))
}
