//! Pooling over one and two axes: `max_pool1d`, `max_pool2d`, `avg_pool1d`, `avg_pool2d`.
//!
//! As PyTorch's [`MaxPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html) and
//! [`AvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html) and their like for one axis, channel by
//! channel, of inputs of shape \[channels, height, width\] or \[channels, length\]:
//!
//! ```text
//! max:  y[c, i, j] = max_{t, u} x[c, i·stride + t - padding, j·stride + u - padding]
//! avg:  y[c, i, j] = Σ_{t, u} x[c, i·stride + t - padding, j·stride + u - padding] / (rows·columns of the kernel)
//! ```
//!
//! Padding is -∞ for the maximum; for the average it is zero, and part of what the sum is divided by. There are as many outputs
//! as whole windows fit (no `ceil_mode`). Sums are in single precision, in ascending order of (row, column).

use serde::Deserialize;

use crate::model::{Layer, LayerKind};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::window::{self, Extent, Window};
use crate::network::layers::{Built, Kind, Parts};
use crate::network::real::Real;

pub(super) const MAX_POOL1D: Kind =
    Kind::new("max_pool1d", |parts| build(parts, 1, Of::Max), |parts| build(parts, 1, Of::Max));
pub(super) const MAX_POOL2D: Kind =
    Kind::new("max_pool2d", |parts| build(parts, 2, Of::Max), |parts| build(parts, 2, Of::Max));
pub(super) const AVG_POOL1D: Kind =
    Kind::new("avg_pool1d", |parts| build(parts, 1, Of::Average), |parts| build(parts, 1, Of::Average));
pub(super) const AVG_POOL2D: Kind =
    Kind::new("avg_pool2d", |parts| build(parts, 2, Of::Average), |parts| build(parts, 2, Of::Average));

/// How the window of a pooling layer moves over its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// How many positions it covers.
    pub kernel_size: Extent,
    /// By how many positions it moves from one output to the next.
    pub stride: Extent,
    /// How many positions of padding are on either side of each axis: at most half of what the window covers.
    pub padding: Extent,
}

impl PoolConfig {
    /// Windows side by side, without padding.
    pub fn new(kernel_size: impl Into<Extent>) -> Self {
        let kernel_size = kernel_size.into();
        Self { stride: kernel_size.clone(), kernel_size, padding: Extent::Same(0) }
    }

    /// The same with another stride.
    #[must_use]
    pub fn with_stride(mut self, stride: impl Into<Extent>) -> Self {
        self.stride = stride.into();
        self
    }

    /// The same with other padding.
    #[must_use]
    pub fn with_padding(mut self, padding: impl Into<Extent>) -> Self {
        self.padding = padding.into();
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    kernel_size: Extent,
    stride: Option<Extent>,
    #[serde(default = "unpadded")]
    padding: Extent,
}

fn unpadded() -> Extent {
    Extent::Same(0)
}

/// What is taken of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Max,
    Average,
}

fn build<R: Real>(mut parts: Parts<'_, '_>, axes: usize, of: Of) -> Result<Built<R>, NetworkError> {
    let Config { kernel_size, stride, padding } = parts.settings()?;
    let Some((channels, lengths)) = window::channels_and_axes::<2>(&parts, axes) else {
        return Err(window::wrong_shape(&parts, "channels", axes));
    };
    let taps: [usize; 2] = kernel_size.at_least_one("kernel_size", axes, &parts)?;
    let stride = match stride {
        Some(stride) => stride.at_least_one("stride", axes, &parts)?,
        None => taps,
    };
    let padding: [usize; 2] = padding.of_axes("padding", axes, 0, &parts)?;
    if padding.iter().zip(&taps).any(|(padding, taps)| *padding > taps / 2) {
        return Err(parts.problem("`padding` must be at most half of `kernel_size`"));
    }
    let window = |axis: usize| Window {
        inputs: lengths[axis],
        taps: taps[axis],
        stride: stride[axis],
        dilation: 1,
        padding: [padding[axis]; 2],
    };
    let windows = [window(0), window(1)];
    let mut outputs = [0; 2];
    for (outputs, window) in outputs.iter_mut().zip(&windows) {
        *outputs = window.outputs().map_err(|problem| parts.problem(problem))?;
    }
    let shape = window::shape(&parts, channels, axes, &outputs)?;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    Ok(Built::new(layer, Pool { of, channels, windows, outputs }, shape))
}

/// The kernel: goes through the window of each output.
struct Pool {
    of: Of,
    channels: usize,
    windows: [Window; 2],
    /// Rows and columns of the outputs.
    outputs: [usize; 2],
}

impl<R: Real> Kernel<R> for Pool {
    fn outputs(&self) -> usize {
        self.channels * self.outputs[0] * self.outputs[1]
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        match self.of {
            // Every window has an input that is no padding, since at most half of it is.
            Of::Max => self.windows_of(inputs, outputs, |under| under.reduce(max).unwrap_or_default()),
            Of::Average => {
                let area = R::of_count(self.windows[0].taps) * R::of_count(self.windows[1].taps);
                self.windows_of(inputs, outputs, |under| under.fold(R::zero(), |sum, input| sum + input) / area);
            }
        }
    }
}

/// The larger one; NaN stays NaN.
#[inline(always)]
fn max<R: Real>(largest: R, input: R) -> R {
    if input > largest || input.differs(input) { input } else { largest }
}

impl Pool {
    #[inline(always)]
    fn windows_of<R: Real>(&self, inputs: &[R], outputs: &mut [R], of: impl Fn(&mut dyn Iterator<Item = R>) -> R) {
        let [rows, columns] = &self.windows;
        let width = columns.inputs;
        let of_channel = inputs.chunks_exact(rows.inputs * width);
        for (inputs, outputs) in of_channel.zip(outputs.chunks_exact_mut(self.outputs[0] * self.outputs[1])) {
            for (row, outputs) in outputs.chunks_exact_mut(self.outputs[1]).enumerate() {
                for (column, output) in outputs.iter_mut().enumerate() {
                    let covered = columns.covered(column);
                    let mut under = rows.covered(row).flat_map(|row| &inputs[row * width..][covered.clone()]).copied();
                    *output = of(&mut under);
                }
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds the maximum of each window over the one axis of `[channels, length]`.
    #[must_use]
    pub fn max_pool1d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, MAX_POOL1D.name, config)
    }

    /// Adds the maximum of each window over the two axes of `[channels, height, width]`.
    #[must_use]
    pub fn max_pool2d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, MAX_POOL2D.name, config)
    }

    /// Adds the mean of each window over the one axis of `[channels, length]`.
    #[must_use]
    pub fn avg_pool1d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, AVG_POOL1D.name, config)
    }

    /// Adds the mean of each window over the two axes of `[channels, height, width]`.
    #[must_use]
    pub fn avg_pool2d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, AVG_POOL2D.name, config)
    }

    fn pool(self, path: &str, kind: &str, config: &PoolConfig) -> Self {
        let PoolConfig { kernel_size, stride, padding } = config;
        let settings = [("kernel_size", kernel_size), ("stride", stride), ("padding", padding)];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value.to_toml())).collect();
        self.layer(path, kind, settings)
    }
}
