//! Convolutions over one, two and three axes: `conv1d`, `conv2d`, `conv3d`.
//!
//! They follow PyTorch's [`Conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html),
//! [`Conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html) and
//! [`Conv3d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html), which are cross-correlations: the kernel is
//! not flipped. For inputs `x` of shape \[channels, height, width\], padded with zeros, output channel `o` in group `g` is
//!
//! ```text
//! y[o, i, j] = bias[o] + Σ_c Σ_t Σ_u weight[o, c, t, u] · x[g·C + c, i·stride + t·dilation - padding, j·stride + u·dilation - padding]
//! ```
//!
//! The sums are over the `C` input channels of the group and the taps of the kernel, in that order, without fused multiply-add.
//! `conv1d` does the same for inputs of shape \[channels, length\], with taps `u` only, and `conv3d` has planes before the rows.
//!
//! An operation is a pair of a tap and an output whose weight and input are nonzero; padding is not an input. NeuroBench counts in
//! the same way (Yik et al., "The neurobench framework for benchmarking neuromorphic computing algorithms and systems", Nature
//! Communications 16, 2025, doi [10.1038/s41467-025-56739-4](https://doi.org/10.1038/s41467-025-56739-4)).

mod gather;
mod kernel;
mod meetings;
mod operations;
mod panels;
mod scatter;
mod transposed;

use ndarray::{Array1, Array3, Array4, Array5};
use serde::{Deserialize, Serialize};

pub use transposed::ConvTransposeConfig;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layer;
use crate::layers::conv::gather::Gather;
use crate::layers::conv::kernel::Convolution;
use crate::layers::conv::meetings::Meetings;
use crate::layers::conv::operations::Operations;
use crate::layers::conv::panels::Panels;
use crate::layers::conv::scatter::Scatter;
use crate::layers::settable::settable;
use crate::layers::window::{self, Extent, Window};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{FanOut, Layer, StoredTensor, TensorRole};

layer!("conv1d", ConvConfig, |config, parts| build(&config, parts, 1));
layer!("conv2d", ConvConfig, |config, parts| build(&config, parts, 2));
layer!("conv3d", ConvConfig, |config, parts| build(&config, parts, 3));

/// Planes, rows and columns. A layer with fewer axes has one plane, or one plane of one row.
const AXES: usize = 3;

/// The zeros around the inputs of a convolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PaddingKey", into = "PaddingKey")]
pub enum Padding {
    /// This number of positions on both sides of each axis.
    Zeros(Extent),
    /// The number of positions for which outputs have the length of the inputs. If it is odd, the extra position is
    /// after the inputs. Requires a stride of 1.
    Same,
    /// No padding.
    Valid,
}

impl<T: Into<Extent>> From<T> for Padding {
    fn from(positions: T) -> Self {
        Self::Zeros(positions.into())
    }
}

