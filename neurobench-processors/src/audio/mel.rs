//! Spectrograms on the mel scale, with the definitions of torchaudio.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::Tensor;
use neurobench_core::process::ProcessError;
use serde::{Deserialize, Serialize};

use super::clips::{Clips, finite};
use super::fft::{Complex, LANES, Lanes, RealFft};

/// Definition of the mel scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelScale {
    /// 2595·log10(1 + f/700), of the Hidden Markov Model Toolkit.
    #[default]
    Htk,
    /// Linear up to 1000 Hz, at 3 mels for 200 Hz, and logarithmic above, at 27 mels for a factor of 6.4, of Slaney's
    /// Auditory Toolbox.
    Slaney,
}

impl MelScale {
    const BREAK_HZ: f64 = 1000.0;
    const MELS_PER_HZ: f64 = 3.0 / 200.0;

    fn mels(self, hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * libm::log10(1.0 + hz / 700.0),
            Self::Slaney if hz < Self::BREAK_HZ => hz * Self::MELS_PER_HZ,
            Self::Slaney => Self::BREAK_HZ * Self::MELS_PER_HZ + libm::log(hz / Self::BREAK_HZ) * 27.0 / libm::log(6.4),
        }
    }

    fn hz(self, mels: f64) -> f64 {
        let break_mels = Self::BREAK_HZ * Self::MELS_PER_HZ;
        match self {
            Self::Htk => 700.0 * (libm::pow(10.0, mels / 2595.0) - 1.0),
            Self::Slaney if mels < break_mels => mels / Self::MELS_PER_HZ,
            Self::Slaney => Self::BREAK_HZ * libm::exp((mels - break_mels) * libm::log(6.4) / 27.0),
        }
    }
}

/// Normalization of the filters of a mel filter bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelNorm {
    /// Every filter rises to 1.
    #[default]
    None,
    /// Every filter is divided by half its width in Hz, so that all have about the same area.
    Slaney,
}

/// Settings of a mel spectrogram, as the components have them.
pub(super) struct MelSettings {
    pub(super) sample_rate: u32,
    pub(super) n_fft: usize,
    pub(super) win_length: Option<usize>,
    pub(super) hop_length: Option<usize>,
    pub(super) f_min: f64,
    pub(super) f_max: Option<f64>,
    pub(super) n_mels: usize,
    pub(super) power: f64,
    pub(super) normalized: bool,
    pub(super) center: bool,
    pub(super) mel_norm: MelNorm,
    pub(super) mel_scale: MelScale,
}

