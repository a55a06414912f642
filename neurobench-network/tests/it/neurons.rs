//! Spiking neurons, compared with hand-computed values and with recordings of snnTorch.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;

use crate::common::{directory, outputs, run};
use ndarray::{Array3, array};
use neurobench::metric::Needs;
use neurobench::model::{ConnectionCount, Layer, Model, Probe, Tensor};
use neurobench::network::{
    AlphaConfig, InstructionSet, LapicqueConfig, LeakyConfig, Network, NetworkBuilder, NeuronOutput, RadLifConfig,
    Reset, SpikeFeedback, SynapticConfig,
};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

/// One sample of one neuron, driven by these currents.
fn driven(currents: &[f32]) -> Tensor {
    Tensor::from(Array3::from_shape_vec((1, currents.len(), 1), currents.to_vec()).unwrap())
}

#[test]
fn membrane_outputs_are_those_after_the_step_and_spikes_are_recorded() {
    let config = LeakyConfig::new(0.5).with_output(NeuronOutput::Membrane);
    let network = Network::builder([1]).time_steps(true).leaky("0", config.clone()).build().unwrap();
    let inputs = driven(&[1.5, 1.5, 0.25, 0.0]);
    let (membranes, counts) = run(&network, &inputs);
    // 1.5 spikes; 0.75 + 1.5 - 1 spikes; 0.625 + 0.25 - 1; half of it.
    assert_eq!(membranes, driven(&[1.5, 1.25, -0.125, -0.0625]));
    assert_eq!((counts.activations["0"].total, counts.activations["0"].nonzero), (4, 2));
    assert_eq!(counts.updates(), 4);

    // The traces are also spikes, and the counts are the same as with spikes as outputs.
    let mut probe = Probe::new(Needs::ACTIVATION_TRACES, network.layers());
    network.session().forward(&inputs, &mut probe, &mut Tensor::default()).unwrap();
    assert!(format!("{:?}", probe.record()).contains("[1.0, 1.0, 0.0, 0.0]"), "{:?}", probe.record());
    let spiking = Network::builder([1]).time_steps(true).leaky("0", LeakyConfig::new(0.5)).build().unwrap();
    assert_eq!(run(&spiking, &inputs), (driven(&[1.0, 1.0, 0.0, 0.0]), counts));
    assert_ne!(spiking.fingerprint(), network.fingerprint());
}

#[test]
fn every_sample_starts_from_rest_with_either_output() {
    let config = LeakyConfig::new(0.5).with_reset(Reset::None).with_output(NeuronOutput::Membrane);
    let network = Network::builder([2]).time_steps(true).leaky("0", config).build().unwrap();
    let inputs = array![[[1.0_f32, 0.0], [1.0, 0.5]], [[0.0, 0.0], [0.25, 0.0]]];
    let expected = array![[[1.0_f32, 0.0], [1.5, 0.5]], [[0.0, 0.0], [0.25, 0.0]]];
    assert_eq!(outputs(&network, &Tensor::from(inputs)).unwrap(), Tensor::from(expected));
}

#[test]
fn a_linear_layer_after_membranes_reads_numbers() {
    let config = LeakyConfig::new(0.5).with_output(NeuronOutput::Membrane);
    let network = Network::builder([1]).time_steps(true).leaky("0", config);
    let network = network.linear("1", array![[2.0]], None).build().unwrap();
    let (sums, counts) = run(&network, &driven(&[0.5, 0.0, 0.0]));
    assert_eq!(sums, driven(&[1.0, 0.5, 0.25]));
    assert_eq!((counts.macs(), counts.acs()), (3, 0));
}

#[test]
fn a_synaptic_current_is_not_reset() {
    let membranes = |reset| {
        let config = SynapticConfig::new(0.5, 0.5).with_reset(reset).with_output(NeuronOutput::Membrane);
        let network = Network::builder([1]).time_steps(true).synaptic("0", config).build().unwrap();
        outputs(&network, &driven(&[1.5, 0.25, 0.0, 0.0])).unwrap()
    };
    // The synaptic currents are 1.5, 1, 0.5 and 0.25.
    // 1.5 spikes; 0.75 + 1 - 1; 0.375 + 0.5; 0.4375 + 0.25.
    assert_eq!(membranes(Reset::Subtract), driven(&[1.5, 0.75, 0.875, 0.6875]));
    // 1.5 spikes; nothing; 0.5; 0.25 + 0.25.
    assert_eq!(membranes(Reset::Zero), driven(&[1.5, 0.0, 0.5, 0.5]));
    // 1.5; 0.75 + 1; 0.875 + 0.5; 0.6875 + 0.25.
    assert_eq!(membranes(Reset::None), driven(&[1.5, 1.75, 1.375, 0.9375]));
}