/// Padding in a network file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, a list of them, \"same\" or \"valid\"")]
enum PaddingKey {
    Zeros(Extent),
    Named(PaddingName),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PaddingName {
    Same,
    Valid,
}

impl From<PaddingKey> for Padding {
    fn from(key: PaddingKey) -> Self {
        match key {
            PaddingKey::Zeros(positions) => Self::Zeros(positions),
            PaddingKey::Named(PaddingName::Same) => Self::Same,
            PaddingKey::Named(PaddingName::Valid) => Self::Valid,
        }
    }
}

impl From<Padding> for PaddingKey {
    fn from(padding: Padding) -> Self {
        match padding {
            Padding::Zeros(positions) => Self::Zeros(positions),
            Padding::Same => Self::Named(PaddingName::Same),
            Padding::Valid => Self::Named(PaddingName::Valid),
        }
    }
}

/// Convolution over the last one, two or three axes of its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Settings)]
pub struct ConvConfig {
    /// Number of input channels. Builders derive it from the weight and the number of groups.
    #[param(range = 1..)]
    pub in_channels: usize,
    /// Number of output channels. Builders derive it from the weight.
    #[param(range = 1..)]
    pub out_channels: usize,
    /// Number of taps of the kernel: the same along every axis, or a list with one number for each. Builders derive it from the
    /// weight.
    pub kernel_size: Extent,
    /// Number of positions that the kernel moves by from one output to the next.
    #[param(default = Self::DEFAULT.stride)]
    pub stride: Extent,
    /// The zeros around the inputs: a number of positions on both sides of each axis, `"same"` for outputs as long as the inputs, or
    /// `"valid"` for none.
    #[param(default = Self::DEFAULT.padding)]
    pub padding: Padding,
    /// Distance between the taps of the kernel.
    #[param(default = Self::DEFAULT.dilation)]
    pub dilation: Extent,
    /// Number of groups of channels; outputs depend on the inputs of their own group only.
    #[param(default = Self::DEFAULT.groups, range = 1..)]
    pub groups: usize,
}

impl ConvConfig {
    /// The defaults. Those of the sizes are placeholders, which a builder replaces: in a network file, sizes are required.
    const DEFAULT: Self = Self {
        in_channels: 1,
        out_channels: 1,
        kernel_size: Extent::Same(1),
        stride: Extent::Same(1),
        padding: Padding::Valid,
        dilation: Extent::Same(1),
        groups: 1,
    };

    /// Creates the default: stride 1, no padding, dilation 1, one group.
    #[must_use]
    pub fn new() -> Self {
        Self::DEFAULT
    }
}

impl Default for ConvConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

settable!(ConvConfig {
    /// Sets the stride.
    with_stride(stride: impl Into<Extent>);
    /// Sets the padding.
    with_padding(padding: impl Into<Padding>);
    /// Sets the dilation.
    with_dilation(dilation: impl Into<Extent>);
    /// Sets the number of groups.
    with_groups(groups: usize);
});

fn build<R: Real>(config: &ConvConfig, mut parts: Parts<'_, '_>, axes: usize) -> Result<BuiltLayer<R>, NetworkError> {
    let channels = Channels { inputs: config.in_channels, outputs: config.out_channels, groups: config.groups };
    let lengths = channels.check(&parts, axes)?;
    let windows = windows(config, lengths, axes, &parts)?;
    let mut outputs = [0; AXES];
    for (outputs, window) in outputs.iter_mut().zip(&windows) {
        *outputs = window.outputs().map_err(|problem| parts.problem(problem))?;
    }
    let shape = window::shape(&parts, channels.outputs, axes, &outputs)?;
    let taps = windows.map(|window| window.taps);
    let group_channels = channels.inputs / channels.groups;
    let mut weight_shape = vec![channels.outputs, group_channels];
    weight_shape.extend(&taps[AXES - axes..]);
    let weight = parts.required_tensor::<R>("weight", &weight_shape)?;
    // The weight exists with this shape, so that no product of its axes overflows.
    let depth = group_channels * taps.iter().product::<usize>();
    let panels = Panels::new(channels.groups, channels.outputs / channels.groups, depth, |output, pair| {
        weight.values[output * depth + pair]
    });
    let meetings = [0, 1, 2].map(|axis| Meetings::for_convolution(&windows[axis], outputs[axis]));
    let scatter = Scatter { meetings, inputs: lengths, taps, outputs };
    // If most taps lie on padding, scattering is faster even for dense inputs.
    let worth_while = windows.iter().zip(&scatter.meetings).zip(outputs).all(|((window, meetings), outputs)| {
        meetings.pairs().saturating_mul(2) >= (window.taps as u64).saturating_mul(outputs as u64)
    });
    let gather = if worth_while { Gather::new(&windows, outputs, channels.inputs, group_channels) } else { None };
    channels.layer(parts, weight.stored, panels, scatter, gather, shape)
}

/// Builds a convolution of this name within a layer. It keeps the number of channels, and pads each side with half the
/// number of taps, rounded down. Its outputs have the shape of its inputs if the numbers of taps are odd.
pub(super) fn build_nested<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    taps: [usize; 2],
) -> Result<BuiltLayer<R>, NetworkError> {
    let path = format!("{}.{name}", parts.path);
    let channels = parts.shape.first().copied().unwrap_or_default();
    let config = ConvConfig {
        in_channels: channels,
        out_channels: channels,
        kernel_size: taps.into(),
        padding: taps.map(|taps| taps / 2).into(),
        ..ConvConfig::DEFAULT
    };
    build(&config, parts.nested(&path, "conv2d"), 2)
}

