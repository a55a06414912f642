//! Rate of forward passes in the time of the data.

use crate::Seconds;
use neurobench_core::prelude::*;

/// Number of forward passes per second of data.
///
/// `1 / interval`, where the interval is the time of the data between two forward passes: a model that takes in the
/// events of a camera every 50 ms runs at 20 Hz. It shows how soon a deployed model can answer and how much it must
/// compute; it does not measure the speed of this machine. Neither network nor data contain the interval: it is
/// required.
#[static_metric(
    unit = "Hz",
    bounds = 0.0..,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn model_execution_rate(
    /// Seconds of data between two forward passes.
    #[param]
    interval: Option<Seconds>,
) -> Result<f64, MetricError> {
    match interval {
        Some(interval) => Ok(1.0 / interval.get()),
        None => Err(MetricError::Missing(
            "`interval` is not set; give the seconds of data between two forward passes".to_owned(),
        )),
    }
}