#[test]
fn circuits_match_hand_computed_membranes() {
    let membranes = |reset| {
        // R·C = 2 and T = 1/2: the factor of a current is 4·(1/2)·(1/2) = 1, and 1 - 1/4 of a membrane remains.
        let config = LapicqueConfig::new(4.0, 0.5).with_time_step(0.5).with_reset(reset);
        let config = config.with_output(NeuronOutput::Membrane);
        let network = Network::builder([1]).time_steps(true).lapicque("0", config).build().unwrap();
        outputs(&network, &driven(&[2.0, 0.0, 1.0])).unwrap()
    };
    // 2 spikes; 1.5 - 1; 0.375 + 1.
    assert_eq!(membranes(Reset::Subtract), driven(&[2.0, 0.5, 1.375]));
    // 2 spikes; nothing; 1.
    assert_eq!(membranes(Reset::Zero), driven(&[2.0, 0.0, 1.0]));
    // 2; 1.5; 1.125 + 1.
    assert_eq!(membranes(Reset::None), driven(&[2.0, 1.5, 2.125]));
}

#[test]
fn two_currents_match_hand_computed_membranes() {
    let membranes = |reset| {
        // τ = ln ½ / (ln ¼ - ln ½) + 1 = 2.
        let config = AlphaConfig::new(0.5, 0.25).with_reset(reset).with_output(NeuronOutput::Membrane);
        let network = Network::builder([1]).double_precision().time_steps(true).alpha("0", config).build().unwrap();
        let Tensor::F64(membranes) = outputs(&network, &driven(&[4.0, 0.0, 0.0])).unwrap() else { panic!("not f64") };
        // Logarithms are rounded.
        membranes.iter().map(|membrane| (membrane * 1e12).round() / 1e12).collect::<Vec<_>>()
    };
    // The currents are 4 and -4, 2 and -1, 1 and -1/4: the membrane is twice their sums, 0, 2 and 3/2.
    assert_eq!(membranes(Reset::None), [0.0, 2.0, 1.5]);
    // 2 spikes: nothing is left.
    assert_eq!(membranes(Reset::Zero), [0.0, 2.0, 0.0]);
    // 2 spikes: twice (1 - 1/4), less the inhibitory current of before.
    assert_eq!(membranes(Reset::Subtract), [0.0, 2.0, 0.5]);
}

#[test]
fn feedback_arrives_one_step_later() {
    let weight = array![[0.0, 0.0, 0.5], [2.0, 0.0, 0.0], [0.0, 1.5, 0.0]];
    let all = SpikeFeedback::All { weight, bias: None };
    let config = LeakyConfig::new(0.0).with_reset(Reset::None).with_output(NeuronOutput::Membrane);
    let network = Network::builder([3]).time_steps(true).rleaky("r", config.clone(), all.clone()).build().unwrap();
    let mut inputs = Array3::<f32>::zeros((1, 5, 3));
    inputs[[0, 0, 0]] = 1.25;
    let inputs = Tensor::from(inputs);
    let (membranes, counts) = run(&network, &inputs);
    // The first excites the second, that the third, and that the first, but not enough.
    let z = 0.0_f32;
    assert_eq!(membranes, array![[[1.25, z, z], [z, 2.0, z], [z, z, 1.5], [0.5, z, z], [z, z, z]]].into());
    assert_eq!(counts.activations["r"].nonzero, 3);
    // A separate connection: each spike meets one weight at the next step; nine weights at five steps.
    let calls: Vec<u64> = counts.connections["r.recurrent"].calls.iter().map(|call| call.operations).collect();
    assert_eq!((calls, counts.acs(), counts.dense()), (vec![0, 1, 1, 1, 0], 3, 45));
    let elementwise = SpikeFeedback::Elementwise(vec![-1.0, 0.0, 0.0].into());
    // The same with a synaptic current that decays completely in a step.
    let synaptic = SynapticConfig::new(0.0, 0.0).with_reset(Reset::None).with_output(NeuronOutput::Membrane);
    let network = Network::builder([3]).time_steps(true).rsynaptic("r", synaptic, all).build().unwrap();
    assert_eq!(run(&network, &inputs), (membranes, counts));
    let network = Network::builder([3]).time_steps(true).rleaky("r", config, elementwise).build().unwrap();
    let (membranes, counts) = run(&network, &inputs);
    assert_eq!(membranes, array![[[1.25, z, z], [-1.0, z, z], [z, z, z], [z, z, z], [z, z, z]]].into());
    // `V` belongs to the neurons: three parameters, no connection.
    assert!(counts.connections.is_empty());
    assert_eq!(network.layers()[0].parameter_count(), 3);
}