/// Defines a preprocessor whose settings include those of a mel spectrogram, in the place of `..mel` between its own. In the
/// function, `mel` has their values.
macro_rules! with_mel_settings {
    (
        $(#[$($attribute:tt)*])*
        pub fn $name:ident({ $($before:tt)* }, ..$mel:ident, { $($after:tt)* }) -> Result<impl Preprocessor, ProcessError>
        $body:block
    ) => {
        $(#[$($attribute)*])*
        #[expect(clippy::too_many_arguments, reason = "each is a setting")]
        pub fn $name(
            $($before)*
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
            $($after)*
        ) -> Result<impl Preprocessor, ProcessError> {
            let $mel = MelSettings {
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
            };
            $body
        }
    };
}
pub(super) use with_mel_settings;

/// Filter of one mel band: weights of neighboring frequencies, those outside are zero.
#[derive(Debug)]
struct Filter {
    /// Index of the first weight among the frequencies of the bank.
    first: usize,
    weights: Vec<f32>,
}

/// Function of the magnitude of a frequency.
#[derive(Clone, Copy, Debug)]
enum Exponent {
    Magnitude,
    Power,
    Other(f32),
}

/// Everything that spectrograms of clips share: transform, window and filter bank.
#[derive(Debug)]
pub(super) struct MelPlan {
    processor: &'static str,
    fft: RealFft,
    /// As long as the transform.
    window: Vec<f32>,
    hop: usize,
    center: bool,
    exponent: Exponent,
    /// First frequency that a filter uses, and one beyond the last.
    frequencies: (usize, usize),
    filters: Vec<Filter>,
    instructions: Instructions,
}

/// Memory for the frames of one clip after the other.
#[derive(Default)]
struct Scratch {
    padded: Vec<f32>,
    /// The padded clip `[position modulo hop, position / hop]`, in which the same sample of neighboring frames is next to
    /// each other.
    columns: Vec<f32>,
    /// Place of each sample of the first frame in `columns`.
    places: Vec<usize>,
    work: Vec<Complex>,
    other: Vec<Complex>,
    powers: Vec<Lanes>,
}

impl MelPlan {
    pub(super) fn new(settings: &MelSettings, processor: &'static str) -> Result<Self, ProcessError> {
        let refused = |problem: String| Err(ProcessError::Other(format!("`{processor}`: {problem}")));
        let n_fft = settings.n_fft;
        let win_length = settings.win_length.unwrap_or(n_fft);
        if win_length > n_fft || win_length == 0 {
            return refused(format!("`win_length` must be between 1 and `n_fft`, {n_fft}, not {win_length}"));
        }
        // torchaudio rounds half a frequency down in the same way.
        let hop = settings.hop_length.unwrap_or(win_length / 2);
        if hop == 0 {
            return refused("`hop_length` must be at least 1".to_owned());
        }
        let highest = f64::from(settings.sample_rate / 2);
        let (f_min, f_max) = (settings.f_min, settings.f_max.unwrap_or(highest));
        if f_min >= f_max || f_max > highest {
            return refused(format!(
                "expected `f_min` < `f_max` <= {highest}, half the sample rate; found {f_min} and {f_max}"
            ));
        }
        let fft = RealFft::new(n_fft);
        let window = window(win_length, n_fft, settings.normalized);
        let exponent = match settings.power {
            1.0 => Exponent::Magnitude,
            2.0 => Exponent::Power,
            other => Exponent::Other(other as f32),
        };
        let (frequencies, filters) = filters(settings, fft.frequencies(), highest, f_max);
        let instructions = Instructions::fastest();
        let center = settings.center;
        Ok(Self { processor, fft, window, hop, center, exponent, frequencies, filters, instructions })
    }

    /// Number of frames of clips of this length.
    ///
    /// # Errors
    ///
    /// Clips that are too short.
    fn frames(&self, samples: usize) -> Result<usize, ProcessError> {
        let (n_fft, pad) = (self.window.len(), self.pad());
        let (shortest, reason) =
            if self.center { (pad + 1, "the reflected padding of half a frame") } else { (n_fft, "one frame") };
        if samples < shortest {
            let processor = self.processor;
            return Err(ProcessError::Other(format!(
                "`{processor}`: clips of {samples} samples are too short: {reason} needs at least {shortest}"
            )));
        }
        Ok((samples + 2 * pad - n_fft) / self.hop + 1)
    }

    fn pad(&self) -> usize {
        if self.center { self.window.len() / 2 } else { 0 }
    }

    /// Writes the mel spectrogram `[mel, frame]` of a clip.
    fn spectrogram(&self, clip: &[f32], scratch: &mut Scratch, mels: &mut [f32]) {
        pad_by_reflection(clip, self.pad(), &mut scratch.padded);
        let columns = self.hop.min(scratch.padded.len());
        // The last block of frames may extend beyond the last frame.
        let rows = scratch.padded.len().div_ceil(self.hop) + LANES;
        scratch.columns.clear();
        scratch.columns.resize(columns * rows, 0.0);
        for (row, samples) in scratch.padded.chunks(self.hop).enumerate() {
            let column = scratch.columns[row..].iter_mut().step_by(rows);
            column.zip(samples).for_each(|(place, sample)| *place = *sample);
        }
        scratch.places.clear();
        scratch.places.extend((0..self.window.len()).map(|sample| sample % self.hop * rows + sample / self.hop));
        scratch.work.resize(self.fft.complex_length(), Complex::ZERO);
        scratch.other.resize(self.fft.complex_length(), Complex::ZERO);
        scratch.powers.resize(self.frequencies.1 - self.frequencies.0, [0.0; LANES]);
        self.instructions.run(Spectrogram { plan: self, scratch, mels });
    }

    /// Returns `[batch, ..]`, where `from_mels` writes the numbers of each clip from its mel spectrograms `[channel, mel,
    /// frame]`, which it may change, and the number of frames. `shape` returns the shape of the numbers
    /// of a clip from its channels and frames.
    pub(super) fn map<const AXES: usize>(
        &self,
        inputs: Tensor,
        shape: impl Fn(usize, usize) -> [usize; AXES],
        mut from_mels: impl FnMut(&mut [f32], usize, &mut [f32]),
    ) -> Result<Tensor, ProcessError> {
        let clips = Clips::new(inputs, self.processor)?;
        let [batch, channels, samples] = clips.shape();
        let frames = self.frames(samples)?;
        let (mels, processor) = (self.filters.len(), self.processor);
        let clip_shape = shape(channels, frames);
        let shape = [&[batch], clip_shape.as_slice()].concat();
        let memory = || ProcessError::Memory { processor, shape: shape.clone() };
        let product =
            |lengths: &[usize]| lengths.iter().try_fold(1, |a: usize, b| a.checked_mul(*b)).ok_or_else(memory);
        let mut clip_mels = zeros(product(&[channels, mels, frames])?).ok_or_else(memory)?;
        let mut outputs = zeros(product(&shape)?).ok_or_else(memory)?;
        let mut scratch = Scratch::default();
        let mut audio = clips.channels();
        for (sample, outputs) in outputs.chunks_exact_mut(product(&clip_shape)?.max(1)).enumerate() {
            for mels in clip_mels.chunks_exact_mut(mels * frames) {
                self.spectrogram(audio.next().unwrap_or_default(), &mut scratch, mels);
            }
            finite(&clip_mels, sample, processor)?;
            from_mels(&mut clip_mels, frames, outputs);
        }
        ArrayD::from_shape_vec(IxDyn(&shape), outputs).map(Tensor::from).map_err(|_| memory())
    }
}

/// Returns zeros; `None` if there is not enough memory.
fn zeros(length: usize) -> Option<Vec<f32>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(length).ok()?;
    zeros.resize(length, 0.0);
    Some(zeros)
}

/// The loop over the frames of a clip, for every set of instructions.
struct Spectrogram<'a> {
    plan: &'a MelPlan,
    scratch: &'a mut Scratch,
    mels: &'a mut [f32],
}

