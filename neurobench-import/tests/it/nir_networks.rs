//! Conversion of NIR graphs to networks.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use ndarray::{Array3, ArrayD, array};
use neurobench::import::nir::{
    Convolution, Graph, Metadata, Node, Padding, Parameter, Pooling, Primitive, Stepping, Value,
};
use neurobench::model::{Model, Tensor};
use neurobench::network::{LeakyConfig, Network, NeuronOutput, Reset, Simulator};

use crate::common::{Numbers, directory, outputs, run};

fn numbers(shape: &[usize], values: &[f32]) -> Parameter {
    ArrayD::from_shape_vec(shape, values.to_vec()).unwrap().into()
}

fn graph<'a>(nodes: impl IntoIterator<Item = (&'a str, Primitive)>, edges: &[(&str, &str)]) -> Graph {
    let node = |primitive| Node { primitive, metadata: Metadata::new() };
    Graph {
        nodes: nodes.into_iter().map(|(name, primitive)| (name.to_owned(), node(primitive))).collect(),
        edges: edges.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
        metadata: Metadata::new(),
    }
}

fn input(shape: &[usize]) -> (&'static str, Primitive) {
    ("input", Primitive::Input { shape: shape.to_vec() })
}

fn output(shape: &[usize]) -> (&'static str, Primitive) {
    ("output", Primitive::Output { shape: shape.to_vec() })
}

fn linear(weight: Parameter) -> Primitive {
    Primitive::Linear { weight }
}

fn stepping_for(simulator: Simulator, dt: f64) -> Stepping {
    Stepping { dynamics: Some(simulator.into()), dt: Some(dt) }
}

const NOTHING: Stepping = Stepping { dynamics: None, dt: None };

fn network(graph: &Graph) -> Network {
    graph.to_network(&NOTHING).unwrap().build().unwrap()
}

#[test]
fn a_recorded_file_matches_norse() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nir/lif_norse.nir");
    let graph = Graph::read(file).unwrap();
    let network = graph.to_network(&stepping_for(Simulator::Norse, 1e-4)).unwrap().build().unwrap();
    // The rows with inputs, and those with spikes, of `lif_traces.safetensors`.
    let traces = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../neurobench-network/tests/data/lif_traces.safetensors"),
    );
    let traces = traces.unwrap();
    let traces = safetensors::SafeTensors::deserialize(&traces).unwrap();
    let (rows, _) = traces.tensor("events").unwrap().data().as_chunks();
    let mut inputs = Array3::<f32>::zeros((1, 1000, 1));
    for row in rows {
        inputs[[0, i64::from_le_bytes(*row) as usize, 0]] = 1.0;
    }
    let (Tensor::F32(outputs), counts) = run(&network, &inputs.into()) else { panic!("not single precision") };
    let spikes: Vec<usize> =
        outputs.iter().enumerate().filter(|(_, spike)| **spike != 0.0).map(|(row, _)| row).collect();
    assert_eq!(spikes, [460, 510, 710, 760]);
    assert_eq!(counts.connections["0"].operations(), 34);
    assert_eq!(network.layers()[1].type_name(), "leaky_integrate_and_fire");
}

#[test]
fn time_step_and_dynamics_have_no_default() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nir/lif_norse.nir");
    let mut graph = Graph::read(file).unwrap();
    let problem = |graph: &Graph, stepping: Stepping| graph.to_network(&stepping).unwrap_err().to_string();
    let norse = Some(Simulator::Norse.into());
    assert_eq!(
        problem(&graph, Stepping { dynamics: norse, dt: None }),
        "node `1` (LIF) needs a time step, which NIR does not define: set `dt` in seconds"
    );
    assert!(problem(&graph, Stepping { dynamics: None, dt: Some(1e-4) }).contains("set `dynamics`"));
    for dt in [0.0, -1e-4, f64::NAN, f64::INFINITY] {
        assert!(problem(&graph, stepping_for(Simulator::Norse, dt)).contains("cannot be"));
    }
    // From the metadata of the node or of the graph, or from the arguments.
    graph.metadata.insert("dynamics".to_owned(), Value::Text("norse".to_owned()));
    let metadata = &mut graph.nodes.get_mut("1").unwrap().metadata;
    metadata.insert("dt".to_owned(), Value::Float(1e-4));
    assert!(graph.to_network(&NOTHING).is_ok());
    graph.metadata.insert("dynamics".to_owned(), Value::Text("nurse".to_owned()));
    assert!(problem(&graph, NOTHING).ends_with("did you mean `norse`?"), "{}", problem(&graph, NOTHING));
}

