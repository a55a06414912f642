//! NIR graphs from files and into files: those of the Python package, and everything that may be wrong with a file.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use hdf5_writer::{DatasetBuilder, Hdf5Builder, WriteOptions};
use ndarray::{ArrayD, arr1};
use neurobench_core::import::nir::{
    Convolution, DEPTH_LIMIT, Graph, Metadata, NirError, Node, Padding, Parameter, Pooling, Primitive, Value,
};
use proptest::prelude::*;

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nir").join(format!("{name}.nir"))
}

/// What the Python script calls by this name.
fn ramp(start: f32, shape: &[usize]) -> Parameter {
    wide_ramp(start, shape).mapv(|value| value as f32).into()
}

fn wide_ramp(start: f32, shape: &[usize]) -> ArrayD<f64> {
    let values = (0..shape.iter().product()).map(|index: usize| f64::from(start) + index as f64 / 8.0);
    ArrayD::from_shape_vec(shape, values.collect()).unwrap()
}

fn wide(start: f32, shape: &[usize]) -> Parameter {
    wide_ramp(start, shape).into()
}

fn node(primitive: Primitive) -> Node {
    Node { primitive, metadata: Metadata::new() }
}

fn graph<'a>(nodes: impl IntoIterator<Item = (&'a str, Primitive)>, edges: &[(&str, &str)]) -> Graph {
    Graph {
        nodes: nodes.into_iter().map(|(name, primitive)| (name.to_owned(), node(primitive))).collect(),
        edges: edges.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
        metadata: Metadata::new(),
    }
}

fn input(shape: &[usize]) -> Primitive {
    Primitive::Input { shape: shape.to_vec() }
}

fn output(shape: &[usize]) -> Primitive {
    Primitive::Output { shape: shape.to_vec() }
}

fn linear(start: f32, outputs: usize, inputs: usize) -> Primitive {
    Primitive::Linear { weight: ramp(start, &[outputs, inputs]) }
}

fn lif(neurons: usize) -> Primitive {
    let (one, zero) = (ramp(1.0, &[neurons]), ramp(0.0, &[neurons]));
    let v_reset = Parameter::F32(ArrayD::zeros(vec![neurons]));
    Primitive::Lif { tau: one.clone(), r: one.clone(), v_leak: zero, v_threshold: one, v_reset }
}

