//! Convolutions, pooling and normalization: outputs, counts and errors.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::{Numbers, f32s, outputs, run};
use ndarray::{Array1, Array3, Array4, Array5, ArrayD, IxDyn, array};
use neurobench::model::{Layer, Model, Tensor};
use neurobench::network::{
    BatchNormConfig, ConvConfig, ConvTransposeConfig, Extent, InstructionSet, LeakyConfig, Network, NetworkBuilder,
    Padding, PoolConfig,
};
use safetensors::Dtype as SafeDtype;
use safetensors::tensor::TensorView;

fn values(shape: &[usize], mut value: impl FnMut() -> f32) -> ArrayD<f32> {
    ArrayD::from_shape_simple_fn(IxDyn(shape), &mut value)
}

/// A convolution over three axes; axes that the layer does not have have length 1.
#[derive(Debug)]
struct Case {
    /// \[sample, channel, plane, row, column\].
    inputs: Array5<f32>,
    /// \[out, in / groups, taps..\], or \[in, out / groups, taps..\] for a transposed convolution.
    weight: Array5<f32>,
    bias: Option<Array1<f32>>,
    axes: usize,
    stride: [usize; 3],
    /// Padding before and after the inputs.
    padding: [[usize; 2]; 3],
    dilation: [usize; 3],
    groups: usize,
    transposed: bool,
    /// Additional outputs of a transposed convolution.
    output_padding: [usize; 3],
}

/// Results of a loop over every multiplication.
struct Expected {
    outputs: Array5<f32>,
    operations: u64,
    dense: u64,
    /// Numbers of nonzero weights that the inputs of one sample meet.
    fan_out: Vec<u64>,
}

impl Case {
    fn taps(&self) -> [usize; 3] {
        [2, 3, 4].map(|axis| self.weight.shape()[axis])
    }

    /// Number of output channels.
    fn out(&self) -> usize {
        if self.transposed { self.weight.shape()[1] * self.groups } else { self.weight.shape()[0] }
    }

    /// Lengths of the axes of the outputs; `None` if the window does not fit.
    fn lengths(&self) -> Option<[usize; 3]> {
        let taps = self.taps();
        let mut lengths = [0; 3];
        for axis in 0..3 {
            let inputs = self.inputs.shape()[axis + 2];
            let both = self.padding[axis][0] + self.padding[axis][1];
            let reach = self.dilation[axis] * (taps[axis] - 1) + 1;
            lengths[axis] = if self.transposed {
                ((inputs - 1) * self.stride[axis] + reach + self.output_padding[axis]).checked_sub(both)?
            } else {
                (inputs + both).checked_sub(reach)? / self.stride[axis] + 1
            };
        }
        lengths.iter().all(|length| *length > 0).then_some(lengths)
    }

    /// Computes every multiplication, in ascending order of the inputs; for each output of a convolution, that is the order of taps.
    fn naive(&self) -> Expected {
        let (samples, channels, ..) = self.inputs.dim();
        let (out, [planes, rows, columns]) = (self.out(), self.lengths().unwrap());
        let (width, of_group) = (out / self.groups, channels / self.groups);
        let mut outputs = Array5::zeros((samples, out, planes, rows, columns));
        if let Some(bias) = &self.bias {
            outputs.indexed_iter_mut().for_each(|((_, output, ..), sum)| *sum = bias[output]);
        }
        let (mut operations, mut dense, mut fan_out) = (0, 0, Vec::new());
        for ((sample, channel, plane, row, column), input) in self.inputs.indexed_iter() {
            let (group, mut meets) = (channel / of_group, 0);
            for output in group * width..(group + 1) * width {
                for tap in ndarray::indices(self.taps()) {
                    let tap = [tap.0, tap.1, tap.2];
                    let place = [0, 1, 2].map(|axis| self.output([plane, row, column][axis], tap[axis], axis));
                    let [Some(i), Some(j), Some(k)] = place else { continue };
                    let Some(sum) = outputs.get_mut((sample, output, i, j, k)) else { continue };
                    let (first, second) = match self.transposed {
                        false => (output, channel % of_group),
                        true => (channel, output % width),
                    };
                    let weight = self.weight[(first, second, tap[0], tap[1], tap[2])];
                    *sum += input * weight;
                    operations += u64::from(*input != 0.0 && weight != 0.0);
                    meets += u64::from(weight != 0.0);
                    dense += 1;
                }
            }
            if sample == 0 {
                fan_out.push(meets);
            }
        }
        Expected { outputs, operations, dense, fan_out }
    }