#[test]
fn edges_may_be_in_any_order_and_inputs_are_added() {
    let nodes = || {
        let weight = numbers(&[1, 2], &[1.0, 2.0]);
        [
            input(&[2]),
            ("b", linear(weight.clone())),
            ("a", Primitive::Affine { weight, bias: numbers(&[1], &[0.5]) }),
            ("sum", Primitive::Scale { scale: numbers(&[1], &[10.0]) }),
            output(&[1]),
        ]
    };
    let edges = [("sum", "output"), ("a", "sum"), ("b", "sum"), ("input", "b"), ("input", "a")];
    let inputs = Tensor::from(array![[[1.0_f32, 3.0]]]);
    assert_eq!(outputs(&network(&graph(nodes(), &edges)), &inputs).unwrap(), array![[[145.0_f32]]].into());
    // The inputs of the output are added, too.
    let edges = [("a", "output"), ("input", "b"), ("b", "output"), ("input", "a")];
    let [i, b, a, _, o] = nodes();
    assert_eq!(outputs(&network(&graph([i, b, a, o], &edges)), &inputs).unwrap(), array![[[14.5_f32]]].into());
}

#[test]
fn a_cycle_takes_outputs_of_the_previous_step() {
    let nodes = [
        input(&[1]),
        ("in", Primitive::Scale { scale: numbers(&[1], &[1.0]) }),
        ("back", Primitive::Scale { scale: numbers(&[1], &[0.5]) }),
        output(&[1]),
    ];
    let edges = [("input", "in"), ("in", "back"), ("back", "in"), ("in", "output")];
    let inputs = Tensor::from(array![[[8.0_f32], [0.0], [0.0], [4.0]]]);
    let expected = array![[[8.0_f32], [4.0], [2.0], [5.0]]];
    assert_eq!(outputs(&network(&graph(nodes, &edges)), &inputs).unwrap(), expected.into());
}

#[test]
fn convolutions_and_pooling_match_hand_computed_values() {
    let convolution = |padding, groups, shape: &[usize], weight: &[f32]| {
        let bias = numbers(&shape[..1], &vec![1.0; shape[0]]);
        let weight = numbers(shape, weight);
        let [stride, dilation] = [[1, 1]; 2];
        Primitive::Conv2d(Convolution { input_shape: None, weight, stride, padding, dilation, groups, bias })
    };
    let nodes = [
        input(&[1, 2, 2]),
        ("conv", convolution(Padding::Same, 1, &[2, 1, 1, 2], &[1.0, 0.0, 0.0, 1.0])),
        ("each", convolution(Padding::Explicit([0, 0]), 2, &[2, 1, 1, 1], &[1.0, 2.0])),
        ("pool", Primitive::AvgPool2d(Pooling { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] })),
        ("flat", Primitive::Flatten { start_dim: 0, end_dim: -1, input_type: Some(vec![2, 1, 1]) }),
        ("fc", linear(numbers(&[1, 2], &[1.0, 1.0]))),
        output(&[1]),
    ];
    let names = ["input", "conv", "each", "pool", "flat", "fc", "output"];
    let edges: Vec<_> = names.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let inputs = Tensor::from(ndarray::arr1(&[1.0_f32, 2.0, 3.0, 4.0]).into_shape_with_order([1, 1, 1, 2, 2]).unwrap());
    // The first channel is the input plus 1, the second its right neighbor plus 1; then plus 1, and twice plus 1.
    let first = (1.0 + 2.0 + 3.0 + 4.0) / 4.0 + 2.0;
    let second = 2.0 * ((2.0 + 4.0) / 4.0 + 1.0) + 1.0;
    assert_eq!(outputs(&network(&graph(nodes, &edges)), &inputs).unwrap(), array![[[first + second as f32]]].into());
}

