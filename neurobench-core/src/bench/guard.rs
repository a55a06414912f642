//! Panics become errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bench::error::BatchFailure;
use crate::metric::MetricError;

/// Runs something of the user's that may panic.
///
/// What it leaves half done is never looked at again: the caller drops a state, and a session, that panicked.
pub(crate) fn guarded<T>(who: &str, run: impl FnOnce() -> Result<T, BatchFailure>) -> Result<T, BatchFailure> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|payload| Err(BatchFailure::Panicked { who: who.to_owned(), message: message(&*payload) }))
}

/// Runs a metric's function.
pub(crate) fn guarded_metric<T>(run: impl FnOnce() -> Result<T, MetricError>) -> Result<T, MetricError> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(MetricError::Panicked(message(&*payload))))
}

/// The text of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "without a message".to_owned()
    }
}
