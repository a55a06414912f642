//! Audio: resampling, spectrograms and features, `[batch, channel, sample]` to `[batch, channel, feature, frame]`.
//!
//! All of them also accept mono audio without the axis of channels, `[batch, sample]`. Audio in `f32` between −1 and 1 is
//! usual, but no range is assumed. Samples that are NaN or infinite are errors.

mod clips;
mod decibels;
mod delta_modulation;
pub use delta_modulation::*;
mod fft;
mod log_mel;
pub use log_mel::*;
mod logarithm;
mod mel;
pub use mel::{MelNorm, MelScale};
mod mel_spectrogram;
pub use mel_spectrogram::*;
mod mfcc;
pub use mfcc::*;
mod modulation;
pub use modulation::InitialLevel;
mod resample;
pub use resample::*;
mod speech2spikes;
pub use speech2spikes::*;
