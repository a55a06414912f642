//! Logarithms of mel spectrograms.

use neurobench_core::component::Settings;
use neurobench_core::instructions::Instructions;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

use super::decibels::{Clamp, to_decibels};
use super::logarithm::logarithms;
use super::mel::{MelNorm, MelPlan, MelScale, MelSettings, with_mel_settings};

/// Logarithm of a spectrogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogScale {
    /// Natural logarithm of the value plus an offset.
    #[default]
    Natural,
    /// Decibels of the power: 10·log10(max(value, 1e-10)).
    Decibels,
}

with_mel_settings! {
/// Logarithm of a mel spectrogram, `[batch, channel, sample]` or mono `[batch, sample]` to `f32` `[batch, channel, mel, frame]`.
///
/// With `scale = "natural"`, ln(mel + `log_offset`). With `scale = "decibels"`, 10·log10(max(mel, 1e-10)), then raised to
/// at least the maximum of the clip, over all its channels, − `top_db`; these are the values of
/// `torchaudio.transforms.AmplitudeToDB("power", top_db)`, which takes the maximum over the whole batch if the audio has no
/// axis of channels.
///
/// The mel spectrogram and its settings are those of `mel_spectrogram`.
#[preprocessor(cite = "https://docs.pytorch.org/audio/2.6.0/generated/torchaudio.transforms.AmplitudeToDB.html")]
pub fn log_mel({}, ..mel, {
    /// Kind of logarithm: `natural` or `decibels`.
    #[param(default = LogScale::Natural)]
    scale: LogScale,
    /// Addend that keeps the natural logarithm of silence finite.
    #[param(default = 1e-6, range = 1e-30..=1e6)]
    log_offset: f64,
    /// Range of the decibels below the maximum of a clip; by default all values stay.
    #[param(default = None)]
    top_db: Option<f64>,
}) -> Result<impl Preprocessor, ProcessError> {
    let plan = MelPlan::new(&mel, LogMel::ABOUT.name)?;
    let n_mels = mel.n_mels;
    let clamp = Clamp::new(top_db, LogMel::ABOUT.name)?;
    if top_db.is_some() && scale == LogScale::Natural {
        return Err(ProcessError::from("`log_mel`: `top_db` needs `scale = \"decibels\"`"));
    }
    let offset = log_offset as f32;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let shape = |channels, frames| [channels, n_mels, frames];
        let features = plan.map(inputs, shape, |mels, _, features| {
            features.copy_from_slice(mels);
            match scale {
                LogScale::Natural => natural(features, offset),
                LogScale::Decibels => {
                    to_decibels(features);
                    clamp.apply(features);
                }
            }
        })?;
        Ok((features, targets))
    })
}
}

/// Replaces values by ln(value + offset).
pub(super) fn natural(values: &mut [f32], offset: f32) {
    logarithms(Instructions::fastest(), values, |value| value + offset, 1.0);
}
