//! Pooling over one and two axes: `max_pool1d`, `max_pool2d`, `avg_pool1d`, `avg_pool2d`, `sum_pool1d`, `sum_pool2d`.
//!
//! They follow PyTorch's [`MaxPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html) and
//! [`AvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html), the modules for one axis, and NIR's
//! [`SumPool2d`](https://neuroir.org/docs/primitives.html). Each channel of the inputs, of shape \[channels, height, width\] or
//! \[channels, length\], is pooled separately:
//!
//! ```text
//! max:  y[c, i, j] = max_{t, u} x[c, i·stride + t·dilation - padding, j·stride + u·dilation - padding]
//! sum:  y[c, i, j] = Σ_{t, u} x[c, i·stride + t - padding, j·stride + u - padding]
//! avg:  the sum, divided by the number of positions that the window covers
//! ```
//!
//! Padding is -∞ for the maximum and zero for sums. `count_include_pad` selects whether an average counts it. There are as many
//! outputs as whole windows fit. With `ceil_mode` there is one more if its window starts on an input or on the padding before the
//! inputs; positions beyond the padding never count. Sums are in ascending order of (row, column).

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::pool::kernel::{Pooling, Reduction, Span};
use crate::layers::settable::settable;
use crate::layers::window::{self, Extent, Window};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

layer!("max_pool1d", MaxPool, |pool: MaxPool, parts| build(&parts, 1, &pool.into(), Reduction::Max));
layer!("max_pool2d", MaxPool, |pool: MaxPool, parts| build(&parts, 2, &pool.into(), Reduction::Max));
layer!("avg_pool1d", AveragePool, |pool: AveragePool, parts| build(&parts, 1, &pool.into(), Reduction::Average));
layer!("avg_pool2d", AveragePool, |pool: AveragePool, parts| build(&parts, 2, &pool.into(), Reduction::Average));
layer!("sum_pool1d", SumPool, |pool: SumPool, parts| build(&parts, 1, &pool.into(), Reduction::Sum));
layer!("sum_pool2d", SumPool, |pool: SumPool, parts| build(&parts, 2, &pool.into(), Reduction::Sum));

/// Settings of a pooling layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Number of positions that the window covers.
    pub kernel_size: Extent,
    /// Number of positions that the window moves by from one output to the next.
    pub stride: Extent,
    /// Number of positions of padding on both sides of each axis: at most half of the span of the window.
    pub padding: Extent,
    /// Distance between the positions; values other than 1 are for maxima only.
    pub dilation: Extent,
    /// If true, the last window may reach beyond the padding; not for sums.
    pub ceil_mode: bool,
    /// If true, averages count padding; false is for averages only.
    pub count_include_pad: bool,
}

impl PoolConfig {
    /// Creates adjacent windows without padding.
    pub fn new(kernel_size: impl Into<Extent>) -> Self {
        let kernel_size = kernel_size.into();
        Self { stride: kernel_size.clone(), kernel_size, ..Self::DEFAULT }
    }

    /// The defaults of all settings except `kernel_size`, which is required, and `stride`, which is `kernel_size`.
    const DEFAULT: Self = Self {
        kernel_size: Extent::Same(1),
        stride: Extent::Same(1),
        padding: Extent::Same(0),
        dilation: Extent::Same(1),
        ceil_mode: false,
        count_include_pad: true,
    };

    /// Creates a configuration from the settings of a network file.
    fn from_settings(kernel_size: Extent, stride: Option<Extent>, padding: Extent) -> Self {
        let stride = stride.unwrap_or_else(|| kernel_size.clone());
        Self { stride, padding, ..Self::new(kernel_size) }
    }
}

settable!(PoolConfig {
    /// Sets the stride.
    with_stride(stride: impl Into<Extent>);
    /// Sets the padding.
    with_padding(padding: impl Into<Extent>);
    /// Sets the dilation.
    with_dilation(dilation: impl Into<Extent>);
    /// Sets whether the last window may reach beyond the padding.
    with_ceil_mode(ceil_mode: bool);
    /// Sets whether averages count padding.
    with_count_include_pad(count_include_pad: bool);
});

