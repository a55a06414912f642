//! Probabilities of classes, and their logarithms: `softmax`, `log_softmax`.
//!
//! As PyTorch's [`Softmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html) and
//! [`LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html) over one axis of a sample at a step:
//!
//! ```text
//! softmax:      y_i = e^(x_i - m) / Σ_j e^(x_j - m)          m = max_j x_j
//! log_softmax:  y_i = (x_i - m) - ln Σ_j e^(x_j - m)
//! ```
//!
//! summed in ascending order.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::axis::{Axis, axes};
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

pub(super) const SOFTMAX: Kind =
    Kind::new("softmax", |parts| build(parts, Of::Probabilities), |parts| build(parts, Of::Probabilities));
pub(super) const LOG_SOFTMAX: Kind =
    Kind::new("log_softmax", |parts| build(parts, Of::Logarithms), |parts| build(parts, Of::Logarithms));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default = "last")]
    axis: Axis,
}

fn last() -> Axis {
    Axis(-1)
}

/// What is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Probabilities,
    Logarithms,
}

fn build<R: Real>(mut parts: Parts<'_, '_>, of: Of) -> Result<Built<R>, NetworkError> {
    let Config { axis } = parts.settings()?;
    let axis = axis.of("axis", &parts)?;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let kernel = Softmax {
        of,
        classes: parts.shape[axis],
        inner: parts.shape[axis + 1..].iter().product(),
        outputs: parts.elements(),
    };
    Ok(Built::new(layer, kernel, parts.shape.to_vec()))
}

/// The kernel: one line along the axis after the other.
struct Softmax {
    of: Of,
    classes: usize,
    /// How far apart the classes lie.
    inner: usize,
    outputs: usize,
}

impl<R: Real> Kernel<R> for Softmax {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let length = self.classes * self.inner;
        for (inputs, outputs) in inputs.chunks_exact(length).zip(outputs.chunks_exact_mut(length)) {
            for place in 0..self.inner {
                let line = || inputs[place..].iter().step_by(self.inner);
                let outputs = outputs[place..].iter_mut().step_by(self.inner);
                let largest = line().copied().fold(inputs[place], |a, b| if b > a { b } else { a });
                let sum: R = line().map(|input| (*input - largest).exp()).sum();
                match self.of {
                    Of::Probabilities => {
                        outputs.zip(line()).for_each(|(output, input)| *output = (*input - largest).exp() / sum);
                    }
                    Of::Logarithms => {
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
        self.layer(path, SOFTMAX.name, toml::Table::new())
    }

    /// Adds the logarithm of the softmax over the last axis.
    #[must_use]
    pub fn log_softmax(self, path: &str) -> Self {
        self.layer(path, LOG_SOFTMAX.name, toml::Table::new())
    }

    /// Adds the softmax over an axis of one sample at one step; negative ones count from the last, which is -1.
    #[must_use]
    pub fn softmax_along(self, path: &str, axis: i64) -> Self {
        self.layer(path, SOFTMAX.name, axes([("axis", axis)]))
    }

    /// Adds the logarithm of the softmax over an axis of one sample at one step; negative ones count from the last, which is -1.
    #[must_use]
    pub fn log_softmax_along(self, path: &str, axis: i64) -> Self {
        self.layer(path, LOG_SOFTMAX.name, axes([("axis", axis)]))
    }
}