fn metadata<const COUNT: usize>(values: [(&str, Value); COUNT]) -> Metadata {
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// `primitives` of the Python script.
fn primitives() -> Graph {
    let (one, two) = (&[3][..], &[2, 2][..]);
    let conv2d = |weight, bias, stride, padding, dilation, groups| {
        Primitive::Conv2d(Convolution { input_shape: Some([6, 5]), weight, stride, padding, dilation, groups, bias })
    };
    let nodes = [
        ("input", input(&[2, 6, 5])),
        ("affine", Primitive::Affine { weight: ramp(-1.0, &[3, 4]), bias: ramp(2.0, &[3]) }),
        ("several matrices", Primitive::Affine { weight: ramp(-1.0, &[2, 3, 4]), bias: ramp(2.0, &[2, 3]) }),
        ("linear", Primitive::Linear { weight: wide(0.0, &[2, 3]) }),
        ("scale", Primitive::Scale { scale: ramp(1.0, &[4]) }),
        (
            "conv1d",
            Primitive::Conv1d(Convolution {
                input_shape: Some([9]),
                weight: ramp(0.0, &[4, 1, 3]),
                stride: [2],
                padding: Padding::Explicit([1]),
                dilation: [3],
                groups: 2,
                bias: ramp(0.0, &[4]),
            }),
        ),
        (
            "conv1d same",
            Primitive::Conv1d(Convolution {
                input_shape: Some([9]),
                weight: ramp(0.0, &[4, 2, 3]),
                stride: [1],
                padding: Padding::Same,
                dilation: [1],
                groups: 1,
                bias: ramp(0.0, &[4]),
            }),
        ),
        ("conv2d", conv2d(wide(0.0, &[2, 2, 3, 2]), wide(1.0, &[2]), [2, 1], Padding::Explicit([1, 0]), [1, 2], 1)),
        ("conv2d one", conv2d(ramp(0.0, &[2, 1, 3, 3]), ramp(1.0, &[2]), [2, 2], Padding::Explicit([1, 1]), [1, 1], 2)),
        ("conv2d valid", conv2d(ramp(0.0, &[2, 2, 3, 3]), ramp(1.0, &[2]), [1, 1], Padding::Valid, [1, 1], 1)),
        ("sum", Primitive::SumPool2d(Pooling { kernel_size: [2, 3], stride: [2, 1], padding: [0, 1] })),
        ("average", Primitive::AvgPool2d(Pooling { kernel_size: [2, 2], stride: [2, 2], padding: [1, 1] })),
        ("flatten", Primitive::Flatten { start_dim: 0, end_dim: -1, input_type: Some(vec![2, 6, 5]) }),
        ("threshold", Primitive::Threshold { threshold: ramp(1.0, one) }),
        ("delay", Primitive::Delay { delay: wide(0.0, one) }),
        ("i", Primitive::I { r: ramp(1.0, one) }),
        ("li", Primitive::Li { tau: ramp(1.0, one), r: ramp(2.0, one), v_leak: ramp(3.0, one) }),
        ("if", Primitive::If { r: ramp(1.0, one), v_threshold: ramp(2.0, one), v_reset: ramp(-1.0, one) }),
        (
            "lif",
            Primitive::Lif {
                tau: ramp(1.0, two),
                r: ramp(2.0, two),
                v_leak: ramp(3.0, two),
                v_threshold: ramp(4.0, two),
                v_reset: Parameter::F32(ArrayD::zeros(two)),
            },
        ),
        (
            "cubali",
            Primitive::CubaLi {
                tau_syn: ramp(1.0, one),
                tau_mem: ramp(2.0, one),
                r: ramp(3.0, one),
                v_leak: ramp(4.0, one),
                w_in: ramp(5.0, one),
            },
        ),
        (
            "cubalif",
            Primitive::CubaLif {
                tau_syn: wide(1.0, one),
                tau_mem: wide(2.0, one),
                r: wide(3.0, one),
                v_leak: wide(4.0, one),
                v_threshold: wide(5.0, one),
                v_reset: wide(6.0, one),
                w_in: Parameter::F64(ArrayD::ones(one)),
            },
        ),
        ("größe.1 → 2", Primitive::Scale { scale: ramp(1.0, &[4]) }),
        ("output", output(&[3])),
    ];
    let mut graph = graph(nodes, &[("input", "conv2d"), ("affine", "lif"), ("größe.1 → 2", "output")]);
    graph.metadata = metadata([("made_by", text("record_nir.py"))]);
    graph.nodes.get_mut("input").unwrap().metadata = metadata([("source", text("a camera"))]);
    graph.nodes.get_mut("lif").unwrap().metadata = metadata([
        ("reset_mechanism", text("subtract")),
        ("dt", Value::Float(0.125)),
        ("steps", Value::Integer(7)),
        ("learned", Value::Boolean(true)),
        ("single", Value::Float(0.5)),
        ("delays", Value::Integers(arr1(&[1, 2, 3]).into_dyn())),
        ("betas", Value::Numbers(ramp(0.0, &[2]))),
        ("names", Value::Texts(vec!["first".to_owned(), "zweiter Tag: größer".to_owned()])),
        ("more", Value::Map(metadata([("nested", text("text"))]))),
    ]);
    graph
}

/// `nested` of the Python script.
fn nested() -> Graph {
    let inner = graph(
        [("in", input(&[2])), ("lif", lif(2)), ("w", linear(0.0, 2, 2)), ("out", output(&[2]))],
        &[("in", "lif"), ("lif", "out"), ("w", "lif"), ("lif", "w")],
    );
    let mut middle = graph(
        [
            ("input", input(&[3])),
            ("fc", linear(0.0, 2, 3)),
            ("deep", Primitive::Graph(inner)),
            ("output", output(&[2])),
        ],
        &[("deep", "output"), ("fc", "deep"), ("input", "fc")],
    );
    middle.nodes.get_mut("deep").unwrap().metadata = metadata([("role", text("recurrent"))]);
    graph(
        [
            ("input", input(&[3])),
            ("block", Primitive::Graph(middle)),
            ("readout", linear(1.0, 1, 2)),
            ("output", output(&[1])),
        ],
        &[("block", "readout"), ("readout", "output"), ("input", "block")],
    )
}

// Files of the Python package.

#[test]
fn every_primitive_of_the_python_package_is_read() {
    assert_eq!(Graph::read(recorded("primitives")).unwrap(), primitives());
}

#[test]
fn graphs_within_graphs_are_read() {
    assert_eq!(Graph::read(recorded("nested")).unwrap(), nested());
}

#[test]
fn a_file_of_the_first_version_resets_to_zero() {
    let three = &[3][..];
    let neurons = Primitive::Lif {
        tau: ramp(0.0, three),
        r: ramp(1.0, three),
        v_leak: ramp(2.0, three),
        v_threshold: ramp(3.0, three),
        v_reset: Parameter::F32(ArrayD::zeros(three)),
    };
    let nodes = [("input", input(three)), ("0", neurons), ("output", output(three))];
    assert_eq!(Graph::read(recorded("old")).unwrap(), graph(nodes, &[("input", "0"), ("0", "output")]));
}

// Files of our own.

/// What is left there is for `record_nir.py --check`.
fn own(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nir");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.nir"))
}

