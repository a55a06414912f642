//! Probabilities of classes, and their logarithms: `softmax`, `log_softmax`.
//!
//! They follow PyTorch's [`Softmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html) and
//! [`LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html) over one axis of a sample at a step:
//!
//! ```text
//! softmax:      y_i = e^(x_i - m) / Σ_j e^(x_j - m)          m = max_j x_j
//! log_softmax:  y_i = (x_i - m) - ln Σ_j e^(x_j - m)
//! ```
//!
//! Sums are in ascending order.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::axis::{Axis, axes};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Probabilities of classes, or their logarithms.
#[derive(Clone, Debug, Settings)]
struct SoftmaxConfig {
    /// Axis of one sample at one step over which the probabilities sum to 1; negative numbers count from the last axis.
    #[param(default = Axis(-1))]
    axis: Axis,
}

layer!("softmax", SoftmaxConfig, |config, parts| build(&config, &parts, Scale::Probabilities));
layer!("log_softmax", SoftmaxConfig, |config, parts| build(&config, &parts, Scale::Logarithms));

/// Scale of the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Probabilities,
    Logarithms,
}

fn build<R: Real>(config: &SoftmaxConfig, parts: &Parts<'_, '_>, scale: Scale) -> Result<BuiltLayer<R>, NetworkError> {
    let axis = config.axis.resolve("axis", parts)?;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let kernel = Softmax {
        scale,
        classes: parts.shape[axis],
        inner: parts.shape[axis + 1..].iter().product(),
        outputs: parts.elements(),
    };
    Ok(BuiltLayer::new(layer, kernel, parts.shape.to_vec()))
}

/// Kernel that processes one line along the axis after the other.
struct Softmax {
    scale: Scale,
    classes: usize,
    /// Distance between the classes in memory.
    inner: usize,
    outputs: usize,
}

impl<R: Real> Kernel<R> for Softmax {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        match self.scale {
            Scale::Probabilities => Some(1.0),
            Scale::Logarithms => None,
        }
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let length = self.classes * self.inner;
        for (inputs, outputs) in inputs.chunks_exact(length).zip(outputs.chunks_exact_mut(length)) {
            for place in 0..self.inner {
                let line = || inputs[place..].iter().step_by(self.inner);
                let outputs = outputs[place..].iter_mut().step_by(self.inner);
                let largest = line().copied().fold(inputs[place], |a, b| if b > a { b } else { a });
                let sum: R = line().map(|input| (*input - largest).exp()).sum();
                match self.scale {
                    Scale::Probabilities => {
                        outputs.zip(line()).for_each(|(output, input)| *output = (*input - largest).exp() / sum);
                    }
                    Scale::Logarithms => {
                        let log = sum.ln();
                        outputs.zip(line()).for_each(|(output, input)| *output = (*input - largest) - log);
                    }
                }
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds the softmax over the last axis.
    #[must_use]
    pub fn softmax(self, path: &str) -> Self {
        self.layer(path, "softmax", toml::Table::new())
    }

    /// Adds the logarithm of the softmax over the last axis.
    #[must_use]
    pub fn log_softmax(self, path: &str) -> Self {
        self.layer(path, "log_softmax", toml::Table::new())
    }

    /// Adds the softmax over an axis of one sample at one step. Negative numbers count from the last axis, which is -1.
    #[must_use]
    pub fn softmax_along(self, path: &str, axis: i64) -> Self {
        self.layer(path, "softmax", axes([("axis", axis)]))
    }

    /// Adds the logarithm of the softmax over an axis of one sample at one step. Negative numbers count from the last axis, which
    /// is -1.
    #[must_use]
    pub fn log_softmax_along(self, path: &str, axis: i64) -> Self {
        self.layer(path, "log_softmax", axes([("axis", axis)]))
    }
}
