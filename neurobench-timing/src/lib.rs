//! Times and energy of models, measured on the data sets of [neurobench](https://docs.rs/neurobench).
//!
//! [`LoadGenerator`] issues queries to a [`Pipeline`], a model with its processors, by the scenarios of MLPerf LoadGen, and
//! records their latencies. [`Measurement`] repeats that, and adds CPU time, memory, cost and measured energy. Any
//! [`Model`](neurobench_core::model::Model) is measured in the same way, native networks included.
//!
//! The page `docs/timing.md` of the repository describes the method.

mod arrivals;
mod clock;
mod early_stopping;
pub mod energy;
mod error;
mod generator;
mod host;
mod latencies;
mod measurement;
mod pipeline;
pub mod process;
mod samples;

pub use arrivals::PoissonArrivals;
pub use clock::{Clock, SystemClock, VirtualClock};
pub use early_stopping::{least_latencies, rank_from_top};
pub use error::{EnergyError, TimingError};
pub use generator::{Environment, LoadGenerator, Timing};
pub use host::describe_host;
pub use latencies::Latencies;
pub use measurement::{EnergySource, Measurement};
pub use neurobench_core::report::Scenario;
pub use pipeline::{Pipeline, Stages};
pub use samples::LoadedSamples;

/// The examples of the page are tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/timing.md")]
struct Page;
