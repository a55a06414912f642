//! Spikes of Poisson processes.

use std::num::NonZero;

use neurobench_core::component::Settings as _;
use neurobench_core::preprocessor;
use neurobench_core::process::Preprocessor;

use super::random::{Draw, Encoder};

/// Largest expected number of spikes in a time step: the inversion of the distribution is exact to rounding up to here.
const MOST: f64 = 32.0;

/// Poisson coding: the spikes of a Poisson process with a rate proportional to the input, `[batch, ..]` to bytes
/// `[batch, step, ..]`.
///
/// The expected number of spikes of a step is λ = x · `max_rate` · `step_duration`. A step with at least one spike is 1, which
/// has probability 1 − exp(−λ); with `counts`, a step is the number of its spikes, k with probability exp(−λ) λᵏ / k! (Dayan and Abbott 2001, *Theoretical Neuroscience*, section 1.4). Draws
/// depend on `seed`, the index of the sample in the data set and the element alone. A negative λ, NaN, and λ beyond 32 are
/// errors.
#[preprocessor]
pub fn poisson(
    /// Number of time steps; by default the inputs are `[batch, step, ..]` and have a rate for each step.
    #[param(default = None)]
    steps: Option<NonZero<usize>>,
    /// Rate of an input of 1, in spikes per second.
    #[param(default = 100.0, range = 0.0..)]
    max_rate: f64,
    /// Duration of a time step in seconds.
    #[param(default = 0.001, range = 0.0..)]
    step_duration: f64,
    /// True for the number of spikes of each step; otherwise several spikes of a step are one.
    #[param(default = false)]
    counts: bool,
    /// Seed of the draws.
    #[param(default = 0)]
    seed: u64,
) -> impl Preprocessor {
    let draw = Process { expected: max_rate * step_duration, counts };
    Encoder { processor: Poisson::ABOUT.name, draw, steps: steps.map(NonZero::get), seed }
}

struct Process {
    /// Expected number of spikes in a step for an input of 1.
    expected: f64,
    counts: bool,
}

impl Draw for Process {
    /// Expected number of spikes and the probability of none.
    type Source = (f64, f64);

    fn prepare(&self, number: f64) -> Result<(f64, f64), String> {
        let expected = number * self.expected;
        match (0.0..=MOST).contains(&expected) {
            true => Ok((expected, libm::exp(-expected))),
            false => Err(format!(
                "input {number} has {expected} expected spikes in a step; they must be between 0 and {MOST}"
            )),
        }
    }

    fn encode(&self, (expected, none): (f64, f64), draw: f64) -> u8 {
        if !self.counts {
            return u8::from(draw >= none);
        }
        let (mut count, mut probability, mut below) = (0, none, none);
        while draw >= below && count < u8::MAX {
            count += 1;
            probability *= expected / f64::from(count);
            // Rounding may leave the sum below 1: the rest of the tail is too small to be added.
            if below + probability == below && f64::from(count) > expected {
                break;
            }
            below += probability;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, array};
    use neurobench_core::model::Tensor;

    use super::*;
    use crate::encoding::random::testing::encoded;

    #[test]
    fn counts_have_the_mean_and_variance_of_the_distribution() {
        let rates = [0.0_f64, 0.05, 1.0, 7.5, 32.0];
        let inputs = Array2::from_shape_fn((20, 5), |(_, input)| rates[input]);
        let counts = encoded(&poisson(NonZero::new(500), 1000.0, 0.001, true, 5), inputs);
        for (input, expected) in rates.into_iter().enumerate() {
            let counts = counts.index_axis(Axis(2), input).mapv(f64::from);
            let (mean, variance) = (counts.mean().unwrap(), counts.var(0.0));
            // Five standard errors of 10⁴ draws: the variance of the distribution is λ, its fourth moment λ + 3λ².
            assert!((mean - expected).abs() <= 5.0 * (expected / 1e4).sqrt(), "{expected}: {mean}");
            let error = ((expected + 2.0 * expected * expected) / 1e4).sqrt();
            assert!((variance - expected).abs() <= 5.0 * error, "{expected}: {variance}");
        }
    }

    #[test]
    fn a_step_is_one_if_it_has_a_spike() {
        let inputs = Array2::from_elem((20, 3), 2.0_f32);
        let once = encoded(&poisson(NonZero::new(100), 250.0, 0.002, false, 5), inputs.clone());
        let counts = encoded(&poisson(NonZero::new(100), 250.0, 0.002, true, 5), inputs);
        assert_eq!(once, counts.mapv(|count| u8::from(count > 0)));
        let mean = once.mapv(f64::from).mean().unwrap();
        // Five standard errors of 6000 draws.
        assert!((mean - (1.0 - (-1.0_f64).exp())).abs() < 0.032, "{mean}");
    }

    #[test]
    fn draws_at_the_end_of_the_tail_end() {
        for expected in [1e-300, 0.5, 32.0] {
            let process = Process { expected: 1.0, counts: true };
            let count = process.encode(process.prepare(expected).unwrap(), 1.0 - f64::EPSILON / 2.0);
            assert!(count < 100, "{expected}: {count}");
        }
    }

    #[test]
    fn rates_that_are_not_positive_numbers_are_errors() {
        let problem = |input: f64| {
            let inputs: Tensor = array![[0.0], [input]].into();
            poisson(NonZero::new(1), 100.0, 0.01, true, 0).process(inputs, Tensor::default()).unwrap_err().to_string()
        };
        let negative = "`poisson`: sample 1: input -1 has -1 expected spikes in a step; they must be between 0 and 32";
        assert_eq!(problem(-1.0), negative);
        assert!(problem(f64::NAN).contains("NaN expected spikes"));
        assert!(problem(33.0).contains("33 expected spikes"));
    }
}