/// The input shapes in nodes must be those of their actual inputs.
#[test]
fn wrong_input_shapes_in_a_graph_are_rejected() {
    let convolution = |input_shape| {
        let (weight, bias) = (numbers(&[1, 1, 1, 1], &[1.0]), numbers(&[1], &[0.0]));
        let (stride, dilation, padding) = ([1, 1], [1, 1], Padding::Valid);
        ("n", Primitive::Conv2d(Convolution { input_shape, weight, stride, padding, dilation, groups: 1, bias }))
    };
    let flatten =
        |shape: &[usize]| ("n", Primitive::Flatten { start_dim: 0, end_dim: -1, input_type: Some(shape.to_vec()) });
    let edges = [("input", "n"), ("n", "output")];
    for (sound, contradicting, shape) in [
        (convolution(Some([2, 2])), convolution(Some([3, 2])), [1, 2, 2]),
        (flatten(&[1, 2, 2]), flatten(&[1, 4, 1]), [4, 0, 0]),
    ] {
        let given = if shape[1] == 0 { output(&shape[..1]) } else { output(&shape) };
        network(&graph([input(&[1, 2, 2]), sound, given.clone()], &edges));
        let refused = graph([input(&[1, 2, 2]), contradicting, given], &edges).to_network(&NOTHING).unwrap().build();
        assert!(refused.unwrap_err().to_string().contains("have shape [1, 2, 2], but `input_shape` is"));
    }
}

