//! Reasons why a metric has no value.
//!
//! Invariant 1: an error is never a value. It is reported in the place of the value, and the other metrics go on.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::metric::InputName;
use crate::stats::StatsError;
use crate::value::ValueError;

/// Reason why a metric has no value. It is reported in the value's place: an error is never a number.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MetricError {
    /// The metric has no answer for this data: a quotient of nothing, a single class, no layer of the kind.
    #[error("undefined: {0}")]
    Undefined(String),
    /// The value is not finite, or cannot be written.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The value lies outside the bounds that the metric states.
    #[error("the value {value} is outside the metric's bounds {bounds}")]
    OutOfBounds {
        /// The value.
        value: f64,
        /// The bounds, as `0..=1`.
        bounds: String,
    },
    /// Something that the metric needs is missing: layers of a kind in the model, or a batch outside a run.
    #[error("{0}")]
    Missing(String),
    /// An input is not in the form that the metric needs: rank, shape, NaN, not an integer.
    #[error("{what}: {problem}")]
    Input {
        /// Name of the input.
        what: InputName,
        /// The problem.
        problem: String,
    },
    /// Something is wrong with one sample: see [`at_sample`](Self::at_sample).
    #[error("sample {sample} of {}: {cause}", data.as_deref().unwrap_or("the batch"))]
    Sample {
        /// Zero-based index of the sample in the data, or in the batch if `data` is `None`.
        sample: u64,
        /// Name of the data that contains it, such as a file; `None` as long as the index is that in the batch.
        data: Option<String>,
        /// The problem.
        cause: Box<MetricError>,
    },
    /// The metric failed on these samples together, in its own words or by a panic.
    #[error("{}: {cause}", numbered(*first, *count))]
    Samples {
        /// The first of them, counted from 0 over the data set.
        first: u64,
        /// Number of samples.
        count: u64,
        /// The error.
        cause: Box<MetricError>,
    },
    /// The metric's function panicked.
    #[error("panicked: {0}")]
    Panicked(String),
    /// The metric failed on a batch.
    #[error("failed{}: {cause}", in_batch(*batch))]
    Batch {
        /// The lowest batch on which it failed, counted from 0; none if it was no batch that it failed on.
        batch: Option<u64>,
        /// The reason.
        cause: Box<MetricError>,
    },
    /// The core that the metric reads failed on a batch.
    #[error("its core `{core}` failed{}: {cause}", in_batch(*batch))]
    Core {
        /// The core's name with its settings.
        core: String,
        /// The lowest batch on which it failed, counted from 0; none if it was no batch that it failed on.
        batch: Option<u64>,
        /// The reason.
        cause: Box<MetricError>,
    },
    /// Anything else, in the metric's own words.
    #[error("{0}")]
    Other(String),
}

fn in_batch(batch: Option<u64>) -> String {
    batch.map_or_else(String::new, |batch| format!(" in batch {batch}"))
}

fn numbered(first: u64, count: u64) -> String {
    match count {
        1 => format!("sample {first}"),
        count => format!("samples {first} to {}", first.saturating_add(count.saturating_sub(1))),
    }
}

impl MetricError {
    /// The metric has no answer for this data.
    #[must_use]
    pub fn undefined(why: impl Into<String>) -> Self {
        Self::Undefined(why.into())
    }

    /// Any other error, in its own words: a metric's function uses `?` on it.
    ///
    /// A function that returns `Result<_, Box<dyn Error>>` needs no conversion: its error is kept in the same way.
    ///
    /// ```
    /// use neurobench::prelude::*;
    ///
    /// /// Threshold from a file.
    /// #[static_metric]
    /// fn threshold(#[param] path: String) -> Result<f64, MetricError> {
    ///     let text = std::fs::read_to_string(path).map_err(MetricError::other)?;
    ///     text.trim().parse().map_err(MetricError::other)
    /// }
    /// assert_eq!(MetricError::other("no such layer").to_string(), "no such layer");
    /// ```
    #[must_use]
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::from_boxed(error.into())
    }

    /// Unpacks a `MetricError`; any other error is kept as its text and those of its causes.
    pub(crate) fn from_boxed(error: Box<dyn Error>) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(own) => return *own,
            Err(error) => error,
        };
        let error = match error.downcast::<StatsError>() {
            Ok(error) => return Self::from(*error),
            Err(error) => error,
        };
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Many errors repeat their cause.
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::Other(text)
    }

    /// An input is not in the form that is needed.
    #[must_use]
    pub fn input(what: impl Into<InputName>, problem: impl Into<String>) -> Self {
        Self::Input { what: what.into(), problem: problem.into() }
    }

    /// Attributes the error to one sample, by its zero-based index in the batch. The engine reports it by its index in the data.
    ///
    /// ```
    /// use neurobench::MetricError;
    /// use neurobench::metric::InputName;
    /// let error = MetricError::input(InputName::Targets, "7 is not one of 3 classes").at_sample(2);
    /// assert_eq!(error.to_string(), "sample 2 of the batch: targets: 7 is not one of 3 classes");
    /// ```
    #[must_use]
    pub fn at_sample(self, sample: usize) -> Self {
        Self::Sample { sample: sample as u64, data: None, cause: Box::new(self) }
    }

    /// The sample that a metric named, by its index in the batch, and its error.
    pub(crate) fn in_batch(&self) -> Option<(usize, &Self)> {
        match self {
            Self::Sample { sample, data: None, cause } => Some((usize::try_from(*sample).ok()?, cause)),
            _ => None,
        }
    }

    /// Returns true if the metric ran as it should and has no value, as opposed to having failed.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::Value(ValueError::NotFinite { .. }) => true,
            Self::Sample { cause, .. }
            | Self::Samples { cause, .. }
            | Self::Batch { cause, .. }
            | Self::Core { cause, .. } => cause.is_undefined(),
            _ => false,
        }
    }
}

impl From<StatsError> for MetricError {
    fn from(error: StatsError) -> Self {
        match error {
            StatsError::Undefined(why) => Self::Undefined(why),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<String> for MetricError {
    fn from(message: String) -> Self {
        Self::Other(message)
    }
}

impl From<&str> for MetricError {
    fn from(message: &str) -> Self {
        Self::Other(message.to_owned())
    }
}
