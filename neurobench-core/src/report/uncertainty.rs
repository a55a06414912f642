//! How certain a value is: its intervals, and the values of single samples.

use serde::{Deserialize, Serialize};

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalKind {
    /// For a proportion, by Wilson.
    Wilson,
    /// For a proportion, by Clopper and Pearson.
    ClopperPearson,
    /// For the mean of the samples' values, by Student.
    StudentT,
    /// From the replicates' percentiles.
    Percentile,
    /// From the replicates, bias-corrected and accelerated.
    Bca,
}

/// The interval of one number of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ValueInterval {
    /// Where the number stands in the value, as `["effective_macs"]`; empty for a value that is one number.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<String>,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How it was made.
    pub kind: IntervalKind,
}

/// The values of a metric on single samples, or on single sequences of a model that carries state.
///
/// A sample on which the metric is undefined, such as one that is ignored, is not among them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampleValues {
    /// The samples, by their places in the data set, ascending.
    pub samples: Vec<u64>,
    /// Their values; truth values are 0 and 1.
    pub values: Vec<f64>,
}

/// What was asked for of a metric beside its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Uncertainty {
    /// For each number of the value, its interval.
    pub(crate) intervals: Vec<ValueInterval>,
    /// Why there is none, or none of some number.
    pub(crate) no_interval: Option<String>,
    pub(crate) samples: Option<SampleValues>,
    /// Why there are no values of single samples.
    pub(crate) no_samples: Option<String>,
}
