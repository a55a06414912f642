//! Logarithms of probabilities: `log_softmax`.
//!
//! As PyTorch's [`LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html) over the last axis:
//!
//! ```text
//! y_i = (x_i - m) - ln Σ_j e^(x_j - m)        m = max_j x_j
//! ```
//!
//! in single precision, summed in ascending order.

use serde::Deserialize;

use crate::model::{Layer, LayerKind};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::{Built, Kind, Parts};
use crate::network::real::Real;

pub(super) const KIND: Kind = Kind::new("log_softmax", build, build);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
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

impl<R: Real> Kernel<R> for LogSoftmax {
    fn outputs(&self) -> usize {
        self.outputs
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        for (inputs, outputs) in inputs.chunks_exact(self.classes).zip(outputs.chunks_exact_mut(self.classes)) {
            let largest = inputs.iter().copied().fold(inputs[0], |a, b| if b > a { b } else { a });
            let sum: R = inputs.iter().map(|input| (*input - largest).exp()).sum();
            let log = sum.ln();
            for (input, output) in inputs.iter().zip(outputs) {
                *output = (*input - largest) - log;
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
