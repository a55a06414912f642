//! Comparison of results: differences, confidence intervals, statistical tests and sizes of effects.
//!
//! [`compare_runs`] compares runs with the first of them, [`compare_groups`] groups of runs by their means. Both take
//! [`Results`](crate::report::Results), from a [`Report`](crate::report::Report) or from a file, under the names that
//! the comparison shows, and give typed results, which serialize as the JSON of `neurobench compare --json`.
//!
//! ```
//! use ndarray::array;
//! use neurobench::bench::Benchmark;
//! use neurobench::compare::{ComparisonSettings, NamedResults, compare_runs};
//! use neurobench::data::InMemory;
//! use neurobench::network::Network;
//!
//! # fn run(weight: f32) -> Result<NamedResults, Box<dyn std::error::Error>> {
//! let model = Network::builder(&[1]).linear("scale", array![[weight]], None).build()?;
//! let data = InMemory::new(array![[1.0_f32], [2.0], [3.0], [4.0]], array![[1.5_f32], [1.5], [3.0], [4.0]])?;
//! let report = Benchmark::builder().model(model).data(data).metric_named("mse").per_sample().build()?.run()?;
//! # Ok(NamedResults::new(format!("weight {weight}"), report.results()))
//! # }
//! // Squared errors 0.25, 0.25, 0, 0 with the first weight, and 0, 2.25, 2.25, 4 with the second.
//! let comparison = compare_runs(&[run(1.0)?, run(1.5)?], &ComparisonSettings::default())?;
//! let mse = &comparison.samples[0];
//! assert_eq!((mse.mean_difference, mse.better.as_deref()), (2.0, Some("weight 1")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checks;
mod error;
mod groups;
mod inputs;
mod measurements;
mod note;
mod numbers;
mod pair;
mod reason;
mod report;
mod resamples;
mod runs;
mod samples;
mod settings;
mod table;
pub mod tests;
mod untested;

use serde::Serialize;

pub use error::{CompareError, Incompatibility, Property};
pub use groups::{ComparedGroup, GroupComparison, GroupDifference, GroupNumber, compare_groups};
pub use inputs::{GroupFiles, NamedResults, RunGroup};
pub use measurements::MeasurementComparison;
pub use note::{Note, ProcessorStage};
pub use reason::NoValue;
pub use report::TestReport;
pub use resamples::ResampleComparison;
pub use runs::{NumberComparison, RunComparison, RunNumber, compare_runs};
pub use samples::{DiscordantSamples, SampleComparison};
pub use settings::{ComparisonSettings, Correction};
pub use untested::{NoReplicatePairs, NoSamplePairs, ReplicateSource, Untested};

/// A comparison, as `neurobench compare --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Runs with the first of them.
    Runs(RunComparison),
    /// Groups of runs, by their means.
    Groups(GroupComparison),
}
