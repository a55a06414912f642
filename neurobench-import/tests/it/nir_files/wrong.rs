//! Invalid graphs and files.

use super::*;

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nir_device");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let link = folder.join("graph.nir");
    // Like /dev/zero, but finite for a reader that does read it.
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    let problem = Graph::read(&link).unwrap_err().to_string();
    assert!(problem.ends_with("graph.nir: not a regular file"), "{problem}");
}

/// Error message about a graph, which is the same for writing and reading.
fn problem(graph: &Graph) -> String {
    graph.check().unwrap_err().to_string()
}

#[test]
fn wrong_edges_are_reported() {
    let ends = || [("input", input(&[1])), ("fc", linear(0.0, 1, 1)), ("output", output(&[1]))];
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("input", "fcc")], "edge from `input` to `fcc`: there is no node `fcc`; did you mean `fc`?"),
        (&[("input", "fc"), ("input", "fc")], "duplicate edge from `input` to `fc`"),
        (&[("fc", "input")], "edge from `fc` to `input`: no edge may lead to an input"),
        (&[("output", "fc")], "edge from `output` to `fc`: no edge may start at an output"),
    ];
    for (edges, expected) in cases {
        assert_eq!(problem(&graph(ends(), edges)), expected);
        let outer = graph([("block", Primitive::Graph(graph(ends(), edges)))], &[]);
        let within = problem(&outer);
        assert!(within.contains("block/"), "{within}");
    }
}

#[test]
fn wrong_parameters_are_reported() {
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
        (Primitive::Linear { weight: ramp(0.0, &[4]) }, "(Linear): `weight` must be a matrix, found shape [4]"),
        (
            Primitive::Affine { weight: ramp(0.0, &[3, 4]), bias: ramp(0.0, &[4]) },
            "(Affine): `bias` must have shape [3], found [4]",
        ),
        (
            Primitive::Scale { scale: nan.into() },
            "(Scale): `scale` contains NaN at [1, 0]; every number must be finite",
        ),
        (Primitive::Scale { scale: ramp(0.0, &[2, 0]) }, "(Scale): `scale` has an axis of length zero: [2, 0]"),
        (
            Primitive::Li { tau: ramp(1.0, &[3]), r: ramp(1.0, &[3]), v_leak: ramp(1.0, &[3, 1]) },
            "(LI): `v_leak` must have shape [3], found [3, 1]",
        ),
        (
            conv(&[4, 3, 2], 4, [1, 1], 1),
            "(Conv2d): `weight` must have shape [output channels, input channels / groups] and 2 axes of taps, found [4, 3, 2]",
        ),
        (conv(&[4, 3, 2, 2], 3, [1, 1], 1), "(Conv2d): `bias` must have shape [4], found [3]"),
        (conv(&[4, 3, 2, 2], 4, [1, 0], 1), "(Conv2d): `stride` must not contain a zero: [1, 0]"),
        (conv(&[4, 3, 2, 2], 4, [1, 1], 3), "(Conv2d): `groups` is 3, which does not divide the 4 output channels"),
        (
            Primitive::Flatten { start_dim: 0, end_dim: 3, input_type: Some(vec![2, 3]) },
            "(Flatten): `end_dim` is 3, which is not an axis of [2, 3]",
        ),
        (
            Primitive::Flatten { start_dim: -1, end_dim: 0, input_type: Some(vec![2, 3]) },
            "(Flatten): `end_dim` is 0, which is before `start_dim` = -1",
        ),
        (input(&[3, 0]), "(Input): `shape` must not contain a zero: [3, 0]"),
    ];
    for (primitive, expected) in cases {
        assert_eq!(problem(&graph([("x", primitive)], &[])), format!("node `x` {expected}"));
    }
}

#[test]
fn names_that_hdf5_cannot_store_are_rejected() {
    for name in ["", ".", "a/b", "a\0b"] {
        let error = graph([(name, input(&[1]))], &[]).to_bytes().unwrap_err();
        assert!(matches!(error, NirError::Name { .. }), "{error}");
    }
}

