//! Activation functions, element by element: `relu`, `leaky_relu`, `gelu`, `sigmoid`, `tanh`.
//!
//! ```text
//! relu:        max(x, 0)
//! leaky_relu:  x if x > 0 else negative_slope·x
//! gelu:        x·0.5·(1 + erf(x/√2))     or, approximate = "tanh":  0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
//! sigmoid:     1 / (1 + e^-x)
//! tanh:        tanh x
//! ```

use serde::{Deserialize, Serialize};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::{BuiltLayer, Parts, STRETCH};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, Needs};

layer!("relu", Relu, |function, parts| build(function, &parts));
layer!("leaky_relu", LeakyRelu, |function, parts| build(function, &parts));
layer!("gelu", Gelu, |function, parts| build(function, &parts));
layer!("sigmoid", Sigmoid, |function, parts| build(function, &parts));
layer!("tanh", Tanh, |function, parts| build(function, &parts));

/// An activation function with its settings.
trait Function: Settings {
    /// True if it is so short that vectors make it faster.
    const VECTORIZED: bool = false;

    /// Applies the function.
    fn apply<R: Real>(&self, x: R) -> R;

    /// Largest magnitude of the results for numbers of at most this magnitude; see [`Kernel::output_bound`].
    fn bound(&self, inputs: f64) -> Option<f64> {
        Some(inputs)
    }

    /// Describes invalid settings.
    fn problem(&self) -> Option<String> {
        None
    }
}

/// `max(x, 0)`; the result for NaN is NaN.
#[derive(Clone, Debug, Settings)]
struct Relu {}

impl Function for Relu {
    const VECTORIZED: bool = true;

    #[inline(always)]
    fn apply<R: Real>(&self, x: R) -> R {
        if x <= R::zero() { R::zero() } else { x }
    }
}

/// `x` if it is greater than 0, otherwise `negative_slope·x`.
#[derive(Clone, Debug, Settings)]
struct LeakyRelu {
    /// Slope for inputs below 0.
    #[param(default = 0.01)]
    negative_slope: f64,
}

impl Function for LeakyRelu {
    const VECTORIZED: bool = true;

    #[inline(always)]
    fn apply<R: Real>(&self, x: R) -> R {
        if x > R::zero() { x } else { x * R::nearest(self.negative_slope) }
    }

    fn bound(&self, inputs: f64) -> Option<f64> {
        match self.negative_slope.abs() {
            ..=1.0 => Some(inputs),
            slope => (slope * inputs).is_finite().then_some(slope * inputs),
        }
    }

    fn problem(&self) -> Option<String> {
        // The value must be representable in every precision.
        let problem = || format!("`negative_slope` = {:e} is out of range for single precision", self.negative_slope);
        (!(self.negative_slope as f32).is_finite()).then(problem)
    }
}

/// `x·P(X ≤ x)` for a standard normal `X`.
///
/// Dan Hendrycks, Kevin Gimpel, "Gaussian Error Linear Units (GELUs)", [arXiv:1606.08415](https://arxiv.org/abs/1606.08415).
#[derive(Clone, Debug, Settings)]
struct Gelu {
    /// `"none"` for the exact function, `"tanh"` for an approximation.
    #[param(default = Approximate::None)]
    approximate: Approximate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Approximate {
    /// `x·0.5·(1 + erf(x / √2))`.
    None,
    /// `0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`.
    Tanh,
}

impl Function for Gelu {
    fn apply<R: Real>(&self, x: R) -> R {
        use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};
        let half = R::nearest(0.5);
        match self.approximate {
            Approximate::None => x * half * (R::one() + (x * R::nearest(FRAC_1_SQRT_2)).error_function()),
            Approximate::Tanh => {
                let inner = R::nearest(SQRT_2 * FRAC_2_SQRT_PI * 0.5) * (x + R::nearest(0.044715) * (x * x * x));
                half * x * (R::one() + inner.tanh())
            }
        }
    }
}

/// `1 / (1 + e^-x)`.
#[derive(Clone, Debug, Settings)]
struct Sigmoid {}

impl Function for Sigmoid {
    fn apply<R: Real>(&self, x: R) -> R {
        R::one() / (R::one() + (-x).exp())
    }

    fn bound(&self, _: f64) -> Option<f64> {
        Some(1.0)
    }
}

/// The hyperbolic tangent.
#[derive(Clone, Debug, Settings)]
struct Tanh {}

impl Function for Tanh {
    fn apply<R: Real>(&self, x: R) -> R {
        x.tanh()
    }

    fn bound(&self, _: f64) -> Option<f64> {
        Some(1.0)
    }
}