#[test]
fn a_delay_is_a_whole_number_of_steps() {
    let delayed = |seconds: &[f32]| {
        let nodes = [input(&[2]), ("d", Primitive::Delay { delay: numbers(&[2], seconds) }), output(&[2])];
        graph(nodes, &[("input", "d"), ("d", "output")]).to_network(&Stepping { dt: Some(1e-3), ..NOTHING })
    };
    let network = delayed(&[0.002, 0.001]).unwrap().build().unwrap();
    let inputs = Tensor::from(array![[[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]]);
    let expected = array![[[0.0_f32, 0.0], [0.0, 2.0], [1.0, 4.0]]];
    assert_eq!(outputs(&network, &inputs).unwrap(), expected.into());
    assert!(delayed(&[0.002, 0.0015]).unwrap_err().to_string().contains("not a whole number of steps"));
    assert!(delayed(&[-0.002, 0.001]).is_err());
}

/// A LIF node for snnTorch's neurons, with β and θ in single precision.
fn snntorch(beta: f32, threshold: f32, reset: &str) -> Node {
    let dt = 1e-4_f32;
    let tau = dt / (1.0 - beta);
    let both = |value: f32| numbers(&[2], &[value; 2]);
    let (r, zeros) = (both(tau / dt), both(0.0));
    let v_threshold = both(threshold);
    let primitive = Primitive::Lif { tau: both(tau), r, v_leak: zeros.clone(), v_threshold, v_reset: zeros };
    let metadata = [
        ("beta", Value::Float(beta.into())),
        ("dt", Value::Float(1e-4)),
        ("reset_mechanism", Value::Text(reset.to_owned())),
    ];
    Node { primitive, metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into() }
}

#[test]
fn the_reset_of_snntorch_is_preserved() {
    let mut random = Numbers::new(7);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 200, 2), |_| random.real()));
    for (name, reset) in [("subtract", Reset::Subtract), ("zero", Reset::Zero), ("none", Reset::None)] {
        let mut graph = graph([input(&[2]), output(&[2])], &[("input", "lif"), ("lif", "output")]);
        graph.nodes.insert("lif".to_owned(), snntorch(0.9, 0.75, name));
        let stepping = Stepping { dynamics: Some(Simulator::SnnTorch.into()), dt: None };
        let noted = graph.to_network(&stepping).unwrap().build().unwrap();
        let config = LeakyConfig::new(0.9_f32).with_threshold(0.75).with_reset(reset);
        let leaky = |config| Network::builder([2]).time_steps(true).leaky("lif", config).build().unwrap();
        assert_eq!(run(&noted, &inputs), run(&leaky(config.clone()), &inputs));
        // The file has β once and the threshold for both neurons: 4 + 8, and 4 + 8 of snnTorch's own constants.
        assert_eq!(noted.layers()[0].bytes(), 24);
        // Without β in the metadata, it follows from the time constant.
        let metadata = &mut graph.nodes.get_mut("lif").unwrap().metadata;
        metadata.remove("beta");
        metadata.insert("output".to_owned(), Value::Text("membrane".to_owned()));
        let Tensor::F32(given) = outputs(&graph.to_network(&stepping).unwrap().build().unwrap(), &inputs).unwrap()
        else {
            panic!("not single precision");
        };
        let expected = outputs(&leaky(config.with_output(NeuronOutput::Membrane)), &inputs).unwrap();
        let Tensor::F32(expected) = expected else { panic!("not single precision") };
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-4;
        // A rounding error of β moves no membrane over its threshold here.
        assert!(given.iter().zip(&expected).all(close));
        // All other dynamics use NIR's reset.
        let literal = graph.to_network(&stepping_for(Simulator::Norse, 1e-4)).unwrap().build().unwrap();
        assert_eq!(literal.layers()[0].type_name(), "leaky_integrate_and_fire");
    }
    let mut graph = graph([input(&[2]), output(&[2])], &[("input", "lif"), ("lif", "output")]);
    graph.nodes.insert("lif".to_owned(), snntorch(0.9, 0.75, "sometimes"));
    let problem = graph.to_network(&stepping_for(Simulator::SnnTorch, 1e-4)).unwrap_err().to_string();
    assert!(problem.contains("\"sometimes\""), "{problem}");
}

#[test]
fn double_precision_is_preserved() {
    let nodes = [input(&[1]), ("fc", linear(Parameter::F64(ArrayD::from_elem(vec![1, 1], 0.1)))), output(&[1])];
    let graph = graph(nodes, &[("input", "fc"), ("fc", "output")]);
    let inputs = Tensor::from(array![[[3.0_f64]]]);
    assert_eq!(outputs(&network(&graph), &inputs).unwrap(), array![[[0.1_f64 * 3.0]]].into());
}

#[test]
fn graphs_that_are_not_networks_are_rejected() {
    let problem = |graph: &Graph| match graph.to_network(&NOTHING) {
        Err(problem) => problem.to_string(),
        Ok(builder) => builder.build().unwrap_err().to_string(),
    };
    let scale = || Primitive::Scale { scale: numbers(&[1], &[1.0]) };
    let lonely = graph([input(&[1]), ("s", scale()), output(&[1])], &[("input", "output")]);
    assert_eq!(problem(&lonely), "node `s` (Scale) cannot be a layer: no edge leads to it");
    let two = graph([input(&[1]), ("in", input(&[1]).1), output(&[1])], &[("input", "output"), ("in", "output")]);
    assert_eq!(problem(&two), "the graph has 2 inputs, but a network needs exactly one");
    let none = graph([input(&[1]), ("s", scale())], &[("input", "s")]);
    assert_eq!(problem(&none), "the graph has 0 outputs, but a network needs exactly one");
    let several = linear(numbers(&[2, 1, 1], &[1.0, 1.0]));
    let several = graph([input(&[1]), ("fc", several), output(&[1])], &[("input", "fc"), ("fc", "output")]);
    assert!(problem(&several).contains("must be a single matrix"), "{}", problem(&several));
    let unfit = linear(numbers(&[1, 2], &[1.0, 1.0]));
    let unfit = graph([input(&[1]), ("fc", unfit), output(&[1])], &[("input", "fc"), ("fc", "output")]);
    assert!(problem(&unfit).contains("expected inputs of shape [2], found [1]"), "{}", problem(&unfit));
}

