//! Wilcoxon's signed-rank test.

use crate::stats::StatsError;
use crate::stats::distributions::normal_cdf;
use crate::stats::tests::{finite, nothing_differs};

/// The ranks of differences by their magnitude, summed by their sign.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedRanks {
    /// R⁺, of differences above zero.
    pub positive: f64,
    /// R⁻, of differences below zero.
    pub negative: f64,
    /// Number of differences that are not zero.
    pub nonzero: usize,
    /// Σ(t³ − t) over runs of t differences of equal magnitude.
    ties: f64,
}

/// Result of Wilcoxon's test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedRank {
    /// The sums of ranks.
    pub ranks: SignedRanks,
    /// True if the p-value is exact, and not from the normal approximation.
    pub exact: bool,
    /// The probability of sums at least as far apart where differences are symmetric about zero.
    pub p_value: f64,
}

/// Maximum number of nonzero differences for which the exact distribution of the sums is computed.
const EXACT: usize = 50;

impl SignedRanks {
    /// Ranks differences. Zeros have no rank, as in Wilcoxon's paper; equal magnitudes share their mean rank. As in SciPy,
    /// differences are not rounded: round them first if some differ by rounding alone.
    ///
    /// # Errors
    ///
    /// Undefined if a difference is not finite.
    pub fn from_differences(differences: &[f64]) -> Result<Self, StatsError> {
        rank_magnitudes(differences).map(|(ranks, _)| ranks)
    }
}

/// Wilcoxon's signed-rank test (1945, doi 10.2307/3001968) of whether differences are symmetric about zero.
///
/// Up to 50 nonzero differences, the p-value is exact, also if some have the same magnitude: it is the share of all signs
/// of the ranks, tied or not, for which the sums are at least as far apart.
/// For more differences, it comes from the normal approximation with the variance n(n + 1)(2n + 1)/24 − Σ(t³ − t)/48
/// and a correction for continuity of 1/2, as `scipy.stats.wilcoxon(.., method="asymptotic", correction=True)`.
///
/// Zeros are left out and have no rank (`zero_method="wilcox"` of SciPy).
/// The smallest p-value of n nonzero differences is therefore 2¹⁻ⁿ: 0.0625 for five.
///
/// ```
/// let tied = neurobench::stats::tests::signed_rank(&[1.0, 1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!((tied.exact, tied.p_value), (true, 0.0625));
/// # Ok::<(), neurobench::stats::StatsError>(())
/// ```
///
/// # Errors
///
/// Undefined if all differences are zero, or if one is not finite.
pub fn signed_rank(differences: &[f64]) -> Result<SignedRank, StatsError> {
    let (ranks, doubled) = rank_magnitudes(differences)?;
    if ranks.nonzero == 0 {
        return Err(nothing_differs());
    }
    let smaller = ranks.positive.min(ranks.negative);
    let exact = ranks.nonzero <= EXACT;
    let p_value = if exact {
        2.0 * at_most((2.0 * smaller) as usize, &doubled)
    } else {
        let n = ranks.nonzero as f64;
        let mean = n * (n + 1.0) / 4.0;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.ties / 48.0;
        2.0 * normal_cdf((smaller - mean + CONTINUITY) / variance.sqrt())
    };
    Ok(SignedRank { ranks, exact, p_value: p_value.min(1.0) })
}

/// Correction for continuity of the normal approximation.
const CONTINUITY: f64 = 0.5;

/// Sums of the ranks of the nonzero differences, and the ranks, doubled: twice the mean rank of a run of ties is whole.
fn rank_magnitudes(differences: &[f64]) -> Result<(SignedRanks, Vec<usize>), StatsError> {
    finite(differences)?;
    let mut nonzero: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    nonzero.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let mut ranks = SignedRanks { positive: 0.0, negative: 0.0, nonzero: nonzero.len(), ties: 0.0 };
    let mut doubled_ranks = Vec::with_capacity(nonzero.len());
    for run in nonzero.chunk_by(|a, b| a.abs() == b.abs()) {
        let length = run.len() as f64;
        let doubled = 2 * doubled_ranks.len() + run.len() + 1;
        let rank = doubled as f64 / 2.0;
        let positive = run.iter().filter(|difference| **difference > 0.0).count() as f64;
        ranks.positive += rank * positive;
        ranks.negative += rank * (length - positive);
        ranks.ties += length * length * length - length;
        doubled_ranks.extend(run.iter().map(|_| doubled));
    }
    Ok((ranks, doubled_ranks))
}

/// The share of all signs of the ranks for which the sum of the positive ones is at most this sum.
fn at_most(sum: usize, ranks: &[usize]) -> f64 {
    // Of the ranks so far, the share of signs with each sum: every further rank is in it or not, with equal probability.
    let mut shares = vec![0.0; sum + 1];
    shares[0] = 1.0;
    for rank in ranks {
        for total in (0..=sum).rev() {
            let with = if total >= *rank { shares[total - rank] } else { 0.0 };
            shares[total] = (shares[total] + with) / 2.0;
        }
    }
    shares.iter().sum()
}
