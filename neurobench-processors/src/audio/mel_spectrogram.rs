//! Mel spectrograms of audio.

use neurobench_core::component::Settings;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::mel::{MelNorm, MelPlan, MelScale, MelSettings, with_mel_settings};

with_mel_settings! {
/// Spectrogram on the mel scale, `[batch, channel, sample]` or mono `[batch, sample]` to `f32` `[batch, channel, mel, frame]`.
///
/// Each frame of `n_fft` samples, at multiples of `hop_length`, is multiplied by a periodic Hann window and transformed: X.
/// The value of a mel band is Σ w·|X|^`power` over the frequencies f from 0 to half the sample rate, where w is a triangle
/// between three of `n_mels + 2` edges that are equally spaced on the mel scale from `f_min` to `f_max`:
/// w = max(0, min((f − f₀)/(f₁ − f₀), (f₂ − f)/(f₂ − f₁))).
///
/// Settings and values are those of `torchaudio.transforms.MelSpectrogram`, with small differences of rounding. The bits
/// are the same on every machine. A band between two frequencies of the transform is zero.
#[preprocessor(
    cite = "https://docs.pytorch.org/audio/2.6.0/generated/torchaudio.transforms.MelSpectrogram.html",
    cite = "Stevens, Volkmann and Newman 1937, doi:10.1121/1.1915893"
)]
pub fn mel_spectrogram({}, ..mel, {}) -> Result<impl Preprocessor, ProcessError> {
    let plan = MelPlan::new(&mel, MelSpectrogram::ABOUT.name)?;
    let n_mels = mel.n_mels;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let shape = |channels, frames| [channels, n_mels, frames];
        let features = plan.map(inputs, shape, |mels, _, features| features.copy_from_slice(mels))?;
        Ok((features, targets))
    })
}
}
