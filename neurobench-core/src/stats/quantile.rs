//! Quantiles of samples.

use serde::{Deserialize, Serialize};

/// Definition of a quantile of sorted numbers x₁ ≤ .. ≤ xₙ: the thirteen definitions of numpy, with its names.
///
/// The first nine are those of Hyndman and Fan (1996, doi 10.1080/00031305.1996.10473566), in their order. Each says at which
/// rank h between 1 and n the `q`-quantile stands; ranks below 1 are x₁, those above n are xₙ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum QuantileMethod {
    /// 1: the smallest x of which at least the share q is not above it.
    InvertedCdf,
    /// 2: as 1, and the mean of both neighbors where n·q is whole.
    AveragedInvertedCdf,
    /// 3: the x whose rank is nearest to n·q; the even one of two.
    ClosestObservation,
    /// 4: h = n·q, linear between neighbors.
    InterpolatedInvertedCdf,
    /// 5: h = n·q + 1/2, linear between neighbors.
    Hazen,
    /// 6: h = (n + 1)·q, linear between neighbors.
    Weibull,
    /// 7: h = (n − 1)·q + 1, linear between neighbors; numpy's default, and the one here.
    #[default]
    Linear,
    /// 8: h = (n + 1/3)·q + 1/3, linear between neighbors; almost unbiased for the median of any distribution.
    MedianUnbiased,
    /// 9: h = (n + 1/4)·q + 3/8, linear between neighbors; almost unbiased where the numbers are normal.
    NormalUnbiased,
    /// The neighbor below the rank of 7.
    Lower,
    /// The neighbor above the rank of 7.
    Higher,
    /// The middle of both neighbors of the rank of 7.
    Midpoint,
    /// The neighbor that is nearest to the rank of 7; the one of even index from 0 if both are.
    Nearest,
}

/// The `q`-quantile, 0 ≤ q ≤ 1, of sorted numbers, linear between neighbors: [`QuantileMethod::Linear`]. None if there
/// are no numbers.
///
/// statrs has definition 8 only, and reorders its data.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    quantile_by(sorted, q, QuantileMethod::Linear)
}

/// The `q`-quantile, 0 ≤ q ≤ 1, of sorted numbers by one of the definitions. None if there are no numbers, and halfway
/// from −∞ to ∞. A `q` out of range is clamped. The bits are those of `numpy.quantile`, except that infinite numbers
/// and infinite differences leave finite quantiles as they are, where numpy has NaN or an infinity.
///
/// ```
/// use neurobench::stats::{QuantileMethod, quantile_by};
/// let sorted = [1.0, 2.0, 3.0, 10.0];
/// assert_eq!(quantile_by(&sorted, 0.25, QuantileMethod::Linear), Some(1.75));
/// assert_eq!(quantile_by(&sorted, 0.25, QuantileMethod::InvertedCdf), Some(1.0));
/// assert_eq!(quantile_by(&sorted, 0.25, QuantileMethod::AveragedInvertedCdf), Some(1.5));
/// ```
#[must_use]
pub fn quantile_by(sorted: &[f64], q: f64, method: QuantileMethod) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = place(sorted.len() as f64, q.clamp(0.0, 1.0), method);
    // A float becomes the nearest index that there is.
    let (low, high) = ((place.floor() as usize).min(last), (place.floor() + 1.0).max(0.0) as usize);
    let (below, above) = match place {
        place if place < 0.0 => (sorted[0], sorted[0]),
        _ => (sorted[low], sorted[high.min(last)]),
    };
    let share = place - place.floor();
    let span = above - below;
    if share == 0.0 || !span.is_finite() {
        return at_a_number_or_infinity(below, above, share);
    }
    // From the nearer end, so that the result never leaves the interval.
    Some(if share < 0.5 { below + span * share } else { above - span * (1.0 - share) })
}

/// The quantile at a number, or across an infinite span, of which there is no share.
fn at_a_number_or_infinity(below: f64, above: f64, share: f64) -> Option<f64> {
    match (below.is_finite(), above.is_finite()) {
        // One zero, as sums have it.
        _ if share == 0.0 || below == above => Some(below + 0.0),
        // Two finite numbers so far apart that their difference is none: halves are not.
        (true, true) => Some(2.0 * (below / 2.0 + (above / 2.0 - below / 2.0) * share)),
        (true, false) => Some(above),
        (false, true) => Some(below),
        (false, false) => None,
    }
}

/// Zero-based position of the quantile among n sorted numbers: at a number, or between two.
fn place(n: f64, q: f64, method: QuantileMethod) -> f64 {
    // The order of these operations is numpy's, for the sake of the last bit.
    let between = |alpha: f64, beta: f64| n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
    let linear = (n - 1.0) * q;
    let is_odd = |whole: f64| whole.rem_euclid(2.0) == 1.0;
    match method {
        QuantileMethod::InvertedCdf => (n * q - 1.0).ceil().max(0.0),
        QuantileMethod::AveragedInvertedCdf => match n * q - 1.0 {
            whole if whole.fract() == 0.0 => whole + 0.5,
            other => other.ceil(),
        },
        // An even rank from 1 is an odd index from 0.
        QuantileMethod::ClosestObservation => match n * q - 1.0 - 0.5 {
            tie if tie.fract() == 0.0 && is_odd(tie) => tie.max(0.0),
            other => (other.floor() + 1.0).max(0.0),
        },
        QuantileMethod::InterpolatedInvertedCdf => between(0.0, 1.0),
        QuantileMethod::Hazen => between(0.5, 0.5),
        QuantileMethod::Weibull => between(0.0, 0.0),
        QuantileMethod::Linear => linear,
        QuantileMethod::MedianUnbiased => between(1.0 / 3.0, 1.0 / 3.0),
        QuantileMethod::NormalUnbiased => between(0.375, 0.375),
        QuantileMethod::Lower => linear.floor(),
        QuantileMethod::Higher => linear.ceil(),
        QuantileMethod::Midpoint => 0.5 * (linear.floor() + linear.ceil()),
        QuantileMethod::Nearest => linear.round_ties_even(),
    }
}
