//! Resampling of audio.

use std::f64::consts::PI;

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings;
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::clips::Clips;

const NAME: &str = Resample::ABOUT.name;

/// Audio at another sample rate, by windowed sinc interpolation: `[batch, channel, sample]` or `[batch, sample]`, and `f32` of
/// the same axes, where n samples become ⌈n·to/from⌉.
///
/// With both rates divided by their greatest common divisor, output j of phase p, at the time of input j·from + p·from/to,
/// is Σ h(t)·x over the inputs at distances t, in periods of the lower rate times `rolloff`, of up to
/// `lowpass_filter_width`: h(t) = sinc(t)·cos²(πt / (2·`lowpass_filter_width`))·`rolloff`·min(from, to)/from, and sinc(t) =
/// sin(πt)/(πt). Inputs beyond the clip are zero.
///
/// The values are those of `torchaudio.transforms.Resample` (`sinc_interp_hann`), with small differences of rounding. The
/// bits are the same on every machine.
#[preprocessor(cite = "https://docs.pytorch.org/audio/2.6.0/generated/torchaudio.transforms.Resample.html")]
pub fn resample(
    /// Sample rate of the inputs in Hz.
    #[param(range = 1..=10_000_000)]
    from: u32,
    /// Sample rate of the outputs in Hz.
    #[param(range = 1..=10_000_000)]
    to: u32,
    /// Number of zero crossings of the sinc on each side: more are a sharper filter, and slower.
    #[param(default = 6, range = 1..=1024)]
    lowpass_filter_width: u32,
    /// Cutoff frequency as a part of half the lower rate.
    #[param(default = 0.99, range = 0.01..=1.0)]
    rolloff: f64,
) -> Result<impl Preprocessor, ProcessError> {
    let divisor = greatest_common_divisor(from, to);
    let kernel = Kernel::new(from / divisor, to / divisor, lowpass_filter_width, rolloff)?;
    let instructions = Instructions::fastest();
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        if kernel.from == kernel.to && matches!(inputs.shape().len(), 2 | 3) {
            return Ok((Tensor::F32(inputs.to_f32().into_shared()), targets));
        }
        let clips = Clips::new(inputs, NAME)?;
        let [batch, channels, samples] = clips.shape();
        let length = kernel.output_length(samples);
        let mut shape = vec![batch, channels, length];
        if clips.without_channels {
            shape.remove(1);
        }
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let size = [batch, channels, length].iter().try_fold(1, |a: usize, b| a.checked_mul(*b)).ok_or_else(memory)?;
        let mut outputs: Vec<f32> = Vec::new();
        outputs.try_reserve_exact(size).map_err(|_| memory())?;
        outputs.resize(size, 0.0);
        let mut scratch = Scratch::default();
        for (clip, output) in clips.channels().zip(outputs.chunks_exact_mut(length.max(1))) {
            kernel.separate(clip, &mut scratch.inputs);
            scratch.outputs.clear();
            scratch.outputs.resize(kernel.phases.len() * kernel.blocks(samples), 0.0);
            instructions.run(Convolution { kernel: &kernel, blocks: kernel.blocks(samples), scratch: &mut scratch });
            let blocks = kernel.blocks(samples);
            for (j, output) in output.iter_mut().enumerate() {
                *output = scratch.outputs[j % kernel.to * blocks + j / kernel.to];
            }
        }
        let outputs = ArrayD::from_shape_vec(IxDyn(&shape), outputs).map_err(|_| memory())?;
        Ok((outputs.into(), targets))
    })
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Weights of the outputs between two inputs that have the same phase.
#[derive(Debug)]
struct Phase {
    /// Position of the first weight in the padded clip, relative to that of the block.
    first: usize,
    weights: Vec<f32>,
}

#[derive(Debug)]
struct Kernel {
    from: usize,
    to: usize,
    /// Number of zeros before the clip.
    width: usize,
    phases: Vec<Phase>,
}

/// Memory for one clip after the other.
#[derive(Default)]
struct Scratch {
    /// Padded inputs `[position modulo from, block]`.
    inputs: Vec<f32>,
    /// Outputs `[phase, block]`.
    outputs: Vec<f32>,
}