// Recordings.

fn recording() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/neurons.safetensors")).unwrap()
}

fn floats(view: &TensorView<'_>) -> Array3<f32> {
    let shape: [usize; 3] = view.shape().try_into().unwrap();
    let values = view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    Array3::from_shape_vec(shape, values).unwrap()
}

#[test]
fn every_kind_and_reset_matches_the_recording() {
    let bytes = recording();
    let recorded = SafeTensors::deserialize(&bytes).unwrap();
    let names = recorded.names();
    let cases: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".currents")).collect();
    assert_eq!(cases.len(), 43);
    for case in cases {
        let kind = case.split('_').next().unwrap();
        let reset = case.rsplit('_').next().unwrap();
        let (reset, recurrent) =
            if kind == "radlif" { (String::new(), "0.V") } else { (format!("reset = \"{reset}\"\n"), "0.recurrent") };
        let stored = names.iter().filter_map(|name| name.strip_prefix(case)?.strip_prefix('.'));
        let stored: Vec<&str> = stored.filter(|name| name.starts_with("0.")).collect();
        let view = |name: &str| recorded.tensor(&format!("{case}.{name}")).unwrap();
        let folder = directory(&format!("recorded_{case}"));
        let weights = stored.iter().map(|name| (*name, view(name)));
        fs::write(folder.join("w.safetensors"), safetensors::serialize(weights, None).unwrap()).unwrap();
        let pass = |output: &str| {
            let file = format!(
                "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [7]\n\
                 time_steps = true\n[[layers]]\npath = \"0\"\nkind = \"{kind}\"\n{reset}output = \"{output}\"\n"
            );
            fs::write(folder.join("network.toml"), file).unwrap();
            let network = Network::load(folder.join("network.toml")).unwrap();
            // All tensors of the state dict are stored with their types; one parameter has two names there.
            let once = stored.iter().filter(|name| **name != "0.recurrent.V");
            let bytes: u64 = once.map(|name| view(name).data().len() as u64).sum();
            assert_eq!(network.layers().iter().map(Layer::bytes).sum::<u64>(), bytes, "{case}");
            let currents = Tensor::from(floats(&view("currents")));
            let (outputs, counts) = run(&network, &currents);
            let slowest = network.with_instruction_set(InstructionSet::Baseline).unwrap();
            assert_eq!(run(&slowest, &currents), (outputs.clone(), counts.clone()), "{case}");
            let Tensor::F32(outputs) = outputs else { panic!("not f32") };
            (outputs, counts)
        };
        let spikes = view("spikes").data().to_vec();
        let (outputs, counts) = pass("spikes");
        assert!(outputs.iter().zip(&spikes).all(|(found, spike)| *found == f32::from(*spike)), "{case}");
        let updates = i64::from_le_bytes(view("updates").data().try_into().unwrap());
        assert_eq!(counts.updates(), u64::try_from(updates).unwrap(), "{case}");
        assert_eq!(counts.activations["0"].nonzero, spikes.iter().map(|spike| u64::from(*spike)).sum::<u64>());
        let operations = recorded.tensor(&format!("{case}.operations")).ok();
        let operations = operations.map(|view| i64::from_le_bytes(view.data().try_into().unwrap()).unsigned_abs());
        assert_eq!(counts.connections.get(recurrent).map(ConnectionCount::operations), operations, "{case}");
        let (membranes, same_counts) = pass("membrane");
        assert_eq!(same_counts, counts, "{case}");
        let expected = floats(&view("membranes"));
        // PyTorch adds the feedback in another order.
        let largest = expected.iter().fold(0.0_f32, |largest, membrane| largest.max(membrane.abs()));
        let tolerance = if case.contains("_all") { 1e-6 * largest } else { 0.0 };
        for (index, (found, expected)) in membranes.iter().zip(&expected).enumerate() {
            let equal = found.to_bits() == expected.to_bits() || (found - expected).abs() < tolerance;
            assert!(equal, "{case}, number {index}: {found} and {expected}");
        }
    }
}