/// Numbers of channels and groups.
struct Channels {
    inputs: usize,
    outputs: usize,
    groups: usize,
}

impl Channels {
    /// Checks that the groups divide the channels and that the inputs have these channels. Returns the lengths of the axes.
    fn check(&self, parts: &Parts<'_, '_>, axes: usize) -> Result<[usize; AXES], NetworkError> {
        let Self { inputs, outputs, groups } = *self;
        if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            let problem =
                format!("`groups` = {groups} must divide `in_channels` = {inputs} and `out_channels` = {outputs}");
            return Err(parts.problem(problem));
        }
        match window::channels_and_axes(parts, axes) {
            Some((channels, lengths)) if channels == inputs => Ok(lengths),
            _ => Err(window::wrong_shape(parts, &inputs.to_string(), axes)),
        }
    }

    /// Builds the layer with these weights and claims its bias.
    fn layer<R: Real>(
        &self,
        mut parts: Parts<'_, '_>,
        weight: StoredTensor,
        panels: Panels<R>,
        scatter: Scatter,
        gather: Option<Gather>,
        shape: Vec<usize>,
    ) -> Result<BuiltLayer<R>, NetworkError> {
        let (per_input, pairs) = scatter.fan_out(&panels.nonzero());
        let pairs_of_channels = (self.inputs as u64).checked_mul((self.outputs / self.groups) as u64);
        let dense = pairs.zip(pairs_of_channels).and_then(|(pairs, channels)| pairs.checked_mul(channels));
        let (Some(dense), Some(operations)) = (dense, Operations::new(&per_input)) else {
            return Err(parts.problem("too many operations to count"));
        };
        let mut layer = Layer::connection(parts.path, parts.kind, FanOut::new(per_input, dense))
            .with_parameter(weight.with_role(TensorRole::Weight));
        let mut bias = vec![R::zero(); self.outputs];
        if let Some(stored) = parts.optional_tensor::<R>("bias", &[self.outputs])? {
            // A bias of -0 becomes +0: see the kernel.
            bias = stored.values.into_iter().map(|bias| bias + R::zero()).collect();
            layer = layer.with_parameter(stored.stored.with_role(TensorRole::Bias));
        }
        let group_channels = self.inputs / self.groups;
        let kernel = Convolution { panels, bias, group_channels, scatter, gather, operations };
        Ok(BuiltLayer::vectorized(layer, kernel, shape))
    }
}

/// Creates the windows along all axes.
fn windows(
    config: &ConvConfig,
    lengths: [usize; AXES],
    axes: usize,
    parts: &Parts<'_, '_>,
) -> Result<[Window; AXES], NetworkError> {
    let taps: [usize; AXES] = config.kernel_size.at_least_one("kernel_size", axes, parts)?;
    let stride = config.stride.at_least_one("stride", axes, parts)?;
    let dilation: [usize; AXES] = config.dilation.at_least_one("dilation", axes, parts)?;
    let padding = match &config.padding {
        Padding::Zeros(positions) => positions.for_axes("padding", axes, 0, parts)?.map(|length| [length; 2]),
        Padding::Valid => [[0; 2]; AXES],
        Padding::Same if stride != [1; AXES] => {
            return Err(parts.problem("`padding` = \"same\" needs a `stride` of 1"));
        }
        Padding::Same => [0, 1, 2].map(|axis| {
            let both = (taps[axis] - 1).saturating_mul(dilation[axis]);
            [both / 2, both - both / 2]
        }),
    };
    Ok([0, 1, 2].map(|axis| Window {
        inputs: lengths[axis],
        taps: taps[axis],
        stride: stride[axis],
        dilation: dilation[axis],
        padding: padding[axis],
    }))
}

