//! Recordings of numbers: tables, images, time series and neural activity.

mod columns;
pub use columns::Column;
mod converted;
mod csv;
pub use csv::*;
mod eeg_motor_imagery;
pub use eeg_motor_imagery::*;
pub mod formats;
mod hdf5;
mod heidelberg;
mod idx;
pub use idx::*;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
pub use parquet::*;
#[cfg(feature = "parquet")]
mod positioned;
mod predictions;
pub use predictions::{PredictionFiles, Predictions};
mod primate_reaching;
pub use primate_reaching::*;
mod shd;
pub use shd::*;
mod ssc;
pub use ssc::*;
mod time_series;
pub use time_series::*;
mod wisdm;
pub use wisdm::*;

use std::ops::Range;

use neurobench_core::data::DataError;

/// Checks that the requested samples exist.
fn check_range(range: &Range<usize>, samples: usize) -> Result<(), DataError> {
    match range.start <= range.end && range.end <= samples {
        true => Ok(()),
        false => Err(DataError::Range { range: range.clone(), samples }),
    }
}
