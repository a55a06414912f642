//! Spikes of a signal that moves by a threshold.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

const NAME: &str = StepForward::ABOUT.name;

/// Form of spikes up and down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarities {
    /// `f32` 1 for up and −1 for down.
    #[default]
    Signed,
    /// Bytes on a last axis of twice the length: up for all channels, then down for all channels.
    Separate,
}

/// Step-forward coding of signals `[batch, step, ..]`: a spike up or down when the signal leaves the band of one threshold
/// around a baseline, which then moves by the threshold.
///
/// The baseline is the first value x(0); step 0 has no spike. At each later step, x(t) > baseline + `threshold` gives a spike
/// up and baseline + `threshold`, x(t) < baseline − `threshold` a spike down and baseline − `threshold`. Values are compared
/// in single precision. NaN is an error.
#[preprocessor(cite = "10.1109/TNNLS.2019.2906158")]
pub fn step_forward(
    /// Threshold, in the unit of the signal.
    #[param]
    threshold: f64,
    /// Form of the spikes: `signed` or `separate`.
    #[param(default = Polarities::Signed)]
    polarities: Polarities,
) -> Result<impl Preprocessor, String> {
    let threshold = threshold as f32;
    if threshold.is_nan() || threshold <= 0.0 {
        return Err(format!("`threshold` must be above 0, not {threshold}"));
    }
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let signed = signed(&inputs, threshold)?;
        let spikes = match polarities {
            Polarities::Signed => signed.into(),
            Polarities::Separate => separate(&signed).into(),
        };
        Ok((spikes, targets))
    })
}

/// Returns 1 for spikes up and −1 for spikes down.
fn signed(inputs: &Tensor, threshold: f32) -> Result<ArrayD<f32>, ProcessError> {
    let shape = inputs.shape().to_vec();
    let &[_, steps @ 1..=usize::MAX, ref rest @ ..] = shape.as_slice() else {
        let expected = "[batch, step, ..] with at least one step";
        return Err(ProcessError::Shape { processor: NAME, found: shape, expected });
    };
    let width = rest.iter().product::<usize>();
    let mut spikes = inputs.to_f32().as_standard_layout().into_owned();
    let samples = spikes.as_slice_mut().unwrap_or_default().chunks_exact_mut((steps * width).max(1));
    let mut baselines = Vec::with_capacity(width);
    for (sample, signal) in samples.enumerate() {
        if signal.iter().any(|value| value.is_nan()) {
            return Err(ProcessError::Sample { processor: NAME, sample, problem: "a value is NaN".to_owned() });
        }
        baselines.clear();
        baselines.extend_from_slice(&signal[..width]);
        signal[..width].fill(0.0);
        for values in signal[width..].chunks_exact_mut(width.max(1)) {
            for (value, baseline) in values.iter_mut().zip(&mut baselines) {
                *value = if *value > *baseline + threshold {
                    *baseline += threshold;
                    1.0
                } else if *value < *baseline - threshold {
                    *baseline -= threshold;
                    -1.0
                } else {
                    0.0
                };
            }
        }
    }
    Ok(spikes)
}

/// Puts spikes down behind spikes up on the last axis.
fn separate(signed: &ArrayD<f32>) -> ArrayD<u8> {
    let last = signed.ndim() - 1;
    // Without another axis, the last one is the time.
    let shape: Vec<usize> = if last == 1 { [signed.shape(), &[1]].concat() } else { signed.shape().to_vec() };
    let channels = shape[shape.len() - 1];
    let doubled = [&shape[..shape.len() - 1], &[2 * channels]].concat();
    let mut spikes = Vec::with_capacity(2 * signed.len());
    for row in signed.as_slice().unwrap_or_default().chunks_exact(channels.max(1)) {
        spikes.extend(row.iter().map(|spike| u8::from(*spike > 0.0)));
        spikes.extend(row.iter().map(|spike| u8::from(*spike < 0.0)));
    }
    // Every number has two spikes.
    ArrayD::from_shape_vec(IxDyn(&doubled), spikes).unwrap_or_else(|error| unreachable!("{error}"))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, array};

    use super::*;

    fn spikes(polarities: Polarities, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
        let encoder = step_forward(0.5, polarities)?;
        let processed = encoder.process(inputs.into(), Tensor::default());
        processed.map(|(inputs, _)| inputs).map_err(|error| error.to_string())
    }

    #[test]
    fn the_baseline_follows_the_signal_by_one_threshold_a_step() {
        // Baselines: 1, 1, 1.5, 2, 2, 1.5, 1, 0.5. An exact difference of the threshold is no spike.
        let signal = array![[1.0_f32, 1.5, 3.0, 3.0, 2.5, -1.0, -1.0, -1.0]];
        let expected = array![[0.0_f32, 0.0, 1.0, 1.0, 0.0, -1.0, -1.0, -1.0]];
        assert_eq!(spikes(Polarities::Signed, signal.clone()).unwrap(), expected.into());
        let Tensor::U8(separate) = spikes(Polarities::Separate, signal).unwrap() else { panic!("spikes are bytes") };
        assert_eq!(separate.shape(), [1, 8, 2]);
        assert_eq!(separate.iter().copied().collect::<Vec<_>>(), [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn channels_and_samples_are_encoded_by_themselves() {
        let signals = array![[[0.0_f32, 5.0], [1.0, 4.0]], [[3.0, 0.0], [3.0, 1.0]]];
        assert_eq!(
            spikes(Polarities::Separate, signals).unwrap(),
            array![[[0_u8, 0, 0, 0], [1, 0, 0, 1]], [[0, 0, 0, 0], [0, 1, 0, 0]]].into()
        );
    }

    #[test]
    fn other_shapes_nan_and_thresholds_are_errors() {
        let shape = spikes(Polarities::Signed, Array3::<f32>::zeros((1, 0, 2))).unwrap_err();
        assert_eq!(shape, "`step_forward`: found shape [1, 0, 2], expected [batch, step, ..] with at least one step");
        let nan = spikes(Polarities::Signed, array![[0.0_f32, 0.0], [0.0, f32::NAN]]).unwrap_err();
        assert_eq!(nan, "`step_forward`: sample 1: a value is NaN");
        assert_eq!(step_forward(0.0, Polarities::Signed).err().unwrap(), "`threshold` must be above 0, not 0");
    }
}
