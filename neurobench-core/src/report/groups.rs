//! Results of groups of sequences, such as the sequences of one recording.

use serde::{Deserialize, Serialize};

use crate::data::SequenceGroup;
use crate::report::Entry;
use crate::report::intervals::Intervals;
use crate::stats::intervals;

/// Results of a group of sequences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupResult {
    /// Name of the group.
    pub name: String,
    /// Number of sequences.
    pub sequences: u64,
    /// Means of the metrics that have a value for each sequence.
    pub means: Vec<GroupMean>,
}

/// Mean of a metric over the sequences of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupMean {
    /// Name of the metric.
    pub metric: String,
    /// Mean of the values of the sequences on which the metric is defined.
    pub mean: f64,
    /// Number of these sequences.
    pub sequences: u64,
    /// Ends of Student's confidence interval for the mean; none if all values are the same, or there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub interval: Option<[f64; 2]>,
}

impl GroupResult {
    /// Averages the values of a group's sequences.
    pub(super) fn new(group: &SequenceGroup, entries: &[Entry], settings: Option<Intervals>) -> Self {
        let level = settings.unwrap_or_default().level;
        let mean = |entry: &Entry| {
            let samples = entry.samples().ok()?;
            let inside = samples.samples.iter().zip(&samples.values);
            let inside = inside.filter(|(sequence, _)| group.sequences.contains(sequence));
            let values: Vec<f64> = inside.map(|(_, value)| *value).collect();
            let interval = intervals::mean(&values, level).ok().map(|interval| [interval.low, interval.high]);
            (!values.is_empty()).then(|| GroupMean {
                metric: entry.name().to_owned(),
                mean: values.iter().sum::<f64>() / values.len() as f64,
                sequences: values.len() as u64,
                interval,
            })
        };
        let sequences = group.sequences.end - group.sequences.start;
        Self { name: group.name.clone(), sequences, means: entries.iter().filter_map(mean).collect() }
    }
}
