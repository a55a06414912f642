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

/// Maximum number of differences for which the exact distribution of the sums is computed.
const EXACT: usize = 50;

impl SignedRanks {
    /// Ranks differences. Zeros have no rank, as in Wilcoxon's paper; equal magnitudes share their mean rank. As in SciPy, differences
    /// are not rounded: round them first if some differ by rounding alone.
    ///
    /// # Errors
    ///
    /// Undefined where a difference is not finite.
    pub fn from_differences(differences: &[f64]) -> Result<Self, StatsError> {
        finite(differences)?;
        let mut nonzero: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
        nonzero.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let mut ranks = Self { positive: 0.0, negative: 0.0, nonzero: nonzero.len(), ties: 0.0 };
        let mut before = 0_usize;
        for run in nonzero.chunk_by(|a, b| a.abs() == b.abs()) {
            let length = run.len() as f64;
            let rank = before as f64 + (length + 1.0) / 2.0;
            let positive = run.iter().filter(|difference| **difference > 0.0).count() as f64;
            ranks.positive += rank * positive;
            ranks.negative += rank * (length - positive);
            ranks.ties += length * length * length - length;
            before += run.len();
        }
        Ok(ranks)
    }
}

/// Wilcoxon's signed-rank test (1945, doi 10.2307/3001968) of whether differences are symmetric about zero.
///
/// Without ties and with 50 differences at most that are not zero the p-value is exact; else it is from the normal
/// approximation with n(n + 1)(2n + 1)/24 − Σ(t³ − t)/48 as variance and no correction for continuity. Zeros are left out.
///
/// # Errors
///
/// Undefined where all differences are zero, or one is not finite.
pub fn signed_rank(differences: &[f64]) -> Result<SignedRank, StatsError> {
    let ranks = SignedRanks::from_differences(differences)?;
    if ranks.nonzero == 0 {
        return Err(nothing_differs());
    }
    let smaller = ranks.positive.min(ranks.negative);
    let exact = ranks.ties == 0.0 && ranks.nonzero <= EXACT;
    let p_value = if exact {
        // Without ties ranks are whole.
        2.0 * at_most(smaller as usize, ranks.nonzero)
    } else {
        let n = ranks.nonzero as f64;
        let mean = n * (n + 1.0) / 4.0;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.ties / 48.0;
        2.0 * normal_cdf((smaller - mean) / variance.sqrt())
    };
    Ok(SignedRank { ranks, exact, p_value: p_value.min(1.0) })
}

/// The share of all signs of the ranks 1..=n whose positive ranks have this sum at most.
fn at_most(sum: usize, n: usize) -> f64 {
    // Of the ranks so far, the share of signs with each sum: every further rank is in it or not, with equal probability.
    let mut shares = vec![0.0; sum + 1];
    shares[0] = 1.0;
    for rank in 1..=n {
        for total in (0..=sum).rev() {
            let with = if total >= rank { shares[total - rank] } else { 0.0 };
            shares[total] = (shares[total] + with) / 2.0;
        }
    }
    shares.iter().sum()
}
