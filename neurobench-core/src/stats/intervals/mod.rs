//! Confidence intervals.

mod bootstrap;
mod mean;
mod proportion;

use serde::{Deserialize, Serialize};

pub use bootstrap::{bca, percentile};
pub use mean::{difference_of_means, mean, mean_from_moments};
pub use proportion::{clopper_pearson, difference_of_proportions, wilson};

use crate::stats::StatsError;

/// The two ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Returns true if a number lies within the interval, the ends included.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }
}

/// Error for samples that are all the same. A zero-width interval would mislead.
fn no_spread(what: &str) -> StatsError {
    StatsError::undefined(format!("all {what} are identical, so they do not show the spread of other samples"))
}

/// The probability on either side of an interval of a level, such as 0.025 for 0.95.
fn tail(level: f64) -> Result<f64, StatsError> {
    if level > 0.0 && level < 1.0 {
        Ok((1.0 - level) / 2.0)
    } else {
        Err(StatsError::Invalid(format!("invalid confidence level: {level}; it must be between 0 and 1")))
    }
}
