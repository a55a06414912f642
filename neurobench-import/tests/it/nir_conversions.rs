//! Conversion of networks to NIR graphs and back: the outputs are preserved, or the losses are reported.
#![allow(missing_docs, clippy::unwrap_used)]

use ndarray::{Array3, Array4, Array5, array};
use neurobench::import::nir::{Graph, Lifting, Loss, Parameter, Primitive, Stepping, Value};
use neurobench::model::{Model, Tensor};
use neurobench::network::{
    AlphaConfig, Constant, ConvConfig, IntegratorConfig, LapicqueConfig, LeakyConfig, Network, NetworkBuilder,
    NeuronOutput, PoolConfig, Reset, Simulator, StepReset, StepRule, StepTiming, SynapticConfig,
};

use crate::common::{Numbers, directory, run};

const STEPPING: Stepping = Stepping { dynamics: None, dt: None };

fn allow(losses: &[Loss]) -> Lifting {
    Lifting { dt: Some(1e-3), allowed_losses: losses.to_vec() }
}

/// Converts a network to a graph, through its file.
fn graph(name: &str, network: NetworkBuilder, lifting: &Lifting) -> Result<Graph, String> {
    let file = directory(name).join("network.toml");
    network.write(&file).unwrap();
    Graph::from_network_file(&file, lifting).map_err(|error| error.to_string())
}

/// Checks that a network has the same outputs and counts after a round trip through a NIR file.
fn check_round_trip(name: &str, network: NetworkBuilder, lifting: &Lifting, inputs: &Tensor) -> Graph {
    let graph = graph(name, network.clone(), lifting).unwrap();
    let read = Graph::from_bytes(graph.to_bytes().unwrap()).unwrap();
    let back = read.to_network(&STEPPING).unwrap().build().unwrap();
    assert_eq!(run(&back, inputs), run(&network.build().unwrap(), inputs), "{name}");
    graph
}

fn weight(outputs: usize, inputs: usize, random: &mut Numbers) -> ndarray::Array2<f32> {
    ndarray::Array2::from_shape_fn((outputs, inputs), |_| random.real())
}

#[test]
fn neurons_of_every_kind_and_dynamics_round_trip() {
    let mut random = Numbers::new(3);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 50, 3), |_| random.real()));
    let fires = IntegratorConfig::new().r(vec![1.0, 2.0, 30.0]).v_threshold(0.05);
    let leaks = IntegratorConfig::new().tau(0.004).r(2.0).v_leak(0.25);
    let synaptic = IntegratorConfig::new().tau_syn(0.003).tau_mem(0.004).r(2.0).v_leak(-0.25).w_in(1.5);
    let rule = StepRule { reset: StepReset::Subtract, reset_at: StepTiming::NextStep, ..Simulator::Norse.rule(true) };
    for double in [false, true] {
        let of = |network: NetworkBuilder| if double { network.double_precision() } else { network };
        let network = Network::builder([3])
            .time_steps(true)
            .integrate_and_fire("if", 0.001, Simulator::Sinabs, fires.clone())
            .linear("fc", weight(3, 3, &mut random), Some(array![0.5_f32, -0.125, 1.0]))
            .leaky_integrate_and_fire("lif", 0.001, rule, leaks.clone().v_threshold(0.5))
            .linear("fc2", weight(3, 3, &mut random), None)
            .current_based_leaky_integrate_and_fire(
                "cubalif",
                0.001,
                Simulator::Norse,
                synaptic.clone().v_threshold(0.125).v_reset(-0.5),
            )
            .delay("delay", [2, 0, 1])
            .scale("scale", vec![1.0, 2.0, 3.0])
            .current_based_leaky_integrator("cubali", 0.001, Simulator::Nengo, synaptic.clone())
            .leaky_integrator("li", 0.001, Simulator::Lava, leaks.clone())
            .integrator("i", 0.001, Simulator::Norse, IntegratorConfig::new().r(1.0))
            .threshold("threshold", vec![0.0, 0.001, -1.0]);
        check_round_trip("nir_neurons", of(network), &allow(&[]), &inputs);
    }
}

