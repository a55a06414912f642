//! Uncertainty of a value: its confidence intervals, and the values of single samples.

use serde::{Deserialize, Serialize};

/// Method by which an interval was computed.
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
    /// Path to the number in the value, such as `["effective_macs"]`; empty for a value that is one number.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<String>,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Method by which it was computed.
    pub kind: IntervalKind,
}

/// The values of a metric on single samples, or on single sequences of a model that carries state.
///
/// Samples on which the metric is undefined, such as ignored ones, are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampleValues {
    /// Zero-based indices of the samples in the data set, ascending.
    pub samples: Vec<u64>,
    /// Their values; truth values are 0 and 1.
    pub values: Vec<f64>,
    /// True if each value is one decision, 1 where it holds and 0 where it does not, and the metric is the share of
    /// those that hold. This follows from the state of the metric: a [`Ratio`](crate::accumulate::Ratio) to which each
    /// sample adds one.
    #[serde(default)]
    pub proportion: bool,
}

/// The values of one number of a metric on a bootstrap's replicates.
///
/// The draws of a replicate depend on seed, sample and replicate alone. Runs over the same data with the same seed have
/// the same replicates, and differ on each of them by the models alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReplicateValues {
    /// Path to the number in the value, as in [`ValueInterval`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<String>,
    /// Zero-based indices of the replicates without a value, ascending.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undefined: Vec<usize>,
    /// The values of the others, in their order.
    pub values: Vec<f64>,
}

impl ReplicateValues {
    /// Iterates over the values with the zero-based indices of their replicates.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        let undefined: std::collections::BTreeSet<usize> = self.undefined.iter().copied().collect();
        (0..).filter(move |replicate| !undefined.contains(replicate)).zip(self.values.iter().copied())
    }
}

/// Requested information about a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Uncertainty {
    /// For each number of the value, its interval.
    pub(crate) intervals: Vec<ValueInterval>,
    /// The reason why there is no interval, or none for one of the numbers.
    pub(crate) no_interval: Option<String>,
    pub(crate) samples: Option<SampleValues>,
    /// For each number of the value that has a bootstrap.
    pub(crate) replicates: Vec<ReplicateValues>,
    /// The reason why there are no values of single samples.
    pub(crate) no_samples: Option<String>,
}