#[test]
fn parameters_of_neurons_may_differ() {
    let lif = Primitive::Lif {
        tau: numbers(&[2], &[1.0, 2.0]),
        r: numbers(&[2], &[1.0, 1.0]),
        v_leak: numbers(&[2], &[0.0, 0.0]),
        v_threshold: numbers(&[2], &[0.5, 0.25]),
        v_reset: numbers(&[2], &[0.0, 0.0]),
    };
    let graph = graph([input(&[2]), ("lif", lif), output(&[2])], &[("input", "lif"), ("lif", "output")]);
    let network = graph.to_network(&stepping_for(Simulator::Norse, 1.0)).unwrap().build().unwrap();
    let inputs = Tensor::from(array![[[0.75_f32, 0.25], [0.5, 0.5]]]);
    assert_eq!(outputs(&network, &inputs).unwrap(), array![[[1.0_f32, 0.0], [0.0, 1.0]]].into());
}

fn leaky_integrators(tau: Parameter, r: Parameter, v_leak: Parameter) -> Primitive {
    Primitive::Li { tau, r, v_leak }
}

fn norse_problem(graph: &Graph) -> String {
    graph.to_network(&stepping_for(Simulator::Norse, 1e-3)).unwrap().build().unwrap_err().to_string()
}

/// Neurons of another number than their inputs are refused, also if all parameters are equal.
#[test]
fn neurons_that_do_not_fit_their_inputs_are_rejected() {
    let neurons = |value: f32| numbers(&[3], &[value; 3]);
    let li = leaky_integrators(neurons(0.01), neurons(1.0), neurons(0.0));
    let scale = Primitive::Scale { scale: neurons(2.0) };
    let threshold = Primitive::Threshold { threshold: neurons(2.0) };
    let delay = Primitive::Delay { delay: neurons(0.002) };
    for (primitive, problem) in [
        (li, "layer `n`: tensor `n.r` has shape [3], not [2]"),
        (scale, "layer `n`: tensor `n.scale` has shape [3], not [2]"),
        (threshold, "layer `n`: tensor `n.threshold` has shape [3], not [2]"),
        (delay, "`steps` has 3 numbers, but the layer has 2 inputs"),
    ] {
        let wrong = graph([input(&[2]), ("n", primitive), output(&[3])], &[("input", "n"), ("n", "output")]);
        let found = norse_problem(&wrong);
        assert!(found.contains(problem), "{found}");
    }
    let mut wrong = graph([input(&[3]), output(&[3])], &[("input", "lif"), ("lif", "output")]);
    wrong.nodes.insert("lif".to_owned(), snntorch(0.9, 0.75, "subtract"));
    let stepping = Stepping { dynamics: Some(Simulator::SnnTorch.into()), dt: None };
    let found = wrong.to_network(&stepping).unwrap().build().unwrap_err().to_string();
    assert!(found.contains("layer `lif`: tensor `lif.threshold` has shape [2], not [3]"), "{found}");
}

#[test]
fn the_shape_of_the_output_is_compared() {
    let scale = || ("s", Primitive::Scale { scale: numbers(&[2], &[2.0; 2]) });
    let edges = [("input", "s"), ("s", "output")];
    let wrong = graph([input(&[2]), scale(), output(&[3])], &edges);
    let problem = "the outputs, of layer `s`, have shape [2], not [3] as declared";
    assert_eq!(norse_problem(&wrong), problem);
    // Axes of length one do not matter.
    network(&graph([input(&[2]), scale(), output(&[1, 2])], &edges));
}

