//! Layers that change shapes, normalize, or look up rows: hand-computed outputs and errors.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use crate::common::outputs;
use ndarray::{Array1, Array2, ArrayD, Axis, IxDyn, array};
use neurobench::model::{Dtype, Layer, LayerKind, Model, Tensor, TensorRole};
use neurobench::network::{BatchNormConfig, LayerNormConfig, Network, NetworkBuilder};

fn outputs_of(network: &Network, inputs: impl Into<Tensor>) -> Tensor {
    outputs(network, &inputs.into()).unwrap()
}

/// Loads a network file without weights with these layers.
fn load(name: &str, head: &str, layers: &[&str]) -> Result<Network, String> {
    let file = crate::common::directory(name).join("network.toml");
    let layers: String = layers.iter().map(|keys| format!("[[layers]]\n{keys}\n")).collect();
    fs::write(&file, format!("format = \"neurobench-network\"\nversion = 1\n{head}\n{layers}")).unwrap();
    Network::load(&file).map_err(|error| error.to_string())
}

#[test]
fn flatten_and_reshape_preserve_memory_order() {
    let flatten = "path = \"f\"\nkind = \"flatten\"\nstart_axis = 1\nend_axis = -2";
    let network = load("flatten_axes", "input_shape = [2, 3, 4, 5]", &[flatten]).unwrap();
    assert_eq!(network.output_shape(), [2, 12, 5]);
    let numbers = Array1::from_iter((0..120).map(|number| number as f32));
    let inputs = numbers.to_shape((1, 2, 3, 4, 5)).unwrap().to_owned();
    assert_eq!(outputs_of(&network, inputs), numbers.to_shape((1, 2, 12, 5)).unwrap().to_owned().into());

    let network = Network::builder([2, 3]).reshape("r", [3, 2]).softmax("s").build().unwrap();
    assert_eq!(network.output_shape(), [3, 2]);
    let half = array![[[0.5_f32, 0.5], [0.5, 0.5], [0.5, 0.5]]];
    assert_eq!(outputs_of(&network, array![[[1.0_f32, 1.0, 2.0], [2.0, 3.0, 3.0]]]), half.into());
}

#[test]
fn softmax_and_log_softmax_use_the_selected_axis() {
    let softmax = |kind: &str| format!("path = \"s\"\nkind = \"{kind}\"\naxis = 0");
    let third = 1.0_f32 / 3.0;
    let inputs = || array![[[0.0_f32, 7.0], [0.0, 7.0], [0.0, 7.0]]];
    let network = load("softmax_axis", "input_shape = [3, 2]", &[&softmax("softmax")]).unwrap();
    assert_eq!(outputs_of(&network, inputs()), ArrayD::from_elem(vec![1, 3, 2], third).into());
    let network = load("softmax_axis", "input_shape = [3, 2]", &[&softmax("log_softmax")]).unwrap();
    assert_eq!(outputs_of(&network, inputs()), ArrayD::from_elem(vec![1, 3, 2], -(3.0_f32.ln())).into());
}

#[test]
fn builders_match_files_for_layers_without_weights() {
    let inputs = ArrayD::from_shape_fn(IxDyn(&[4, 2, 3, 2]), |at| {
        (at[0] * 12 + at[1] * 6 + at[2] * 2 + at[3]) as f32 / 20.0 - 1.0
    });
    type Add = fn(NetworkBuilder) -> NetworkBuilder;
    let cases: [(&str, &str, Add); 5] = [
        ("softmax", "axis = -2", |builder| builder.softmax_along("l", -2)),
        ("log_softmax", "axis = 0", |builder| builder.log_softmax_along("l", 0)),
        ("flatten", "start_axis = 1\nend_axis = -1", |builder| builder.flatten_axes("l", 1, -1)),
        ("gelu", "approximate = \"tanh\"", |builder| builder.gelu_tanh("l")),
        ("gelu", "", |builder| builder.gelu("l")),
    ];
    let mut outputs = Vec::new();
    for (kind, keys, add) in cases {
        let layer = format!("path = \"l\"\nkind = \"{kind}\"\n{keys}");
        let file = load("said_in_rust", "input_shape = [2, 3, 2]", &[&layer]).unwrap();
        let built = add(Network::builder([2, 3, 2])).build().unwrap();
        assert_eq!(built.output_shape(), file.output_shape());
        outputs.push(outputs_of(&built, inputs.clone()));
        assert_eq!(outputs.last(), Some(&outputs_of(&file, inputs.clone())), "{kind}");
    }
    assert_ne!(outputs[3], outputs[4]);
}

