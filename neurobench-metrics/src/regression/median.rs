//! Distribution of absolute errors: exact, with memory for every element, or in bounded memory.

use super::elements;
use neurobench_core::prelude::*;
use neurobench_core::stats::quantile;

/// Absolute error of every element, in the order of the data set.
///
/// `|prediction − target|`, in the targets' unit. Memory grows with the data set; `absolute_error_distribution` uses
/// bounded memory.
#[accumulated_metric(cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001", bounds = 0.0..)]
pub fn absolute_errors(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<Concat<f64>, MetricError> {
    Ok(Concat::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| (prediction - target).abs())))
}

/// Median of the absolute errors of all elements of the run.
///
/// `median |prediction − target|`, in the targets' unit; for an even number of errors the mean of the two in the
/// middle. The value is exact and requires every error: memory grows with the data set. `absolute_error_distribution`
/// has the median within a stated error, in bounded memory.
#[accumulated_metric(
    of = AbsoluteErrors,
    higher_is_better = false,
    bounds = 0.0..,
    cite = "scikit-learn 1.9, `median_absolute_error`, https://scikit-learn.org/stable/modules/model_evaluation.html#median-absolute-error"
)]
pub fn median_absolute_error(errors: &Concat<f64>) -> Result<f64, MetricError> {
    let mut sorted: Vec<f64> = errors.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5).ok_or_else(|| MetricError::undefined("there are no elements"))
}

/// Distribution of the absolute errors of all elements of the run: extremes, quartiles, mean and standard deviation.
///
/// Describes `|prediction − target|`, in the targets' unit. Quartiles are those of `accumulate::Quantiles`: the error
/// of the lower rank, within 1/256 of it. Extremes are exact; mean and standard deviation come from exact sums. Memory
/// is bounded, whatever the data set.
#[accumulated_metric(cite = "Hyndman & Koehler 2006, International Journal of Forecasting 22(4):679-688, doi 10.1016/j.ijforecast.2006.03.001", bounds = 0.0..)]
pub fn absolute_error_distribution(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
) -> Result<Quantiles, MetricError> {
    Quantiles::from_values(elements(&predictions, &targets)?.map(|(prediction, target)| (prediction - target).abs()))
}
