//! Activation functions, element by element: `relu`, `sigmoid`, `tanh`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::{Layer, Needs};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::{Built, Kind, Parts, STRETCH};
use crate::network::real::Real;

pub(super) const RELU: Kind = Kind::new("relu", build::<_, Relu>, build::<_, Relu>);
pub(super) const SIGMOID: Kind = Kind::new("sigmoid", build::<_, Sigmoid>, build::<_, Sigmoid>);
pub(super) const TANH: Kind = Kind::new("tanh", build::<_, Tanh>, build::<_, Tanh>);

/// An activation function; it is made of the keys of its kind.
trait Function: DeserializeOwned + Send + Sync + 'static {
    fn of<R: Real>(&self, x: R) -> R;
}

/// `max(x, 0)`; NaN stays NaN.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Relu {}

impl Function for Relu {
    #[inline(always)]
    fn of<R: Real>(&self, x: R) -> R {
        if x <= R::zero() { R::zero() } else { x }
    }
}

/// `1 / (1 + e^-x)`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sigmoid {}

impl Function for Sigmoid {
    #[inline(always)]
    fn of<R: Real>(&self, x: R) -> R {
        R::one() / (R::one() + (-x).exp())
    }
}

/// The hyperbolic tangent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tanh {}

impl Function for Tanh {
    #[inline(always)]
    fn of<R: Real>(&self, x: R) -> R {
        x.tanh()
    }
}

fn build<R: Real, F: Function>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let function: F = parts.settings()?;
    let neurons = parts.elements();
    let layer = Layer::activation(parts.path, parts.kind, neurons);
    Ok(Built::new(layer, Elementwise { function, neurons }, parts.shape.to_vec()))
}

/// The kernel: the function of each input.
struct Elementwise<F> {
    function: F,
    neurons: usize,
}

impl<R: Real, F: Function> Kernel<R> for Elementwise<F> {
    fn outputs(&self) -> usize {
        self.neurons
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
                *output = self.function.of(*input);
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
        self.layer(path, RELU.name, toml::Table::new())
    }

    /// Adds the logistic function, `1 / (1 + e^-x)`, element by element.
    #[must_use]
    pub fn sigmoid(self, path: &str) -> Self {
        self.layer(path, SIGMOID.name, toml::Table::new())
    }

    /// Adds the hyperbolic tangent, element by element.
    #[must_use]
    pub fn tanh(self, path: &str) -> Self {
        self.layer(path, TANH.name, toml::Table::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_keeps_nan_and_gives_no_negative_zero() {
        assert_eq!(Relu {}.of(-3.0), 0.0);
        assert_eq!(Relu {}.of(2.5), 2.5);
        assert!(Relu {}.of(-0.0_f32).is_sign_positive());
        assert!(Relu {}.of(f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_reaches_its_limits() {
        assert_eq!(Sigmoid {}.of(0.0), 0.5);
        assert_eq!(Sigmoid {}.of(200.0_f32), 1.0);
        assert_eq!(Sigmoid {}.of(-200.0_f32), 0.0);
    }
}
