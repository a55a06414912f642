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
    /// Whether each of them is one decision, 1 where it holds and 0 where it does not, and the metric the share of those that hold.
    /// The metric's state says so: a [`Ratio`](crate::accumulate::Ratio) to which each sample adds one.
    #[serde(default)]
    pub proportion: bool,
}

/// The values of one number of a metric on a bootstrap's replicates.
///
/// What a replicate draws depends on seed, sample and replicate alone: runs over the same data with the same seed have the same
/// replicates, and differ on each of them by what the models make of the same samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReplicateValues {
    /// Where the number stands in the value, as in [`ValueInterval`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<String>,
    /// The replicates that have no value, counted from 0, ascending.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undefined: Vec<usize>,
    /// The values of the others, in their order.
    pub values: Vec<f64>,
}

impl ReplicateValues {
    /// The values with their replicates, counted from 0.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        let undefined: std::collections::BTreeSet<usize> = self.undefined.iter().copied().collect();
        (0..).filter(move |replicate| !undefined.contains(replicate)).zip(self.values.iter().copied())
    }
}

/// What was asked for of a metric beside its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Uncertainty {
    /// For each number of the value, its interval.
    pub(crate) intervals: Vec<ValueInterval>,
    /// Why there is none, or none of some number.
    pub(crate) no_interval: Option<String>,
    pub(crate) samples: Option<SampleValues>,
    /// For each number of the value that has a bootstrap.
    pub(crate) replicates: Vec<ReplicateValues>,
    /// Why there are no values of single samples.
    pub(crate) no_samples: Option<String>,
}
