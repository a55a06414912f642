//! Transposed convolutions over one and two axes: `conv_transpose1d`, `conv_transpose2d`.
//!
//! They follow PyTorch's
//! [`ConvTranspose1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html) and
//! [`ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html): inputs and outputs change
//! roles with those of a convolution with the same settings. Output channel `o` in group `g` starts from `bias[o]`, and every
//! input of channel `c` of the group adds, for every tap `t`, along every axis,
//!
//! ```text
//! y[o, i·stride + t·dilation - padding] += weight[g·C + c, o - g·O, t] · x[g·C + c, i]
//! ```
//!
//! if there is such an output. An axis of `n` inputs has `(n - 1)·stride - 2·padding + dilation·(taps - 1) +
//! output_padding + 1` outputs. The products of each output are added in ascending order of the inputs (channel, row, column),
//! without fused multiply-add.
//!
//! An operation is a pair of a tap and an output whose weight and input are nonzero; taps outside the outputs do not count.

use ndarray::{Array1, Array3, Array4};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layer;
use crate::layers::conv::meetings::Meetings;
use crate::layers::conv::panels::Panels;
use crate::layers::conv::scatter::Scatter;
use crate::layers::conv::{AXES, Channels};
use crate::layers::settable::settable;
use crate::layers::window::{self, Extent, Window};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;

layer!("conv_transpose1d", ConvTransposeConfig, |config, parts| build(&config, parts, 1));
layer!("conv_transpose2d", ConvTransposeConfig, |config, parts| build(&config, parts, 2));

/// Transposed convolution over the last one or two axes of its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Settings)]
pub struct ConvTransposeConfig {
    /// Number of input channels. Builders derive it from the weight.
    #[param(range = 1..)]
    pub in_channels: usize,
    /// Number of output channels. Builders derive it from the weight and the number of groups.
    #[param(range = 1..)]
    pub out_channels: usize,
    /// Number of taps of the kernel: the same along every axis, or a list with one number for each. Builders derive it from the
    /// weight.
    pub kernel_size: Extent,
    /// Number of positions that the kernel moves by from one input to the next.
    #[param(default = Self::DEFAULT.stride)]
    pub stride: Extent,
    /// Number of outputs that are removed from both ends of each axis.
    #[param(default = Self::DEFAULT.padding)]
    pub padding: Extent,
    /// Number of additional outputs at the end of each axis: less than the stride or the dilation.
    #[param(default = Self::DEFAULT.output_padding)]
    pub output_padding: Extent,
    /// Distance between the taps of the kernel.
    #[param(default = Self::DEFAULT.dilation)]
    pub dilation: Extent,
    /// Number of groups of channels; outputs depend on the inputs of their own group only.
    #[param(default = Self::DEFAULT.groups, range = 1..)]
    pub groups: usize,
}

impl ConvTransposeConfig {
    /// The defaults. Those of the sizes are placeholders, which a builder replaces: in a network file, sizes are required.
    const DEFAULT: Self = Self {
        in_channels: 1,
        out_channels: 1,
        kernel_size: Extent::Same(1),
        stride: Extent::Same(1),
        padding: Extent::Same(0),
        output_padding: Extent::Same(0),
        dilation: Extent::Same(1),
        groups: 1,
    };

    /// Creates the default: stride 1, no padding, dilation 1, one group.
    #[must_use]
    pub fn new() -> Self {
        Self::DEFAULT
    }
}

impl Default for ConvTransposeConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

settable!(ConvTransposeConfig {
    /// Sets the stride.
    with_stride(stride: impl Into<Extent>);
    /// Sets the number of outputs that are removed from both ends.
    with_padding(padding: impl Into<Extent>);
    /// Sets the number of additional outputs at the end.
    with_output_padding(output_padding: impl Into<Extent>);
    /// Sets the dilation.
    with_dilation(dilation: impl Into<Extent>);
    /// Sets the number of groups.
    with_groups(groups: usize);
});