#[test]
fn graphs_may_be_nested_up_to_the_limit() {
    let levels = |count| (1..count).fold(Graph::default(), |inner, _| graph([("g", Primitive::Graph(inner))], &[]));
    let deepest = levels(DEPTH_LIMIT);
    assert_eq!(Graph::from_bytes(deepest.to_bytes().unwrap()).unwrap(), deepest);
    assert!(matches!(levels(DEPTH_LIMIT + 1).to_bytes(), Err(NirError::TooDeep { .. })));

    // This crate does not write such a file, but others might.
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
fn files_of_other_programs_are_read() {
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
fn unknown_and_missing_parameters_are_reported() {
    let weight = || numbers("weight", &[1, 2], &[1.0, 2.0]);
    let text = |name: &str| DatasetBuilder::vlen_string_data(format!("node/nodes/x/{name}"), vec![], &["x"]).unwrap();
    let conv = |name, value: DatasetBuilder| {
        let settings = ["stride", "padding", "dilation", "groups"].into_iter().filter(|other| *other != name);
        let settings = settings.map(|name| integers(name, &[], &[1]));
        let arrays = [numbers("weight", &[1, 1, 1], &[1.0]), numbers("bias", &[1], &[0.0])];
        with_node("Conv1d", settings.chain(arrays).chain([value]).collect::<Vec<_>>())
    };
    let cases = [
        (with_node("Linaer", [weight()]), "node `x`: unknown node type `Linaer`; did you mean `Linear`?"),
        (with_node("Affine", [weight()]), "node `x` (Affine): missing parameter `bias`"),
        (
            with_node("Linear", [weight(), numbers("weights", &[1], &[1.0])]),
            "node `x` (Linear): unknown parameter `weights`; did you mean `weight`?",
        ),
        (with_node("Linear", [text("weight")]), "node `x` (Linear): `weight` must be numbers"),
        (
            with_node("Linear", [numbers("weight", &[2], &[1.0, 2.0])]),
            "node `x` (Linear): `weight` must be a matrix, found shape [2]",
        ),
        (
            with_node("Scale", [numbers("scale", &[1], &[f32::INFINITY])]),
            "node `x` (Scale): `scale` contains inf at [0]",
        ),
        (with_node("Input", [integers("shape", &[1], &[-3])]), "node `x` (Input): `shape` contains a negative length"),
        (with_node("Input", [numbers("shape", &[1], &[3.0])]), "node `x` (Input): `shape` must be integers"),
        (
            conv("padding", text("padding")),
            "node `x` (Conv1d): `padding` must be `same`, `valid` or numbers, found `x`",
        ),
        (conv("stride", integers("stride", &[1], &[-1])), "node `x` (Conv1d): `stride` contains -1, which is negative"),
        (
            conv("stride", integers("stride", &[2], &[1, 1])),
            "node `x` (Conv1d): `stride` must be one number or 1 numbers, found shape [2]",
        ),
        (with_node("Scale", [text("scale/type")]), "`node/nodes/x/scale` must be a data set, found a group"),
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
            "`node` must be a graph, found a single node (LIF)",
        ),
        (
            encoded(Hdf5Builder::new().dataset(DatasetBuilder::vlen_string_data("version", vec![], &["2.0"]).unwrap())),
            "unsupported NIR version 2.0",
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
fn small_files_that_declare_large_data_are_rejected() {
    let error = Graph::read(recorded("hollow")).unwrap_err().to_string();
    assert!(error.contains("`node/nodes/scale/scale` asks for more memory than a file of"), "{error}");

    // Axes that are too long to count, instead of three numbers.
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
fn highly_compressed_zeros_are_read() {
    // The file is 500 times smaller than its data, which is valid.
    let zeros = graph([("x", Primitive::Scale { scale: Parameter::F64(ArrayD::zeros(vec![1000, 1000])) })], &[]);
    let file = zeros.to_bytes().unwrap();
    assert!(file.len() < 16_000, "{}", file.len());
    assert_eq!(Graph::from_bytes(file).unwrap(), zeros);
}
