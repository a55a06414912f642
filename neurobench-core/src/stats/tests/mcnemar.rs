//! McNemar's test.

use crate::stats::StatsError;
use crate::stats::distributions::fair_coin_at_most;

/// Numbers of pairs in which exactly one of two models is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discordant {
    /// Number of pairs in which only the first is right.
    pub first: u64,
    /// Number of pairs in which only the second is right.
    pub second: u64,
}

impl Discordant {
    /// Counts the discordant ones among pairs: is the first right, is the second right.
    #[must_use]
    pub fn from_pairs(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut discordant = Self::default();
        for pair in pairs {
            discordant.first += u64::from(pair == (true, false));
            discordant.second += u64::from(pair == (false, true));
        }
        discordant
    }
}

/// The p-value of McNemar's test (1947, doi 10.1007/BF02295996), exact: of b + c discordant pairs, each is either way with
/// probability 1/2 where the models are equally good, so that p = min(1, 2·P(B ≤ min(b, c))), B ~ Bin(b + c, 1/2).
///
/// # Errors
///
/// Undefined for no discordant pairs, which say nothing of who is better (statsmodels has 1 there); more pairs than can be
/// counted.
pub fn mcnemar(pairs: Discordant) -> Result<f64, StatsError> {
    let discordant = pairs
        .first
        .checked_add(pairs.second)
        .ok_or_else(|| StatsError::Invalid("more pairs than 64 bits can count".to_owned()))?;
    if discordant == 0 {
        return Err(StatsError::undefined("there is no pair in which exactly one is right"));
    }
    Ok((2.0 * fair_coin_at_most(pairs.first.min(pairs.second), discordant)?).min(1.0))
}
