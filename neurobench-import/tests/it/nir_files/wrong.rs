//! Graphs and files that are wrong.

use super::*;

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nir_device");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let link = folder.join("graph.nir");
    // Like /dev/zero, but for a reader that reads it after all.
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    let problem = Graph::read(&link).unwrap_err().to_string();
    assert!(problem.ends_with("graph.nir: not a regular file"), "{problem}");
}

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
