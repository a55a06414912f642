//! Pooling to a size that is given: `adaptive_avg_pool1d`, `adaptive_avg_pool2d`, `adaptive_max_pool1d`,
//! `adaptive_max_pool2d`.
//!
//! As PyTorch's [`AdaptiveAvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html) and its
//! like, channel by channel, of inputs of shape \[channels, height, width\] or \[channels, length\]: along an axis of `n` inputs
//! and `m` outputs, output `i` is the maximum or the mean of inputs `⌊i·n / m⌋` to `⌈(i + 1)·n / m⌉ - 1`. Sums are in ascending
//! order of (row, column); they are divided by the number of rows, and then by that of columns.

use serde::Deserialize;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::pooling::{Of, Pooling, Span};
use crate::layers::window::{self, Extent};
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;

pub(super) const ADAPTIVE_AVG_POOL1D: Kind = Kind::new(
    "adaptive_avg_pool1d",
    |parts| build(parts, 1, Of::AverageInTwo),
    |parts| build(parts, 1, Of::AverageInTwo),
);
pub(super) const ADAPTIVE_AVG_POOL2D: Kind = Kind::new(
    "adaptive_avg_pool2d",
    |parts| build(parts, 2, Of::AverageInTwo),
    |parts| build(parts, 2, Of::AverageInTwo),
);
pub(super) const ADAPTIVE_MAX_POOL1D: Kind =
    Kind::new("adaptive_max_pool1d", |parts| build(parts, 1, Of::Max), |parts| build(parts, 1, Of::Max));
pub(super) const ADAPTIVE_MAX_POOL2D: Kind =
    Kind::new("adaptive_max_pool2d", |parts| build(parts, 2, Of::Max), |parts| build(parts, 2, Of::Max));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    output_size: Extent,
}

fn build<R: Real>(mut parts: Parts<'_, '_>, axes: usize, of: Of) -> Result<Built<R>, NetworkError> {
    let Config { output_size } = parts.settings()?;
    let Some((channels, inputs)) = window::channels_and_axes::<2>(&parts, axes) else {
        return Err(window::wrong_shape(&parts, "channels", axes));
    };
    let outputs: [usize; 2] = output_size.at_least_one("output_size", axes, &parts)?;
    let shape = window::shape(&parts, channels, axes, &outputs)?;
    // Neither inputs nor outputs are more than `MOST_ELEMENTS`, so that no product overflows.
    let spans = [0, 1].map(|axis| {
        let (inputs, outputs) = (inputs[axis], outputs[axis]);
        let span = |output: usize| {
            let start = output * inputs / outputs;
            let taps = ((output + 1) * inputs).div_ceil(outputs) - start;
            Span { start, taps, positions: taps }
        };
        (0..outputs).map(span).collect()
    });
    Ok(Pooling { of, channels, inputs, spans, dilation: [1; 2] }.layer(&parts, shape))
}

impl NetworkBuilder {
    /// Adds means over the one axis of `[channels, length]`, so many for each channel.
    #[must_use]
    pub fn adaptive_avg_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_AVG_POOL1D.name, &output_size.into())
    }

    /// Adds means over the two axes of `[channels, height, width]`, so many rows and columns for each channel.
    #[must_use]
    pub fn adaptive_avg_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_AVG_POOL2D.name, &output_size.into())
    }

    /// Adds maxima over the one axis of `[channels, length]`, so many for each channel.
    #[must_use]
    pub fn adaptive_max_pool1d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_MAX_POOL1D.name, &output_size.into())
    }

    /// Adds maxima over the two axes of `[channels, height, width]`, so many rows and columns for each channel.
    #[must_use]
    pub fn adaptive_max_pool2d(self, path: &str, output_size: impl Into<Extent>) -> Self {
        self.adaptive_pool(path, ADAPTIVE_MAX_POOL2D.name, &output_size.into())
    }

    fn adaptive_pool(self, path: &str, kind: &str, output_size: &Extent) -> Self {
        self.layer(path, kind, toml::Table::from_iter([("output_size".to_owned(), output_size.to_toml())]))
    }
}
