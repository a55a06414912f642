//! The engine of neurobench.
#![doc = "Applications depend on the `neurobench` crate, which re-exports this one."]

// The macros write `::neurobench::..`; with this alias the built-in metrics of this very crate can use them, too.
extern crate self as neurobench;

pub mod accumulate;
pub mod data;
pub mod metric;
pub mod model;
pub mod network;
pub mod process;
pub mod stats;

pub use accumulate::{Accumulator, Finish};
pub use metric::{Context, Input, MetricError, MetricValue, Needs, Value};
pub use neurobench_derive::{Accumulator, MetricValue, accumulated_metric, static_metric, variant, workload_metric};

pub mod prelude;

/// What the macros' expansions name. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private;
