//! How often a model is run in the time of its data.

use crate::Seconds;
use neurobench_core::prelude::*;

/// How often the model is run for a second of data.
///
/// `1 / interval`, where the interval is the time of the data between one forward pass and the next: a model that takes in the
/// events of a camera every 50 ms runs at 20 Hz. It says how soon a deployed model can answer and how much it must compute, and
/// nothing of how fast this machine is. Neither network nor data know the interval: without it this is an error.
#[static_metric(
    unit = "Hz",
    bounds = 0.0..,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn model_execution_rate(
    /// The seconds of data between two forward passes.
    #[param]
    interval: Option<Seconds>,
) -> Result<f64, MetricError> {
    match interval {
        Some(interval) => Ok(1.0 / interval.get()),
        None => Err(MetricError::Missing(
            "`interval` is not set: the seconds of data between two forward passes".to_owned(),
        )),
    }
}
