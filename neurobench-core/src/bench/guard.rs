//! Conversion of panics to errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bench::error::BatchFailure;
use crate::metric::MetricError;

/// Runs code of the user that may panic.
///
/// Anything that it leaves half done is never read again: the caller drops a state, or a session, that panicked.
pub(crate) fn guarded<T>(who: &str, run: impl FnOnce() -> Result<T, BatchFailure>) -> Result<T, BatchFailure> {
    guarded_as(|| who.to_owned(), run)
}

/// Like [`guarded`], with a name that is made only when it is needed.
pub(crate) fn guarded_as<T>(
    who: impl FnOnce() -> String,
    run: impl FnOnce() -> Result<T, BatchFailure>,
) -> Result<T, BatchFailure> {
    caught(run).unwrap_or_else(|message| Err(BatchFailure::Panicked { who: who(), message }))
}

/// Runs a metric's function.
pub(crate) fn guarded_metric<T>(run: impl FnOnce() -> Result<T, MetricError>) -> Result<T, MetricError> {
    caught(run).unwrap_or_else(|message| Err(MetricError::Panicked(message)))
}

/// Runs code of the user outside a batch. The error is the message of its panic.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| message(&*payload))
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