impl Work for Spectrogram<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { plan, scratch: Scratch { columns, places, work, other, powers, .. }, mels } = self;
        let frames = mels.len() / plan.filters.len();
        for start in (0..frames).step_by(LANES) {
            let lanes = LANES.min(frames - start);
            plan.fft.load(columns, places, start, &plan.window, work);
            let transformed = plan.fft.transform(work, other);
            for (k, power) in (plan.frequencies.0..plan.frequencies.1).zip(powers.iter_mut()) {
                let Complex { re, im } = plan.fft.frequency(transformed, k);
                let squared: Lanes = std::array::from_fn(|lane| re[lane] * re[lane] + im[lane] * im[lane]);
                *power = match plan.exponent {
                    Exponent::Power => squared,
                    Exponent::Magnitude => squared.map(f32::sqrt),
                    Exponent::Other(exponent) => squared.map(|squared| libm::powf(squared, 0.5 * exponent)),
                };
            }
            for (filter, mels) in plan.filters.iter().zip(mels.chunks_exact_mut(frames)) {
                let mut sums = [0.0; LANES];
                for (weight, power) in filter.weights.iter().zip(&powers[filter.first..]) {
                    for (sum, power) in sums.iter_mut().zip(power) {
                        *sum += weight * power;
                    }
                }
                mels[start..start + lanes].copy_from_slice(&sums[..lanes]);
            }
        }
    }
}

/// Pads a clip on both sides by its reflection, in which the first and the last sample do not occur again.
fn pad_by_reflection(clip: &[f32], pad: usize, padded: &mut Vec<f32>) {
    padded.clear();
    padded.extend(clip.iter().skip(1).take(pad).rev());
    padded.extend(clip);
    padded.extend(clip.iter().rev().skip(1).take(pad));
}

/// Periodic Hann window in the middle of a frame. If `normalized`, the sum of its squares is 1.
fn window(length: usize, n_fft: usize, normalized: bool) -> Vec<f32> {
    let hann = |k: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * k as f64 / length as f64);
    // torchaudio's window of a single sample is 1.
    let hann: Vec<f64> = if length == 1 { vec![1.0] } else { (0..length).map(hann).collect() };
    let norm = if normalized { libm::sqrt(hann.iter().map(|weight| weight * weight).sum()) } else { 1.0 };
    let mut window = vec![0.0; n_fft];
    let left = (n_fft - length) / 2;
    for (weight, hann) in window[left..].iter_mut().zip(hann) {
        *weight = (hann / norm) as f32;
    }
    window
}

/// Triangular filters, and the range of frequencies that have a weight in any of them.
fn filters(settings: &MelSettings, frequencies: usize, highest: f64, f_max: f64) -> ((usize, usize), Vec<Filter>) {
    let scale = settings.mel_scale;
    let (low, high) = (scale.mels(settings.f_min), scale.mels(f_max));
    let edges = settings.n_mels + 1;
    let edge = |index: usize| scale.hz(low + (high - low) * index as f64 / edges as f64);
    // A transform of one sample has the frequency 0 alone.
    let spacing = highest / (frequencies.max(2) - 1) as f64;
    let filter = |mel: usize| {
        let (left, peak, right) = (edge(mel), edge(mel + 1), edge(mel + 2));
        let norm = match settings.mel_norm {
            MelNorm::None => 1.0,
            MelNorm::Slaney => 2.0 / (right - left),
        };
        let weight = |k: usize| {
            let f = k as f64 * spacing;
            (norm * ((f - left) / (peak - left)).min((right - f) / (right - peak)).max(0.0)) as f32
        };
        let first = (0..frequencies).find(|k| weight(*k) > 0.0).unwrap_or(frequencies);
        let weights = (first..frequencies).map(weight).take_while(|weight| *weight > 0.0).collect();
        Filter { first, weights }
    };
    let mut filters: Vec<Filter> = (0..settings.n_mels).map(filter).collect();
    let used = || filters.iter().filter(|filter| !filter.weights.is_empty());
    let first = used().map(|filter| filter.first).min().unwrap_or(0);
    let end = used().map(|filter| filter.first + filter.weights.len()).max().unwrap_or(0);
    for filter in &mut filters {
        // A filter between two frequencies has no weights, and its band is always zero.
        filter.first = filter.first.saturating_sub(first).min(end.saturating_sub(first));
    }
    ((first, end), filters)
}
