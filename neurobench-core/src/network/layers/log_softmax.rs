//! Logarithms of probabilities: `log_softmax`.
//!
//! As PyTorch's [`LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html) over the last axis:
//!
//! ```text
//! y_i = (x_i - m) - ln Σ_j e^(x_j - m)        m = max_j x_j
//! ```
//!
//! in single precision, summed in ascending order. The exponential and the logarithm are the platform's.

use serde::Deserialize;

use crate::model::{Layer, LayerKind};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::layers::{Built, Hook, Kernel, Kind, Parts};

pub(super) const KIND: Kind = Kind { name: "log_softmax", build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

fn build(mut parts: Parts<'_, '_>) -> Result<Built, NetworkError> {
    let Config {} = parts.settings()?;
    let Some(classes) = parts.shape.last().copied() else {
        return Err(parts.problem("takes inputs with at least one axis"));
    };
    let layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    let kernel = LogSoftmax { classes, outputs: parts.elements() };
    Ok(Built::new(layer, kernel, parts.shape.to_vec()))
}

/// The kernel: one row of the last axis after the other.
struct LogSoftmax {
    classes: usize,
    outputs: usize,
}

impl Kernel for LogSoftmax {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn step(&self, inputs: &[f32], _: &mut [f32], outputs: &mut [f32], _: &mut Hook<'_>) {
        for (inputs, outputs) in inputs.chunks_exact(self.classes).zip(outputs.chunks_exact_mut(self.classes)) {
            let largest = inputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = inputs.iter().map(|input| (input - largest).exp()).sum();
            let log = sum.ln();
            for (input, output) in inputs.iter().zip(outputs) {
                *output = (input - largest) - log;
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds the logarithm of the softmax over the last axis.
    #[must_use]
    pub fn log_softmax(self, path: &str) -> Self {
        self.layer(path, KIND.name, toml::Table::new())
    }
}
