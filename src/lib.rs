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
//! # Where to go
//!
//! * Writing a metric: [`macro@accumulated_metric`], [`macro@workload_metric`], [`macro@static_metric`]; what a function may take:
//!   [`inputs`]; what it may fold into: [`accumulate`]; checking it: [`testing::assert_merges`].
//! * The metrics there are: [`metrics`], or `neurobench list`.
//! * Running: [`Benchmark`], [`bench::Observer`], [`bench::Snapshot`]; reading: [`report::Report`].
//! * Models: a function with [`model::FnModel`], a network from a file with [`network::Network::load`], or one's own
//!   [`model::Model`].
//! * NIR graphs, from files, into files and as networks: `import::nir` (feature `nir`, on with the command).
//! * Data and processors: [`data`], [`process`].
//! * The command, for a binary of one's own, too: `cli::main` (feature `cli`, on by default).
//!
//! A crate of metrics that no code names is not linked, and registers nothing: write `use that_crate as _;`.

// The doc examples and the macros' expansions say `neurobench`, here too.
extern crate self as neurobench;

#[cfg(feature = "cli")]
pub mod cli;

pub use ndarray;
pub use neurobench_core::*;
#[cfg(feature = "import")]
pub use neurobench_import as import;
pub use neurobench_metrics as metrics;
#[cfg(feature = "network")]
pub use neurobench_network as network;

/// The README's snippets are examples that run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