    /// Output along an axis for which a tap meets an input.
    fn output(&self, input: usize, tap: usize, axis: usize) -> Option<usize> {
        let (stride, tap, before) = (self.stride[axis], tap * self.dilation[axis], self.padding[axis][0]);
        if self.transposed {
            return (input * stride + tap).checked_sub(before);
        }
        let place = (input + before).checked_sub(tap)?;
        place.is_multiple_of(stride).then_some(place / stride)
    }

    fn network(&self, same: bool) -> Network {
        let own = 3 - self.axes..;
        let each = |lengths: [usize; 3]| Extent::Each(lengths[own.clone()].to_vec());
        let padding = each(self.padding.map(|[before, _]| before));
        let (bias, groups) = (self.bias.clone(), self.groups);
        let shape: Vec<usize> =
            [0, 1].into_iter().chain((2..5).skip(3 - self.axes)).map(|axis| self.weight.shape()[axis]).collect();
        let weight = self.weight.to_shape(shape).unwrap().to_owned();
        let builder = Network::builder(self.shape(&self.inputs)[1..].to_vec());
        let builder = if self.transposed {
            let config =
                ConvTransposeConfig::new().with_stride(each(self.stride)).with_padding(padding).with_groups(groups);
            let config = config.with_dilation(each(self.dilation)).with_output_padding(each(self.output_padding));
            match self.axes {
                1 => builder.conv_transpose1d("0", weight.into_dimensionality().unwrap(), bias, config),
                _ => builder.conv_transpose2d("0", weight.into_dimensionality().unwrap(), bias, config),
            }
        } else {
            let padding = if same { Padding::Same } else { padding.into() };
            let config = ConvConfig::new().with_stride(each(self.stride)).with_padding(padding).with_groups(groups);
            let config = config.with_dilation(each(self.dilation));
            match self.axes {
                1 => builder.conv1d("0", weight.into_dimensionality().unwrap(), bias, config),
                2 => builder.conv2d("0", weight.into_dimensionality().unwrap(), bias, config),
                _ => builder.conv3d("0", weight.into_dimensionality().unwrap(), bias, config),
            }
        };
        builder.build().unwrap()
    }

    /// Shape without the axes that the layer does not have.
    fn shape(&self, array: &Array5<f32>) -> Vec<usize> {
        let (channels, own) = array.shape().split_at(2);
        channels.iter().chain(&own[3 - self.axes..]).copied().collect()
    }

    fn check(&self, same: bool) {
        let expected = self.naive();
        let ternary = self.inputs.iter().all(|input| [-1.0, 0.0, 1.0].contains(input));
        let inputs = Tensor::from(self.inputs.to_shape(self.shape(&self.inputs)).unwrap().to_owned());
        for set in InstructionSet::available() {
            let network = self.network(same).with_instruction_set(set).unwrap();
            let (found, counts) = run(&network, &inputs);
            assert_eq!(f32s(&found).shape(), self.shape(&expected.outputs), "{self:?}");
            let bits = |values: &mut dyn Iterator<Item = &f32>| values.map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&mut f32s(&found).iter()), bits(&mut expected.outputs.iter()), "{set:?} {self:?}");
            assert_eq!(outputs(&network, &inputs).unwrap(), found, "counting must change nothing");
            let count = &counts.connections["0"];
            assert_eq!((count.operations(), count.dense), (expected.operations, expected.dense), "{self:?}");
            assert_eq!(count.ternary(), ternary);
            let fan_out = network.layers()[0].fan_out().unwrap();
            assert_eq!(fan_out.per_input(), expected.fan_out, "{self:?}");
            assert_eq!(fan_out.dense() * self.inputs.dim().0 as u64, expected.dense);
        }
    }
}

