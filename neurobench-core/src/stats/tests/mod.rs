//! Tests of paired values, such as two models on the same samples, and [`welch_t`] of independent ones.
//!
//! All are two-sided, and their differences are those of the first from the second: first − second. Where nothing differs there is
//! nothing to test, and a test is undefined.

mod bootstrap;
pub use bootstrap::*;
mod holm;
pub use holm::*;
mod mcnemar;
pub use mcnemar::*;
mod paired_t;
pub use paired_t::*;
mod permutation;
pub use permutation::*;
mod signed_rank;
pub use signed_rank::*;
mod welch;
pub use welch::*;

use crate::stats::StatsError;

/// Refuses differences of which one is not a number, or infinite.
fn finite(differences: &[f64]) -> Result<(), StatsError> {
    match differences.iter().find(|difference| !difference.is_finite()) {
        Some(bad) => Err(StatsError::undefined(format!("a difference is {bad}"))),
        None => Ok(()),
    }
}

/// Two-sided tests have nothing to say of what does not differ.
fn nothing_differs() -> StatsError {
    StatsError::undefined("all differences are zero")
}
