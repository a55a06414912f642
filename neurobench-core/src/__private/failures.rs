//! Errors that the functions of metrics and components may return.

use crate::component::ConstructionError;
use crate::metric::MetricError;

/// An error that a metric's function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a metric can return",
    label = "not an error of a metric",
    note = "return `Result<_, MetricError>`, or write `impl From<{Self}> for MetricError`"
)]
pub trait Failure {
    /// As the engine reports it.
    fn into_metric_error(self) -> MetricError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<MetricError>> Failure for E {
    fn into_metric_error(self) -> MetricError {
        self.into()
    }
}

/// The user's error as the engine reports it, where its type is not written.
pub fn failure<E: Failure>(error: E) -> MetricError {
    error.into_metric_error()
}

/// An error that the function of a component may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a component can return",
    label = "not an error of a component",
    note = "return an error that implements `std::error::Error + Send + Sync`, or a `String`"
)]
pub trait ConstructionFailure {
    /// As the registry reports it.
    fn into_construction_error(self) -> ConstructionError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<ConstructionError>> ConstructionFailure for E {
    fn into_construction_error(self) -> ConstructionError {
        self.into()
    }
}

/// The user's error as the registry reports it, where its type is not written.
pub fn construction_failure<E: ConstructionFailure>(error: E) -> ConstructionError {
    error.into_construction_error()
}
