//! Effect sizes: measures of a difference that do not depend on the number of samples.

use crate::stats::StatsError;
use crate::stats::tests::{Discordant, SignedRanks, mean_and_deviation};

/// Cohen's d of pairs, d_z (Cohen 1988, §2.3.5; Lakens 2013, doi 10.3389/fpsyg.2013.00863): the mean of the differences over their
/// standard deviation, Σ(d − d̄)² divided by n − 1.
///
/// # Errors
///
/// Undefined for fewer than two differences, for differences that are all equal up to rounding, and where one is not finite.
pub fn cohens_d(differences: &[f64]) -> Result<f64, StatsError> {
    let (mean, deviation) = mean_and_deviation(differences)?;
    Ok(mean / deviation)
}

/// The matched-pairs rank-biserial correlation (Kerby 2014, doi 10.2466/11.IT.3.1): (R⁺ − R⁻)/(R⁺ + R⁻), the share of ranks that
/// speak for the first minus the share that speaks for the second, from −1 to 1.
///
/// # Errors
///
/// Undefined where all differences are zero.
pub fn rank_biserial(ranks: &SignedRanks) -> Result<f64, StatsError> {
    let total = ranks.positive + ranks.negative;
    if total > 0.0 {
        Ok((ranks.positive - ranks.negative) / total)
    } else {
        Err(StatsError::undefined("all differences are zero"))
    }
}

/// The odds ratio of discordant pairs, b/c: the number of pairs in which only the first is right, over that in which only the second is.
///
/// # Errors
///
/// Undefined where the second alone is never right.
pub fn odds_ratio(pairs: Discordant) -> Result<f64, StatsError> {
    match pairs.second {
        0 => Err(StatsError::undefined("there is no pair in which only the second is right")),
        second => Ok(pairs.first as f64 / second as f64),
    }
}
