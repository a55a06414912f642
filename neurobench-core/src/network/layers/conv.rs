//! Convolutions over one and two axes: `conv1d`, `conv2d`.
//!
//! As PyTorch's [`Conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html) and
//! [`Conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html), which are cross-correlations (no kernel is
//! flipped): of inputs `x` of shape \[channels, height, width\], with zeros around them, output channel `o` in group `g` is
//!
//! ```text
//! y[o, i, j] = bias[o] + Σ_c Σ_t Σ_u weight[o, c, t, u] · x[g·C + c, i·stride + t·dilation - padding, j·stride + u·dilation - padding]
//! ```
//!
//! over the `C` input channels of the group and the taps of the kernel, in that order, in single precision, without fused
//! multiply-add. `conv1d` is the same of inputs of shape \[channels, length\], with one tap `u`.
//!
//! An operation is a pair of tap and output whose weight and input are not zero; padding is no input. This is how NeuroBench
//! counts (Yik et al., "The neurobench framework for benchmarking neuromorphic computing algorithms and systems", Nature
//! Communications 16, 2025, doi [10.1038/s41467-025-56739-4](https://doi.org/10.1038/s41467-025-56739-4)).

use ndarray::{Array1, Array3, Array4};
use serde::Deserialize;

use crate::model::{CallOperations, FanOut, Layer, Needs, TensorRole};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::linear::unsigned;
use crate::network::layers::window::{self, Extent, Window, integer};
use crate::network::layers::{Built, Kind, Parts};
use crate::network::real::Real;

pub(super) const CONV1D: Kind = Kind::new("conv1d", |parts| build(parts, 1), |parts| build(parts, 1));
pub(super) const CONV2D: Kind = Kind::new("conv2d", |parts| build(parts, 2), |parts| build(parts, 2));

/// The zeros around the inputs of a convolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Padding {
    /// So many positions on either side of each axis.
    Zeros(Extent),
    /// As many in all as give outputs of the shape of the inputs, the odd one after them. Only with a stride of 1.
    Same,
    /// None.
    Valid,
}

impl<T: Into<Extent>> From<T> for Padding {
    fn from(positions: T) -> Self {
        Self::Zeros(positions.into())
    }
}

/// How the kernel of a convolution moves over its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvConfig {
    /// By how many positions it moves from one output to the next.
    pub stride: Extent,
    /// The zeros around the inputs.
    pub padding: Padding,
    /// How far apart its taps lie.
    pub dilation: Extent,
    /// In how many groups the channels are; outputs see the inputs of their own group.
    pub groups: usize,
}

impl Default for ConvConfig {
    fn default() -> Self {
        Self { stride: Extent::Same(1), padding: Padding::Valid, dilation: Extent::Same(1), groups: 1 }
    }
}

impl ConvConfig {
    /// Stride 1, no padding, dilation 1, one group.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with another stride.
    #[must_use]
    pub fn with_stride(mut self, stride: impl Into<Extent>) -> Self {
        self.stride = stride.into();
        self
    }

    /// The same with other padding.
    #[must_use]
    pub fn with_padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The same with another dilation.
    #[must_use]
    pub fn with_dilation(mut self, dilation: impl Into<Extent>) -> Self {
        self.dilation = dilation.into();
        self
    }

    /// The same with so many groups.
    #[must_use]
    pub fn with_groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    in_channels: usize,
    out_channels: usize,
    kernel_size: Extent,
    #[serde(default = "one")]
    stride: Extent,
    #[serde(default = "unpadded")]
    padding: PaddingKey,
    #[serde(default = "one")]
    dilation: Extent,
    #[serde(default = "one_group")]
    groups: usize,
}