#[test]
fn layers_are_concatenated_along_their_first_axis() {
    let builder = Network::builder([2, 2]).relu("a").identity("b").with_inputs(&["input", "a"]);
    let network = builder.concatenate("c", &["b", "input", "a"]).build().unwrap();
    let found = outputs_of(&network, array![[[1.0_f32, -1.0], [2.0, 3.0]], [[-4.0, 0.0], [0.0, 5.0]]]);
    let expected = array![
        [[2.0_f32, -1.0], [4.0, 6.0], [1.0, -1.0], [2.0, 3.0], [1.0, 0.0], [2.0, 3.0]],
        [[-4.0, 0.0], [0.0, 10.0], [-4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 5.0]]
    ];
    assert_eq!(found, expected.into());
}

#[test]
fn layers_are_concatenated_along_any_axis() {
    // More samples of several steps than run through a layer together, so that rows and blocks differ.
    let inputs = ArrayD::from_shape_fn(IxDyn(&[3, 70, 2, 3, 4]), |at| {
        (0..5).map(|axis| at[axis] as f32 * [10_000.0, 100.0, 20.0, 5.0, 1.0][axis]).sum::<f32>() - 700.0
    });
    for (axis, place) in [(0, 0), (1, 1), (2, 2), (-1, 2), (-3, 0)] {
        let builder = Network::builder([2, 3, 4]).time_steps(true).relu("a");
        let network = builder
            .concatenate_along("two", &["a", "input"], axis)
            .concatenate_along("all", &["input", "two", "a"], axis)
            .build()
            .unwrap();
        let relu = inputs.mapv(|number| number.max(0.0));
        let expected =
            ndarray::concatenate(Axis(place + 2), &[&inputs, &relu, &inputs, &relu].map(|array| array.view()));
        assert_eq!(network.output_shape()[place], [2, 3, 4][place] * 4);
        assert_eq!(outputs_of(&network, inputs.clone()), expected.unwrap().into(), "{axis}");
    }
    let differ = |axis| {
        let builder = Network::builder([2, 3]).softmax("a").concatenate_along("wide", &["a", "input"], 1);
        builder.concatenate_along("c", &["a", "wide"], axis).build().unwrap_err().to_string()
    };
    let expected = "layer `c`: `inputs` cannot be concatenated along axis 0: `wide` has shape [2, 6] after [2, 3]";
    assert_eq!(differ(0), expected);
    assert!(differ(2).contains("along axis 2: `a` has shape [2, 3]"));
}

#[test]
fn constants_are_the_same_for_every_sample_and_step() {
    let value = array![[0.5, -2.0], [0.0, 8.0]].into_dyn();
    let builder = Network::builder([2, 2]).time_steps(true).constant_outputs("k", &value);
    let network = builder.identity("sum").with_inputs(&["input", "k"]).build().unwrap();
    let inputs = ndarray::Array4::<f32>::ones((3, 5, 2, 2));
    let expected = inputs.clone() + value.mapv(|number| number as f32);
    assert_eq!(outputs_of(&network, inputs), expected.into());
    assert_eq!(network.layers().iter().map(Layer::bytes).sum::<u64>(), 0);

    let layers = [
        "path = \"k\"\nkind = \"constant\"\ninputs = []\nvalue = 3\nshape = [2]",
        "path = \"sum\"\nkind = \"identity\"\ninputs = [\"input\", \"k\"]",
    ];
    let network = load("constant_number", "input_shape = [2]", &layers).unwrap();
    assert_eq!(outputs_of(&network, array![[1.0_f32, 2.0]]), array![[4.0_f32, 5.0]].into());
}

#[test]
fn layer_normalization_matches_hand_computed_values() {
    // Of [1, 3] the mean is 2 and the variance 1; with `eps` 3 the deviation is 2.
    let (weight, bias) = (array![4.0, 8.0].into_dyn(), array![0.5, 0.0].into_dyn());
    let config = LayerNormConfig::new([2]).with_weight(weight).with_bias(bias).with_eps(3.0);
    let network = Network::builder([2, 2]).layer_norm("n", config).build().unwrap();
    let found = outputs_of(&network, array![[[1.0_f32, 3.0], [5.0, 5.0]]]);
    assert_eq!(found, array![[[-1.5_f32, 4.0], [0.5, 0.0]]].into());
    let layer = &network.layers()[0];
    assert_eq!((layer.parameter_count(), layer.bytes()), (4, 16));
    assert!(layer.parameters().iter().all(|tensor| tensor.role != TensorRole::Weight));

    // Without a weight and a bias it stores no tensors.
    let plain = LayerNormConfig::new([2]).with_eps(3.0);
    let network = Network::builder([2, 2]).layer_norm("n", plain).build().unwrap();
    assert_eq!(
        outputs_of(&network, array![[[1.0_f32, 3.0], [5.0, 5.0]]]),
        array![[[-0.5_f32, 0.5], [0.0, 0.0]]].into()
    );
    assert_eq!(network.layers()[0].parameter_count(), 0);

    let both = "path = \"n\"\nkind = \"layer_norm\"\nnormalized_shape = [2, 2]\neps = 1.0";
    let network = load("layer_norm_axes", "input_shape = [2, 2]\ndtype = \"f64\"", &[both]).unwrap();
    // The mean is 3, the variance 3, the deviation 2.
    let found = outputs_of(&network, array![[[0.0_f64, 4.0], [4.0, 4.0]]]);
    assert_eq!(found, array![[[-1.5_f64, 0.5], [0.5, 0.5]]].into());
}

