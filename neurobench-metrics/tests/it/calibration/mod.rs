//! Predicted probabilities against scikit-learn, PyTorch and torchmetrics, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod degenerate;
mod identities;
mod merging;
mod recorded;

use crate::one_metric::value;
use neurobench::metric::Answer;

/// Values of answers, each of which must have one.
pub(crate) fn all<V: Clone>(answers: Result<Vec<Answer<V>>, String>) -> Result<Vec<V>, String> {
    answers?.iter().map(|answer| answer.value().cloned().map_err(|why| why.to_string())).collect()
}