/// NIR stores as many numbers for equal parameters as for different ones, and so does the network.
#[test]
fn the_footprint_does_not_depend_on_the_values_of_parameters() {
    let bytes = |last: f32| {
        let neurons = |value: f32| numbers(&[2, 3], &[value, value, value, value, value, value + last]);
        let lif = Primitive::Lif {
            tau: neurons(0.02),
            r: neurons(1.0),
            v_leak: neurons(0.0),
            v_threshold: neurons(1.0),
            v_reset: neurons(0.0),
        };
        let graph = graph([input(&[2, 3]), ("lif", lif), output(&[2, 3])], &[("input", "lif"), ("lif", "output")]);
        graph.to_network(&stepping_for(Simulator::Norse, 1e-3)).unwrap().build().unwrap().layers()[0].bytes()
    };
    // Five parameters of six neurons in single precision.
    assert_eq!((bytes(0.0), bytes(0.5)), (5 * 6 * 4, 5 * 6 * 4));
}

/// Sinabs and others store a parameter for each channel.
#[test]
fn parameters_of_channels_are_repeated() {
    let channels = |first: f32, second: f32| numbers(&[2, 1, 1], &[first, second]);
    let all = |first: f32, second: f32| numbers(&[2, 2, 3], &[[first; 6], [second; 6]].concat());
    let nodes = |each: &dyn Fn(f32, f32) -> Parameter| {
        [
            input(&[2, 2, 3]),
            ("scale", Primitive::Scale { scale: each(1.0, -3.0) }),
            ("li", leaky_integrators(each(0.02, 0.01), each(1.0, 2.0), each(0.1, -0.2))),
            output(&[2, 2, 3]),
        ]
    };
    let edges = [("input", "scale"), ("scale", "li"), ("li", "output")];
    let (by_channel, by_neuron) = (graph(nodes(&channels), &edges), graph(nodes(&all), &edges));
    let build = |graph: &Graph| graph.to_network(&stepping_for(Simulator::Norse, 1e-3)).unwrap().build().unwrap();
    let mut random = Numbers::new(3);
    let inputs = Tensor::from(ndarray::Array5::from_shape_fn((2, 9, 2, 2, 3), |_| random.real()));
    let (network, expected) = (build(&by_channel), build(&by_neuron));
    assert_eq!(run(&network, &inputs).0, run(&expected, &inputs).0);
    // Four parameters of two channels, or of twelve neurons.
    let bytes = |network: &Network| network.layers().iter().map(neurobench::model::Layer::bytes).sum::<u64>();
    assert_eq!((bytes(&network), bytes(&expected)), (4 * 2 * 4, 4 * 12 * 4));

    // Another number of channels is refused, with the shape of the file.
    let three = graph(
        [
            input(&[3, 2, 3]),
            ("li", leaky_integrators(channels(0.02, 0.01), channels(1.0, 1.0), channels(0.0, 0.0))),
            output(&[3, 2, 3]),
        ],
        &[("input", "li"), ("li", "output")],
    );
    assert!(norse_problem(&three).contains("tensor `li.r` has shape [2, 1, 1], not [3, 2, 3]"));

    // A network file keeps the parameters of channels, and a graph has them for each neuron again.
    let file = directory("nir_channels").join("network.toml");
    by_channel.to_network(&stepping_for(Simulator::Norse, 1e-3)).unwrap().write(&file).unwrap();
    assert_eq!(bytes(&Network::load(&file).unwrap()), bytes(&network));
    let back = Graph::from_network_file(&file, &neurobench::import::nir::Lifting::default()).unwrap();
    let Primitive::Li { tau, .. } = &back.nodes["li"].primitive else { panic!("no leaky integrators") };
    assert_eq!(*tau, all(0.02, 0.01));
}

