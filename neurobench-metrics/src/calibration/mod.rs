//! Quality of predicted probabilities.

mod brier;
mod log_loss;
mod probabilities;
mod reliability;

pub use brier::{BrierScore, BrierScoreByLabel, brier_score, brier_score_by_label};
pub use log_loss::{LogLoss, LogLossByLabel, log_loss, log_loss_by_label};
pub use probabilities::Scores;
pub use reliability::{
    ConfidenceBin, ConfidenceBins, ExpectedCalibrationError, ExpectedCalibrationErrorByLabel, MaximumCalibrationError,
    Reliability, ReliabilityByLabel, expected_calibration_error, expected_calibration_error_by_label,
    maximum_calibration_error, reliability, reliability_by_label,
};
