//! Recordings of sound: inputs `[batch, channel, sample]` in `f32` between −1 and 1.
//!
//! All of them read [WAV files](https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html): integers of 8, 16,
//! 24 or 32 bits, which are divided by the largest magnitude (32768 for 16 bits), or `f32`. Clips end with zeros or are
//! cut, so that all have the same length. A file whose header does not fit its length is an error; chunks besides the
//! audio, such as `LIST`, are skipped.

mod clips;
mod mswc;
pub use mswc::*;
mod speech_commands;
pub use speech_commands::*;
mod wav;
mod wav_folders;
pub use wav_folders::*;

use serde::{Deserialize, Serialize};

/// Part of a data set for training or for evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Clips to train models on.
    Train,
    /// Clips to choose models and settings with.
    Validation,
    /// Clips to evaluate models on.
    #[default]
    Test,
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}