/// As a network file writes it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, a list of them, \"same\" or \"valid\"")]
enum PaddingKey {
    Zeros(Extent),
    Named(PaddingName),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PaddingName {
    Same,
    Valid,
}

fn one() -> Extent {
    Extent::Same(1)
}

fn unpadded() -> PaddingKey {
    PaddingKey::Named(PaddingName::Valid)
}

fn one_group() -> usize {
    1
}

fn build<R: Real>(mut parts: Parts<'_, '_>, axes: usize) -> Result<Built<R>, NetworkError> {
    let config: Config = parts.settings()?;
    let Config { in_channels, out_channels, groups, .. } = config;
    if in_channels == 0 || out_channels == 0 || groups == 0 {
        return Err(parts.problem("`in_channels`, `out_channels` and `groups` must be at least 1"));
    }
    if !in_channels.is_multiple_of(groups) || !out_channels.is_multiple_of(groups) {
        let problem = format!(
            "`groups` = {groups} must divide `in_channels` = {in_channels} and `out_channels` = {out_channels}"
        );
        return Err(parts.problem(problem));
    }
    let lengths = match window::channels_and_axes(&parts, axes) {
        Some((channels, lengths)) if channels == in_channels => lengths,
        _ => return Err(window::wrong_shape(&parts, &in_channels.to_string(), axes)),
    };
    let windows = windows(&config, lengths, axes, &parts)?;
    let mut outputs = [0; 2];
    for (outputs, window) in outputs.iter_mut().zip(&windows) {
        *outputs = window.outputs().map_err(|problem| parts.problem(problem))?;
    }
    let shape = window::shape(&parts, out_channels, axes, outputs)?;

    let [rows, columns] = windows.map(|window| window.taps);
    let of_group = in_channels / groups;
    let mut weight_shape = vec![out_channels, of_group];
    weight_shape.extend(windows[2 - axes..].iter().map(|window| window.taps));
    let weight = parts.weights.required("weight", &weight_shape)?;
    let bias = parts.weights.optional("bias", &[out_channels])?;

    // The weight is there with this shape, so that none of these products overflows.
    let (taps, width) = (rows * columns, out_channels / groups);
    let mut lanes = vec![R::zero(); weight.values.len()];
    for (output, kernels) in weight.values.chunks_exact(of_group * taps).enumerate() {
        let group = output / width;
        for (at, value) in kernels.iter().enumerate() {
            lanes[(group * of_group * taps + at) * width + output % width] = *value;
        }
    }
    let [row_meetings, column_meetings] = [windows[0].meetings(outputs[0]), windows[1].meetings(outputs[1])];
    let fan_out = fan_out(&lanes, [in_channels, columns, width], &row_meetings, &column_meetings)
        .ok_or_else(|| parts.problem("it has more operations than can be counted"))?;
    let mut layer = Layer::connection(parts.path, parts.kind, fan_out.clone())
        .with_parameter(weight.stored.with_role(TensorRole::Weight));
    let mut constant = vec![R::zero(); out_channels];
    if let Some(bias) = bias {
        constant = unsigned(bias.values);
        layer = layer.with_parameter(bias.stored.with_role(TensorRole::Bias));
    }
    let positions = outputs[0] * outputs[1];
    let kernel = Conv {
        lanes,
        bias: constant,
        width,
        of_group,
        taps: [rows, columns],
        row_meetings,
        column_meetings,
        output_columns: outputs[1],
        positions,
        fan_out,
    };
    Ok(Built::new(layer, kernel, shape))
}

/// The windows along both axes.
fn windows(
    config: &Config,
    lengths: [usize; 2],
    axes: usize,
    parts: &Parts<'_, '_>,
) -> Result<[Window; 2], NetworkError> {
    let taps = config.kernel_size.at_least_one("kernel_size", axes, parts)?;
    let stride = config.stride.at_least_one("stride", axes, parts)?;
    let dilation = config.dilation.at_least_one("dilation", axes, parts)?;
    let padding = match &config.padding {
        PaddingKey::Zeros(positions) => positions.of_axes("padding", axes, 0, parts)?.map(|length| [length; 2]),
        PaddingKey::Named(PaddingName::Valid) => [[0; 2]; 2],
        PaddingKey::Named(PaddingName::Same) if stride != [1; 2] => {
            return Err(parts.problem("`padding` = \"same\" needs a `stride` of 1"));
        }
        PaddingKey::Named(PaddingName::Same) => {
            let around = |axis: usize| {
                let both = (taps[axis] - 1).saturating_mul(dilation[axis]);
                [both / 2, both - both / 2]
            };
            [around(0), around(1)]
        }
    };
    let window = |axis: usize| Window {
        inputs: lengths[axis],
        taps: taps[axis],
        stride: stride[axis],
        dilation: dilation[axis],
        padding: padding[axis],
    };
    Ok([window(0), window(1)])
}

/// The non-zero weights that each input meets, and all the pairs of taps and outputs; nothing if they cannot be counted.
fn fan_out<R: Real>(
    lanes: &[R],
    [channels, columns, width]: [usize; 3],
    row_meetings: &[Vec<(usize, usize)>],
    column_meetings: &[Vec<(usize, usize)>],
) -> Option<FanOut> {
    let nonzero = |lane: &[R]| lane.iter().filter(|weight| !weight.is_zero()).count() as u64;
    let nonzero: Vec<u64> = lanes.chunks_exact(width).map(nonzero).collect();
    // Each group has its own stretch of lanes, one channel of inputs after the other.
    let taps = nonzero.len() / channels;
    let mut per_input = Vec::new();
    for of_channel in nonzero.chunks_exact(taps) {
        for rows in row_meetings {
            for cells in column_meetings {
                let met = rows.iter().flat_map(|(row, _)| cells.iter().map(move |(column, _)| row * columns + column));
                per_input.push(met.map(|tap| of_channel[tap]).sum());
            }
        }
    }
    let pairs = |meetings: &[Vec<(usize, usize)>]| meetings.iter().map(|meetings| meetings.len() as u64).sum::<u64>();
    let kernels = (channels as u64).checked_mul(width as u64)?;
    let dense = kernels.checked_mul(pairs(row_meetings))?.checked_mul(pairs(column_meetings))?;
    Some(FanOut::new(per_input, dense))
}

/// The kernel: starts from the bias and adds, for one non-zero input after the other in ascending order, the input times the
/// weights of every tap that meets it, over the output channels of its group in lanes. To each output this is the order of
/// (channel, row, column) of its taps.
///
/// A product with a zero input is zero, since all weights are finite, and adding it would change nothing.
struct Conv<R> {
    /// The weights as \[input channel, row, column, output channel of the group\].
    lanes: Vec<R>,
    bias: Vec<R>,
    /// The output channels of a group.
    width: usize,
    /// The input channels of a group.
    of_group: usize,
    /// Rows and columns of the kernel.
    taps: [usize; 2],
    /// For each row of the inputs, the rows of the kernel that meet it, and those of the outputs; likewise for columns.
    row_meetings: Vec<Vec<(usize, usize)>>,
    column_meetings: Vec<Vec<(usize, usize)>>,
    output_columns: usize,
    /// How many outputs a channel has.
    positions: usize,
    fan_out: FanOut,
}

impl<R: Real> Kernel<R> for Conv<R> {
    fn outputs(&self) -> usize {
        self.bias.len() * self.positions
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        // Sums are gathered with the channels last, so that they can be added in lanes.
        let sums = &mut workspace.numbers;
        sums.resize(self.outputs(), R::zero());
        let width = self.fan_out.inputs();
        let rows = inputs.chunks_exact(width).zip(outputs.chunks_exact_mut(self.outputs()));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let counted = if hook.wants(Needs::CONNECTION_COUNTS) {
                self.add::<true>(inputs, sums)
            } else {
                self.add::<false>(inputs, sums)
            };
            for (channel, outputs) in outputs.chunks_exact_mut(self.positions).enumerate() {
                for (output, sums) in outputs.iter_mut().zip(sums.chunks_exact(self.bias.len())) {
                    *output = sums[channel];
                }
            }
            hook.connection(0, row, counted, inputs);
        }
    }
}

