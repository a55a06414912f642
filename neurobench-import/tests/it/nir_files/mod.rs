//! Reading and writing of NIR files: files of the Python package, and invalid files.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod damaged;
mod flattened;
mod orders;
mod own;
mod recorded;
mod wrong;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use hdf5_writer::{DatasetBuilder, Hdf5Builder, WriteOptions};
use ndarray::{ArrayD, arr1};
use neurobench::import::nir::{
    Convolution, DEPTH_LIMIT, Graph, Metadata, NirError, Node, Padding, Parameter, Pooling, Primitive, Value,
};
use proptest::prelude::*;

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nir").join(format!("{name}.nir"))
}

/// The function of the same name in the Python script.
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

fn edges(graph: &Graph) -> Vec<(&str, &str)> {
    let mut edges: Vec<(&str, &str)> = graph.edges.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    edges.sort_unstable();
    edges
}

fn points(names: &[&str], edges: &[(&str, &str)]) -> Graph {
    graph(names.iter().map(|name| (*name, if *name == "input" { input(&[1]) } else { linear(0.0, 1, 1) })), edges)
}