#[test]
fn convolutions_round_trip_with_their_input_shapes() {
    let mut random = Numbers::new(4);
    let inputs = Tensor::from(Array5::from_shape_fn((1, 3, 2, 6, 5), |_| random.sparse()));
    let kernel = Array4::from_shape_fn((4, 1, 3, 2), |_| random.real());
    let config = ConvConfig::new().with_stride([2, 1]).with_padding([1, 0]).with_dilation([1, 2]).with_groups(2);
    let network = Network::builder([2, 6, 5])
        .time_steps(true)
        .conv2d("conv", kernel, Some(array![1.0_f32, 2.0, 3.0, 4.0]), config)
        .avg_pool2d("pool", &PoolConfig::new([2, 1]))
        .flatten("flat")
        .linear("fc", weight(2, 12, &mut random), None);
    let written = check_round_trip("nir_conv2d", network, &allow(&[]), &inputs);
    let Primitive::Conv2d(convolution) = &written.nodes["conv"].primitive else { panic!("no convolution") };
    assert_eq!(convolution.input_shape, Some([6, 5]));

    let inputs = Tensor::from(Array4::from_shape_fn((1, 3, 2, 7), |_| random.sparse()));
    let kernel = Array3::from_shape_fn((4, 2, 3), |_| random.real());
    let bias = Some(array![1.0_f32, 2.0, 3.0, 4.0]);
    let same = ConvConfig::new().with_padding(neurobench::network::Padding::Same);
    let network = |bias| Network::builder([2, 7]).time_steps(true).conv1d("conv", kernel.clone(), bias, same.clone());
    check_round_trip("nir_conv1d", network(bias), &allow(&[]), &inputs);
    let refused = graph_error("nir_no_bias", network(None), &[]);
    assert_eq!(refused, "NIR cannot represent everything: the `bias` of layer `conv` would be lost");
    let graph = graph("nir_no_bias", network(None), &allow(&[Loss::Bias])).unwrap();
    let back = graph.to_network(&STEPPING).unwrap().build().unwrap();
    assert_eq!(run(&back, &inputs), run(&network(None).build().unwrap(), &inputs));
}

fn graph_error(name: &str, network: NetworkBuilder, losses: &[Loss]) -> String {
    graph(name, network, &allow(losses)).unwrap_err()
}

#[test]
fn pooling_and_flatten_round_trip_without_no_op_layers() {
    let mut random = Numbers::new(9);
    let inputs = Tensor::from(Array5::from_shape_fn((1, 3, 2, 6, 5), |_| random.sparse()));
    let file = directory("nir_axes").join("network.toml");
    let text = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2, 6, 5]\ntime_steps = true\n\
                [[layers]]\npath = \"pool\"\nkind = \"sum_pool2d\"\nkernel_size = [2, 3]\nstride = 2\npadding = [1, 0]\n\
                [[layers]]\npath = \"nothing\"\nkind = \"identity\"\n\
                [[layers]]\npath = \"flat\"\nkind = \"flatten\"\nstart_axis = 1\n";
    std::fs::write(&file, text).unwrap();
    let graph = Graph::from_network_file(&file, &allow(&[])).unwrap();
    let edges = [("input", "pool"), ("pool", "flat"), ("flat", "output")];
    assert_eq!(graph.edges, edges.map(|(from, to)| (from.to_owned(), to.to_owned())));
    let back = graph.to_network(&STEPPING).unwrap().build().unwrap();
    assert_eq!(back.output_shape(), [2, 8]);
    assert_eq!(run(&back, &inputs).0, run(&Network::load(&file).unwrap(), &inputs).0);
}

#[test]
fn no_op_layers_are_removed_only_if_no_delay_changes() {
    let layer = |path: &str, kind: &str, input: &str| {
        let keys = if kind == "scale" { "scale = 2.0\ninput_shape = [1]\n" } else { "input_shape = [1]\n" };
        format!("[[layers]]\npath = \"{path}\"\nkind = \"{kind}\"\ninputs = [\"{input}\"]\n{keys}")
    };
    let lifted = |layers: &[String]| {
        let file = directory("nir_steps").join("network.toml");
        let head =
            "format = \"neurobench-network\"\nversion = 1\ninput_shape = [1]\ntime_steps = true\noutput = \"a\"\n";
        std::fs::write(&file, format!("{head}{}", layers.concat())).unwrap();
        Network::load(&file).unwrap();
        Graph::from_network_file(&file, &allow(&[])).map_err(|error| error.to_string())
    };
    let (a, b, j) = (layer("a", "scale", "j"), layer("b", "scale", "input"), layer("j", "identity", "b"));
    // The same delay: forward in the file.
    let graph = lifted(&[b.clone(), j.clone(), a.clone()]).unwrap();
    assert!(graph.edges.contains(&("b".to_owned(), "a".to_owned())));
    // A delay of one step in the file and none in the graph, or two and one.
    for layers in [[j.clone(), b.clone(), a.clone()], [a, j, b]] {
        let refused = lifted(&layers).unwrap_err();
        assert!(refused.starts_with("layer `j`: it delays its input by one step"), "{refused}");
    }
    // A cycle of layers without effect never has outputs.
    let circle = [layer("j", "identity", "k"), layer("k", "identity", "j"), layer("a", "scale", "k")];
    assert!(lifted(&circle).unwrap_err().contains("is part of a cycle of layers without effect"));
}

