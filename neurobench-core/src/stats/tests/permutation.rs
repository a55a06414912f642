//! The permutation test of pairs.

use crate::metric::MetricError;
use crate::stats::random::{hashed, nth};

/// What the permutation test of pairs found.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Permutation {
    /// The share of signs with a mean at least as far from zero.
    pub p_value: f64,
    /// Whether all signs were tried.
    pub exact: bool,
}

/// The most differences of which all signs are tried.
const EXACT: usize = 16;

/// The permutation test of pairs (Fisher 1935, The Design of Experiments, §21) of whether it matters which of a pair is the first:
/// the share of all ways to give the differences signs for which the mean is at least as far from zero.
///
/// All ways are tried with 16 differences at most that are not zero (the others have no sign). Else so many `resamples` are
/// drawn, with signs hashed from seed, place and resample, and p = (1 + as far)/(1 + resamples), which is never too small
/// (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585). Means that differ by rounding alone are equally far.
///
/// # Errors
///
/// Undefined for no differences, and where one is not finite.
pub fn permutation(differences: &[f64], resamples: u64, seed: u64) -> Result<Permutation, MetricError> {
    if differences.is_empty() || differences.iter().any(|difference| !difference.is_finite()) {
        return Err(MetricError::undefined("a permutation of nothing, or of differences that are not finite"));
    }
    let nonzero: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    let magnitude: f64 = nonzero.iter().map(|difference| difference.abs()).sum();
    let observed = nonzero.iter().sum::<f64>().abs();
    // Sums of n numbers of this magnitude differ by rounding by less.
    let least = observed - magnitude * 1e-14;
    let as_far = |sum: f64| u64::from(sum.abs() >= least);
    if nonzero.len() <= EXACT {
        let ways = 1_u64 << nonzero.len();
        let sum = |way: u64| nonzero.iter().enumerate().map(|(at, x)| if way >> at & 1 == 0 { *x } else { -x }).sum();
        let found: u64 = (0..ways).map(|way| as_far(sum(way))).sum();
        return Ok(Permutation { p_value: found as f64 / ways as f64, exact: true });
    }
    let mut found = 0;
    for resample in 0..resamples {
        let start = hashed(seed, resample);
        let signs = nonzero.chunks(64).zip(0..).map(|(chunk, number)| {
            let bits = nth(start, number);
            chunk.iter().enumerate().map(|(at, x)| if bits >> at & 1 == 0 { *x } else { -x }).sum::<f64>()
        });
        found += as_far(signs.sum());
    }
    Ok(Permutation { p_value: (found + 1) as f64 / (resamples + 1) as f64, exact: false })
}