fn build<R: Real>(
    config: &ConvTransposeConfig,
    mut parts: Parts<'_, '_>,
    axes: usize,
) -> Result<BuiltLayer<R>, NetworkError> {
    let channels = Channels { inputs: config.in_channels, outputs: config.out_channels, groups: config.groups };
    let lengths = channels.check(&parts, axes)?;
    let taps: [usize; AXES] = config.kernel_size.at_least_one("kernel_size", axes, &parts)?;
    let stride: [usize; AXES] = config.stride.at_least_one("stride", axes, &parts)?;
    let dilation: [usize; AXES] = config.dilation.at_least_one("dilation", axes, &parts)?;
    let padding: [usize; AXES] = config.padding.for_axes("padding", axes, 0, &parts)?;
    let more: [usize; AXES] = config.output_padding.for_axes("output_padding", axes, 0, &parts)?;
    let windows = [0, 1, 2].map(|axis| Window {
        inputs: lengths[axis],
        taps: taps[axis],
        stride: stride[axis],
        dilation: dilation[axis],
        padding: [padding[axis]; 2],
    });
    let mut outputs = [0; AXES];
    for ((outputs, window), more) in outputs.iter_mut().zip(&windows).zip(more) {
        if more >= window.stride.max(window.dilation) && more > 0 {
            return Err(parts.problem("`output_padding` must be less than `stride` or `dilation`"));
        }
        *outputs = length(window, more).ok_or_else(|| parts.problem("there are no outputs, or too many to count"))?;
    }
    let shape = window::shape(&parts, channels.outputs, axes, &outputs)?;
    let (group_channels, width) = (channels.inputs / channels.groups, channels.outputs / channels.groups);
    let mut weight_shape = vec![channels.inputs, width];
    weight_shape.extend(&taps[AXES - axes..]);
    let weight = parts.required_tensor::<R>("weight", &weight_shape)?;
    // The weight exists with this shape, so that no product of its axes overflows.
    let channel_taps = taps.iter().product::<usize>();
    let panels = Panels::new(channels.groups, width, group_channels * channel_taps, |output, pair| {
        let input = output / width * group_channels + pair / channel_taps;
        weight.values[(input * width + output % width) * channel_taps + pair % channel_taps]
    });
    let meetings = [0, 1, 2].map(|axis| Meetings::for_transposed(&windows[axis], outputs[axis]));
    let scatter = Scatter { meetings, inputs: lengths, taps, outputs };
    channels.layer(parts, weight.stored, panels, scatter, None, shape)
}

/// Number of outputs along an axis; `None` if there are none, or too many.
fn length(window: &Window, more: usize) -> Option<usize> {
    let Window { inputs, taps, stride, dilation, padding: [before, after] } = *window;
    let reach = (taps - 1).checked_mul(dilation)?.checked_add(more)?.checked_add(1)?;
    let all = (inputs.checked_sub(1)?).checked_mul(stride)?.checked_add(reach)?;
    all.checked_sub(before.checked_add(after)?).filter(|outputs| *outputs > 0)
}

impl NetworkBuilder {
    /// Adds a transposed convolution over one axis for inputs `[in, length]`: the weight is `[in, out / groups, taps]`, the
    /// bias `[out]`.
    ///
    /// ```
    /// use ndarray::array;
    /// use neurobench::model::{Model, Probe, Tensor};
    /// use neurobench::metric::Needs;
    /// use neurobench::network::{ConvTransposeConfig, Network};
    ///
    /// let config = ConvTransposeConfig::new().with_stride(2);
    /// let network = Network::builder([1, 2]).conv_transpose1d("0", array![[[1.0, 2.0, 3.0]]], None, config).build()?;
    /// let mut outputs = Tensor::default();
    /// let mut probe = Probe::new(Needs::NONE, network.layers());
    /// network.session().forward(&array![[[1.0_f32, 10.0]]].into(), &mut probe, &mut outputs)?;
    /// assert_eq!(outputs, array![[[1.0_f32, 2.0, 13.0, 20.0, 30.0]]].into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn conv_transpose1d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array3<N>,
        bias: Option<Array1<N>>,
        config: ConvTransposeConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv_transpose(path, "conv_transpose1d", &shape, weight, bias, config)
    }

    /// Adds a transposed convolution over two axes for inputs `[in, height, width]`: the weight is
    /// `[in, out / groups, rows, columns]`, the bias `[out]`.
    #[must_use]
    pub fn conv_transpose2d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array4<N>,
        bias: Option<Array1<N>>,
        config: ConvTransposeConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv_transpose(path, "conv_transpose2d", &shape, weight, bias, config)
    }

    fn conv_transpose<N: Into<f64>>(
        self,
        path: &str,
        kind: &str,
        shape: &[usize],
        weight: impl IntoIterator<Item = N>,
        bias: Option<Array1<N>>,
        config: ConvTransposeConfig,
    ) -> Self {
        let ConvTransposeConfig { stride, padding, output_padding, dilation, groups, .. } = config;
        let settings = [
            ("in_channels", integer(shape[0])),
            ("out_channels", integer(shape[1].saturating_mul(groups.max(1)))),
            ("kernel_size", Extent::Each(shape[2..].to_vec()).to_toml()),
            ("stride", stride.to_toml()),
            ("padding", padding.to_toml()),
            ("output_padding", output_padding.to_toml()),
            ("dilation", dilation.to_toml()),
            ("groups", integer(groups)),
        ];
        self.convolution(path, kind, settings, shape, weight, bias)
    }
}
