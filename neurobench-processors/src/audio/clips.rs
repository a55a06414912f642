//! Batches of audio clips.

use ndarray::{ArcArray, Ix3};
use neurobench_core::model::Tensor;
use neurobench_core::process::ProcessError;

/// Audio `[batch, channel, sample]` in memory order.
pub(super) struct Clips {
    array: ArcArray<f32, Ix3>,
    /// True if the inputs had no axis of channels.
    pub(super) without_channels: bool,
}

impl Clips {
    /// Reads inputs `[batch, channel, sample]`, or `[batch, sample]` with one channel.
    ///
    /// # Errors
    ///
    /// Other shapes, and samples that are NaN or infinite: a spectrum of them would be NaN everywhere.
    pub(super) fn new(inputs: Tensor, processor: &'static str) -> Result<Self, ProcessError> {
        let found = inputs.shape().to_vec();
        let shape = || ProcessError::Shape {
            processor,
            found: found.clone(),
            expected: "[batch, channel, sample] or [batch, sample]",
        };
        let (axes, without_channels) = match *found {
            [batch, samples] => ([batch, 1, samples], true),
            [batch, channels, samples] => ([batch, channels, samples], false),
            _ => return Err(shape()),
        };
        let array = match inputs {
            Tensor::F32(array) if array.is_standard_layout() => array,
            // `to_f32` keeps the memory order of the array.
            other => other.to_f32().as_standard_layout().into_owned().into_shared(),
        };
        let array = array.into_shape_with_order(axes).map_err(|_| shape())?;
        for (sample, clip) in array.outer_iter().enumerate() {
            finite(clip.as_slice().unwrap_or_default(), sample, processor)?;
        }
        Ok(Self { array, without_channels })
    }

    /// Number of clips, of channels of each, and of samples of each channel.
    pub(super) fn shape(&self) -> [usize; 3] {
        self.array.dim().into()
    }

    /// Iterates over all channels of all clips, in order.
    pub(super) fn channels(&self) -> impl Iterator<Item = &[f32]> {
        let samples = self.array.dim().2.max(1);
        self.array.as_slice().unwrap_or_default().chunks_exact(samples)
    }
}

/// Checks that all numbers of a sample are finite.
pub(super) fn finite(numbers: &[f32], sample: usize, processor: &'static str) -> Result<(), ProcessError> {
    // A sum without an early end is computed several numbers at once.
    if numbers.iter().map(|number| u32::from(!number.is_finite())).fold(0, u32::wrapping_add) == 0 {
        return Ok(());
    }
    let found = numbers.iter().find(|number| !number.is_finite()).copied().unwrap_or(f32::NAN);
    Err(ProcessError::Sample { processor, sample, problem: format!("expected finite audio, found {found}") })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;

    fn problem(inputs: impl Into<Tensor>) -> String {
        Clips::new(inputs.into(), "mfcc").err().unwrap().to_string()
    }

    #[test]
    fn mono_audio_needs_no_axis_of_channels() {
        let clips = Clips::new(array![[1_i64, 2, 3], [4, 5, 6]].into(), "mfcc").unwrap();
        assert_eq!((clips.shape(), clips.without_channels), ([2, 1, 3], true));
        assert_eq!(clips.channels().nth(1).unwrap(), [4.0, 5.0, 6.0]);
        // Also if a view has another order in memory.
        let turned = array![[1.0_f32, 4.0], [2.0, 5.0], [3.0, 6.0]].reversed_axes();
        let clips = Clips::new(turned.into(), "mfcc").unwrap();
        assert_eq!(clips.channels().nth(1).unwrap(), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn other_shapes_and_infinite_samples_are_errors() {
        let expected = "`mfcc`: found shape [3], expected [batch, channel, sample] or [batch, sample]";
        assert_eq!(problem(Array1::<f32>::zeros(3)), expected);
        assert_eq!(problem(array![[0.0_f32], [f32::NAN]]), "`mfcc`: sample 1: expected finite audio, found NaN");
    }
}