#[test]
fn batch_normalization_over_three_axes() {
    let config = BatchNormConfig::new(array![1.0, -2.0], array![4.0, 0.25]).with_eps(0.0);
    let network = Network::builder([2, 1, 1, 2]).batch_norm3d("0", config).build().unwrap();
    let found = outputs_of(&network, array![[[[[5.0_f32, 1.0]]], [[[-2.0, -1.0]]]]]);
    assert_eq!(found, array![[[[[2.0_f32, 0.0]]], [[[0.0, 2.0]]]]].into());
}

#[test]
fn embeddings_look_up_rows_and_reject_other_inputs() {
    let weight = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
    let network = Network::builder([2]).embedding("e", weight.clone()).relu("r").build().unwrap();
    let found = outputs_of(&network, array![[2_i64, 0], [1, 1]]);
    let expected = weight.select(Axis(0), &[2, 0, 1, 1]).to_shape((2, 2, 2)).unwrap().to_owned();
    assert_eq!(found, expected.into());
    for wrong in [3.0_f32, -1.0, 0.5, 1e30] {
        let error = outputs(&network, &array![[0.0, wrong]].into()).unwrap_err().to_string();
        assert_eq!(error, format!("layer `e`: input {wrong} is not a whole number from 0 to 2"));
    }
    // A session can be used after a pass has failed.
    let mut probe = neurobench::model::Probe::new(neurobench::metric::Needs::NONE, network.layers());
    let (mut session, mut after) = (network.session(), Tensor::default());
    session.forward(&array![[0.0_f32, 7.0]].into(), &mut probe, &mut after).unwrap_err();
    session.forward(&array![[0.0_f32, 1.0]].into(), &mut probe, &mut after).unwrap();
    assert_eq!(after, array![[[1.0_f32, 2.0], [3.0, 4.0]]].into());
}

