//! Mel spectrograms of audio.

use neurobench_core::component::Settings;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::mel::{MelNorm, MelPlan, MelScale, MelSettings};

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
#[expect(clippy::too_many_arguments, reason = "each is a setting")]
pub fn mel_spectrogram(
    /// Sample rate of the audio in Hz.
    #[param(default = 16_000, range = 2..=10_000_000)]
    sample_rate: u32,
    /// Number of samples in a frame.
    #[param(default = 400, range = 1..=1_048_576)]
    n_fft: usize,
    /// Length of the window, which stands in the middle of the frame; by default that of the frame.
    #[param(default = None)]
    win_length: Option<usize>,
    /// Number of samples from one frame to the next; by default half the window.
    #[param(default = None)]
    hop_length: Option<usize>,
    /// Lowest frequency of the filters in Hz.
    #[param(default = 0.0, range = 0.0..=5e6)]
    f_min: f64,
    /// Highest frequency of the filters in Hz; by default half the sample rate, rounded down.
    #[param(default = None)]
    f_max: Option<f64>,
    /// Number of mel bands.
    #[param(default = 128, range = 1..=4096)]
    n_mels: usize,
    /// Exponent of the magnitude: 2 for power, 1 for the magnitude itself.
    #[param(default = 2.0, range = 0.01..=100.0)]
    power: f64,
    /// Divides the spectrum by the square root of the sum of squares of the window.
    #[param(default = false)]
    normalized: bool,
    /// Centers frame t at sample t·`hop_length`: the clip is padded by its reflection, `n_fft / 2` samples on both sides.
    /// Without it, frame t begins there.
    #[param(default = true)]
    center: bool,
    /// Normalization of the filters: `none` or `slaney`.
    #[param(default = MelNorm::None)]
    mel_norm: MelNorm,
    /// Definition of the mel scale: `htk` or `slaney`.
    #[param(default = MelScale::Htk)]
    mel_scale: MelScale,
) -> Result<impl Preprocessor, ProcessError> {
    let plan = MelPlan::new(
        &MelSettings {
            sample_rate,
            n_fft,
            win_length,
            hop_length,
            f_min,
            f_max,
            n_mels,
            power,
            normalized,
            center,
            mel_norm,
            mel_scale,
        },
        MelSpectrogram::ABOUT.name,
    )?;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let shape = |channels, frames| [channels, n_mels, frames];
        let features = plan.map(inputs, shape, |mels, _, features| features.copy_from_slice(mels))?;
        Ok((features, targets))
    })
}
