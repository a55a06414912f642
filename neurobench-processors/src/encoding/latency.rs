//! One spike, earlier for larger inputs.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

const NAME: &str = Latency::ABOUT.name;

/// Relation between an input and the time of its spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatencyCode {
    /// Time at which a leaky integrator that is charged by the input reaches the threshold.
    #[default]
    Logarithmic,
    /// Straight line.
    Linear,
}

/// Latency coding: one spike for each input, earlier for larger ones, `[batch, ..]` to bytes `[batch, step, ..]`.
///
/// Inputs x must be between 0 and 1. The logarithmic code is t = `tau` · ln(x / (x − `threshold`)) with x at least
/// `threshold` + 10⁻⁷, the linear code t = `tau` · (1 − x) with x at least `threshold`; `first_step` is added. With
/// `normalize`, times of the linear code use a `tau` of `steps` − 1 − `first_step`, and those of the logarithmic code are
/// scaled so that the last spike of a sample is at the last step. The spike is at t rounded to the nearest step, half to
/// even.
///
/// These are the definitions of snnTorch's `spikegen.latency`, in single precision, applied to each sample by itself:
/// snnTorch scales a logarithmic code by the last spike of the whole batch.
#[preprocessor(cite = "10.1109/JPROC.2023.3308088")]
#[expect(clippy::too_many_arguments, reason = "every argument is a setting")]
pub fn latency(
    /// Number of time steps.
    #[param(range = 1..)]
    steps: usize,
    /// Relation between input and time: `logarithmic` or `linear`.
    #[param(default = LatencyCode::Logarithmic)]
    code: LatencyCode,
    /// Inputs below it spike as late as it does.
    #[param(default = 0.01, range = 0.0..1.0)]
    threshold: f64,
    /// Time constant in steps.
    #[param(default = 1.0)]
    tau: f64,
    /// Earliest step of a spike.
    #[param(default = 0)]
    first_step: usize,
    /// True to use all steps, whatever `tau` is.
    #[param(default = false)]
    normalize: bool,
    /// True to leave out the spikes of inputs below the threshold.
    #[param(default = false)]
    clip: bool,
    /// True to leave out spikes behind the last step; otherwise they are errors.
    #[param(default = false)]
    drop_late: bool,
) -> Result<impl Preprocessor, String> {
    if threshold <= 0.0 {
        return Err("`threshold` must be above 0".to_owned());
    }
    if tau.is_nan() || tau <= 0.0 {
        return Err(format!("`tau` must be above 0, not {tau}"));
    }
    if first_step >= steps {
        return Err(format!("`first_step` = {first_step} must be below `steps` = {steps}"));
    }
    let span = (steps - 1 - first_step) as f32;
    let tau = if normalize && code == LatencyCode::Linear { f64::from(span) } else { tau };
    let times = Times { code, threshold, tau, first: first_step as f32, span: normalize.then_some(span) };
    let encoder = Encoder { steps, times, clip, drop_late };
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> { Ok((encoder.encoded(&inputs)?, targets)) })
}

/// Times of spikes.
struct Times {
    code: LatencyCode,
    threshold: f64,
    tau: f64,
    first: f32,
    /// Steps behind the first one to which logarithmic times are scaled.
    span: Option<f32>,
}

impl Times {
    /// Computes the times of the spikes of a sample, in steps.
    fn compute(&self, inputs: &[f32], times: &mut Vec<f32>) {
        let (tau, first) = (self.tau as f32, self.first);
        times.clear();
        match self.code {
            LatencyCode::Linear => {
                let latest = (-self.tau * (self.threshold - 1.0)) as f32;
                times.extend(inputs.iter().map(|input| (-tau * (input - 1.0)).min(latest) + first));
            }
            LatencyCode::Logarithmic => {
                let (least, threshold) = ((self.threshold + 1e-7) as f32, self.threshold as f32);
                let time = |input: &f32| {
                    let input = input.max(least);
                    tau * libm::logf(input / (input - threshold)) + first
                };
                times.extend(inputs.iter().map(time));
                if let Some(span) = self.span {
                    let latest = times.iter().fold(f32::NEG_INFINITY, |latest, time| latest.max(time - first));
                    times.iter_mut().for_each(|time| *time = (*time - first) * span / latest + first);
                }
            }
        }
    }
}

