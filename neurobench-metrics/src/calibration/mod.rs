//! Quality of predicted probabilities.

mod brier;
pub use brier::*;
mod log_loss;
pub use log_loss::*;
mod probabilities;
pub use probabilities::*;
mod reliability;
pub use reliability::*;
