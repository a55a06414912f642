//! Spikes with the inputs as probabilities.

use std::num::NonZero;

use neurobench_core::component::Settings as _;
use neurobench_core::preprocessor;
use neurobench_core::process::Preprocessor;

use super::random::{Draw, Encoder};

/// Rate coding: a spike at every time step with the probability of the input, `[batch, ..]` to bytes `[batch, step, ..]`.
///
/// The probability is `gain` · x + `offset`, limited to 0 to 1, as in snnTorch's `spikegen.rate`; inputs should be scaled
/// before. Spikes are 1, other steps 0. All draws are independent: draw *n* of a sample, counted over steps and then
/// elements, depends on `seed`, the index of the sample in the data set and *n* alone. NaN is an error.
#[preprocessor]
pub fn rate(
    /// Number of time steps; by default the inputs are `[batch, step, ..]` and have a probability for each step.
    #[param(default = None)]
    steps: Option<NonZero<usize>>,
    /// Factor of the inputs.
    #[param(default = 1.0)]
    gain: f64,
    /// Addend of the inputs.
    #[param(default = 0.0)]
    offset: f64,
    /// Seed of the draws.
    #[param(default = 0)]
    seed: u64,
) -> impl Preprocessor {
    Encoder { processor: Rate::ABOUT.name, draw: Bernoulli { gain, offset }, steps: steps.map(NonZero::get), seed }
}

struct Bernoulli {
    gain: f64,
    offset: f64,
}

impl Draw for Bernoulli {
    /// Probability of a spike.
    type Source = f64;

    fn prepare(&self, number: f64) -> Result<f64, String> {
        let probability = self.gain * number + self.offset;
        if probability.is_nan() { Err("a probability is NaN".to_owned()) } else { Ok(probability) }
    }

    fn encode(&self, probability: f64, draw: f64) -> u8 {
        u8::from(draw < probability)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, Axis, array};
    use neurobench_core::model::Tensor;

    use super::*;
    use crate::encoding::random::testing::encoded;

    #[test]
    fn spikes_have_the_probabilities_of_the_inputs() {
        let probabilities = [-0.5_f32, 0.0, 0.1, 0.5, 0.9, 1.0, 1.5];
        let inputs = Array2::from_shape_fn((20, 7), |(_, input)| probabilities[input]);
        let spikes = encoded(&rate(NonZero::new(500), 1.0, 0.0, 3), inputs);
        assert_eq!(spikes.shape(), [20, 500, 7]);
        for (input, probability) in probabilities.into_iter().enumerate() {
            let spikes = spikes.index_axis(Axis(2), input).mapv(f64::from);
            let p = f64::from(probability).clamp(0.0, 1.0);
            // Five standard errors of 10⁴ draws; 0 and 1 are exact.
            let tolerance = 5.0 * (p * (1.0 - p) / 1e4).sqrt();
            assert!((spikes.mean().unwrap() - p).abs() <= tolerance, "{probability}");
        }
    }

    #[test]
    fn draws_differ_between_seeds_samples_steps_and_elements() {
        let spikes = |seed| encoded(&rate(NonZero::new(64), 1.0, 0.0, seed), Array2::from_elem((2, 64), 0.5_f32));
        let (first, other) = (spikes(1), spikes(2));
        assert_eq!(first, spikes(1));
        assert_ne!(first, other);
        assert_ne!(first.index_axis(Axis(0), 0), first.index_axis(Axis(0), 1));
        let sample = first.index_axis(Axis(0), 0);
        assert_ne!(sample.index_axis(Axis(0), 0), sample.index_axis(Axis(0), 1));
        assert_ne!(sample.index_axis(Axis(1), 0), sample.index_axis(Axis(1), 1));
    }

    #[test]
    fn inputs_with_steps_have_a_probability_for_each() {
        let inputs = array![[[0_u8, 255], [255, 0]]];
        let spikes = encoded(&rate(None, 1.0 / 255.0, 0.0, 0), inputs);
        assert_eq!(spikes, array![[[0_u8, 1], [1, 0]]].into_dyn());
        let error = rate(None, 1.0, 0.0, 0).process(Array1::<f32>::zeros(3).into(), Tensor::default()).unwrap_err();
        assert_eq!(error.to_string(), "`rate`: found shape [3], expected [batch, step, ..]");
    }

    #[test]
    fn nan_and_too_many_steps_are_errors() {
        let problem = |steps, inputs: Tensor| {
            rate(NonZero::new(steps), 1.0, 0.0, 0).process(inputs, Tensor::default()).unwrap_err().to_string()
        };
        assert_eq!(problem(2, array![[0.0_f32], [f32::NAN]].into()), "`rate`: sample 1: a probability is NaN");
        assert!(
            problem(usize::MAX, array![[0.0_f32, 1.0]].into()).starts_with("`rate`: not enough memory for shape [1, ")
        );
    }
}
