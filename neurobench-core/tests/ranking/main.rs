//! Rankings against scikit-learn and torchmetrics, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod degenerate;
mod identities;
mod merging;
#[path = "../one_metric/mod.rs"]
mod one_metric;
mod recorded;

use one_metric::value;
