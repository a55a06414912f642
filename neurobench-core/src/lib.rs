//! The engine of [neurobench](https://docs.rs/neurobench): what a metric is, how states merge, how models are run and
//! watched, and what a run found.
//!
//! Applications depend on `neurobench`, which re-exports this crate whole and adds the command.

// The macros expand to `::neurobench::..`; this alias lets this crate use them as well.
extern crate self as neurobench;

pub mod accumulate;
pub mod bench;
pub mod compare;
pub mod component;
pub mod data;
mod exact_sum;
pub mod figure;
pub mod files;
mod first_maximum;
pub mod inputs;
pub mod instructions;
pub mod metric;
pub mod model;
pub mod names;
pub mod prelude;
pub mod process;
pub mod report;
#[cfg(feature = "spec")]
pub mod spec;
pub mod stats;
pub mod testing;
pub mod value;
mod whole_file;

pub use bench::Benchmark;
pub use component::Settings;
pub use metric::{Accumulator, Finish};
pub use metric::{Context, Input, MetricError, MetricValue};
pub use model::Needs;
pub use neurobench_derive::{
    Accumulator, Deserialize, MetricValue, Serialize, Settings, accumulated_metric, data_format, dataset, exporter,
    model_format, postprocessor, preprocessor, static_metric, statistical_test, variant, workload_metric,
};
// The traits alone: their derives are those above, which need no dependency on serde.
pub use serde::{de::Deserialize, ser::Serialize};
pub use value::Value;

/// Items that macro expansions refer to. Do not use directly: they change without notice.
#[doc(hidden)]
pub mod __private;