#[test]
fn what_is_written_is_read_back() {
    for (name, graph) in [("primitives", primitives()), ("nested", nested())] {
        let file = own(name);
        graph.write(&file).unwrap();
        assert_eq!(Graph::read(&file).unwrap(), graph, "{name}");
    }
}

#[test]
fn what_numpy_has_no_name_for_is_written_and_read_back() {
    let single = |value: f32| Parameter::F32(ArrayD::from_elem(vec![], value));
    let mut odd = graph(
        [
            ("one neuron without axes", Primitive::Threshold { threshold: single(1.5) }),
            ("no axes", input(&[])),
            ("empty", Primitive::Graph(Graph::default())),
            ("large", Primitive::Scale { scale: ramp(0.0, &[3, 700, 301]) }),
            ("unknown", Primitive::Flatten { start_dim: -2, end_dim: 5, input_type: None }),
        ],
        &[],
    );
    odd.metadata = metadata([
        ("nothing", Value::Map(Metadata::new())),
        ("no text", text("")),
        ("no texts", Value::Texts(vec![])),
        ("no integers", Value::Integers(arr1(&[]).into_dyn())),
        ("false", Value::Boolean(false)),
        ("infinite", Value::Float(f64::INFINITY)),
    ]);
    let file = odd.to_bytes().unwrap();
    assert_eq!(Graph::from_bytes(file).unwrap(), odd);
}

