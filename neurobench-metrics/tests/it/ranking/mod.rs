//! Rankings against scikit-learn and torchmetrics, and their identities.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod curves;
mod degenerate;
mod identities;
mod merging;
mod recorded;

use crate::one_metric::value;
