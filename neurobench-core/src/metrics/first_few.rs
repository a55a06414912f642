//! Many reasons in one message.

use crate::names::listed;

/// So many are told.
const TOLD: usize = 5;

/// The first few, and how many more there are.
pub(super) fn first_few(reasons: &[String]) -> String {
    let told = listed(reasons.iter().take(TOLD));
    match reasons.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