/// Maximum of each window, channel by channel.
#[derive(Clone, Debug, Settings)]
struct MaxPool {
    /// Number of positions that the window covers: the same along every axis, or a list with one number for each.
    kernel_size: Extent,
    /// Number of positions that the window moves by from one output to the next; by default `kernel_size`.
    #[param(default = None)]
    stride: Option<Extent>,
    /// Number of positions of padding on both sides of each axis: at most half of the span of the window.
    #[param(default = PoolConfig::DEFAULT.padding)]
    padding: Extent,
    /// Distance between the positions of a window.
    #[param(default = PoolConfig::DEFAULT.dilation)]
    dilation: Extent,
    /// True if the last window may reach beyond the padding at the end.
    #[param(default = PoolConfig::DEFAULT.ceil_mode)]
    ceil_mode: bool,
}

impl From<MaxPool> for PoolConfig {
    fn from(settings: MaxPool) -> Self {
        let MaxPool { kernel_size, stride, padding, dilation, ceil_mode } = settings;
        Self { dilation, ceil_mode, ..Self::from_settings(kernel_size, stride, padding) }
    }
}

/// Mean of each window, channel by channel.
#[derive(Clone, Debug, Settings)]
struct AveragePool {
    /// Number of positions that the window covers: the same along every axis, or a list with one number for each.
    kernel_size: Extent,
    /// Number of positions that the window moves by from one output to the next; by default `kernel_size`.
    #[param(default = None)]
    stride: Option<Extent>,
    /// Number of positions of padding on both sides of each axis: at most half of the span of the window.
    #[param(default = PoolConfig::DEFAULT.padding)]
    padding: Extent,
    /// True if the last window may reach beyond the padding at the end.
    #[param(default = PoolConfig::DEFAULT.ceil_mode)]
    ceil_mode: bool,
    /// True if averages count the padding.
    #[param(default = PoolConfig::DEFAULT.count_include_pad)]
    count_include_pad: bool,
}

impl From<AveragePool> for PoolConfig {
    fn from(settings: AveragePool) -> Self {
        let AveragePool { kernel_size, stride, padding, ceil_mode, count_include_pad } = settings;
        Self { ceil_mode, count_include_pad, ..Self::from_settings(kernel_size, stride, padding) }
    }
}

/// Sum of each window, channel by channel.
#[derive(Clone, Debug, Settings)]
struct SumPool {
    /// Number of positions that the window covers: the same along every axis, or a list with one number for each.
    kernel_size: Extent,
    /// Number of positions that the window moves by from one output to the next; by default `kernel_size`.
    #[param(default = None)]
    stride: Option<Extent>,
    /// Number of positions of padding on both sides of each axis: at most half of the span of the window.
    #[param(default = PoolConfig::DEFAULT.padding)]
    padding: Extent,
}

impl From<SumPool> for PoolConfig {
    fn from(settings: SumPool) -> Self {
        let SumPool { kernel_size, stride, padding } = settings;
        Self::from_settings(kernel_size, stride, padding)
    }
}

