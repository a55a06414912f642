//! The description of a metric.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::component::{self, Bounds};
use crate::figure::Plotter;

/// The kind of a metric, named after the attribute that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Reads the model alone, once.
    Static,
    /// A value for each batch, averaged with the samples of the batches as weights.
    Workload,
    /// States of batches that merge; the value is read from the merged state.
    Accumulated,
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static => "static",
            Self::Workload => "workload",
            Self::Accumulated => "accumulated",
        })
    }
}

/// The description of a metric: everything that its annotated function states.
#[derive(Debug)]
pub struct About {
    /// Name, place, documentation and settings, as of every component.
    pub component: &'static component::About,
    /// Attribute that made the metric.
    pub kind: MetricKind,
    /// Unit of the value; `None` for pure numbers and for records, whose fields have their own.
    pub unit: Option<&'static str>,
    /// True if more is better, false if less is better, `None` if the metric only describes.
    pub higher_is_better: Option<bool>,
    /// Interval in which its values lie.
    pub bounds: Option<Bounds>,
    /// True if the value is the smallest or largest of several numbers, for which a bootstrap has no interval.
    pub extreme: bool,
    /// Draws a value of the metric, if its type implements [`Plot`](crate::figure::Plot).
    pub plot: Option<Plotter>,
}
