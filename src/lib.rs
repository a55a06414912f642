//! Benchmarks for neuromorphic models: how well a model does, and what it costs.
//!
//! **A metric is one annotated function.** The attribute turns it into a type with settings, state, merge, registration and
//! documentation; the [engine](mod@bench) runs a [model](model::Model) over a [data set](data::Dataset) and reads the metrics.
//! Results are the same bits on any number of workers.
//!
//! # A benchmark
//!
//! ```
//! use ndarray::array;
//! use neurobench::data::InMemory;
//! use neurobench::metrics::{ClassificationAccuracy, SynapticOperations};
//! use neurobench::network::Network;
//! use neurobench::prelude::*;
//!
//! /// Fraction of samples whose best score is at least `least`.
//! #[accumulated_metric(unit = "fraction")]
//! pub fn confident(scores: Predictions<'_, Ix2>, #[param(default = 0.5)] least: f64) -> Ratio {
//!     Ratio::from_bools(scores.rows().into_iter().map(|row| row.iter().any(|score| *score >= least)))
//! }
//!
//! let network = Network::builder(&[2])
//!     .linear("readout", array![[1.0, -1.0], [0.0, 1.0]], None)
//!     .build()?;
//! let data = InMemory::new(array![[1.0_f32, 0.0], [1.0, 1.0], [0.5, 0.0]], array![0_i64, 1, 1])?;
//!
//! let report = Benchmark::builder()
//!     .model(network)
//!     .data(data)
//!     .metric(ClassificationAccuracy::default())
//!     .metric(SynapticOperations::default())
//!     .metric(Confident { least: 1.0 })
//!     .metric_named("footprint")
//!     .build()?
//!     .run()?;
//!
//! assert_eq!(*report.get::<ClassificationAccuracy>()?, 2.0 / 3.0);
//! assert_eq!(report.get::<SynapticOperations>()?.effective_macs, 5.0 / 3.0);
//! assert_eq!(*report.get::<Confident>()?, 2.0 / 3.0);
//! assert_eq!(report["footprint"].as_u64(), Some(16));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to start
//!
//! * Writing a metric: [`macro@accumulated_metric`], [`macro@workload_metric`], [`macro@static_metric`]; inputs of its function:
//!   [`inputs`]; states: [`accumulate`]; checking it: [`testing::assert_merges`].
//! * Built-in metrics: [`metrics`], or `neurobench list`.
//! * Running: [`Benchmark`], [`bench::Observer`], [`bench::Snapshot`]; reading: [`report::Report`].
//! * Models: a function with [`model::FnModel`], a network from a file with [`network::Network::load`], or your own
//!   [`model::Model`].
//! * NIR graphs, from files, into files and as networks: `import::nir` (feature `nir`, which `cli` enables).
//! * Data sets and processors, built-in or your own: [`data`], [`macro@dataset`], [`process`], [`macro@preprocessor`],
//!   [`macro@postprocessor`].
//! * Benchmark files as a library: `spec` (feature `spec`, which `cli` enables); writing results: [`report::export`].
//! * Figures: [`figure`] describes them, and `reporting::draw` (feature `report`, which `cli` enables) draws them as SVG and PNG.
//! * The command, also for your own binary: `cli::main` (feature `cli`, enabled by default).
//!
//! A crate of metrics turns the default features off. It enables `metrics` to name built-in metrics, `network` for networks, and
//! `npy` for the files of NumPy.
//!
//! A crate of metrics that no code names is not linked, and registers nothing: write `use that_crate as _;`.

// The doc examples and the expansions of the macros use the name `neurobench`.
extern crate self as neurobench;

/// The `neurobench` command, also for your own binary.
///
/// A program that links its own components and calls [`main`](cli::main) is the whole command with those components:
///
/// ```no_run
/// use my_metrics as _; // a crate that no code names is not linked
/// # mod my_metrics {}
///
/// fn main() -> std::process::ExitCode {
///     neurobench::cli::main()
/// }
/// ```
///
/// `neurobench run` reads and writes these files:
///
#[cfg(feature = "cli")]
#[doc = include_str!("../docs/benchmark-files.md")]
pub mod cli {
    pub use neurobench_cli::{main, main_with};
}

pub use ndarray;
pub use neurobench_core::*;
#[cfg(feature = "datasets")]
pub use neurobench_datasets as datasets;
#[cfg(feature = "import")]
pub use neurobench_import as import;
#[cfg(feature = "metrics")]
pub use neurobench_metrics as metrics;
#[cfg(feature = "network")]
pub use neurobench_network as network;
#[cfg(feature = "processors")]
pub use neurobench_processors as processors;
#[cfg(feature = "report")]
pub use neurobench_report as reporting;
#[cfg(feature = "tasks")]
pub use neurobench_tasks as tasks;
#[cfg(feature = "timing")]
pub use neurobench_timing as timing;

/// The README's snippets are examples that run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The snippets of the guides are examples that run.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../docs/writing-metrics.md")]
    struct WritingMetrics;
    #[cfg(feature = "report")]
    #[doc = include_str!("../docs/figures.md")]
    struct Figures;
    #[doc = include_str!("../docs/from-neurobench.md")]
    struct FromNeuroBench;
    #[doc = include_str!("../docs/from-neuronperf.md")]
    struct FromNeuronPerf;
}
