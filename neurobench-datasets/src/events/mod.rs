//! Recordings of event cameras and other event-based sensors.
//!
//! Inputs are [event tensors](neurobench_core::data::events): `i64` `[batch, event, 4]` of time in µs, x, y and polarity,
//! with rows of −1 behind shorter recordings.

mod dvs_gesture;
pub use dvs_gesture::*;
mod event_folders;
pub use event_folders::*;
mod folders;
pub mod formats;
mod nmnist;
pub use nmnist::*;
mod prophesee;
pub use prophesee::*;

use serde::{Deserialize, Serialize};

/// Part of a data set of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSplit {
    /// Recordings for training.
    Train,
    /// Recordings for testing.
    #[default]
    Test,
}

impl EventSplit {
    /// Returns one of two values.
    fn choose<T>(self, train: T, test: T) -> T {
        match self {
            Self::Train => train,
            Self::Test => test,
        }
    }
}