#[test]
fn a_graph_of_thousands_of_nodes_is_written_and_read_back() {
    let names: Vec<String> = (0..5000).map(|index| format!("node number {index}")).collect();
    let edges: Vec<(&str, &str)> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    let chain = graph(names.iter().map(|name| (name.as_str(), Primitive::I { r: ramp(1.0, &[1]) })), &edges);
    assert_eq!(Graph::from_bytes(chain.to_bytes().unwrap()).unwrap(), chain);
    assert_eq!(chain.order().nodes, names);
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let file = own("replaced");
    nested().write(&file).unwrap();
    let before = fs::read(&file).unwrap();
    let broken = graph([("input", input(&[1]))], &[("input", "nowhere")]);
    assert!(matches!(broken.write(&file), Err(NirError::InFile { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
    primitives().write(&file).unwrap();
    assert_eq!(Graph::read(&file).unwrap(), primitives());
    let beside = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let strangers: Vec<PathBuf> = beside.filter(|path| path.extension().is_none_or(|name| name != "nir")).collect();
    assert_eq!(strangers, Vec::<PathBuf>::new());
    assert!(matches!(nested().write("no such folder/x.nir"), Err(NirError::Write { .. })));
}

// Graphs and files that are wrong.

/// What is wrong with a graph, whether it is to be written, or, with the same words, is read.
fn problem(graph: &Graph) -> String {
    graph.check().unwrap_err().to_string()
}

#[test]
fn wrong_edges_are_named() {
    let ends = || [("input", input(&[1])), ("fc", linear(0.0, 1, 1)), ("output", output(&[1]))];
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("input", "fcc")], "the edge from `input` to `fcc`: there is no node `fcc`; did you mean `fc`?"),
        (&[("input", "fc"), ("input", "fc")], "the edge from `input` to `fc` is there twice"),
        (&[("fc", "input")], "the edge from `fc` to `input`: nothing leads to an input"),
        (&[("output", "fc")], "the edge from `output` to `fc`: nothing comes from an output"),
    ];
    for (edges, expected) in cases {
        assert_eq!(problem(&graph(ends(), edges)), expected);
        let outer = graph([("block", Primitive::Graph(graph(ends(), edges)))], &[]);
        let within = problem(&outer);
        assert!(within.contains("block/"), "{within}");
    }
}

#[test]
fn wrong_parameters_are_named() {
    let conv = |weight: &[usize], bias: usize, stride, groups| {
        Primitive::Conv2d(Convolution {
            input_shape: None,
            weight: ramp(0.0, weight),
            stride,
            padding: Padding::Valid,
            dilation: [1, 1],
            groups,
            bias: ramp(0.0, &[bias]),
        })
    };
    let mut nan = wide_ramp(0.0, &[2, 2]);
    nan[[1, 0]] = f64::NAN;
    let cases = [
        (Primitive::Linear { weight: ramp(0.0, &[4]) }, "(Linear): `weight` has the shape [4], which is no matrix"),
        (
            Primitive::Affine { weight: ramp(0.0, &[3, 4]), bias: ramp(0.0, &[4]) },
            "(Affine): `bias` has the shape [4], not [3]",
        ),
        (Primitive::Scale { scale: nan.into() }, "(Scale): `scale` has NaN at [1, 0]"),
        (Primitive::Scale { scale: ramp(0.0, &[2, 0]) }, "(Scale): `scale` has an axis of length zero: [2, 0]"),
        (
            Primitive::Li { tau: ramp(1.0, &[3]), r: ramp(1.0, &[3]), v_leak: ramp(1.0, &[3, 1]) },
            "(LI): `v_leak` has the shape [3, 1], not [3]",
        ),
        (
            conv(&[4, 3, 2], 4, [1, 1], 1),
            "(Conv2d): `weight` has the shape [4, 3, 2], not [output channels, input channels / groups] and 2 taps",
        ),
        (conv(&[4, 3, 2, 2], 3, [1, 1], 1), "(Conv2d): `bias` has the shape [3], not [4]"),
        (conv(&[4, 3, 2, 2], 4, [1, 0], 1), "(Conv2d): `stride` must not have a zero: [1, 0]"),
        (conv(&[4, 3, 2, 2], 4, [1, 1], 3), "(Conv2d): `groups` is 3, of which 4 output channels are no multiple"),
        (
            Primitive::Flatten { start_dim: 0, end_dim: 3, input_type: Some(vec![2, 3]) },
            "(Flatten): `end_dim` is 3, which is no axis of [2, 3]",
        ),
        (
            Primitive::Flatten { start_dim: -1, end_dim: 0, input_type: Some(vec![2, 3]) },
            "(Flatten): `end_dim` is 0, which is before the first axis to flatten, -1",
        ),
        (input(&[3, 0]), "(Input): `shape` must not have a zero: [3, 0]"),
    ];
    for (primitive, expected) in cases {
        assert_eq!(problem(&graph([("x", primitive)], &[])), format!("node `x` {expected}"));
    }
}

#[test]
fn names_that_hdf5_cannot_hold_are_refused() {
    for name in ["", ".", "a/b", "a\0b"] {
        let error = graph([(name, input(&[1]))], &[]).to_bytes().unwrap_err();
        assert!(matches!(error, NirError::Name { .. }), "{error}");
    }
}

#[test]
fn graphs_nest_to_the_limit_and_no_deeper() {
    let levels = |count| (1..count).fold(Graph::default(), |inner, _| graph([("g", Primitive::Graph(inner))], &[]));
    let deepest = levels(DEPTH_LIMIT);
    assert_eq!(Graph::from_bytes(deepest.to_bytes().unwrap()).unwrap(), deepest);
    assert!(matches!(levels(DEPTH_LIMIT + 1).to_bytes(), Err(NirError::TooDeep { .. })));

    // The writer here would not make such a file; another might.
    let texts = |path: String, texts: &[&str]| DatasetBuilder::vlen_string_data(path, vec![], texts).unwrap();
    let mut file = Hdf5Builder::new();
    for level in 0..40 {
        let path = format!("node{}", "/nodes/g".repeat(level));
        file = file.dataset(texts(format!("{path}/type"), &["NIRGraph"]));
        file = file.dataset(DatasetBuilder::typed_data::<f64>(format!("{path}/edges"), vec![0], &[]).unwrap());
    }
    assert!(matches!(Graph::from_bytes(encoded(file)), Err(NirError::TooDeep { .. })));
}

fn encoded(file: Hdf5Builder) -> Vec<u8> {
    file.into_plan().unwrap().encode(WriteOptions::default()).unwrap()
}

/// A file with one node, which has these data sets.
fn with_node(kind: &str, datasets: impl IntoIterator<Item = DatasetBuilder>) -> Vec<u8> {
    let text = |path: &str, text: &str| DatasetBuilder::vlen_string_data(path, vec![], &[text]).unwrap();
    let file = Hdf5Builder::new()
        .dataset(text("version", "1.0.8"))
        .dataset(text("node/type", "NIRGraph"))
        .dataset(DatasetBuilder::vlen_string_data::<&str>("node/edges", vec![0, 2], &[]).unwrap())
        .dataset(text("node/nodes/x/type", kind));
    encoded(datasets.into_iter().fold(file, Hdf5Builder::dataset))
}

fn numbers(parameter: &str, shape: &[u64], values: &[f32]) -> DatasetBuilder {
    DatasetBuilder::typed_data(format!("node/nodes/x/{parameter}"), shape, values).unwrap()
}

fn integers(parameter: &str, shape: &[u64], values: &[i32]) -> DatasetBuilder {
    DatasetBuilder::typed_data(format!("node/nodes/x/{parameter}"), shape, values).unwrap()
}

#[test]
fn what_other_programs_may_write_is_read() {
    let pool = ["kernel_size", "stride", "padding"].map(|name| integers(name, &[], &[2]));
    let sizes = [2, 2];
    let expected = Primitive::SumPool2d(Pooling { kernel_size: sizes, stride: sizes, padding: sizes });
    assert_eq!(Graph::from_bytes(with_node("SumPool2d", pool)).unwrap(), graph([("x", expected)], &[]));

    let scale = integers("scale", &[2], &[3, -4]);
    let expected = Primitive::Scale { scale: Parameter::F64(arr1(&[3.0, -4.0]).into_dyn()) };
    assert_eq!(Graph::from_bytes(with_node("Scale", [scale])).unwrap(), graph([("x", expected)], &[]));

    let others = ["tau_syn", "tau_mem", "r", "v_leak"];
    let expected = |w_in: f32| {
        let ramp = || ramp(1.0, &[2]);
        let w_in = Parameter::F32(arr1(&[w_in, w_in]).into_dyn());
        graph([("x", Primitive::CubaLi { tau_syn: ramp(), tau_mem: ramp(), r: ramp(), v_leak: ramp(), w_in })], &[])
    };
    let without = with_node("CubaLI", others.map(|name| numbers(name, &[2], &[1.0, 1.125])));
    assert_eq!(Graph::from_bytes(without).unwrap(), expected(1.0));
    let with = others.map(|name| numbers(name, &[2], &[1.0, 1.125])).into_iter().chain([numbers("w_in", &[], &[2.5])]);
    assert_eq!(Graph::from_bytes(with_node("CubaLI", with)).unwrap(), expected(2.5));
}

#[test]
fn what_has_no_place_in_a_node_or_is_missing_is_named() {
    let weight = || numbers("weight", &[1, 2], &[1.0, 2.0]);
    let text = |name: &str| DatasetBuilder::vlen_string_data(format!("node/nodes/x/{name}"), vec![], &["x"]).unwrap();
    let conv = |name, value: DatasetBuilder| {
        let settings = ["stride", "padding", "dilation", "groups"].into_iter().filter(|other| *other != name);
        let settings = settings.map(|name| integers(name, &[], &[1]));
        let arrays = [numbers("weight", &[1, 1, 1], &[1.0]), numbers("bias", &[1], &[0.0])];
        with_node("Conv1d", settings.chain(arrays).chain([value]).collect::<Vec<_>>())
    };
    let cases = [
        (with_node("Linaer", [weight()]), "node `x`: no node type `Linaer`; did you mean `Linear`?"),
        (with_node("Affine", [weight()]), "node `x` (Affine) has no parameter `bias`"),
        (
            with_node("Linear", [weight(), numbers("weights", &[1], &[1.0])]),
            "node `x` (Linear) takes no parameter `weights`; did you mean `weight`?",
        ),
        (with_node("Linear", [text("weight")]), "node `x` (Linear): `weight` is not numbers"),
        (with_node("Linear", [numbers("weight", &[2], &[1.0, 2.0])]), "node `x` (Linear): `weight` has the shape [2]"),
        (with_node("Scale", [numbers("scale", &[1], &[f32::INFINITY])]), "node `x` (Scale): `scale` has inf at [0]"),
        (with_node("Input", [integers("shape", &[1], &[-3])]), "node `x` (Input): `shape` has a negative length"),
        (with_node("Input", [numbers("shape", &[1], &[3.0])]), "node `x` (Input): `shape` is not integers"),
        (conv("padding", text("padding")), "node `x` (Conv1d): `padding` is `x`; it may be `same`, `valid` or numbers"),
        (conv("stride", integers("stride", &[1], &[-1])), "node `x` (Conv1d): `stride` has -1, which is negative"),
        (
            conv("stride", integers("stride", &[2], &[1, 1])),
            "node `x` (Conv1d): `stride` has the shape [2]; it may be one number or 1",
        ),
        (with_node("Scale", [text("scale/type")]), "`node/nodes/x/scale` is a group, not a data set"),
        (vec![], "not readable as HDF5"),
        (b"format = \"neurobench-network\"".to_vec(), "not readable as HDF5"),
        (
            encoded(Hdf5Builder::new().dataset(DatasetBuilder::typed_data("data", vec![1], &[1.0_f32]).unwrap())),
            "`node` is missing",
        ),
        (
            encoded(
                Hdf5Builder::new()
                    .dataset(DatasetBuilder::vlen_string_data("node/type", vec![], &["LIF"]).unwrap())
                    .dataset(DatasetBuilder::vlen_string_data("version", vec![], &["1.0"]).unwrap()),
            ),
            "`node` is a single node (LIF), not a graph",
        ),
        (
            encoded(Hdf5Builder::new().dataset(DatasetBuilder::vlen_string_data("version", vec![], &["2.0"]).unwrap())),
            "version 2.0 of NIR is not known",
        ),
    ];
    for (file, expected) in cases {
        let error = Graph::from_bytes(file).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let missing = Graph::read("no such file.nir").unwrap_err().to_string();
    assert!(missing.starts_with("cannot read no such file.nir: "), "{missing}");
}

#[test]
fn a_small_file_that_says_to_be_large_is_refused() {
    let error = Graph::read(recorded("hollow")).unwrap_err().to_string();
    assert!(error.contains("`node/nodes/scale/scale` asks for more memory than a file of"), "{error}");

    // Axes that are too long to count, in place of three numbers.
    let file = fs::read(recorded("old")).unwrap();
    for length in [1 << 30, 1 << 62, u64::MAX] {
        let mut file = file.clone();
        let three: Vec<usize> = (0..file.len() - 8).filter(|at| file[*at..*at + 8] == 3_u64.to_le_bytes()).collect();
        assert!(three.len() > 4);
        for at in three {
            file[at..at + 8].copy_from_slice(&u64::to_le_bytes(length));
        }
        assert!(Graph::from_bytes(file).is_err(), "{length}");
    }
}

#[test]
fn zeros_shrink_as_far_as_they_can() {
    // The file is a five hundredth of what it says, and that is right.
    let zeros = graph([("x", Primitive::Scale { scale: Parameter::F64(ArrayD::zeros(vec![1000, 1000])) })], &[]);
    let file = zeros.to_bytes().unwrap();
    assert!(file.len() < 16_000, "{}", file.len());
    assert_eq!(Graph::from_bytes(file).unwrap(), zeros);
}

// Orders.

fn edges(graph: &Graph) -> Vec<(&str, &str)> {
    let mut edges: Vec<(&str, &str)> = graph.edges.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    edges.sort_unstable();
    edges
}

fn points(names: &[&str], edges: &[(&str, &str)]) -> Graph {
    graph(names.iter().map(|name| (*name, if *name == "input" { input(&[1]) } else { linear(0.0, 1, 1) })), edges)
}

#[test]
fn feedback_is_what_leads_back_to_where_the_data_come_from() {
    // The neuron `a` is fed from the input through `z`, and from itself through `w`.
    let recurrent =
        points(&["a", "input", "out", "w", "z"], &[("a", "w"), ("w", "a"), ("input", "z"), ("z", "a"), ("a", "out")]);
    let order = recurrent.order();
    assert_eq!(order.nodes, ["input", "z", "a", "out", "w"]);
    assert_eq!(order.feedback, [("w", "a")]);
    assert_eq!(recurrent.predecessors()["a"], ["w", "z"]);
    assert_eq!(recurrent.predecessors()["input"], [""; 0]);

    let alone = points(&["a"], &[("a", "a")]);
    assert_eq!((alone.order().nodes, alone.order().feedback), (vec!["a"], vec![("a", "a")]));
}

proptest! {
    #[test]
    fn every_edge_leads_forward_but_feedback(
        pairs in prop::collection::btree_set((0_usize..9, 0_usize..9), 0..30),
        rotation in 0_usize..30,
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let mut pairs: Vec<(&str, &str)> = pairs.into_iter().map(|(from, to)| (names[from], names[to])).collect();
        let first = points(&names, &pairs);
        let (order, place) = (first.order(), |name: &str| first.order().nodes.iter().position(|other| *other == name));
        let mut sorted = order.nodes.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, names);
        let back: Vec<(&str, &str)> = pairs.iter().copied().filter(|(from, to)| place(from) >= place(to)).collect();
        for edge in &back {
            prop_assert!(order.feedback.contains(edge));
        }

        // Each edge of the feedback closes a cycle: without it and with the others left out there is a way back.
        let forward: Vec<(&str, &str)> = pairs.iter().copied().filter(|edge| !order.feedback.contains(edge)).collect();
        for (from, to) in &order.feedback {
            let mut reached = vec![*to];
            for name in &order.nodes {
                if forward.iter().any(|(before, after)| after == name && reached.contains(before)) {
                    reached.push(name);
                }
            }
            prop_assert!(reached.contains(from), "{from} -> {to}");
        }

        if !pairs.is_empty() {
            let places = pairs.len();
            pairs.rotate_left(rotation % places);
            pairs.swap(0, places / 2);
        }
        let second = points(&names, &pairs);
        prop_assert_eq!(second.order(), order);
    }
}

// Graphs without graphs within them.

#[test]
fn graphs_within_graphs_are_put_in_their_place() {
    let flat = nested().flattened().unwrap();
    let names: Vec<&str> = flat.nodes.keys().map(String::as_str).collect();
    assert_eq!(names, ["block.deep.lif", "block.deep.w", "block.fc", "input", "output", "readout"]);
    let expected = [
        ("block.deep.lif", "block.deep.w"),
        ("block.deep.lif", "readout"),
        ("block.deep.w", "block.deep.lif"),
        ("block.fc", "block.deep.lif"),
        ("input", "block.fc"),
        ("readout", "output"),
    ];
    assert_eq!(edges(&flat), expected);
    assert_eq!(flat.nodes["block.deep.lif"].primitive, lif(2));
    let order = flat.order();
    assert_eq!(order.nodes, ["input", "block.fc", "block.deep.lif", "block.deep.w", "readout", "output"]);
    assert_eq!(order.feedback, [("block.deep.w", "block.deep.lif")]);
    assert_eq!(flat.flattened().unwrap(), flat);
}

/// A graph in which data go from `in` to `x` to `out`, and past it.
fn block(past: bool) -> Primitive {
    let mut edges = vec![("in", "x"), ("x", "out")];
    edges.extend(past.then_some(("in", "out")));
    Primitive::Graph(graph([("in", input(&[1])), ("x", linear(0.0, 1, 1)), ("out", output(&[1]))], &edges))
}

#[test]
fn what_goes_past_the_nodes_of_a_graph_still_arrives() {
    let ends = [("input", input(&[1])), ("output", output(&[1]))];
    let two = graph(
        ends.into_iter().chain([("a", block(true)), ("b", block(true))]),
        &[("input", "a"), ("a", "b"), ("b", "output")],
    );
    let expected =
        [("a.x", "b.x"), ("a.x", "output"), ("b.x", "output"), ("input", "a.x"), ("input", "b.x"), ("input", "output")];
    assert_eq!(edges(&two.flattened().unwrap()), expected);

    let to_itself = graph([("input", input(&[1])), ("a", block(false))], &[("input", "a"), ("a", "a")]);
    assert_eq!(edges(&to_itself.flattened().unwrap()), [("a.x", "a.x"), ("input", "a.x")]);
}

#[test]
fn what_cannot_be_put_in_its_place_is_named() {
    let with = |block: Primitive, edges: &[(&str, &str)]| {
        let nodes = [("input", input(&[1])), ("g", block), ("output", output(&[1])), ("g.x", linear(0.0, 1, 1))];
        graph(nodes, edges).flattened().unwrap_err().to_string()
    };
    let inputs = |names: &[&'static str]| Primitive::Graph(graph(names.iter().map(|name| (*name, input(&[1]))), &[]));
    let past = || Primitive::Graph(graph([("in", input(&[1])), ("out", output(&[1]))], &[("in", "out")]));
    let cases = [
        (with(inputs(&["a", "b"]), &[("input", "g")]), "edges lead to it, and it has 2 inputs, not one"),
        (with(inputs(&["a"]), &[("g", "output")]), "edges come from it, and it has 0 outputs, not one"),
        (with(block(false), &[]), "its node `x` would be `g.x`, which is there already"),
        (with(past(), &[("input", "g"), ("g", "output"), ("input", "output")]), "`input` would lead to `output` twice"),
        (
            with(past(), &[("g", "g")]),
            "its input leads to its output, and its output to its input: a cycle without a node",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error, format!("graph `g` cannot be put in its place: {expected}"));
    }
}

// Damaged files.

/// A file, whatever stands in it, is refused or is a graph that could be written: it never makes the reader panic.
fn survives(file: Vec<u8>) -> bool {
    match catch_unwind(|| Graph::from_bytes(file)) {
        Ok(Ok(graph)) => graph.to_bytes().is_ok() && graph.order().nodes.len() == graph.nodes.len(),
        Ok(Err(error)) => !error.to_string().is_empty(),
        Err(_) => false,
    }
}

/// Files, and which of their bytes to try: every one of the smallest.
fn small_files() -> [(Vec<u8>, usize); 4] {
    let recorded = |name| fs::read(recorded(name)).unwrap();
    [(recorded("old"), 1), (recorded("hollow"), 3), (recorded("nested"), 17), (nested().to_bytes().unwrap(), 17)]
}

#[test]
fn no_truncated_file_makes_it_panic() {
    for (file, step) in small_files() {
        for length in (0..file.len()).step_by(13 * step) {
            assert!(survives(file[..length].to_vec()), "the first {length} bytes");
        }
    }
}

#[test]
fn no_changed_byte_makes_it_panic() {
    for (number, (file, step)) in small_files().into_iter().enumerate() {
        // Most of a file is empty: what is not, with all bits of a byte changed, and with one.
        let filled: Vec<usize> = (0..file.len()).filter(|at| file[*at] != 0).step_by(step).collect();
        for (index, at) in filled.into_iter().enumerate() {
            for change in [0xff, 1 << (index % 8)] {
                let mut file = file.clone();
                file[at] ^= change;
                assert!(survives(file), "file {number}, byte {at} changed by {change:#x}");
            }
        }
    }
}
