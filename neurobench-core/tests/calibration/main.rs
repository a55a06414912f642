//! Predicted probabilities against scikit-learn, PyTorch and torchmetrics, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod degenerate;
mod identities;
mod merging;
#[path = "../one_metric/mod.rs"]
mod one_metric;
mod recorded;

use neurobench_core::metric::Answer;
use one_metric::value;

/// Values of answers, each of which must have one.
pub(crate) fn all<V: Clone>(answers: Result<Vec<Answer<V>>, String>) -> Result<Vec<V>, String> {
    answers?.iter().map(|answer| answer.value().cloned().map_err(|why| why.to_string())).collect()
}
