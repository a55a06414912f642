//! Pooling to a fixed output size: `adaptive_avg_pool1d`, `adaptive_avg_pool2d`, `adaptive_max_pool1d`, `adaptive_max_pool2d`.
//!
//! They follow PyTorch's
//! [`AdaptiveAvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html) and the related
//! modules. Each channel of the inputs, of shape \[channels, height, width\] or \[channels, length\], is pooled separately. Along
//! an axis of `n` inputs and `m` outputs, output `i` is the maximum or the mean of inputs `⌊i·n / m⌋` to
//! `⌈(i + 1)·n / m⌉ - 1`. Sums are in ascending order of (row, column); they are divided by the number of rows, and then by the
//! number of columns.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::pool::kernel::{Pooling, Reduction, Span};
use crate::layers::window::{self, Extent};
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::real::Real;

static ADAPTIVE_AVG_POOL1D: Kind = Kind::new(
    "adaptive_avg_pool1d",
    |parts| build(parts, 1, Reduction::AverageByAxis),
    |parts| build(parts, 1, Reduction::AverageByAxis),
);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&ADAPTIVE_AVG_POOL1D));
static ADAPTIVE_AVG_POOL2D: Kind = Kind::new(
    "adaptive_avg_pool2d",
    |parts| build(parts, 2, Reduction::AverageByAxis),
    |parts| build(parts, 2, Reduction::AverageByAxis),
);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&ADAPTIVE_AVG_POOL2D));
static ADAPTIVE_MAX_POOL1D: Kind =
    Kind::new("adaptive_max_pool1d", |parts| build(parts, 1, Reduction::Max), |parts| build(parts, 1, Reduction::Max));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&ADAPTIVE_MAX_POOL1D));
static ADAPTIVE_MAX_POOL2D: Kind =
    Kind::new("adaptive_max_pool2d", |parts| build(parts, 2, Reduction::Max), |parts| build(parts, 2, Reduction::Max));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&ADAPTIVE_MAX_POOL2D));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    output_size: Extent,
}

fn build<R: Real>(mut parts: Parts<'_, '_>, axes: usize, reduction: Reduction) -> Result<BuiltLayer<R>, NetworkError> {
    let Config { output_size } = parts.settings()?;
    let Some((channels, inputs)) = window::channels_and_axes::<2>(&parts, axes) else {
        return Err(window::wrong_shape(&parts, "channels", axes));
    };
    let outputs: [usize; 2] = output_size.at_least_one("output_size", axes, &parts)?;
    let shape = window::shape(&parts, channels, axes, &outputs)?;
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
    Ok(Pooling { reduction, channels, inputs, spans, dilation: [1; 2] }.layer(&parts, shape))
}

impl NetworkBuilder {
    /// Adds means over the axis of `[channels, length]`; `output_size` is the length of the outputs of each channel.
    #[must_use]
    pub fn adaptive_avg_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_AVG_POOL1D.name, &output_size.into())
    }

    /// Adds means over the two axes of `[channels, height, width]`; `output_size` is the number of rows and columns of the outputs
    /// of each channel.
    #[must_use]
    pub fn adaptive_avg_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_AVG_POOL2D.name, &output_size.into())
    }

    /// Adds maxima over the axis of `[channels, length]`; `output_size` is the length of the outputs of each channel.
    #[must_use]
    pub fn adaptive_max_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_MAX_POOL1D.name, &output_size.into())
    }

    /// Adds maxima over the two axes of `[channels, height, width]`; `output_size` is the number of rows and columns of the outputs
    /// of each channel.
    #[must_use]
    pub fn adaptive_max_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_MAX_POOL2D.name, &output_size.into())
    }

    fn adaptive_pool(self, path: &str, kind: &str, output_size: &Extent) -> Self {
        self.layer(path, kind, toml::Table::from_iter([("output_size".to_owned(), output_size.to_toml())]))
    }
}
