//! Mel-frequency cepstral coefficients.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use neurobench_core::component::Settings;
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

use super::decibels::{Clamp, to_decibels};
use super::log_mel::natural;
use super::mel::{MelNorm, MelPlan, MelScale, MelSettings, with_mel_settings};

/// Normalization of a discrete cosine transform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DctNorm {
    /// Orthonormal: √(2/M)·Σ, for coefficient 0 times 1/√2.
    #[default]
    Ortho,
    /// 2·Σ.
    None,
}

with_mel_settings! {
/// Mel-frequency cepstral coefficients, `[batch, channel, sample]` or mono `[batch, sample]` to `f32`
/// `[batch, channel, coefficient, frame]`.
///
/// The first `n_mfcc` coefficients of the discrete cosine transform (DCT-II) of the logarithms L of the M mel bands of a
/// frame: Σₙ Lₙ·cos(π/M·(n + ½)·k), normalized by `dct_norm`. L is in decibels, 10·log10(max(mel, 1e-10)), raised to at
/// least the maximum of the clip − 80 dB; with `log_mels`, it is ln(mel + 1e-6).
///
/// Settings and values are those of `torchaudio.transforms.MFCC` on audio `[batch, channel, sample]`, with small differences
/// of rounding; `dct_norm` and `mel_norm` are its `norm`, and that of its `melkwargs`. (If the audio has no axis of channels,
/// torchaudio takes the maximum over the whole batch.) The bits are the same on every machine. The mel spectrogram is that
/// of `mel_spectrogram`.
#[preprocessor(
    cite = "https://docs.pytorch.org/audio/2.6.0/generated/torchaudio.transforms.MFCC.html",
    cite = "Davis and Mermelstein 1980, doi:10.1109/TASSP.1980.1163420"
)]
pub fn mfcc({
    /// Number of coefficients, at most `n_mels`.
    #[param(default = 40, range = 1..=4096)]
    n_mfcc: usize,
    /// Normalization of the cosine transform: `ortho` or `none`.
    #[param(default = DctNorm::Ortho)]
    dct_norm: DctNorm,
    /// Takes natural logarithms of the mel spectrogram, not decibels.
    #[param(default = false)]
    log_mels: bool,
}, ..mel, {}) -> Result<impl Preprocessor, ProcessError> {
    const TOP_DB: f64 = 80.0;
    const LOG_OFFSET: f32 = 1e-6;
    let plan = MelPlan::new(&mel, Mfcc::ABOUT.name)?;
    let n_mels = mel.n_mels;
    if n_mfcc > n_mels {
        return Err(ProcessError::Other(format!("`mfcc`: `n_mfcc` must be at most `n_mels`, {n_mels}, not {n_mfcc}")));
    }
    let clamp = Clamp::new(Some(TOP_DB), Mfcc::ABOUT.name)?;
    let cosines = cosines(n_mfcc, n_mels, dct_norm);
    let instructions = Instructions::fastest();
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let shape = |channels, frames| [channels, n_mfcc, frames];
        let features = plan.map(inputs, shape, |mels, frames, features| {
            if log_mels {
                natural(mels, LOG_OFFSET);
            } else {
                to_decibels(mels);
                clamp.apply(mels);
            }
            let channels = mels.chunks_exact(n_mels * frames).zip(features.chunks_exact_mut(n_mfcc * frames));
            for (logarithms, coefficients) in channels {
                instructions.run(Transform { cosines: &cosines, logarithms, coefficients, frames });
            }
        })?;
        Ok((features, targets))
    })
}
}

/// Factors `[coefficient, mel]` of the cosine transform.
fn cosines(n_mfcc: usize, n_mels: usize, norm: DctNorm) -> Vec<Vec<f32>> {
    let bands = n_mels as f64;
    let factor = |k: usize| match (norm, k) {
        (DctNorm::None, _) => 2.0,
        (DctNorm::Ortho, 0) => libm::sqrt(2.0 / bands) * FRAC_1_SQRT_2,
        (DctNorm::Ortho, _) => libm::sqrt(2.0 / bands),
    };
    let cosine = |k: usize, n: usize| (factor(k) * libm::cos(PI / bands * (n as f64 + 0.5) * k as f64)) as f32;
    (0..n_mfcc).map(|k| (0..n_mels).map(|n| cosine(k, n)).collect()).collect()
}

/// The cosine transform of all frames of a clip, for every set of instructions.
struct Transform<'a> {
    cosines: &'a [Vec<f32>],
    /// `[mel, frame]`
    logarithms: &'a [f32],
    /// `[coefficient, frame]`, zero
    coefficients: &'a mut [f32],
    frames: usize,
}

impl Work for Transform<'_> {
    #[inline(always)]
    fn run(self) {
        for (cosines, coefficients) in self.cosines.iter().zip(self.coefficients.chunks_exact_mut(self.frames)) {
            let (fours, rest) = cosines.as_chunks::<4>();
            let mut bands = self.logarithms.chunks_exact(4 * self.frames);
            // Four bands in one pass save loads and stores; each sum still adds one band after the other.
            for (cosines, bands) in fours.iter().zip(&mut bands) {
                let (low, high) = bands.split_at(2 * self.frames);
                let ((a, b), (c, d)) = (low.split_at(self.frames), high.split_at(self.frames));
                let bands = a.iter().zip(b).zip(c.iter().zip(d));
                for (coefficient, ((a, b), (c, d))) in coefficients.iter_mut().zip(bands) {
                    let mut sum = *coefficient + cosines[0] * a;
                    sum += cosines[1] * b;
                    sum += cosines[2] * c;
                    *coefficient = sum + cosines[3] * d;
                }
            }
            for (cosine, band) in rest.iter().zip(bands.remainder().chunks_exact(self.frames)) {
                for (coefficient, logarithm) in coefficients.iter_mut().zip(band) {
                    *coefficient += cosine * logarithm;
                }
            }
        }
    }
}
