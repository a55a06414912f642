//! The built-in metrics: every metric is an annotated function; a family of metrics is a file or a folder.
//!
//! `neurobench list` prints this catalogue from the same descriptions. Costs are integers counted during the run; units
//! show if a value is normalized.
//!
//! Invariant 10: no metric knows a layer and no layer knows a metric. They meet in
//! [`Layer`](neurobench_core::model::Layer) and in the [record](neurobench_core::model::Record) of a probe. This crate
//! does not depend on the one of the networks, so the compiler enforces it.

// The macros' expansions say `neurobench`, the crate that re-exports this one.
extern crate neurobench_core as neurobench;

mod activity;
pub use activity::*;
mod calibration;
pub use calibration::*;
mod classification;
pub use classification::*;
mod detection;
pub use detection::*;
mod energy;
pub use energy::*;
mod execution_rate;
pub use execution_rate::*;
mod firing;
pub use firing::*;
mod footprint;
pub use footprint::*;
mod latency_to_decision;
pub use latency_to_decision::*;
mod membranes;
pub use membranes::*;
mod operations;
pub use operations::*;
mod place;
mod ranking;
pub use ranking::*;
mod regression;
pub use regression::*;
mod score_rows;
mod seconds;
pub use seconds::*;
mod shapes;
mod sparsity;
pub use sparsity::*;
mod spike_trains;
pub use spike_trains::*;
mod targets;
mod weighing;