#[test]
fn the_order_of_sums_is_that_of_the_remaining_nodes() {
    let steps = || Network::builder([1]).time_steps(true).scale("z", 2.0).scale("m", 3.0).scale("a", 4.0);
    let sum = steps().identity("0").with_inputs(&["z"]).scale("s", 1.0).with_inputs(&["0", "a", "m"]);
    assert!(graph_error("nir_left_order", sum, &[]).contains("`order` of layer `s`"));
    let sum = steps().identity("b").with_inputs(&["z"]).scale("s", 1.0).with_inputs(&["a", "m", "b"]);
    graph("nir_left_order", sum, &allow(&[])).unwrap();
}

#[test]
fn storage_types_of_weights_are_a_loss() {
    let folder = directory("nir_storage");
    let weight = safetensors::tensor::TensorView::new(safetensors::Dtype::I8, vec![1, 2], &[1, 255]).unwrap();
    let weights = safetensors::serialize([("fc.weight", weight)], None).unwrap();
    std::fs::write(folder.join("w.safetensors"), weights).unwrap();
    let text = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [2]\n\
                time_steps = true\n[[layers]]\npath = \"fc\"\nkind = \"linear\"\nin_features = 2\nout_features = 1\n";
    let file = folder.join("network.toml");
    std::fs::write(&file, text).unwrap();
    let refused = Graph::from_network_file(&file, &allow(&[])).unwrap_err().to_string();
    assert_eq!(refused, "NIR cannot represent everything: the `storage` of tensor `fc.weight` would be lost");
    Graph::from_network_file(&file, &allow(&[Loss::Storage])).unwrap();
}

#[test]
fn keys_with_default_values_are_accepted() {
    let lifted = |keys: &str| {
        let file = directory("nir_defaults").join("network.toml");
        let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [1, 4, 4]\ntime_steps = true\n\
                    [[layers]]\npath = \"pool\"\nkind = \"avg_pool2d\"\nkernel_size = 2\n";
        std::fs::write(&file, format!("{head}{keys}\n")).unwrap();
        Graph::from_network_file(&file, &allow(&[])).map_err(|error| error.to_string())
    };
    lifted("ceil_mode = false\ncount_include_pad = true").unwrap();
    assert_eq!(lifted("ceil_mode = true").unwrap_err(), "layer `pool`: NIR does not support `ceil_mode` = true");
    let refused = lifted("count_include_pad = false").unwrap_err();
    assert_eq!(refused, "layer `pool`: NIR does not support `count_include_pad` = false");
}

#[test]
fn cycles_and_sums_round_trip() {
    let mut random = Numbers::new(5);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 20, 3), |_| random.real()));
    let neurons = IntegratorConfig::new().tau(0.004).r(4.0).v_threshold(0.25);
    let network = Network::builder([3])
        .time_steps(true)
        .linear("in", weight(3, 3, &mut random), None)
        .leaky_integrate_and_fire("lif", 0.001, Simulator::Norse, neurons)
        .with_inputs(&["in", "back"])
        .linear("back", weight(3, 3, &mut random), None)
        .output("lif");
    check_round_trip("nir_cycle", network, &allow(&[]), &inputs);
}