impl<R: Real> Conv<R> {
    #[inline(always)]
    fn add<const COUNT: bool>(&self, inputs: &[R], sums: &mut [R]) -> CallOperations {
        let mut counted = CallOperations { operations: 0, ternary: true };
        for sums in sums.chunks_exact_mut(self.bias.len()) {
            sums.copy_from_slice(&self.bias);
        }
        let [taps, columns] = [self.taps[0] * self.taps[1], self.taps[1]];
        let width = self.column_meetings.len();
        let rows = inputs.chunks_exact(width).zip(self.fan_out.per_input().chunks_exact(width));
        for (index, (inputs, meets)) in rows.enumerate() {
            let (channel, row) = (index / self.row_meetings.len(), index % self.row_meetings.len());
            let first = channel / self.of_group * self.width;
            let lanes = &self.lanes[channel * taps * self.width..][..taps * self.width];
            for ((input, meets), cells) in inputs.iter().zip(meets).zip(&self.column_meetings) {
                if input.is_zero() {
                    continue;
                }
                if COUNT {
                    counted.operations += meets;
                    counted.ternary &= input.abs() == R::one();
                }
                for (tap_row, output_row) in &self.row_meetings[row] {
                    for (tap_column, output_column) in cells {
                        let weights = &lanes[(tap_row * columns + tap_column) * self.width..][..self.width];
                        let position = output_row * self.output_columns + output_column;
                        let sums = &mut sums[position * self.bias.len() + first..][..self.width];
                        for (sum, weight) in sums.iter_mut().zip(weights) {
                            *sum += *input * *weight;
                        }
                    }
                }
            }
        }
        counted
    }
}

impl NetworkBuilder {
    /// Adds a convolution over one axis, of inputs `[in, length]`: the weight is `[out, in / groups, taps]`, the bias `[out]`.
    #[must_use]
    pub fn conv1d<N: Into<f64>>(
        self,
        path: &str,
        weight: Array3<N>,
        bias: Option<Array1<N>>,
        config: ConvConfig,
    ) -> Self {
        let shape = weight.shape().to_vec();
        self.conv(path, CONV1D.name, &shape, weight, bias, config)
    }

    /// Adds a convolution over two axes, of inputs `[in, height, width]`: the weight is `[out, in / groups, rows, columns]`,
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
        self.conv(path, CONV2D.name, &shape, weight, bias, config)
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
        let ConvConfig { stride, padding, dilation, groups } = config;
        let padding = match padding {
            Padding::Zeros(positions) => positions.to_toml(),
            Padding::Same => "same".into(),
            Padding::Valid => "valid".into(),
        };
        let settings = [
            ("in_channels", integer(shape[1].saturating_mul(groups))),
            ("out_channels", integer(shape[0])),
            ("kernel_size", Extent::Each(shape[2..].to_vec()).to_toml()),
            ("stride", stride.to_toml()),
            ("padding", padding),
            ("dilation", dilation.to_toml()),
            ("groups", integer(groups)),
        ];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let builder = self.layer(path, kind, settings).tensor(path, "weight", shape, weight);
        match bias {
            Some(bias) => builder.tensor(path, "bias", &[bias.len()], bias),
            None => builder,
        }
    }
}