#[test]
fn builders_store_the_tensors_of_snntorch() {
    let synaptic = Network::builder([3]).synaptic("0", SynapticConfig::new(0.5, 0.5)).build().unwrap();
    // α, β, θ, the factor of spikes; the number of the reset.
    assert_eq!(synaptic.layers()[0].bytes(), 4 * 4 + 8);
    let lapicque = Network::builder([3]).lapicque("0", LapicqueConfig::new(5.0, 0.5)).build().unwrap();
    // R, C, T, β, θ, the factor of spikes; the number of the reset.
    assert_eq!(lapicque.layers()[0].bytes(), 6 * 4 + 8);
}

#[test]
fn recurrent_weights_have_a_separate_path() {
    let all = || SpikeFeedback::All { weight: array![[1.0]], bias: Some(array![0.0]) };
    let neurons = || Network::builder([1]).time_steps(true).rleaky("r", LeakyConfig::new(0.5), all());
    let network = neurons().build().unwrap();
    let paths: Vec<&str> = network.layers().iter().map(Layer::path).collect();
    assert_eq!(paths, ["r", "r.recurrent"]);
    assert_eq!(network.layers()[1].parameter_count(), 2);
    let taken = neurons().relu("r.recurrent").build().unwrap_err().to_string();
    assert!(taken.contains("`r.recurrent`"), "{taken}");
    let grid = Network::builder([1, 1]).rleaky("r", LeakyConfig::new(0.5), all()).build().unwrap_err().to_string();
    assert!(grid.contains("expected inputs with one axis"), "{grid}");
}

#[test]
fn wrong_keys_and_constants_are_reported() {
    let problem = |layer: &str| {
        let folder = directory("wrong_neurons");
        let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n[[layers]]\npath = \"n\"\n";
        fs::write(folder.join("network.toml"), format!("{head}{layer}\n")).unwrap();
        Network::load(folder.join("network.toml")).unwrap_err().to_string()
    };
    let cases = [
        (
            "kind = \"leaky\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1\noutput = \"mem\"",
            "setting `output`: unknown value `mem`",
        ),
        ("kind = \"synaptic\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1", "missing `alpha`"),
        (
            "kind = \"synaptic\"\nreset = \"zero\"\nalfa = 0.5",
            "no setting `alfa`; it has alpha, beta, threshold, reset, output; did you mean `alpha`?",
        ),
        (
            "kind = \"synaptic\"\nreset = \"zero\"\nalpha = [0.5]\nbeta = 0.5\nthreshold = 1",
            "`alpha` has 1 numbers, but the layer has 2 neurons",
        ),
        (
            "kind = \"synaptic\"\nreset = \"zero\"\nalpha = nan\nbeta = 0.5\nthreshold = 1",
            "alpha`: nan is not a finite number",
        ),
        (
            "kind = \"leaky\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1e300",
            "`threshold` contains 1e300, which is out of range for single precision",
        ),
        ("kind = \"scale\"\nscale = [1, -1e39]", "`scale` contains -1e39, which is out of range for single precision"),
        ("kind = \"lapicque\"\nreset = \"zero\"\nR = 2\nthreshold = 1", "set `R` and `C`, or `beta`"),
        ("kind = \"lapicque\"\nreset = \"zero\"\nR = 0\nC = 1\nthreshold = 1", "must be a finite number other than 0"),
        ("kind = \"lapicque\"\nreset = \"zero\"\nbeta = -0.5\nthreshold = 1", "must be a finite number other than 0"),
        ("kind = \"lapicque\"\nreset = \"zero\"\nbeta = 0.5", "missing `threshold`"),
        (
            "kind = \"lapicque\"\nreset = \"zero\"\nr = 0.5",
            "no setting `r`; it has R, C, time_step, beta, threshold, reset, output; did you mean `R`?",
        ),
        (
            "kind = \"alpha\"\nreset = \"zero\"\nalpha = 0.5\nbeta = 0.5\nthreshold = 1",
            "`alpha` must be greater than `beta`",
        ),
        (
            "kind = \"alpha\"\nreset = \"zero\"\nalpha = 2\nbeta = 1\nthreshold = 1",
            "`alpha` must be greater than `beta`",
        ),
        ("kind = \"rleaky\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1", "missing `V`"),
        (
            "kind = \"rleaky\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1\nV = [1.0]",
            "`V` has 1 numbers, but the layer has 2",
        ),
        ("kind = \"rleaky\"\nreset = \"zero\"\nalpha = 0.5", "no setting `alpha`; it has beta, threshold, V, "),
        ("kind = \"rsynaptic\"\nreset = \"zero\"\nbeta = 0.5\nthreshold = 1\nV = 1", "missing `alpha`"),
        ("kind = \"radlif\"\nalpha = 0.9\nbeta = 0.97\na = 0\nb = 0", "tensor `n.V` is missing"),
        (
            "kind = \"radlif\"\nreset = \"zero\"",
            "no setting `reset`; it has alpha, beta, a, b, threshold, transposed, output",
        ),
    ];
    for (layer, expected) in cases {
        assert!(problem(layer).contains(expected), "{}", problem(layer));
    }
}

