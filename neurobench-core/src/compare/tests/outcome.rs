//! Outcomes of tests.

use serde::Serialize;

use crate::compare::NoValue;
use crate::compare::reason::value_or_reason;
use crate::stats::Interval;

/// Outcome of a statistical test.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TestOutcome {
    /// The p-value, or why there is none.
    pub p_value: Result<f64, NoValue>,
    /// The test statistic.
    pub statistic: Option<Statistic>,
    /// Smallest p-value that the test can give, for a test that draws resamples.
    pub smallest_p: Option<f64>,
    /// Confidence interval of the difference, or why there is none, for a test that belongs to one.
    pub interval: Option<Result<Interval, NoValue>>,
    /// Size of the effect, for a test that belongs to one.
    pub effect: Option<Effect>,
}

impl TestOutcome {
    /// An outcome with a p-value alone.
    pub fn new<E: Into<NoValue>>(p_value: Result<f64, E>) -> Self {
        Self { p_value: p_value.map_err(Into::into), statistic: None, smallest_p: None, interval: None, effect: None }
    }

    /// An outcome without p-value and interval, for one reason.
    #[must_use]
    pub fn undefined(reason: NoValue) -> Self {
        Self::new(Err(reason.clone())).with_interval(Err(reason))
    }

    /// Adds the test statistic.
    #[must_use]
    pub fn with_statistic(self, statistic: Option<Statistic>) -> Self {
        Self { statistic, ..self }
    }

    /// Adds the smallest p-value that the test can give.
    #[must_use]
    pub fn with_smallest_p(self, smallest_p: Option<f64>) -> Self {
        Self { smallest_p, ..self }
    }

    /// Adds the interval of the difference.
    #[must_use]
    pub fn with_interval<E: Into<NoValue>>(self, interval: Result<Interval, E>) -> Self {
        Self { interval: Some(interval.map_err(Into::into)), ..self }
    }

    /// Adds the size of an effect.
    #[must_use]
    pub fn with_effect<E: Into<NoValue>>(self, name: &'static str, value: Result<f64, E>) -> Self {
        Self { effect: Some(Effect { name, value: value.map_err(Into::into) }), ..self }
    }
}

/// A test statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statistic {
    /// Symbol of the statistic, as `t`.
    pub name: &'static str,
    /// Value of the statistic.
    pub value: f64,
    /// Degrees of freedom of its distribution.
    pub degrees_of_freedom: Option<f64>,
}

impl Statistic {
    /// A statistic without degrees of freedom.
    #[must_use]
    pub fn new(name: &'static str, value: f64) -> Self {
        Self { name, value, degrees_of_freedom: None }
    }

    /// Adds the degrees of freedom.
    #[must_use]
    pub fn with_degrees_of_freedom(self, degrees_of_freedom: f64) -> Self {
        Self { degrees_of_freedom: Some(degrees_of_freedom), ..self }
    }
}

/// Size of an effect, or why it has none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// Name in results and tables, as `cohens_d`.
    #[serde(rename = "effect")]
    pub name: &'static str,
    /// The size, or why there is none; the key is `value` or `error` in JSON.
    #[serde(flatten, serialize_with = "value_or_reason")]
    pub value: Result<f64, NoValue>,
}
