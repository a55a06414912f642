//! How good predicted probabilities are.

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
