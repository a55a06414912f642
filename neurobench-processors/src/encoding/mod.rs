//! Encoding of numbers as spikes.
//!
//! Random encoders draw every number by its place: the seed, the index of the sample in the data set and the index of the
//! element in the result of the sample. Their results are the same for any batch size and any number of workers.

mod latency;
pub use latency::*;
mod poisson;
pub use poisson::*;
mod population;
pub use population::*;
mod random;
mod rate;
pub use rate::*;
mod step_forward;
pub use step_forward::*;