struct Encoder {
    steps: usize,
    times: Times,
    clip: bool,
    drop_late: bool,
}

impl Encoder {
    fn encoded(&self, inputs: &Tensor) -> Result<Tensor, ProcessError> {
        let [batch, rest @ ..] = inputs.shape() else {
            return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
        };
        let shape = [&[*batch, self.steps], rest].concat();
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let elements = shape.iter().try_fold(1_usize, |elements, length| elements.checked_mul(*length));
        let elements = elements.ok_or_else(memory)?;
        let mut spikes = Vec::new();
        spikes.try_reserve_exact(elements).map_err(|_| memory())?;
        spikes.resize(elements, 0_u8);
        let width = rest.iter().product::<usize>().max(1);
        let inputs = inputs.to_f32();
        let inputs = inputs.as_standard_layout();
        let samples = inputs.as_slice().unwrap_or_default().chunks_exact(width);
        let mut times = Vec::with_capacity(width);
        for (sample, (inputs, spikes)) in samples.zip(spikes.chunks_exact_mut(width * self.steps)).enumerate() {
            let refused = |problem| ProcessError::Sample { processor: NAME, sample, problem };
            if let Some(input) = inputs.iter().find(|input| !(0.0..=1.0).contains(*input)) {
                return Err(refused(format!("input {input} is not between 0 and 1")));
            }
            self.times.compute(inputs, &mut times);
            for (element, (time, input)) in times.iter().zip(inputs).enumerate() {
                // A time that is not finite is behind every step.
                let step = time.round_ties_even();
                let is_late = !(0.0..self.steps as f32).contains(&step);
                if is_late && !self.drop_late {
                    let steps = self.steps;
                    return Err(refused(format!(
                        "input {input} spikes at step {step}, but there are {steps} steps; set `normalize`, `drop_late` or \
                         a smaller `tau`"
                    )));
                }
                let is_silent = self.clip && *input < self.times.threshold as f32;
                if !is_late && !is_silent {
                    spikes[step as usize * width + element] = 1;
                }
            }
        }
        ArrayD::from_shape_vec(IxDyn(&shape), spikes).map(Tensor::from).map_err(|_| memory())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn larger_inputs_spike_earlier() {
        let linear = latency(5, LatencyCode::Linear, 0.01, 1.0, 0, true, false, false).unwrap();
        // The example in the documentation of snnTorch's `spikegen.latency`.
        let (spikes, _) = linear.process(array![[0.02_f32, 0.5, 1.0]].into(), Tensor::default()).unwrap();
        let expected = array![[[0_u8, 0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]]];
        assert_eq!(spikes, expected.into());
    }

    #[test]
    fn inputs_out_of_range_and_late_spikes_are_errors() {
        let problem = |input: f32| {
            let latency = latency(3, LatencyCode::Logarithmic, 0.01, 1.0, 0, false, false, false).unwrap();
            latency.process(array![[0.5], [input]].into(), Tensor::default()).unwrap_err().to_string()
        };
        assert_eq!(problem(1.5), "`latency`: sample 1: input 1.5 is not between 0 and 1");
        assert_eq!(problem(f32::NAN), "`latency`: sample 1: input NaN is not between 0 and 1");
        let late = "`latency`: sample 1: input 0 spikes at step 12, but there are 3 steps; set `normalize`, `drop_late` or a \
                    smaller `tau`";
        assert_eq!(problem(0.0), late);
    }

    #[test]
    fn settings_without_a_meaning_are_errors() {
        let problem = |steps, threshold, tau, first| {
            latency(steps, LatencyCode::Linear, threshold, tau, first, false, false, false).err().unwrap()
        };
        assert_eq!(problem(3, 0.0, 1.0, 0), "`threshold` must be above 0");
        assert_eq!(problem(3, 0.1, 0.0, 0), "`tau` must be above 0, not 0");
        assert_eq!(problem(3, 0.1, 1.0, 3), "`first_step` = 3 must be below `steps` = 3");
    }
}