impl NetworkBuilder {
    /// Adds a convolution over one axis for inputs `[in, length]`: the weight is `[out, in / groups, taps]`, the bias `[out]`.
    #[must_use]
    pub fn conv1d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array3<N>,
        bias: Option<Array1<N>>,
        config: ConvConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv(path, "conv1d", &shape, weight, bias, config)
    }

    /// Adds a convolution over two axes for inputs `[in, height, width]`: the weight is `[out, in / groups, rows, columns]`,
    /// the bias `[out]`.
    ///
    /// ```
    /// use ndarray::array;
    /// use neurobench::model::{Model, Probe, Tensor};
    /// use neurobench::metric::Needs;
    /// use neurobench::network::{ConvConfig, Network};
    ///
    /// let edges = array![[[[1.0, -1.0]]]];
    /// let network = Network::builder([1, 1, 3]).conv2d("0", edges, None, ConvConfig::new()).build()?;
    /// let mut outputs = Tensor::default();
    /// let mut probe = Probe::new(Needs::NONE, network.layers());
    /// network.session().forward(&array![[[[5.0_f32, 2.0, 4.0]]]].into(), &mut probe, &mut outputs)?;
    /// assert_eq!(outputs, array![[[[3.0_f32, -2.0]]]].into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn conv2d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array4<N>,
        bias: Option<Array1<N>>,
        config: ConvConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv(path, "conv2d", &shape, weight, bias, config)
    }

    /// Adds a convolution over three axes for inputs `[in, depth, height, width]`: the weight is
    /// `[out, in / groups, planes, rows, columns]`, the bias `[out]`.
    #[must_use]
    pub fn conv3d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array5<N>,
        bias: Option<Array1<N>>,
        config: ConvConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv(path, "conv3d", &shape, weight, bias, config)
    }

    fn conv<N: Into<f64>>(
        self,
        path: &str,
        kind: &str,
        shape: &[usize],
        weight: impl IntoIterator<Item = N>,
        bias: Option<Array1<N>>,
        config: ConvConfig,
    ) -> Self {
        let ConvConfig { stride, padding, dilation, groups, .. } = config;
        let padding = match padding {
            Padding::Zeros(positions) => positions.to_toml(),
            Padding::Same => "same".into(),
            Padding::Valid => "valid".into(),
        };
        let settings = [
            ("in_channels", integer(shape[1].saturating_mul(groups.max(1)))),
            ("out_channels", integer(shape[0])),
            ("kernel_size", Extent::Each(shape[2..].to_vec()).to_toml()),
            ("stride", stride.to_toml()),
            ("padding", padding),
            ("dilation", dilation.to_toml()),
            ("groups", integer(groups)),
        ];
        self.convolution(path, kind, settings, shape, weight, bias)
    }

    /// Adds a layer with these keys, a weight and an optional bias.
    fn convolution<N: Into<f64>, const KEYS: usize>(
        self,
        path: &str,
        kind: &str,
        settings: [(&str, toml::Value); KEYS],
        shape: &[usize],
        weight: impl IntoIterator<Item = N>,
        bias: Option<Array1<N>>,
    ) -> Self {
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let builder = self.layer(path, kind, settings).tensor(path, "weight", shape, weight);
        match bias {
            Some(bias) => builder.tensor(path, "bias", &[bias.len()], bias),
            None => builder,
        }
    }
}
