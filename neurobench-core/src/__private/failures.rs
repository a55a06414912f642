//! Errors that the functions of metrics and components may return.

use std::error::Error;
use std::marker::PhantomData;

use crate::component::ConstructionError;
use crate::metric::MetricError;

/// An error that a metric's function may return.
///
/// Nothing refers to this trait unless the error has none of the conversions below.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a metric can return",
    label = "not an error of a metric",
    note = "return `Result<_, MetricError>`, an error that implements `std::error::Error`, a `Box<dyn Error>` or a `String`",
    note = "for an error of your own: `impl std::error::Error for {Self} {{}}`, or `impl From<{Self}> for MetricError`"
)]
pub trait Failure {}

#[diagnostic::do_not_recommend]
impl<E: Into<MetricError>> Failure for E {}

/// The type of an error, by which its conversion into a [`MetricError`] is found.
///
/// Generated code calls `find` on `&&&&FailureOf<E>`. The compiler takes the first of the four traits below whose conditions
/// hold: the one for `&&&FailureOf<E>` goes before that for `&&FailureOf<E>`, and so on.
pub struct FailureOf<E>(pub PhantomData<E>);

impl<E> FailureOf<E> {
    /// The type of an error that is not written.
    pub fn value(_: &E) -> Self {
        Self(PhantomData)
    }
}

/// A conversion into a [`MetricError`].
pub struct Conversion<E>(fn(E) -> MetricError);

impl<E> Conversion<E> {
    /// Converts an error whose type is written; `T` is that type.
    pub fn convert<T>(&self, error: E) -> MetricError {
        self.0(error)
    }

    /// Converts an error whose type is not written.
    pub fn convert_any(&self, error: E) -> MetricError {
        self.0(error)
    }
}

/// An error with a conversion of its own.
pub trait OwnConversion<E> {
    /// Finds the conversion.
    fn find(&self) -> Conversion<E>;
}

impl<E: Into<MetricError>> OwnConversion<E> for &&&FailureOf<E> {
    fn find(&self) -> Conversion<E> {
        Conversion(Into::into)
    }
}

/// An error of the standard library's kind, or one in a box.
pub trait StandardConversion<E> {
    /// Finds the conversion.
    fn find(&self) -> Conversion<E>;
}

impl<E: Into<Box<dyn Error>>> StandardConversion<E> for &&FailureOf<E> {
    fn find(&self) -> Conversion<E> {
        Conversion(|error| MetricError::from_boxed(error.into()))
    }
}

/// An error in a box that may go to other threads.
pub trait SharedConversion<E> {
    /// Finds the conversion.
    fn find(&self) -> Conversion<E>;
}

impl<E: Into<Box<dyn Error + Send + Sync>>> SharedConversion<E> for &FailureOf<E> {
    fn find(&self) -> Conversion<E> {
        Conversion(|error| MetricError::from_boxed(error.into()))
    }
}

/// A type that is not an error, which is reported at its place.
pub trait NoConversion {
    /// In place of a conversion.
    fn find(&self) -> NotAFailure {
        NotAFailure
    }
}

impl<E> NoConversion for FailureOf<E> {}

/// In place of a [`Conversion`].
pub struct NotAFailure;

impl NotAFailure {
    /// Compiles where `T` is an error that a metric can return.
    pub fn convert<T: Failure>(&self, _: T) -> MetricError {
        unreachable!("a type that is not an error of a metric is an error of the compiler")
    }

    /// Compiles where `T` is an error that a metric can return.
    pub fn convert_any<T: Failure>(&self, _: T) -> MetricError {
        unreachable!("a type that is not an error of a metric is an error of the compiler")
    }
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