impl Kernel {
    /// Prepares the weights for rates without a common divisor.
    fn new(from: u32, to: u32, zero_crossings: u32, rolloff: f64) -> Result<Self, ProcessError> {
        // More weights than any usual pair of rates has; without a limit, two coprime rates could fill the memory.
        const MOST_WEIGHTS: f64 = 67_108_864.0;
        let crossings = f64::from(zero_crossings);
        let cutoff = f64::from(from.min(to)) * rolloff;
        let width = libm::ceil(crossings * f64::from(from) / cutoff);
        if f64::from(to) * (2.0 * width + 1.0) > MOST_WEIGHTS || width + f64::from(from) > MOST_WEIGHTS {
            return Err(ProcessError::Other(format!(
                "`resample`: the rates {from} and {to}, divided by their greatest common divisor, need too many weights; \
                 choose rates with a larger common divisor"
            )));
        }
        let (steps_from, steps_to, width) = (from as usize, to as usize, width as usize);
        let scale = cutoff / f64::from(from);
        let phase = |phase: usize| {
            let weight = |position: usize| {
                let inputs = (position as f64 - width as f64) / f64::from(from);
                let t = (inputs - phase as f64 / f64::from(to)) * cutoff;
                // The window is zero from here on.
                if t.abs() >= crossings {
                    return 0.0;
                }
                let window = libm::cos(PI * t / crossings / 2.0);
                let sinc = if t == 0.0 { 1.0 } else { libm::sin(PI * t) / (PI * t) };
                (sinc * window * window * scale) as f32
            };
            // The center of the kernel is `width + phase·from/to` inputs behind the beginning of the block.
            let center = width + phase * steps_from / steps_to;
            let positions = center.saturating_sub(width)..=center + width + 1;
            let mut weights: Vec<f32> = positions.clone().map(weight).collect();
            let leading = weights.iter().take_while(|weight| **weight == 0.0).count();
            weights.drain(..leading);
            let trailing = weights.iter().rev().take_while(|weight| **weight == 0.0).count();
            weights.truncate(weights.len() - trailing);
            Phase { first: positions.start() + leading, weights }
        };
        Ok(Self { from: steps_from, to: steps_to, width, phases: (0..steps_to).map(phase).collect() })
    }

    fn output_length(&self, samples: usize) -> usize {
        (samples * self.to).div_ceil(self.from)
    }

    /// Number of outputs of each phase.
    fn blocks(&self, samples: usize) -> usize {
        samples / self.from + 1
    }

    /// Number of padded inputs with the same position modulo `from`.
    fn rows(&self, samples: usize) -> usize {
        self.blocks(samples) + (2 * self.width + 1) / self.from + 2
    }

    /// Writes the padded clip as `[position modulo from, block]`, so that the inputs of neighboring outputs of a phase are
    /// neighbors.
    fn separate(&self, clip: &[f32], inputs: &mut Vec<f32>) {
        let rows = self.rows(clip.len());
        inputs.clear();
        inputs.resize(self.from * rows, 0.0);
        for (position, sample) in (self.width..).zip(clip) {
            inputs[position % self.from * rows + position / self.from] = *sample;
        }
    }
}

/// The outputs of all phases, for every set of instructions.
struct Convolution<'a> {
    kernel: &'a Kernel,
    blocks: usize,
    scratch: &'a mut Scratch,
}

impl Work for Convolution<'_> {
    #[inline(always)]
    fn run(self) {
        let Self { kernel, blocks, scratch: Scratch { inputs, outputs } } = self;
        let rows = inputs.len() / kernel.from;
        for (phase, outputs) in kernel.phases.iter().zip(outputs.chunks_exact_mut(blocks)) {
            for (position, weight) in (phase.first..).zip(&phase.weights) {
                let inputs = &inputs[position % kernel.from * rows + position / kernel.from..][..blocks];
                for (output, input) in outputs.iter_mut().zip(inputs) {
                    *output += weight * input;
                }
            }
        }
    }
}