fn build<R: Real, F: Function>(function: F, parts: &Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    if let Some(problem) = function.problem() {
        return Err(parts.problem(problem));
    }
    let neurons = parts.elements();
    let layer = Layer::activation(parts.path, parts.kind, neurons);
    let (kernel, shape) = (Elementwise { function, neurons }, parts.shape.to_vec());
    Ok(if F::VECTORIZED { BuiltLayer::vectorized(layer, kernel, shape) } else { BuiltLayer::new(layer, kernel, shape) })
}

/// Kernel that applies the function to each input.
struct Elementwise<F> {
    function: F,
    neurons: usize,
}

impl<R: Real, F: Function> Kernel<R> for Elementwise<F> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        self.function.bound(inputs)
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let nonzero = if hook.wants(Needs::ACTIVATION_COUNTS) {
            self.map::<true, R>(inputs, outputs)
        } else {
            self.map::<false, R>(inputs, outputs)
        };
        hook.activations(nonzero, outputs, self.neurons);
    }
}

impl<F: Function> Elementwise<F> {
    #[inline(always)]
    fn map<const COUNT: bool, R: Real>(&self, inputs: &[R], outputs: &mut [R]) -> u64 {
        let mut total = 0;
        for (inputs, outputs) in inputs.chunks(STRETCH).zip(outputs.chunks_mut(STRETCH)) {
            let mut nonzero = 0_u32;
            for (input, output) in inputs.iter().zip(outputs) {
                *output = self.function.apply(*input);
                if COUNT {
                    nonzero += u32::from(!output.is_zero());
                }
            }
            total += u64::from(nonzero);
        }
        total
    }
}

impl NetworkBuilder {
    /// Adds `max(x, 0)`, element by element.
    #[must_use]
    pub fn relu(self, path: &str) -> Self {
        self.layer(path, "relu", toml::Table::new())
    }

    /// Adds `x` if it is greater than 0, otherwise `negative_slope·x`, element by element.
    #[must_use]
    pub fn leaky_relu(self, path: &str, negative_slope: f64) -> Self {
        let settings = [("negative_slope".to_owned(), toml::Value::Float(negative_slope))];
        self.layer(path, "leaky_relu", toml::Table::from_iter(settings))
    }

    /// Adds `x·P(X ≤ x)` for a standard normal `X`, element by element.
    #[must_use]
    pub fn gelu(self, path: &str) -> Self {
        self.layer(path, "gelu", toml::Table::new())
    }

    /// Adds the approximation of [`gelu`](Self::gelu), `0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`.
    #[must_use]
    pub fn gelu_tanh(self, path: &str) -> Self {
        let settings = [("approximate".to_owned(), toml::Value::String("tanh".to_owned()))];
        self.layer(path, "gelu", toml::Table::from_iter(settings))
    }

    /// Adds the logistic function, `1 / (1 + e^-x)`, element by element.
    #[must_use]
    pub fn sigmoid(self, path: &str) -> Self {
        self.layer(path, "sigmoid", toml::Table::new())
    }

    /// Adds the hyperbolic tangent, element by element.
    #[must_use]
    pub fn tanh(self, path: &str) -> Self {
        self.layer(path, "tanh", toml::Table::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_returns_nan_for_nan_and_no_negative_zero() {
        assert_eq!(Relu {}.apply(-3.0), 0.0);
        assert_eq!(Relu {}.apply(2.5), 2.5);
        assert!(Relu {}.apply(-0.0_f32).is_sign_positive());
        assert!(Relu {}.apply(f32::NAN).is_nan());
    }

    #[test]
    fn leaky_relu_scales_negative_numbers() {
        let function = LeakyRelu { negative_slope: 0.25 };
        assert_eq!([-2.0, 0.0, 3.0].map(|x: f32| function.apply(x)), [-0.5, 0.0, 3.0]);
        assert!(function.problem().is_none());
        assert!(LeakyRelu { negative_slope: f64::NAN }.problem().is_some());
        assert!(LeakyRelu { negative_slope: 1e300 }.problem().is_some());
    }

    #[test]
    fn gelu_is_the_input_times_the_normal_distribution() {
        // Φ(1) and Φ(-1) from tables; the approximation from PyTorch.
        let exact = Gelu { approximate: Approximate::None };
        assert!((exact.apply(1.0_f64) - 0.841_344_746_068_542_9).abs() < 1e-15);
        assert!((exact.apply(-1.0_f64) + 0.158_655_253_931_457_05).abs() < 1e-15);
        let approximate = Gelu { approximate: Approximate::Tanh };
        assert!((approximate.apply(1.0_f64) - 0.841_191_990_608_276_8).abs() < 1e-15);
        assert_eq!(exact.apply(0.0_f32), 0.0);
    }

    #[test]
    fn sigmoid_reaches_its_limits() {
        assert_eq!(Sigmoid {}.apply(0.0), 0.5);
        assert_eq!(Sigmoid {}.apply(200.0_f32), 1.0);
        assert_eq!(Sigmoid {}.apply(-200.0_f32), 0.0);
    }
}
