//! Spikes in time: intervals, variability, synchrony and distances between trains.
//!
//! Metrics that use hooks read the spikes of each neuron within a sample, so that parts of a run merge. They reject a
//! model whose state carries over from sample to sample, because its trains extend over several batches, which no
//! single batch contains; cutting the trains instead would change the values. They also reject a layer that runs
//! several times in a step, because these runs have no order in time. Metrics that compare predictions with targets
//! take both as `[batch, step, neuron]`.

mod cosine;
pub use cosine::*;
mod pairs;
mod raster;
mod spike_raster;
pub use spike_raster::*;
mod synchrony;
pub use synchrony::*;
mod totals;
pub use totals::*;
mod van_rossum;
pub use van_rossum::*;
mod variability;
pub use variability::*;
mod victor_purpura;
pub use victor_purpura::*;
