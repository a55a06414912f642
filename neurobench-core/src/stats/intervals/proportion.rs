//! Intervals for proportions: so many of so many independent trials.

use super::{Interval, tail};
use crate::metric::MetricError;
use crate::stats::distributions::{beta_quantile, normal_quantile};
use crate::stats::tests::Discordant;

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

/// Newcombe's interval (1998, doi 10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C, method 10) for the difference
/// of two proportions on the same n trials, first − second: of those in which `both` are successes, one of them `alone`, or
/// `neither`.
///
/// With Wilson's intervals l₁ to u₁ of p₁ and l₂ to u₂ of p₂, and the correlation φ of the two, it reaches from
/// p₁ − p₂ − √((p₁ − l₁)² − 2φ·(p₁ − l₁)(u₂ − p₂) + (u₂ − p₂)²) to p₁ − p₂ + √((u₁ − p₁)² − 2φ·(u₁ − p₁)(p₂ − l₂) + (p₂ − l₂)²). It
/// has φ = c/√(product of the four marginal counts), where c is both·neither − alone₁·alone₂, less n/2 but not below 0 if it is
/// positive; and 0 where a marginal count is. Unlike Student's for the mean of the differences it holds the difference as often as its
/// level says also where hardly any trial has one success alone, and it has a width where none has.
///
/// # Errors
///
/// Undefined for no trials; more than 64 bits can count; a level that is not between 0 and 1.
pub fn difference_of_proportions(
    both: u64,
    alone: Discordant,
    neither: u64,
    level: f64,
) -> Result<Interval, MetricError> {
    let sum = |a: u64, b: u64| a.checked_add(b).ok_or("more trials than 64 bits can count");
    let (first, second) = (sum(both, alone.first)?, sum(both, alone.second)?);
    let (not_first, not_second) = (sum(neither, alone.second)?, sum(neither, alone.first)?);
    let n = sum(first, not_first)?;
    let (of_first, of_second) = (wilson(first, n, level)?, wilson(second, n, level)?);
    let (p, q) = (first as f64 / n as f64, second as f64 / n as f64);
    let product = both as f64 * neither as f64 - alone.first as f64 * alone.second as f64;
    let corrected = if product > 0.0 { (product - n as f64 / 2.0).max(0.0) } else { product };
    let marginals = [first, not_first, second, not_second].map(|count| (count as f64).sqrt());
    let scale: f64 = marginals.iter().product();
    let correlation = if scale > 0.0 { corrected / scale } else { 0.0 };
    // Of correlated numbers the squares add up like this; rounding must not leave less than nothing.
    let together = |a: f64, b: f64| (a * a - 2.0 * correlation * a * b + b * b).max(0.0).sqrt();
    let difference = (alone.first as f64 - alone.second as f64) / n as f64;
    Ok(Interval {
        low: difference - together(p - of_first.low, of_second.high - q),
        high: difference + together(of_first.high - p, q - of_second.low),
    })
}

fn trials(part: u64, whole: u64) -> Result<(f64, f64), MetricError> {
    match (part, whole) {
        (_, 0) => Err(MetricError::undefined("the interval of a proportion of nothing")),
        (part, whole) if part > whole => Err(MetricError::undefined(format!("{part} of {whole} is not a proportion"))),
        (part, whole) => Ok((part as f64, whole as f64)),
    }
}