#[test]
fn resets_and_outputs_of_snntorch_are_losses_and_in_the_metadata() {
    let mut random = Numbers::new(6);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 60, 3), |_| random.real() + 0.5));
    let leaky = |reset, output| {
        let beta = Constant::Each(vec![0.5, 0.75, 0.875]);
        LeakyConfig::new(beta).with_threshold(1.25).with_reset(reset).with_output(output)
    };
    for reset in [Reset::Subtract, Reset::Zero, Reset::None] {
        for output in [NeuronOutput::Spikes, NeuronOutput::Membrane] {
            let network = Network::builder([3]).time_steps(true).leaky("lif", leaky(reset, output));
            check_round_trip("nir_leaky", network, &allow(&[Loss::Reset, Loss::Output]), &inputs);
        }
    }
    let network = || Network::builder([3]).time_steps(true).leaky("lif", leaky(Reset::Zero, NeuronOutput::Membrane));
    let refused = graph_error("nir_leaky", network(), &[Loss::Output]);
    assert_eq!(refused, "NIR cannot represent everything: the `reset` of layer `lif` would be lost");
    let refused = graph_error("nir_leaky", network(), &[]);
    assert!(refused.contains("`reset` of layer `lif`") && refused.contains("`output` of layer `lif`"), "{refused}");
    // Other readers see a NIR file with the time constant of β.
    let graph = graph("nir_leaky", network(), &allow(Loss::ALL)).unwrap();
    let Primitive::Lif { tau, r, .. } = &graph.nodes["lif"].primitive else { panic!("no LIF") };
    assert_eq!(*tau, ndarray::arr1(&[0.002_f32, 0.004, 0.008]).into_dyn().into());
    assert_eq!(*r, ndarray::arr1(&[2.0_f32, 4.0, 8.0]).into_dyn().into());
    assert_eq!(graph.nodes["lif"].metadata["reset_mechanism"], Value::Text("zero".to_owned()));
    let lifting = Lifting { dt: None, allowed_losses: Loss::ALL.to_vec() };
    let file = directory("nir_no_dt").join("network.toml");
    network().write(&file).unwrap();
    let problem = Graph::from_network_file(&file, &lifting).unwrap_err().to_string();
    assert!(problem.contains("set `dt`"), "{problem}");
}

#[test]
fn synaptic_and_lapicque_neurons_round_trip() {
    let mut random = Numbers::new(11);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 60, 3), |_| random.real() + 0.5));
    let (alpha, betas) = (0.3, vec![0.1, 0.7, 0.9]);
    let mut fired = 0;
    for reset in [Reset::Subtract, Reset::Zero, Reset::None] {
        for output in [NeuronOutput::Spikes, NeuronOutput::Membrane] {
            let synaptic = SynapticConfig::new(alpha, betas.clone()).with_threshold(1.25);
            let synaptic = synaptic.with_reset(reset).with_output(output);
            let lapicque = LapicqueConfig::new(5.1, vec![0.7, 0.4, 3.0]).with_time_step(0.3).with_threshold(0.4);
            let lapicque = lapicque.with_reset(reset).with_output(output);
            let network = Network::builder([3])
                .time_steps(true)
                .synaptic("synaptic", synaptic)
                .linear("fc", weight(3, 3, &mut random), Some(array![0.5_f32, 0.75, 1.0]))
                .lapicque("lapicque", lapicque);
            for network in [network.clone(), network.double_precision()] {
                let graph =
                    check_round_trip("nir_snntorch", network.clone(), &allow(&[Loss::Reset, Loss::Output]), &inputs);
                let back = graph.to_network(&STEPPING).unwrap().build().unwrap();
                let network = network.build().unwrap();
                assert_eq!(back.layers(), network.layers());
                let (_, counts) = run(&network, &inputs);
                fired += counts.activations.values().filter(|count| count.nonzero > 10).count();
            }
        }
    }
    assert_eq!(fired, 2 * 2 * 6);
}

