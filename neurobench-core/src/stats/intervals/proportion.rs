//! Intervals for proportions: so many of so many independent trials.

use super::{Interval, tail};
use crate::metric::MetricError;
use crate::stats::distributions::{beta_quantile, normal_quantile};

/// Wilson's score interval (1927, doi 10.1080/01621459.1927.10502953) for a proportion of `part` in `whole` trials.
///
/// All p with |p̂ − p| ≤ z·√(p·(1 − p)/n): the centre is (p̂ + z²/2n)/(1 + z²/n). On average over p it holds p as often as its
/// level says.
///
/// # Errors
///
/// Undefined for no trials, or more successes than trials; a level that is not between 0 and 1.
///
/// ```
/// let interval = neurobench::stats::intervals::wilson(355, 360, 0.95)?;
/// assert!(interval.low > 0.967 && interval.high < 0.995);
/// # Ok::<(), neurobench::MetricError>(())
/// ```
pub fn wilson(part: u64, whole: u64, level: f64) -> Result<Interval, MetricError> {
    let z = -normal_quantile(tail(level)?);
    let (k, n) = trials(part, whole)?;
    let (p, z_squared) = (k / n, z * z);
    let centre = (p + z_squared / (2.0 * n)) / (1.0 + z_squared / n);
    let half = z * (p * (1.0 - p) / n + z_squared / (4.0 * n * n)).sqrt() / (1.0 + z_squared / n);
    // At the ends the formula is exact, and rounding is not.
    let low = if part == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if part == whole { 1.0 } else { (centre + half).min(1.0) };
    Ok(Interval { low, high })
}

/// Clopper and Pearson's interval (1934, doi 10.1093/biomet/26.4.404) for a proportion of `part` in `whole` trials.
///
/// From the α/2-quantile of the beta distribution B(k, n − k + 1) to the (1 − α/2)-quantile of B(k + 1, n − k). It holds p at
/// least as often as its level says, whatever p is, and therefore mostly more often.
///
/// # Errors
///
/// As [`wilson`]; so many trials that the distribution's series does not end in a million terms.
pub fn clopper_pearson(part: u64, whole: u64, level: f64) -> Result<Interval, MetricError> {
    let tail = tail(level)?;
    let (k, n) = trials(part, whole)?;
    let low = if part == 0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0)? };
    // The mirror image, in terms of the smaller tail.
    let high = if part == whole { 1.0 } else { 1.0 - beta_quantile(tail, n - k, k + 1.0)? };
    Ok(Interval { low, high })
}

fn trials(part: u64, whole: u64) -> Result<(f64, f64), MetricError> {
    match (part, whole) {
        (_, 0) => Err(MetricError::undefined("the interval of a proportion of nothing")),
        (part, whole) if part > whole => Err(MetricError::undefined(format!("{part} of {whole} is not a proportion"))),
        (part, whole) => Ok((part as f64, whole as f64)),
    }
}