/// A random convolution whose window fits. Few, many or all inputs are nonzero, and they are analog or binary.
fn any_case(numbers: &mut Numbers, axes: usize, transposed: bool, same: bool) -> Case {
    loop {
        let mut upto = |limit: usize| numbers.next() as usize % limit + 1;
        let mut of_axes = |absent: usize, limit: usize| {
            let mut lengths = [absent; 3];
            lengths[3 - axes..].iter_mut().for_each(|length| *length = upto(limit) - 1 + absent);
            lengths
        };
        let (taps, stride, dilation) = (of_axes(1, 4), if same { [1; 3] } else { of_axes(1, 3) }, of_axes(1, 3));
        let padding = if same {
            [0, 1, 2].map(|axis| dilation[axis] * (taps[axis] - 1)).map(|both| [both / 2, both - both / 2])
        } else {
            of_axes(0, 4).map(|length| [length; 2])
        };
        let more = of_axes(0, 3);
        let output_padding = [0, 1, 2].map(|axis| if transposed { more[axis].min(stride[axis] - 1) } else { 0 });
        let [planes, rows, columns] = of_axes(1, 8);
        // Fewer outputs in a row than lanes, and several times as many.
        let columns = columns * [1, 1, 3, 6][upto(4) - 1];
        // As many channels as lanes, fewer, and several widths of panels.
        let width = [1, 2, 3, 4, 9, 16, 29][upto(7) - 1];
        let (groups, of_group, with_bias, inputs) = (upto(3), upto(3), upto(2) == 1, upto(5));
        let (first, second) = if transposed { (groups * of_group, width) } else { (groups * width, of_group) };
        let weight = values(&[first, second, taps[0], taps[1], taps[2]], || numbers.sparse());
        let bias = with_bias.then(|| Array1::from_shape_simple_fn(groups * width, || numbers.sparse()));
        let mut input = || match inputs {
            1 => numbers.ternary(),
            2 => numbers.sparse(),
            3 => numbers.real(),
            4 => [numbers.real(), 0.0, -0.0, 0.0][numbers.next() as usize % 4],
            _ => [1.0, -1.0][numbers.next() as usize % 2],
        };
        let case = Case {
            inputs: Array5::from_shape_simple_fn((2, groups * of_group, planes, rows, columns), &mut input),
            weight: weight.into_dimensionality().unwrap(),
            bias,
            axes,
            stride,
            padding,
            dilation,
            groups,
            transposed,
            output_padding,
        };
        if case.lengths().is_some() {
            return case;
        }
    }
}

#[test]
fn convolutions_match_a_loop_over_every_multiplication() {
    let mut numbers = Numbers::new(11);
    for round in 0..240 {
        let same = round % 4 == 0;
        any_case(&mut numbers, round % 3 + 1, false, same).check(same);
    }
}

#[test]
fn transposed_convolutions_match_a_loop_over_every_multiplication() {
    let mut numbers = Numbers::new(12);
    for round in 0..160 {
        any_case(&mut numbers, round % 2 + 1, true, false).check(false);
    }
}

#[test]
fn padding_counts_no_operations() {
    let config = ConvConfig::new().with_padding(1);
    let network =
        Network::builder([1, 4, 4]).conv2d("0", Array4::<f32>::ones((2, 1, 3, 3)), None, config).build().unwrap();
    let (_, counts) = run(&network, &Array4::<f32>::zeros((1, 1, 4, 4)).into());
    assert_eq!((counts.connections["0"].operations(), counts.connections["0"].dense), (0, 200));
}

/// Three cases of NeuroBench's tests (`test_synaptic_ops`): all inputs are 1, except a 4.
#[test]
fn counts_match_neurobench() {
    let two = |size: usize| {
        let builder = Network::builder([1, size, size]);
        (builder.conv2d("0", Array4::from_elem((1, 1, 3, 3), 0.25), None, ConvConfig::new()), vec![1, 1, size, size])
    };
    let one = Network::builder([5, 10]).conv1d("0", Array3::from_elem((1, 5, 5), -0.5), None, ConvConfig::new());
    for ((builder, shape), macs) in [(two(3), 9), (two(12), 900), ((one, vec![1, 5, 10]), 150)] {
        let mut inputs = ArrayD::<f32>::ones(shape);
        *inputs.first_mut().unwrap() = 4.0;
        let (_, counts) = run(&builder.relu("1").build().unwrap(), &inputs.into());
        assert_eq!((counts.macs(), counts.acs()), (macs, 0));
    }
}

