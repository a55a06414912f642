//! Figures of several results, of measurements and of numbers.
//!
//! Figures of single metrics come with their values, which implement [`Plot`](neurobench_core::figure::Plot). The functions here make
//! figures of what is not the value of one metric.

mod latency;
mod over_run;
mod pareto;

pub use latency::{latency_histogram, percentiles};
pub use over_run::over_run;
pub use pareto::{pareto, tradeoffs};

/// Reason why there is no figure.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// No run has a metric of this name.
    #[error("no run has the metric of `{name}`; the runs have {known}")]
    Metric {
        /// Name that was given.
        name: String,
        /// Names of the metrics of the runs.
        known: String,
    },
    /// The name is not that of a number.
    #[error("`{name}` is not a number; choose {known}")]
    Number {
        /// Name that was given.
        name: String,
        /// Names of numbers of the metric.
        known: String,
    },
    /// There is nothing to draw.
    #[error("{0}")]
    Empty(String),
}