#[test]
fn operations_per_update_match_the_formulas() {
    let constants = (0.5, 0.5);
    let of = |network: NetworkBuilder| network.build().unwrap().layers()[0].operations_per_update().unwrap();
    let builder = || Network::builder([3]).time_steps(true);
    let table = [Reset::Subtract, Reset::Zero, Reset::None].map(|reset| {
        [
            of(builder().leaky("0", LeakyConfig::new(constants.0).with_reset(reset))),
            of(builder().synaptic("0", SynapticConfig::new(constants.0, constants.1).with_reset(reset))),
            of(builder().lapicque("0", LapicqueConfig::new(5.0, 0.5).with_reset(reset))),
        ]
    });
    // The first two rows are NeuroBench's.
    assert_eq!(table, [[4, 6, 11], [4, 8, 11], [2, 4, 9]]);
}

#[test]
fn feedback_may_be_a_convolution() {
    let built = |taps: [usize; 2]| {
        // What a neuron gives goes to the one on its right; of the other channel, to the same place.
        let weight = ndarray::Array4::from_shape_fn((2, 2, taps[0], taps[1]), |(to, from, row, column)| {
            let middle = row == taps[0] / 2;
            f64::from(u8::from(middle && to == from && column == 0) + u8::from(middle && to != from && column == 1) * 2)
        });
        let config = LeakyConfig::new(0.0).with_threshold(0.5).with_reset(Reset::None);
        let feedback = SpikeFeedback::Convolution { weight, bias: None };
        Network::builder([2, 1, 3]).time_steps(true).rleaky("0", config, feedback).build()
    };
    let network = built([1, 3]).unwrap();
    // One spike in the first channel: it moves right and off, and the other channel is given each a step later.
    let mut inputs = ndarray::Array5::<f32>::zeros((2, 4, 2, 1, 3));
    inputs.slice_mut(ndarray::s![.., 0, 0, 0, 0]).fill(1.0);
    let (found, counts) = run(&network, &inputs.into());
    let sample =
        [[1.0_f32, 0., 0., 0., 0., 0.], [0., 1., 0., 1., 0., 0.], [1., 0., 1., 0., 1., 0.], [0., 1., 0., 1., 0., 1.]];
    let expected = ndarray::Array5::from_shape_vec((2, 4, 2, 1, 3), [sample, sample].concat().concat()).unwrap();
    assert_eq!(found, expected.into());
    let weights = &network.layers()[1];
    assert_eq!((weights.path(), weights.type_name(), weights.parameter_count()), ("0.recurrent", "conv2d", 12));
    // Of the spikes of the first three steps, those at the right edge have one output each, others two.
    assert_eq!(counts.connections["0.recurrent"].operations(), 2 * (2 + 2 * 2 + (2 + 1 + 2)));
    assert_eq!(counts.activations["0"].nonzero, 2 * (1 + 2 + 3 + 3));
    let problem = built([1, 2]).unwrap_err().to_string();
    assert!(problem.contains("has [1, 2] taps, but must have an odd number"), "{problem}");
}

#[test]
fn transposed_recurrent_weights_are_those_of_a_linear_layer() {
    let outputs = |transposed: bool, weight: [[f64; 3]; 3]| {
        let config = RadLifConfig { transposed, ..RadLifConfig::new(0.9, 0.97, 0.5, 1.0) };
        let network =
            Network::builder([3]).time_steps(true).radlif("0", config, ndarray::arr2(&weight)).build().unwrap();
        let inputs: Vec<f32> = (0..60).map(|index| if index % 7 == 0 { 12.0 } else { 0.5 }).collect();
        run(&network, &Tensor::from(Array3::from_shape_vec((1, 20, 3), inputs).unwrap()))
    };
    let from_to = outputs(false, [[0.0, 6.0, 0.0], [0.0, 0.0, -6.0], [4.0, 0.0, 0.0]]);
    let to_from = outputs(true, [[0.0, 0.0, 4.0], [6.0, 0.0, 0.0], [0.0, -6.0, 0.0]]);
    assert_eq!(from_to, to_from);
    assert_ne!(from_to.0, outputs(false, [[0.0, 0.0, 4.0], [6.0, 0.0, 0.0], [0.0, -6.0, 0.0]]).0);
}
