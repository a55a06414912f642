//! The first predictions and targets, for a picture of them.

use super::table;
use crate::shapes::same_shape;
use neurobench_core::accumulate::First;
use neurobench_core::figure::{Axis, Figure, Line, PlotList};
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// A prediction and its target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct Forecast {
    /// The prediction, in the unit of the targets.
    pub prediction: f64,
    /// The target.
    pub target: f64,
}

/// Predictions and targets as lines, in order.
impl PlotList for Forecast {
    fn plot_list(forecasts: &[Self]) -> Figure {
        let line = |value: fn(&Self) -> f64| {
            Line::new(forecasts.iter().enumerate().map(|(at, forecast)| (at as f64, value(forecast))))
        };
        Figure::new(Axis::new("sample"), Axis::new("value"))
            .mark(line(|forecast| forecast.target).label("target"))
            .mark(line(|forecast| forecast.prediction).label("prediction"))
    }
}

/// The first predictions with their targets, in the order of the data set: forecasts against truth.
///
/// The pairs `(prediction, target)` of one output, which is an element of the last axis; samples and then time steps
/// follow each other. Each number is in its own unit. Memory: O(samples) for the setting `samples`, whatever the data set;
/// `kept_pairs` has all pairs.
#[accumulated_metric(
    alias = "forecasts",
    cite = "Hyndman & Athanasopoulos 2021, Forecasting: principles and practice, 3rd edition, OTexts, section 5.8"
)]
pub fn forecast_trace(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Number of pairs, from the first of the data set.
    #[param(default = 500, range = 1..=1_000_000)]
    samples: u64,
    /// Index of the output on the last axis.
    #[param(default = 0, range = 0..)]
    output: usize,
) -> Result<First<Forecast>, MetricError> {
    same_shape(predictions.shape(), targets.shape())?;
    let (predictions, targets) = (table(InputName::Predictions, &predictions)?, table(InputName::Targets, &targets)?);
    if output >= predictions.ncols() {
        let outputs = predictions.ncols();
        return Err(format!("output {output} does not exist: predictions have {outputs} outputs, from 0").into());
    }
    let pairs = predictions.column(output).into_iter().zip(targets.column(output));
    Ok(First::from_values(
        samples,
        pairs.map(|(prediction, target)| Forecast { prediction: *prediction, target: *target }).collect::<Vec<_>>(),
    ))
}