#[test]
fn nodes_of_snntorch_neurons_are_their_forward_euler_steps() {
    let mut random = Numbers::new(12);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 60, 2), |_| random.real()));
    // No membrane reaches a threshold, so that the different resets of NIR and snnTorch have no effect.
    let synaptic = SynapticConfig::new(vec![0.5, 0.25], 0.75).with_threshold(1e3).with_reset(Reset::Zero);
    let circuit = LapicqueConfig::new(2.0, vec![4.0, 1.0]).with_time_step(0.5).with_threshold(1e3);
    let steps = || Network::builder([2]).time_steps(true).double_precision();
    let membrane = NeuronOutput::Membrane;
    let network = || {
        let synaptic = synaptic.clone().with_output(membrane);
        steps().synaptic("0", synaptic).lapicque("1", circuit.clone().with_output(membrane))
    };
    let graph = graph("nir_snntorch_euler", network(), &allow(Loss::ALL)).unwrap();
    let (Primitive::CubaLif { tau_syn, tau_mem, r, w_in, v_leak, .. }, Primitive::Lif { tau, r: resistance, .. }) =
        (&graph.nodes["0"].primitive, &graph.nodes["1"].primitive)
    else {
        panic!("{:?}", graph.nodes);
    };
    let each = |values: &Parameter| match values {
        Parameter::F64(values) => values.iter().copied().collect::<Vec<_>>(),
        Parameter::F32(_) => panic!("single precision"),
    };
    let integrators = |parameters: &[(&str, &Parameter)]| {
        parameters.iter().fold(IntegratorConfig::new(), |config, (name, values)| match *name {
            "tau" => config.tau(each(values)),
            "tau_syn" => config.tau_syn(each(values)),
            "tau_mem" => config.tau_mem(each(values)),
            "w_in" => config.w_in(each(values)),
            "v_leak" => config.v_leak(each(values)),
            _ => config.r(each(values)),
        })
    };
    let parameters = [("tau_syn", tau_syn), ("tau_mem", tau_mem), ("r", r), ("w_in", w_in), ("v_leak", v_leak)];
    let (first, second) = (integrators(&parameters), integrators(&[("tau", tau), ("r", resistance)]));
    let nir = steps().current_based_leaky_integrator("0", 1e-3, Simulator::Norse, first);
    let nir = nir.leaky_integrator("1", 1e-3, Simulator::Norse, second).build().unwrap();
    let numbers = |network: &Network| match run(network, &inputs).0 {
        Tensor::F64(numbers) => numbers,
        other => panic!("{:?}", other.dtype()),
    };
    let (found, expected) = (numbers(&nir), numbers(&network().build().unwrap()));
    let largest = expected.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
    assert!(largest > 0.5);
    // Time constants are rounded quotients.
    assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() <= 1e-12 * largest));
}

#[test]
fn another_time_step_changes_the_decay() {
    let circuit = || Network::builder([1]).time_steps(true).lapicque("0", LapicqueConfig::new(2.0, 4.0));
    let graph = graph("nir_circuit_dt", circuit(), &allow(&[Loss::Reset])).unwrap();
    let back = graph.to_network(&Stepping { dt: Some(5e-4), ..STEPPING }).unwrap().build().unwrap();
    let halved = Network::builder([1]).time_steps(true);
    let halved = halved.lapicque("0", LapicqueConfig::new(2.0, 4.0).with_time_step(0.5)).build().unwrap();
    let inputs = Tensor::from(Array3::from_elem((1, 40, 1), 1.5_f32));
    assert_eq!(run(&back, &inputs), run(&halved, &inputs));
}

#[test]
fn scaled_inputs_become_a_divided_threshold() {
    let mut random = Numbers::new(13);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 60, 2), |_| random.real() + 0.5));
    let synaptic = |threshold: f64| {
        let config = SynapticConfig::new(0.5, 0.75).with_threshold(threshold);
        Network::builder([2]).time_steps(true).synaptic("0", config)
    };
    let mut graph = graph("nir_scaled", synaptic(2.5), &allow(&[Loss::Reset])).unwrap();
    let Primitive::CubaLif { w_in, r, .. } = &mut graph.nodes.get_mut("0").unwrap().primitive else { panic!() };
    for parameter in [w_in, r] {
        let Parameter::F32(values) = parameter else { panic!("double precision") };
        values.mapv_inplace(|value| 2.0 * value);
    }
    // With constants in the metadata, and with constants from the time constants.
    for noted in [true, false] {
        if !noted {
            graph.nodes.get_mut("0").unwrap().metadata.retain(|key, _| key != "alpha" && key != "beta");
        }
        let back = graph.to_network(&STEPPING).unwrap().build().unwrap();
        let (outputs, counts) = run(&back, &inputs);
        assert_eq!(outputs, run(&synaptic(0.625).build().unwrap(), &inputs).0);
        assert!(counts.activations["0"].nonzero > 20);
    }
}

