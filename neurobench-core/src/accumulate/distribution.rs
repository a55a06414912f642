//! Summary of a set of numbers.

use serde::{Deserialize, Serialize};
use statrs::statistics::Statistics;

use crate::MetricValue;
use crate::metric::MetricError;
use crate::stats::quantile;

/// The five numbers of a box plot, with mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct Distribution {
    /// The smallest.
    #[value(extreme)]
    pub min: f64,
    /// The first quartile.
    pub q1: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q3: f64,
    /// The largest.
    #[value(extreme)]
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the population (divided by n).
    pub std: f64,
}

impl Distribution {
    /// Summarizes these numbers. Quartiles interpolate linearly between neighbors, as [`quantile`] does.
    ///
    /// # Errors
    ///
    /// Undefined for no numbers, or for numbers that are not finite.
    ///
    /// ```
    /// use neurobench::accumulate::Distribution;
    /// let summary = Distribution::from_values(&[1.0, 2.0, 3.0, 10.0]).unwrap();
    /// assert_eq!((summary.q1, summary.median, summary.q3), (1.75, 2.5, 4.75));
    /// ```
    pub fn from_values(values: &[f64]) -> Result<Self, MetricError> {
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(MetricError::undefined(format!("{bad} cannot be part of a distribution")));
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Err(MetricError::undefined("the distribution of no values"));
        };
        let quartile = |q| quantile(&sorted, q).ok_or_else(|| MetricError::undefined("the distribution of no values"));
        Ok(Self {
            min,
            q1: quartile(0.25)?,
            median: quartile(0.5)?,
            q3: quartile(0.75)?,
            max,
            mean: values.mean(),
            std: values.population_std_dev(),
        })
    }
}
