//! The permutation test of pairs.

use crate::stats::StatsError;
use crate::stats::random::{hashed, nth};
use crate::stats::tests::{finite, nothing_differs};

/// Result of the permutation test of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Permutation {
    /// The share of signs with a mean at least as far from zero.
    pub p_value: f64,
    /// True if all signs were enumerated.
    pub exact: bool,
}

/// Number of sign patterns up to which all are enumerated, regardless of the number of resamples.
const ALL_TRIED: u64 = 1 << 16;

/// The permutation test of pairs (Fisher 1935, The Design of Experiments, §21) of whether it matters which of a pair is the first:
/// the share of all ways to give the differences signs for which the mean is at least as far from zero.
///
/// All 2ⁿ ways for n differences that are not zero (the others have no sign) are tried where there are 2¹⁶ or `resamples` at most.
/// Otherwise `resamples` of them are drawn, with signs hashed from seed, place and resample, and p = (1 + as far)/(1 + resamples), which
/// is never too small (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585). Means that differ by rounding alone are equally far.
///
/// # Errors
///
/// Undefined where all differences are zero, or one is not finite; no `resamples` where they must be drawn.
pub fn permutation(differences: &[f64], resamples: u64, seed: u64) -> Result<Permutation, StatsError> {
    finite(differences)?;
    let nonzero: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    if nonzero.is_empty() {
        return Err(nothing_differs());
    }
    let magnitude: f64 = nonzero.iter().map(|difference| difference.abs()).sum();
    if !magnitude.is_finite() {
        return Err(StatsError::undefined("the sum of the differences is too large for floats"));
    }
    // No bit is set: the signs that they have.
    let least = signed_sum(&nonzero, |_| 0).abs() - magnitude * rounding(nonzero.len());
    let is_as_far = |sum: f64| sum.abs() >= least;
    let ways = u32::try_from(nonzero.len()).ok().and_then(|n| 1_u64.checked_shl(n));
    if let Some(ways) = ways.filter(|ways| *ways <= resamples.max(ALL_TRIED)) {
        let found = (0..ways).filter(|way| is_as_far(signed_sum(&nonzero, |_| *way))).count();
        return Ok(Permutation { p_value: found as f64 / ways as f64, exact: true });
    }
    if resamples == 0 {
        return Err(StatsError::Invalid(format!(
            "the signs of {} differences are too many to enumerate: \
                 draw at least 1 resample",
            nonzero.len()
        )));
    }
    let found = (0..resamples).filter(|resample| {
        let start = hashed(seed, *resample);
        is_as_far(signed_sum(&nonzero, |chunk| nth(start, chunk)))
    });
    let as_far = found.count() as f64;
    Ok(Permutation { p_value: (as_far + 1.0) / (resamples as f64 + 1.0), exact: false })
}

/// Differences that a word of bits gives signs.
const CHUNK: usize = u64::BITS as usize;

/// The sum with these signs, a word of bits for each chunk: those whose bit is set are turned.
fn signed_sum(differences: &[f64], signs: impl Fn(u64) -> u64) -> f64 {
    let chunks = differences.chunks(CHUNK).zip(0..).map(|(chunk, number)| {
        let bits = signs(number);
        chunk.iter().enumerate().map(|(at, x)| if bits >> at & 1 == 0 { *x } else { -x }).sum::<f64>()
    });
    chunks.sum()
}

/// Maximum difference of two equal sums, as a share of the sum of magnitudes: each addition on the way of a difference into its
/// sum rounds once, and so did what made the difference.
fn rounding(differences: usize) -> f64 {
    (CHUNK + differences.div_ceil(CHUNK) + 1) as f64 * f64::EPSILON
}