#[test]
fn sums_start_again_at_every_step() {
    let builder = Network::builder([1, 3]).time_steps(true);
    let builder = builder.conv1d("0", array![[[1.0, 2.0]]], Some(array![0.5]), ConvConfig::new());
    let network = builder.leaky("1", LeakyConfig::new(0.0).with_threshold(3.0)).build().unwrap();
    // Currents: 5.5 and 2.5, then 0.5 and 6.5.
    let inputs = array![[[[1.0_f32, 2.0, 0.0]], [[0.0, 0.0, 3.0]]]];
    let (found, counts) = run(&network, &inputs.into());
    assert_eq!(found, array![[[[1.0_f32, 0.0]], [[0.0, 1.0]]]].into());
    // The input in the middle meets both outputs, those at the ends one each.
    assert_eq!(counts.connections["0"].operations(), 3 + 1);
}

// Outputs of PyTorch.

#[test]
fn outputs_match_pytorch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/convolutions");
    let recorded: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("reference.json")).unwrap()).unwrap();
    for (name, recorded) in recorded.as_object().unwrap() {
        let network = Network::load(folder.join(format!("{name}.toml"))).unwrap();
        let numbers = |key: &str| -> Vec<f32> { serde_json::from_value(recorded[key].clone()).unwrap() };
        let inputs = numbers("inputs");
        let samples = inputs.len() / network.input_shape().iter().product::<usize>();
        let shape: Vec<usize> = [samples].iter().chain(network.input_shape()).copied().collect();
        let (found, counts) = run(&network, &ArrayD::from_shape_vec(shape, inputs).unwrap().into());
        let found = f32s(&found);
        assert_eq!(serde_json::json!(found.shape()), recorded["output_shape"]);
        let expected = numbers("outputs");
        let largest = expected.iter().fold(0.0_f32, |largest, output| largest.max(output.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            // PyTorch adds in another order, and in lanes.
            assert!((found - expected).abs() <= 1e-6 * largest, "{name}: {found} instead of {expected}");
        }
        let (connections, activations) = (&recorded["connections"], &recorded["activations"]);
        assert_eq!(connections.as_object().unwrap().len(), counts.connections.len());
        for (path, count) in &counts.connections {
            let found = serde_json::json!({ "operations": count.operations(), "dense": count.dense });
            assert_eq!(found, connections[path], "{name}, layer {path}");
        }
        assert_eq!(activations.as_object().unwrap().len(), counts.activations.len());
        for (path, count) in &counts.activations {
            let found = serde_json::json!({ "nonzero": count.nonzero, "total": count.total });
            assert_eq!(found, activations[path], "{name}, layer {path}");
        }
        assert_eq!(network.layers().iter().map(Layer::bytes).sum::<u64>(), recorded["footprint"]);
        assert_eq!(network.layers().iter().map(Layer::parameter_count).sum::<u64>(), recorded["parameters"]);
    }
}

// Errors.

fn conv(config: ConvConfig) -> NetworkBuilder {
    Network::builder([2, 4, 5]).conv2d("c", Array4::<f32>::ones((3, 2, 3, 3)), None, config)
}

fn transposed(config: ConvTransposeConfig) -> NetworkBuilder {
    Network::builder([1, 2]).conv_transpose1d("c", array![[[1.0, 2.0]]], None, config)
}

