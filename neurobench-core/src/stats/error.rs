//! Errors of statistics.

/// Reason why a statistic has no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// The numbers do not define the statistic: there are too few, they do not vary, or one is not finite.
    #[error("undefined: {0}")]
    Undefined(String),
    /// An argument is invalid, such as a confidence level outside 0 to 1, or the computation does not converge.
    #[error("{0}")]
    Invalid(String),
}

impl StatsError {
    /// An undefined statistic, with the reason.
    #[must_use]
    pub fn undefined(why: impl Into<String>) -> Self {
        Self::Undefined(why.into())
    }

    /// Returns true if the statistic is undefined for these numbers, as opposed to called with invalid arguments.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined(_))
    }
}