#[test]
fn errors_name_keys_that_do_not_fit() {
    let cases = [
        ("kind = \"flatten\"\nstart_axis = 2", "`start_axis` = 2 is not an axis of inputs of shape [2, 3]"),
        ("kind = \"flatten\"\nstart_axis = -1\nend_axis = 0", "`start_axis` comes after `end_axis`"),
        ("kind = \"reshape\"\nshape = [5]", "cannot reshape inputs of shape [2, 3] to [5]"),
        ("kind = \"reshape\"\nshape = [9223372036854775807, 4]", "cannot reshape inputs"),
        ("kind = \"softmax\"\naxis = -3", "`axis` = -3 is not an axis"),
        ("kind = \"softmax\"\naxis = -9223372036854775808", "is not an axis"),
        ("kind = \"concatenate\"\naxis = 2", "cannot be concatenated along axis 2: `input` has shape [2, 3]"),
        ("kind = \"concatenate\"\naxis = -9223372036854775808", "cannot be concatenated along axis -922"),
        (
            "kind = \"concatenate\"\naxis = \"1\"",
            "layer `l` (concatenate): setting `axis`: expected a whole number, found text",
        ),
        (
            "kind = \"concatenate\"\naxes = 1",
            "layer `l` (concatenate): no setting `axes`; it has axis; did you mean `axis`?",
        ),
        ("kind = \"constant\"\nvalue = 1", "must be empty: this kind takes no inputs"),
        ("kind = \"constant\"\ninputs = []\nvalue = [[1], [1, 2]]", "the lists in `value` have different shapes"),
        ("kind = \"constant\"\ninputs = []\nvalue = [1, 2]\nshape = [3]", "`value` has shape [2], but `shape` is [3]"),
        ("kind = \"constant\"\ninputs = []\nvalue = []", "`value` must contain at least one number"),
        ("kind = \"constant\"\ninputs = []\nvalue = [1, inf]", "value[1]`: inf is not a finite number"),
        ("kind = \"constant\"\ninputs = []\nvalue = 1e300", "every number must be finite"),
        ("kind = \"constant\"\ninputs = []\nvalue = 1\nshape = [1000000, 1000000]", "have too many elements"),
        (
            "kind = \"constant\"\ninputs = []\nvalue = \"1\"",
            "expected a number, a list of numbers, or a list of such lists",
        ),
        (
            "kind = \"layer_norm\"\nnormalized_shape = [2]",
            "expected inputs whose last axes are [2], found shape [2, 3]",
        ),
        ("kind = \"layer_norm\"\nnormalized_shape = []", "expected inputs whose last axes are []"),
        (
            "kind = \"layer_norm\"\nnormalized_shape = [3]\neps = 0",
            "`eps` must be above 0 and within the range of single precision, found 0.0",
        ),
        ("kind = \"leaky_relu\"\nnegative_slope = nan", "negative_slope`: nan is not a finite number"),
        ("kind = \"gelu\"\napproximate = \"erf\"", "unknown value `erf`; expected one of `none`, `tanh`"),
        (
            "kind = \"embedding\"\nnum_embeddings = 0\nembedding_dim = 1",
            "setting `num_embeddings` must be in `1..`, not 0",
        ),
        (
            "kind = \"embedding\"\nnum_embeddings = 16777217\nembedding_dim = 1",
            "`num_embeddings` is 16777217, but single precision represents whole numbers only up to 16777216",
        ),
        ("kind = \"embedding\"\nnum_embeddings = 1\nembedding_dim = 1", "tensor `l.weight` is missing"),
    ];
    for (keys, expected) in cases {
        let layer = format!("path = \"l\"\n{keys}");
        let found = load("shapes_and_norms_keys", "input_shape = [2, 3]", &[&layer]).map(drop).expect_err(expected);
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
    let huge = Network::builder([1 << 13]).embedding("e", Array2::<f32>::ones((1, 1 << 16))).build();
    assert!(huge.unwrap_err().to_string().contains("have too many elements"));
}

#[test]
fn batch_normalization_matches_hand_computed_values_and_stores_its_tensors() {
    let config = BatchNormConfig::new(array![1.0, -2.0], array![4.0, 0.25]).with_eps(0.0);
    let config = config.with_affine(array![3.0, 0.5], array![0.0, -1.0]);
    let network = Network::builder([2, 2]).batch_norm1d("0", config.clone()).build().unwrap();
    let found = outputs(&network, &array![[[5.0_f32, 1.0], [-2.0, -1.0]]].into()).unwrap();
    assert_eq!(found, array![[[6.0_f32, 0.0], [-1.0, 0.0]]].into());
    let layer = &network.layers()[0];
    assert_eq!((layer.kind(), layer.parameter_count(), layer.bytes()), (LayerKind::Other, 4, 16 + 16 + 8));
    assert!(layer.parameters().iter().all(|tensor| tensor.role != TensorRole::Weight));
    assert_eq!(layer.buffers().last().unwrap().dtype, Dtype::I64);

    let flat = Network::builder([2]).batch_norm1d("0", config.clone()).build().unwrap();
    assert_eq!(outputs(&flat, &array![[5.0_f32, -1.0]].into()).unwrap(), array![[6.0_f32, 0.0]].into());
    let two = Network::builder([2, 1, 2]).batch_norm2d("0", config).build().unwrap();
    let found = outputs(&two, &array![[[[5.0_f32, 1.0]], [[-2.0, -1.0]]]].into()).unwrap();
    assert_eq!(found, array![[[[6.0_f32, 0.0]], [[-1.0, 0.0]]]].into());
}

/// The output for zero is the shift, which PyTorch 2.6 rounds once. The result of 0.3 - 0.4·0.8/√2 would be the next number if the
/// product were rounded separately.
#[test]
fn the_shift_of_batch_normalization_is_rounded_once() {
    let config = BatchNormConfig::new(array![0.4], array![2.0]).with_eps(0.0).with_affine(array![0.8], array![0.3]);
    let network = Network::builder([1]).batch_norm1d("0", config).build().unwrap();
    assert_eq!(outputs(&network, &array![[0.0_f32]].into()).unwrap(), array![[0.073_725_83_f32]].into());
    let scale = 1.0 / 2.0_f32.sqrt() * 0.8;
    assert_ne!(0.3 - 0.4 * scale, 0.073_725_83_f32);
}

#[test]
fn log_softmax_uses_the_last_axis_and_dropout_returns_its_inputs() {
    let network = Network::builder([2, 2]).dropout("0").log_softmax("1").build().unwrap();
    let found = outputs(&network, &array![[[0.0_f32, 0.0], [1000.0, -1000.0]]].into()).unwrap();
    let half = 0.5_f32.ln();
    assert_eq!(found, array![[[half, half], [0.0, -2000.0]]].into());
    let network = Network::builder([2]).dropout("0").build().unwrap();
    assert_eq!(outputs(&network, &array![[0.5_f32, -1.0]].into()).unwrap(), array![[0.5_f32, -1.0]].into());
}