fn build<R: Real>(
    parts: &Parts<'_, '_>,
    axes: usize,
    config: &PoolConfig,
    reduction: Reduction,
) -> Result<BuiltLayer<R>, NetworkError> {
    let Some((channels, lengths)) = window::channels_and_axes::<2>(parts, axes) else {
        return Err(window::wrong_shape(parts, "channels", axes));
    };
    let taps: [usize; 2] = config.kernel_size.at_least_one("kernel_size", axes, parts)?;
    let stride: [usize; 2] = config.stride.at_least_one("stride", axes, parts)?;
    let dilation: [usize; 2] = config.dilation.at_least_one("dilation", axes, parts)?;
    let padding: [usize; 2] = config.padding.for_axes("padding", axes, 0, parts)?;
    let windows = [0, 1].map(|axis| Window {
        inputs: lengths[axis],
        taps: taps[axis],
        stride: stride[axis],
        dilation: dilation[axis],
        padding: [padding[axis]; 2],
    });
    let mut outputs = [0; 2];
    for (outputs, window) in outputs.iter_mut().zip(&windows) {
        if window.padding[0] > (window.taps - 1).saturating_mul(window.dilation).saturating_add(1) / 2 {
            return Err(parts.problem("`padding` must be at most half of the span of the window"));
        }
        let counted = if config.ceil_mode { window.outputs_rounded_up() } else { window.outputs() };
        *outputs = counted.map_err(|problem| parts.problem(problem))?;
    }
    let shape = window::shape(parts, channels, axes, &outputs)?;
    let spans = [0, 1].map(|axis| spans(&windows[axis], outputs[axis], config.count_include_pad));
    if spans.iter().flatten().any(|span| span.taps == 0) {
        return Err(parts.problem("a window covers only padding"));
    }
    Ok(Pooling { reduction, channels, inputs: lengths, spans, dilation }.layer(parts, shape))
}

/// Inputs that the window covers, for each output.
fn spans(window: &Window, outputs: usize, counts_padding: bool) -> Vec<Span> {
    let Window { inputs, taps, stride, dilation, padding: [before, after] } = *window;
    let span = |output: usize| {
        let start = output * stride;
        // First tap that lies on an input, and number of taps before the end of the inputs.
        let skipped = before.saturating_sub(start).div_ceil(dilation);
        let before_end = (inputs + before).saturating_sub(start).div_ceil(dilation).min(taps);
        let covered = before_end.saturating_sub(skipped);
        let padded_positions = (inputs + before + after).saturating_sub(start).min(taps);
        Span {
            start: (start + skipped * dilation).saturating_sub(before),
            taps: covered,
            positions: if counts_padding { padded_positions } else { covered },
        }
    };
    (0..outputs).map(span).collect()
}

impl NetworkBuilder {
    /// Adds the maximum of each window over the one axis of `[channels, length]`.
    #[must_use]
    pub fn max_pool1d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "max_pool1d", config)
    }

    /// Adds the maximum of each window over the two axes of `[channels, height, width]`.
    #[must_use]
    pub fn max_pool2d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "max_pool2d", config)
    }

    /// Adds the mean of each window over the one axis of `[channels, length]`.
    #[must_use]
    pub fn avg_pool1d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "avg_pool1d", config)
    }

    /// Adds the mean of each window over the two axes of `[channels, height, width]`.
    #[must_use]
    pub fn avg_pool2d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "avg_pool2d", config)
    }

    /// Adds the sum of each window over the one axis of `[channels, length]`.
    #[must_use]
    pub fn sum_pool1d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "sum_pool1d", config)
    }

    /// Adds the sum of each window over the two axes of `[channels, height, width]`.
    #[must_use]
    pub fn sum_pool2d(self, path: &str, config: &PoolConfig) -> Self {
        self.pool(path, "sum_pool2d", config)
    }

    /// Adds a layer with the keys that differ from the default, so that kinds without a key reject only such values.
    fn pool(self, path: &str, kind: &str, config: &PoolConfig) -> Self {
        let PoolConfig { kernel_size, stride, padding, dilation, ceil_mode, count_include_pad } = config;
        let mut settings = toml::Table::new();
        for (key, value) in [("kernel_size", kernel_size), ("stride", stride), ("padding", padding)] {
            settings.insert(key.to_owned(), value.to_toml());
        }
        if *dilation != PoolConfig::DEFAULT.dilation {
            settings.insert("dilation".to_owned(), dilation.to_toml());
        }
        if *ceil_mode != PoolConfig::DEFAULT.ceil_mode {
            settings.insert("ceil_mode".to_owned(), (*ceil_mode).into());
        }
        if *count_include_pad != PoolConfig::DEFAULT.count_include_pad {
            settings.insert("count_include_pad".to_owned(), (*count_include_pad).into());
        }
        self.layer(path, kind, settings)
    }
}
