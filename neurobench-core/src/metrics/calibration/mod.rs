//! How good predicted probabilities are.
//!
//! Of `[samples]` or `[samples, 1]` predictions are the probability of class 1, and targets 0 or 1. Of `[samples, classes]` a row
//! holds one probability a class, and targets `[samples]` are classes. `scores` says whether they are probabilities, their
//! logarithms or logits.

mod brier;
mod log_loss;
mod probabilities;
mod reliability;

pub use brier::{BrierScore, brier_score};
pub use log_loss::{LogLoss, log_loss};
pub use probabilities::Scores;
pub use reliability::{
    ConfidenceBin, ConfidenceBins, ExpectedCalibrationError, MaximumCalibrationError, Reliability,
    expected_calibration_error, maximum_calibration_error, reliability,
};
