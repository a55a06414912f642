//! Pooling to a fixed output size: `adaptive_avg_pool1d`, `adaptive_avg_pool2d`, `adaptive_max_pool1d`, `adaptive_max_pool2d`.
//!
//! They follow PyTorch's
//! [`AdaptiveAvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html) and the related
//! modules. Each channel of the inputs, of shape \[channels, height, width\] or \[channels, length\], is pooled separately. Along
//! an axis of `n` inputs and `m` outputs, output `i` is the maximum or the mean of inputs `⌊i·n / m⌋` to
//! `⌈(i + 1)·n / m⌉ - 1`. Sums are in ascending order of (row, column); they are divided by the number of rows, and then by the
//! number of columns.

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::pool::kernel::{Pooling, Reduction, Span};
use crate::layers::window::{self, Extent};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

layer!("adaptive_avg_pool1d", AdaptivePoolConfig, |config, parts| build(&config, &parts, 1, Reduction::AverageByAxis));
layer!("adaptive_avg_pool2d", AdaptivePoolConfig, |config, parts| build(&config, &parts, 2, Reduction::AverageByAxis));
layer!("adaptive_max_pool1d", AdaptivePoolConfig, |config, parts| build(&config, &parts, 1, Reduction::Max));
layer!("adaptive_max_pool2d", AdaptivePoolConfig, |config, parts| build(&config, &parts, 2, Reduction::Max));

/// Pooling to a fixed output size, channel by channel.
#[derive(Clone, Debug, Settings)]
struct AdaptivePoolConfig {
    /// Number of outputs: the same along every axis, or a list with one number for each.
    output_size: Extent,
}

fn build<R: Real>(
    config: &AdaptivePoolConfig,
    parts: &Parts<'_, '_>,
    axes: usize,
    reduction: Reduction,
) -> Result<BuiltLayer<R>, NetworkError> {
    let Some((channels, inputs)) = window::channels_and_axes::<2>(parts, axes) else {
        return Err(window::wrong_shape(parts, "channels", axes));
    };
    let outputs: [usize; 2] = config.output_size.at_least_one("output_size", axes, parts)?;
    let shape = window::shape(parts, channels, axes, &outputs)?;
    // There are at most `MOST_ELEMENTS` inputs and outputs, so that no product overflows.
    let spans = [0, 1].map(|axis| {
        let (inputs, outputs) = (inputs[axis], outputs[axis]);
        let span = |output: usize| {
            let start = output * inputs / outputs;
            let taps = ((output + 1) * inputs).div_ceil(outputs) - start;
            Span { start, taps, positions: taps }
        };
        (0..outputs).map(span).collect()
    });
    Ok(Pooling { reduction, channels, inputs, spans, dilation: [1; 2] }.layer(parts, shape))
}

impl NetworkBuilder {
    /// Adds means over the axis of `[channels, length]`; `output_size` is the length of the outputs of each channel.
    #[must_use]
    pub fn adaptive_avg_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, "adaptive_avg_pool1d", &output_size.into())
    }

    /// Adds means over the two axes of `[channels, height, width]`; `output_size` is the number of rows and columns of the outputs
    /// of each channel.
    #[must_use]
    pub fn adaptive_avg_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, "adaptive_avg_pool2d", &output_size.into())
    }

    /// Adds maxima over the axis of `[channels, length]`; `output_size` is the length of the outputs of each channel.
    #[must_use]
    pub fn adaptive_max_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, "adaptive_max_pool1d", &output_size.into())
    }

    /// Adds maxima over the two axes of `[channels, height, width]`; `output_size` is the number of rows and columns of the outputs
    /// of each channel.
    #[must_use]
    pub fn adaptive_max_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, "adaptive_max_pool2d", &output_size.into())
    }

    fn adaptive_pool(self, path: &str, kind: &str, output_size: &Extent) -> Self {
        self.layer(path, kind, toml::Table::from_iter([("output_size".to_owned(), output_size.to_toml())]))
    }
}
