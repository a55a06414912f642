//! Tests of paired values: two models on the same samples.
//!
//! All are two-sided, and their differences are those of the first from the second: first − second.

mod holm;
mod mcnemar;
mod paired_t;
mod permutation;
mod signed_rank;

pub use holm::holm;
pub use mcnemar::{Discordant, mcnemar};
pub use paired_t::{PairedT, paired_t};
pub use permutation::{Permutation, permutation};
pub use signed_rank::{SignedRank, SignedRanks, signed_rank};
