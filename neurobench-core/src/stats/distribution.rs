//! The summary of a set of numbers.

use serde::{Deserialize, Serialize};
use statrs::statistics::Statistics;

use crate::MetricValue;
use crate::metric::MetricError;

/// The five numbers of a box plot, with mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct Distribution {
    /// The smallest.
    pub min: f64,
    /// The first quartile.
    pub q1: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q3: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the population (divided by n).
    pub std: f64,
}

impl Distribution {
    /// The summary of these numbers. Quartiles interpolate linearly between neighbours, as [`quantile`] does.
    ///
    /// # Errors
    ///
    /// Undefined for no numbers, or for numbers that are not finite.
    ///
    /// ```
    /// use neurobench::stats::Distribution;
    /// let summary = Distribution::of(&[1.0, 2.0, 3.0, 10.0]).unwrap();
    /// assert_eq!((summary.q1, summary.median, summary.q3), (1.75, 2.5, 4.75));
    /// ```
    pub fn of(values: &[f64]) -> Result<Self, MetricError> {
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(MetricError::undefined(format!("{bad} has no place in a distribution")));
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Err(MetricError::undefined("the distribution of nothing"));
        };
        let quartile = |q| quantile(&sorted, q).ok_or_else(|| MetricError::undefined("the distribution of nothing"));
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

/// The `q`-quantile, 0 ≤ q ≤ 1, of sorted numbers: linear between the neighbours of rank q·(n − 1), which is definition 7 of
/// Hyndman and Fan (1996, doi 10.1080/00031305.1996.10473566) and numpy's default. None of no numbers.
///
/// statrs has definition 8 only, and reorders its data.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = q.clamp(0.0, 1.0) * last as f64;
    let (low, share) = (rank.floor() as usize, rank.fract());
    let (below, above) = (sorted[low], sorted[(low + 1).min(last)]);
    // From the nearer end, so that the result never leaves the interval.
    Some(if share < 0.5 { below + (above - below) * share } else { above - (above - below) * (1.0 - share) })
}
