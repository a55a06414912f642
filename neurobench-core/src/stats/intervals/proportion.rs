//! Confidence intervals for proportions of independent trials.

use super::{Interval, tail};
use crate::stats::StatsError;
use crate::stats::distributions::{beta_quantile, normal_quantile};
use crate::stats::tests::Discordant;

/// Wilson's score interval (1927, doi 10.1080/01621459.1927.10502953) for a proportion of `part` in `whole` trials.
///
/// All p with |p̂ − p| ≤ z·√(p·(1 − p)/n): the center is (p̂ + z²/2n)/(1 + z²/n). On average over p it holds p as often as its
/// level says.
///
/// # Errors
///
/// Undefined for no trials, or more successes than trials; a level that is not between 0 and 1.
///
/// ```
/// let interval = neurobench::stats::intervals::wilson(355, 360, 0.95)?;
/// assert!(interval.low > 0.967 && interval.high < 0.995);
/// # Ok::<(), neurobench::stats::StatsError>(())
/// ```
pub fn wilson(part: u64, whole: u64, level: f64) -> Result<Interval, StatsError> {
    let z = -normal_quantile(tail(level)?);
    let (k, n) = trials(part, whole)?;
    let (p, z_squared) = (k / n, z * z);
    let center = (p + z_squared / (2.0 * n)) / (1.0 + z_squared / n);
    let half = z * (p * (1.0 - p) / n + z_squared / (4.0 * n * n)).sqrt() / (1.0 + z_squared / n);
    // At the ends the formula is exact, and rounding is not.
    let low = if part == 0 { 0.0 } else { (center - half).max(0.0) };
    let high = if part == whole { 1.0 } else { (center + half).min(1.0) };
    Ok(Interval { low, high })
}

/// Clopper and Pearson's interval (1934, doi 10.1093/biomet/26.4.404) for a proportion of `part` in `whole` trials.
///
/// From the α/2-quantile of the beta distribution B(k, n − k + 1) to the (1 − α/2)-quantile of B(k + 1, n − k). Its
/// coverage is at least the confidence level for every p, and therefore higher for most p.
///
/// # Errors
///
/// As [`wilson`]; too many trials for the series of the distribution to end within a million terms.
pub fn clopper_pearson(part: u64, whole: u64, level: f64) -> Result<Interval, StatsError> {
    let tail = tail(level)?;
    let (k, n) = trials(part, whole)?;
    let low = if part == 0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0)? };
    // The mirror image, in terms of the smaller tail.
    let high = if part == whole { 1.0 } else { 1.0 - beta_quantile(tail, n - k, k + 1.0)? };
    Ok(Interval { low, high })
}

/// Tango's score interval (1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B) for the difference of two
/// proportions on the same n trials, first − second, of which some are successes of one `alone`: b of the first, c of the second.
///
/// All δ with |b − c − n·δ| ≤ z·√(n·(2q + δ·(1 − δ))), where q is the most likely probability of a success of the second alone if the
/// difference is δ: the larger root of 2n·q² + ((2n − b + c)·δ − b − c)·q − c·δ·(1 − δ) = 0. So zero is left out where McNemar's
/// test without a correction, (b − c)²/(b + c), rejects it; the exact test is more conservative. Unlike Student's for the mean of the
/// differences it holds the difference about as often as its level says where few trials are of one alone, and has a width where none is.
///
/// # Errors
///
/// Undefined for no trials, or more successes of one alone than trials; a level that is not between 0 and 1.
pub fn difference_of_proportions(alone: Discordant, whole: u64, level: f64) -> Result<Interval, StatsError> {
    let z = -normal_quantile(tail(level)?);
    let (_, n) = trials(alone.first.max(alone.second), whole)?;
    if alone.first.checked_add(alone.second).is_none_or(|together| together > whole) {
        let Discordant { first, second } = alone;
        return Err(StatsError::undefined(format!("{first} and {second} of {whole} cannot be of one alone")));
    }
    let (b, c) = (alone.first as f64, alone.second as f64);
    Ok(Interval { low: -most(c, b, n, z), high: most(b, c, n, z) })
}

/// The largest difference of two proportions that is consistent with b and c of n trials, by bisection.
fn most(b: f64, c: f64, n: f64, z: f64) -> f64 {
    let is_rejected = |difference: f64| {
        let spread = difference * (1.0 - difference);
        let linear = (2.0 * n - b + c) * difference - b - c;
        let root = (linear * linear + 8.0 * n * c * spread).max(0.0).sqrt();
        // Of its two forms that in which nothing cancels.
        let q = if linear <= 0.0 { (root - linear) / (4.0 * n) } else { 2.0 * c * spread / (linear + root) };
        let off = b - c - n * difference;
        off * off > z * z * n * (2.0 * q + spread)
    };
    let (mut low, mut high) = ((b - c) / n, 1.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return low;
        }
        if is_rejected(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

fn trials(part: u64, whole: u64) -> Result<(f64, f64), StatsError> {
    match (part, whole) {
        (_, 0) => Err(StatsError::undefined("the interval of a proportion of no trials")),
        (part, whole) if part > whole => Err(StatsError::undefined(format!("{part} of {whole} is not a proportion"))),
        (part, whole) => Ok((part as f64, whole as f64)),
    }
}