#[test]
fn layers_that_nir_does_not_support_are_rejected() {
    let steps = |inputs: usize| Network::builder([inputs]).time_steps(true);
    let refused = graph_error("nir_relu", steps(2).relu("act"), Loss::ALL);
    assert_eq!(refused, "layer `act`: NIR does not support layers of kind `relu`");
    let refused = graph_error("nir_alpha", steps(2).alpha("a", AlphaConfig::new(0.9, 0.5)), Loss::ALL);
    assert_eq!(refused, "layer `a`: NIR does not support neurons with an excitatory and an inhibitory current");
    let integrating = steps(2).synaptic("s", SynapticConfig::new(1.0, 0.5));
    assert!(graph_error("nir_one", integrating, Loss::ALL).contains("`alpha` must be below 1 to have a time constant"));
    let negative = steps(2).lapicque("l", LapicqueConfig::new(-1.0, 0.5));
    assert!(graph_error("nir_negative", negative, Loss::ALL).contains("must be above 0 for a time constant"));
    let still = || Network::builder([1]).scale("s", 2.0);
    assert!(graph_error("nir_still", still(), &[]).contains("the `time` of the network"));
    assert!(graph("nir_still", still(), &allow(&[Loss::Time])).is_ok());
    let dropout = || steps(1).scale("a", 2.0).dropout("b").scale("c", 3.0);
    assert!(graph_error("nir_dropout", dropout(), &[]).contains("the `dropout` of layer `b`"));
    let graph = graph("nir_dropout", dropout(), &allow(&[Loss::Dropout])).unwrap();
    let edges = [("input", "a"), ("a", "c"), ("c", "output")];
    assert_eq!(graph.edges, edges.map(|(from, to)| (from.to_owned(), to.to_owned())));
    let three = steps(1).scale("b", 2.0).scale("a", 3.0).scale("c", 1.0).with_inputs(&["b", "a", "input"]);
    assert!(graph_error("nir_order", three, &[]).contains("`order` of layer `c`"));
    assert!("reset".parse() == Ok(Loss::Reset) && "rest".parse::<Loss>().unwrap_err().contains("did you mean `reset`"));
}

#[test]
fn losses_of_a_conversion_to_a_network_are_reported() {
    let network = Network::builder([1]).time_steps(true).scale("s", 1.0).leaky_integrator(
        "li",
        0.001,
        Simulator::Norse,
        IntegratorConfig::new().tau(0.01).r(1.0),
    );
    let mut graph = graph("nir_kept", network, &allow(&[])).unwrap();
    graph.check_losses(&[]).unwrap();
    let node = graph.nodes.get_mut("li").unwrap();
    node.metadata.insert("author".to_owned(), Value::Text("someone".to_owned()));
    let Primitive::Li { tau, .. } = &mut node.primitive else { panic!("no LI") };
    *tau = ndarray::arr1(&[0.01_f64]).into_dyn().into();
    let problem = graph.check_losses(&[]).unwrap_err().to_string();
    let expected = "a network file cannot represent everything: the `metadata` of node `li`, `precision` of node `li` would be lost";
    assert_eq!(problem, expected);
    graph.check_losses(&[Loss::Metadata, Loss::Precision]).unwrap();
}

#[test]
fn a_written_network_equals_the_built_one() {
    let file = directory("written_network").join("network.toml");
    let mut random = Numbers::new(8);
    let inputs = Tensor::from(Array3::from_shape_fn((2, 9, 2), |_| random.real()));
    let rule = StepRule { reset: StepReset::None, ..Simulator::Rockpool.rule(true) };
    let network = || {
        Network::builder([2])
            .time_steps(true)
            .linear("a \"quoted\" päth.0", array![[0.1, 0.7], [0.3, -0.2]], None)
            .leaky("2", LeakyConfig::new(0.9).with_output(NeuronOutput::Membrane))
            .leaky_integrator("3", 1e-4, rule, IntegratorConfig::new().tau(0.01).r(vec![1.0, 3.0]))
            .with_inputs(&["2", "input", "3"])
            .output("3")
    };
    for (builder, bytes) in [(network(), 4), (network().double_precision(), 8)] {
        builder.clone().write(&file).unwrap();
        let (read, built) = (Network::load(&file).unwrap(), builder.build().unwrap());
        assert_eq!(run(&read, &inputs), run(&built, &inputs));
        assert_eq!(read.layers(), built.layers());
        assert_eq!(read.layers()[0].bytes(), 4 * bytes);
    }
    // Without tensors there is no weights file. An invalid network is not written.
    let bare = directory("bare_network").join("network.toml");
    Network::builder([2, 3]).flatten("0").carrying_state().write(&bare).unwrap();
    assert!(Network::load(&bare).unwrap().carries_state());
    assert!(!bare.with_extension("safetensors").exists());
    let before = std::fs::read(&bare).unwrap();
    assert!(Network::builder([2]).write(&bare).is_err());
    assert_eq!(std::fs::read(&bare).unwrap(), before);
}