#[test]
fn errors_name_the_key_or_shape_that_does_not_fit() {
    let new = ConvConfig::new;
    let weight = || Array4::<f32>::ones((3, 2, 3, 3));
    let normal = |mean: usize, variance: f64| BatchNormConfig::new(Array1::zeros(mean), Array1::from_elem(2, variance));
    let large = Array1::from_elem(2, 1e30);
    let huge = usize::MAX / 4;
    let cases = [
        (conv(new().with_stride(0)), "layer `c` (conv2d): `stride` must be at least 1"),
        (conv(new().with_dilation([1, 0])), "`dilation` must be at least 1"),
        (conv(new().with_stride([1])), "`stride` must have 2 numbers, found 1"),
        (conv(new().with_padding([1, 1, 1])), "`padding` must have 2 numbers, found 3"),
        (conv(new().with_padding(Padding::Same).with_stride(2)), "`padding` = \"same\" needs a `stride` of 1"),
        (conv(new().with_dilation(2)), "the window spans 5 positions, but the padded inputs have only 4"),
        (conv(new().with_dilation(huge)), "the window spans"),
        (conv(new().with_padding(usize::MAX)), "the window has too many positions to count"),
        (conv(new().with_padding(Extent::Same(huge / 2))), "too many elements"),
        (conv(new().with_groups(0)), "setting `groups` must be in `1..`, not 0"),
        (conv(new().with_groups(2)), "`groups` = 2 must divide `in_channels` = 4 and `out_channels` = 3"),
        (
            Network::builder([3, 4, 5]).conv2d("c", weight(), None, new()),
            "expected inputs of shape [2, height, width], found [3, 4, 5]",
        ),
        (
            Network::builder([2, 5]).conv2d("c", weight(), None, new()),
            "expected inputs of shape [2, height, width], found [2, 5]",
        ),
        (
            Network::builder([2, 4, 5]).conv1d("c", Array3::<f32>::ones((1, 2, 3)), None, new()),
            "layer `c` (conv1d): expected inputs of shape [2, length], found [2, 4, 5]",
        ),
        (
            Network::builder([2, 5, 5]).conv2d("c", weight(), Some(Array1::zeros(2)), new()),
            "tensor `c.bias` has shape [2], not [3]",
        ),
        (Network::builder([2, 5, 5]).conv2d("c", weight() * f32::INFINITY, None, new()), "every number must be finite"),
        (Network::builder([2, 5]).max_pool1d("p", &PoolConfig::new(0)), "`kernel_size` must be at least 1"),
        (Network::builder([2, 5]).max_pool1d("p", &PoolConfig::new(6)), "the window spans 6 positions"),
        (Network::builder([2, 5]).avg_pool1d("p", &PoolConfig::new(2).with_stride(0)), "`stride` must be at least 1"),
        (
            Network::builder([2, 5]).avg_pool1d("p", &PoolConfig::new(3).with_padding(2)),
            "`padding` must be at most half of the span of the window",
        ),
        (
            Network::builder([1, 2])
                .max_pool1d("p", &PoolConfig::new(2).with_stride(1).with_padding(1).with_dilation(3)),
            "layer `p` (max_pool1d): a window covers only padding",
        ),
        (Network::builder([1, 2]).adaptive_max_pool1d("p", 0), "`output_size` must be at least 1"),
        (Network::builder([1, 2]).adaptive_avg_pool2d("p", 1), "expected inputs of shape [channels, height, width]"),
        (Network::builder([1, 2]).adaptive_avg_pool1d("p", usize::MAX), "too many elements"),
        (transposed(ConvTransposeConfig::new().with_padding(2)), "there are no outputs, or too many to count"),
        (transposed(ConvTransposeConfig::new().with_stride(1 << 40)), "too many elements"),
        (
            transposed(ConvTransposeConfig::new().with_output_padding(1)),
            "`output_padding` must be less than `stride` or `dilation`",
        ),
        (
            Network::builder([5]).avg_pool2d("p", &PoolConfig::new(2)),
            "layer `p` (avg_pool2d): expected inputs of shape [channels, height, width], found [5]",
        ),
        (
            Network::builder([3]).batch_norm1d("b", normal(2, 1.0)),
            "expected inputs of shape [2] or [2, length], found [3]",
        ),
        (
            Network::builder([2]).batch_norm2d("b", normal(2, 1.0)),
            "expected inputs of shape [2, height, width], found [2]",
        ),
        (Network::builder([0; 0]).batch_norm1d("b", normal(0, 1.0)), "setting `num_features` must be in `1..`, not 0"),
        (Network::builder([3]).batch_norm1d("b", normal(3, 1.0)), "tensor `b.running_var` has shape [2], not [3]"),
        (
            Network::builder([2]).batch_norm1d("b", normal(2, -1.0)),
            "tensor `b.running_var` holds -1; the sum of a variance and `eps` must be finite and above 0",
        ),
        (
            Network::builder([2]).batch_norm1d("b", normal(2, 1.0).with_eps(-1.0)),
            "setting `eps` must be in `0.0..`, not -1.0",
        ),
        (
            Network::builder([2]).batch_norm1d("b", normal(2, 1e-20).with_eps(0.0).with_affine(large.clone(), large)),
            "; the scale or the shift is out of range for single precision",
        ),
        (Network::builder([1, usize::MAX / 8]).max_pool1d("p", &PoolConfig::new(2)), "] has too many elements"),
        (Network::builder([]).log_softmax("s"), "expected inputs with at least one axis"),
    ];
    for (builder, expected) in cases {
        let found = builder.build().map(drop).expect_err(expected).to_string();
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
}

/// The counter of a batch normalization is not used: any value is accepted, but it must be a single integer.
#[test]
fn counters_are_single_integers() {
    let folder = crate::common::directory("convolutions_counters");
    let file = folder.join("network.toml");
    let head = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [1]\n";
    fs::write(&file, format!("{head}[[layers]]\npath = \"b\"\nkind = \"batch_norm1d\"\nnum_features = 1\n")).unwrap();
    let load = |others: &[(&str, SafeDtype, Vec<usize>, Vec<u8>)]| {
        let one = || (SafeDtype::F32, vec![1], 1.0_f32.to_le_bytes().to_vec());
        let mut tensors = BTreeMap::from([("b.running_mean", one()), ("b.running_var", one())]);
        tensors.extend(others.iter().cloned().map(|(name, dtype, shape, bytes)| (name, (dtype, shape, bytes))));
        let views = tensors
            .iter()
            .map(|(name, (dtype, shape, bytes))| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
        fs::write(folder.join("w.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
        Network::load(&file).map(|network| network.layers()[0].bytes()).map_err(|error| error.to_string())
    };
    let counter = "b.num_batches_tracked";
    assert_eq!(load(&[]), Ok(8));
    assert_eq!(load(&[(counter, SafeDtype::I64, vec![], i64::MAX.to_le_bytes().to_vec())]), Ok(16));
    let cases = [
        ((counter, SafeDtype::I64, vec![1], vec![0; 8]), "tensor `b.num_batches_tracked` has shape [1], not []"),
        ((counter, SafeDtype::F32, vec![], vec![0; 4]), "tensor `b.num_batches_tracked` holds F32, not I64"),
        (("b.weight", SafeDtype::F32, vec![1], vec![0; 4]), "tensor `b.bias` is missing"),
        (("b.bias", SafeDtype::F32, vec![1], vec![0; 4]), "tensor `b.weight` is missing"),
    ];
    for (tensor, expected) in cases {
        let found = load(&[tensor]).expect_err(expected);
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
}

#[test]
fn errors_name_the_wrong_key() {
    let conv = "in_channels = 1\nout_channels = 1\n";
    let cases = [
        ("conv1d", format!("{conv}kernel_size = -1"), "expected a whole number"),
        ("conv1d", format!("{conv}kernel_size = 2.5"), "`kernel_size`"),
        ("conv1d", conv.to_owned(), "setting `kernel_size` is missing; it has no default"),
        ("conv1d", format!("{conv}kernel_size = [2, 2]"), "`kernel_size` must have 1 numbers, found 2"),
        ("conv1d", format!("{conv}kernel_size = 2\npadding = \"full\""), "\"same\" or \"valid\""),
        (
            "conv1d",
            format!("{conv}kernel_size = 2\npadding_mode = \"zeros\""),
            "no setting `padding_mode`; it has in_channels, ",
        ),
        ("conv1d", format!("{conv}kernel_size = 2"), "tensor `0.weight` is missing"),
        (
            "conv1d",
            "in_channels = 0\nout_channels = 1\nkernel_size = 1".to_owned(),
            "setting `in_channels` must be in `1..`, not 0",
        ),
        (
            "avg_pool1d",
            "kernel_size = 2\ndilation = 2".to_owned(),
            "no setting `dilation`; it has kernel_size, stride, ",
        ),
        (
            "sum_pool1d",
            "kernel_size = 2\nceil_mode = true".to_owned(),
            "no setting `ceil_mode`; it has kernel_size, stride, padding",
        ),
        ("avg_pool1d", String::new(), "setting `kernel_size` is missing; it has no default"),
        ("batch_norm1d", "num_features = 1".to_owned(), "tensor `0.running_mean` is missing"),
        ("batch_norm1d", "num_features = 1\neps = inf".to_owned(), "eps`: inf is not a finite number"),
        ("dropout", "p = 1.5".to_owned(), "setting `p` must be in `0.0..=1.0`, not 1.5"),
        ("log_softmax", "dim = 1".to_owned(), "no setting `dim`; it has axis"),
        ("conv4d", String::new(), "unknown layer kind `conv4d`"),
    ];
    let file = crate::common::directory("convolutions_keys").join("network.toml");
    for (kind, keys, expected) in cases {
        let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [1, 4]\n";
        fs::write(&file, format!("{head}[[layers]]\npath = \"0\"\nkind = \"{kind}\"\n{keys}\n")).unwrap();
        let found = Network::load(&file).map(drop).expect_err(expected).to_string();
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
}
