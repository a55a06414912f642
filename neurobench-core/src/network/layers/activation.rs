//! Activation functions, element by element: `relu`, `sigmoid`, `tanh`.

use serde::Deserialize;

use crate::model::Layer;
use crate::model::Needs;
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::layers::{Built, Hook, Kernel, Kind, Parts, STRETCH};

pub(super) const RELU: Kind = Kind { name: "relu", build: |parts| build(parts, relu) };
pub(super) const SIGMOID: Kind = Kind { name: "sigmoid", build: |parts| build(parts, sigmoid) };
pub(super) const TANH: Kind = Kind { name: "tanh", build: |parts| build(parts, f32::tanh) };

/// `max(x, 0)`; NaN stays NaN.
fn relu(x: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { x }
}

/// `1 / (1 + e^-x)`.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

fn build<F>(mut parts: Parts<'_, '_>, function: F) -> Result<Built, NetworkError>
where
    F: Fn(f32) -> f32 + Send + Sync + 'static,
{
    let Config {} = parts.settings()?;
    let neurons = parts.elements();
    let layer = Layer::activation(parts.path, parts.kind, neurons);
    Ok(Built::new(layer, Elementwise { function, neurons }, parts.shape.to_vec()))
}

/// The kernel: the function of each input.
struct Elementwise<F> {
    function: F,
    neurons: usize,
}

impl<F: Fn(f32) -> f32 + Send + Sync> Kernel for Elementwise<F> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn step(&self, inputs: &[f32], _: &mut [f32], outputs: &mut [f32], hook: &mut Hook<'_>) {
        let nonzero = if hook.probe.wants(Needs::ACTIVATION_COUNTS) {
            self.run::<true>(inputs, outputs)
        } else {
            self.run::<false>(inputs, outputs)
        };
        hook.probe.activation_counted(hook.layer, hook.call, nonzero, outputs);
    }
}

impl<F: Fn(f32) -> f32> Elementwise<F> {
    fn run<const COUNT: bool>(&self, inputs: &[f32], outputs: &mut [f32]) -> u64 {
        let mut total = 0;
        for (inputs, outputs) in inputs.chunks(STRETCH).zip(outputs.chunks_mut(STRETCH)) {
            let mut nonzero = 0_u32;
            for (input, output) in inputs.iter().zip(outputs) {
                *output = (self.function)(*input);
                if COUNT {
                    nonzero += u32::from(*output != 0.0);
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
        assert_eq!(relu(-3.0), 0.0);
        assert_eq!(relu(2.5), 2.5);
        assert!(relu(-0.0).is_sign_positive());
        assert!(relu(f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_reaches_its_limits() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert_eq!(sigmoid(200.0), 1.0);
        assert_eq!(sigmoid(-200.0), 0.0);
    }
}