/// `convert` refuses to round parameters unless that is allowed; a run does it and notes it.
#[test]
fn rounded_parameters_are_noted() {
    let tau = |value: f64| Parameter::F64(ArrayD::from_elem(vec![2], value));
    let with_tau = |value: f64, weight: Parameter| {
        let li = leaky_integrators(tau(value), tau(1.0), tau(0.0));
        let edges = [("input", "fc"), ("fc", "li"), ("li", "output")];
        graph([input(&[2]), ("fc", linear(weight)), ("li", li), output(&[2])], &edges)
    };
    let notes =
        |graph: &Graph| graph.to_network(&stepping_for(Simulator::Norse, 1e-3)).unwrap().build().unwrap().notes();
    let single = || numbers(&[2, 2], &[1.0; 4]);
    let rounded = with_tau(0.01, single());
    let expected = "parameters of node `li` are stored in double precision and were rounded to single precision, in which the \
                    network computes because all weights are stored in it";
    assert_eq!(notes(&rounded), [expected]);
    assert!(rounded.check_losses(&[]).unwrap_err().to_string().contains("node `li`"));
    // A number that single precision represents, and a network in double precision.
    assert!(notes(&with_tau(0.25, single())).is_empty());
    assert!(notes(&with_tau(0.01, Parameter::F64(ArrayD::from_elem(vec![2, 2], 1.0)))).is_empty());
}

/// NIR does not store whether snnTorch subtracts the threshold.
#[test]
fn neurons_of_snntorch_without_their_reset_are_noted() {
    let mut graph = graph([input(&[2]), output(&[2])], &[("input", "lif"), ("lif", "output")]);
    let notes =
        |graph: &Graph, simulator| graph.to_network(&stepping_for(simulator, 1e-4)).unwrap().build().unwrap().notes();
    graph.nodes.insert("lif".to_owned(), snntorch(0.9, 0.75, "subtract"));
    assert!(notes(&graph, Simulator::SnnTorch).is_empty());
    graph.nodes.get_mut("lif").unwrap().metadata.remove("reset_mechanism");
    let [note] = &notes(&graph, Simulator::SnnTorch)[..] else { panic!("one note") };
    assert!(note.starts_with("with `dynamics = \"snntorch\"`, node `lif` resets in the step of the spike"), "{note}");
    assert!(notes(&graph, Simulator::Norse).is_empty());
}

/// A step adds `dt·r·x` to the membrane of neurons without leak: with a step of a millisecond, a thousandth of the input.
#[test]
fn neurons_that_never_spike_are_noted_in_the_report() {
    let neurons = |value: f32| numbers(&[2], &[value; 2]);
    let neurons = Primitive::If { r: neurons(1.0), v_threshold: neurons(1.0), v_reset: neurons(0.0) };
    let graph = graph([input(&[2]), ("if", neurons), output(&[2])], &[("input", "if"), ("if", "output")]);
    let inputs = Array3::from_shape_fn((6, 20, 2), |(sample, _, _)| if sample == 4 { 1.0_f32 } else { 0.0 });
    let data = neurobench::data::InMemory::new(inputs, ndarray::Array1::<i64>::zeros(6)).unwrap();
    for (dt, expected) in [
        (1.0, vec![]),
        (
            1e-3,
            vec![
                "layer `if` never spiked: check the scale of the inputs, the thresholds and, for a NIR graph, `dt` and `dynamics`",
            ],
        ),
    ] {
        let network = graph.to_network(&stepping_for(Simulator::Sinabs, dt)).unwrap().build().unwrap();
        for workers in [1, 3] {
            let benchmark = neurobench::Benchmark::builder().model(&network).data(&data).batch_size(2);
            let benchmark = benchmark.metric_named("activation_sparsity").workers(workers);
            let report = benchmark.build().unwrap().run().unwrap();
            assert_eq!(report.notes(), expected);
            assert_eq!(report.results().notes, expected);
        }
    }
}
