//! Delta modulation: changes of a signal as signed events.

use ndarray::{ArrayD, Axis, IxDyn};
use neurobench_core::component::Settings;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::modulation::{InitialLevel, Modulator};

const NAME: &str = DeltaModulation::ABOUT.name;

/// Signed events of the changes of a signal, `[batch, .., step]` to `f32` `[batch, step, ..]` of −1, 0 and 1.
///
/// Time is the last axis of the inputs, as in audio and spectrograms, and the second axis of the events, as in spiking
/// networks. Each signal is modulated alone: a running level ℓ begins at `initial`. At each step, the event of the value x
/// is +1 if x − ℓ > `threshold`, −1 if x − ℓ < −`threshold`, and 0 otherwise; then ℓ grows by `threshold` times the event.
/// A change of several thresholds is spread over several steps.
///
/// After `log_mel`, this is `speech2spikes` with an axis of channels, `[batch, step, channel, mel]`, and with the step of
/// frame 0.
#[preprocessor(cite = "Stewart et al. 2023, doi:10.1145/3584954.3584995")]
pub fn delta_modulation(
    /// Change of the signal that is an event.
    #[param(default = 1.0, range = 1e-30..=1e30)]
    threshold: f64,
    /// Level with which it begins: `rounded` is the first value, rounded to an integer, `first` the first value, `zero` 0.
    #[param(default = InitialLevel::Rounded)]
    initial: InitialLevel,
) -> impl Preprocessor {
    let modulator = Modulator::new(threshold, initial);
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let found = inputs.shape().to_vec();
        let [batch, between @ .., steps] = found.as_slice() else {
            return Err(ProcessError::Shape { processor: NAME, found, expected: "[batch, .., step]" });
        };
        let array = match inputs {
            Tensor::F32(array) => array,
            other => other.to_f32().into_shared(),
        };
        let mut events = ArrayD::zeros(IxDyn(&[&[*batch, *steps], between].concat()));
        for (sample, (signals, mut events)) in array.outer_iter().zip(events.outer_iter_mut()).enumerate() {
            let last = Axis(signals.ndim() - 1);
            for (signal, mut events) in signals.lanes(last).into_iter().zip(events.lanes_mut(Axis(0))) {
                if let Some(value) = signal.iter().find(|value| !value.is_finite()) {
                    let problem = format!("expected finite values, found {value}");
                    return Err(ProcessError::Sample { processor: NAME, sample, problem });
                }
                let modulated = modulator.events(signal.iter().copied());
                events.iter_mut().zip(modulated).for_each(|(cell, event)| *cell = event);
            }
        }
        Ok((events.into(), targets))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn events(inputs: impl Into<Tensor>, threshold: f64, initial: InitialLevel) -> Result<Tensor, ProcessError> {
        Ok(delta_modulation(threshold, initial).process(inputs.into(), array![0_i64].into())?.0)
    }

    #[test]
    fn a_change_of_several_thresholds_is_spread_over_steps() {
        // The level begins at 0, the rounded first value, and follows by one threshold at a step.
        let signal = array![[0.4_f32, 2.5, 2.5, 2.5, -0.1, 0.9]];
        let expected = array![[0.0_f32, 1.0, 1.0, 0.0, -1.0, 0.0]];
        assert_eq!(events(signal.clone(), 1.0, InitialLevel::Rounded).unwrap(), expected.into());
        // A difference of exactly one threshold is no event.
        let first = events(array![[0.5_f32, 1.5, 1.75]], 1.0, InitialLevel::First).unwrap();
        assert_eq!(first, array![[0.0_f32, 0.0, 1.0]].into());
        let zero = events(array![[-2.5_f32, -2.5, -2.5]], 0.75, InitialLevel::Zero).unwrap();
        assert_eq!(zero, array![[-1.0_f32, -1.0, -1.0]].into());
    }

    #[test]
    fn time_moves_from_the_last_axis_to_the_second() {
        let signals = array![[[0.0_f32, 2.0, 0.0, 0.0], [0.0, 0.0, -2.0, 0.0]]];
        let expected = array![[[0.0_f32, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 0.0]]];
        assert_eq!(events(signals, 1.0, InitialLevel::Rounded).unwrap(), expected.into());
    }

    #[test]
    fn no_axis_of_steps_and_nan_are_errors() {
        let error = events(array![1.0_f32], 1.0, InitialLevel::Zero).unwrap_err();
        assert_eq!(error.to_string(), "`delta_modulation`: found shape [1], expected [batch, .., step]");
        let error = events(array![[1.0_f32, f32::NAN]], 1.0, InitialLevel::Zero).unwrap_err();
        assert_eq!(error.to_string(), "`delta_modulation`: sample 0: expected finite values, found NaN");
    }
}
