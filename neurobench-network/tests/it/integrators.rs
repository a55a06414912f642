//! Steps of NIR's neurons, compared with traces of eight simulators and with hand-computed values.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use ndarray::{Array3, array};
use neurobench::inputs::Membranes;
use neurobench::metric::{BatchContext, Context, Input, Needs};
use neurobench::model::{Model, Probe, Tensor};
use neurobench::network::{
    Current, Dynamics, Integration, IntegratorConfig, Network, NetworkBuilder, Simulator, Spikes, StepReset, StepRule,
    StepTiming,
};
use safetensors::SafeTensors;

use crate::common::{directory, outputs, run};

/// The recorded traces of one neuron: `lif_norse.nir`.
const DT: f64 = 1e-4;
const TAU: f64 = 0.0025;
const STEPS: usize = 1000;

struct Traces(Vec<u8>);

impl Traces {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lif_traces.safetensors");
        Self(std::fs::read(file).unwrap())
    }

    fn rows(&self, name: &str) -> Vec<usize> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let (numbers, _) = tensors.tensor(name).unwrap().data().as_chunks();
        numbers.iter().map(|bytes| i64::from_le_bytes(*bytes) as usize).collect()
    }

    fn membrane(&self, name: &str) -> Vec<f64> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let (numbers, _) = tensors.tensor(&format!("{name}.membrane")).unwrap().data().as_chunks();
        numbers.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
    }
}

/// Membranes and outputs of a network of one neuron.
fn traced(network: &Network, inputs: &Tensor) -> (Vec<f64>, Vec<f64>) {
    let mut probe = Probe::new(Needs::MEMBRANE_TRACES, network.layers());
    let mut outputs = Tensor::default();
    network.session().forward(inputs, &mut probe, &mut outputs).unwrap();
    let context = Context::for_batch(network, BatchContext::new(0, &outputs, inputs, probe.record()));
    let traces = Membranes::get(&context).unwrap();
    let (_, trace) = traces.iter().next().unwrap();
    let membranes = trace.values().to_vec();
    let outputs = match &outputs {
        Tensor::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Tensor::F64(values) => values.iter().copied().collect(),
        other => panic!("{other:?}"),
    };
    (membranes, outputs)
}

#[test]
fn every_simulator_matches_its_recorded_trace() {
    let traces = Traces::read();
    // Scale of the simulator's membrane relative to NIR's units, and the input at each event; the input of sinabs was
    // `a·x`, and the fixed-point format of spinnaker2 rounds the weight.
    let recorded = [
        (Simulator::Norse, "norse", 1.0, 1.0),
        (Simulator::SnnTorch, "snntorch", 25.0, 1.0),
        (Simulator::SpiNNaker2, "spinnaker2", 25.0, 0.999_803_96),
        (Simulator::Lava, "lava_cpu_float", 1.0, 1.0),
        (Simulator::Nengo, "nengo", 10.0, 1.0),
        (Simulator::Sinabs, "sinabs", 1.0, 1.0),
        (Simulator::Rockpool, "rockpool", 1.0, 1.0),
        (Simulator::Spyx, "spyx", 1.0, 1.0),
    ];
    for (simulator, name, scale, input) in recorded {
        for double in [false, true] {
            let mut inputs = Array3::<f64>::zeros((1, STEPS, 1));
            for row in traces.rows("events") {
                inputs[[0, row, 0]] = input;
            }
            let neuron = IntegratorConfig::new().tau(TAU).r(1.0).v_leak(0.0).v_threshold(0.1).v_reset(0.0);
            let network = Network::builder([1]).time_steps(true).leaky_integrate_and_fire("0", DT, simulator, neuron);
            let network = if double { network.double_precision() } else { network };
            let (mut membranes, outputs) = traced(&network.build().unwrap(), &inputs.into());
            if simulator == Simulator::Lava {
                // Its membranes are also delayed by one step.
                membranes.insert(0, 0.0);
                membranes.truncate(STEPS);
            }
            let spikes: Vec<usize> = (0..STEPS).filter(|row| outputs[*row] != 0.0).collect();
            assert_eq!(spikes, traces.rows(&format!("{name}.spikes")), "{name}");
            let expected = traces.membrane(name);
            let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            for (row, (membrane, expected)) in membranes.iter().zip(&expected).enumerate() {
                // Most were recorded in single precision, whose rounding errors accumulate over about ten time constants.
                let error = (membrane * scale - expected).abs();
                assert!(error <= 1e-6 * largest, "{name}, row {row}: {} is not {expected}", membrane * scale);
            }
        }
    }
}

fn rule() -> StepRule {
    Simulator::Norse.rule(true)
}

/// Outputs for these inputs, one for each step, in double precision.
fn outputs_of(builder: NetworkBuilder, inputs: &[f64]) -> Vec<f64> {
    let network = builder.time_steps(true).double_precision().build().unwrap();
    let inputs = Array3::from_shape_vec((1, inputs.len(), 1), inputs.to_vec()).unwrap();
    let Tensor::F64(outputs) = outputs(&network, &inputs.into()).unwrap() else { panic!("not double precision") };
    outputs.iter().copied().collect()
}

fn one() -> NetworkBuilder {
    Network::builder([1])
}

#[test]
fn neurons_that_do_not_spike_output_their_membranes() {
    let integrated = one().integrator("0", 0.5, rule(), IntegratorConfig::new().r(2.0));
    assert_eq!(outputs_of(integrated, &[1.0, 0.0, -3.0]), [1.0, 1.0, -2.0]);
    // Halfway to 1 + 4·x: 0.5; 0.75 + 2; 1.375 + 0.5.
    let leaky = IntegratorConfig::new().tau(1.0).r(4.0).v_leak(1.0);
    let euler = one().leaky_integrator("0", 0.5, rule(), leaky.clone());
    assert_eq!(outputs_of(euler, &[0.0, 1.0, 0.0]), [0.5, 2.75, 1.875]);
    // After one time constant, 1/e remains; an impulse is not reduced.
    let decay = (-1.0_f64).exp();
    for (integration, expected) in
        [(Integration::Exponential, (1.0 - decay) * 5.0), (Integration::Impulse, 4.0 + (1.0 - decay))]
    {
        let exact = one().leaky_integrator("0", 1.0, StepRule { integration, ..rule() }, leaky.clone());
        let membrane = outputs_of(exact, &[1.0, 0.0])[0];
        assert!((membrane - expected).abs() <= 4.0 * f64::EPSILON, "{membrane} is not {expected}");
    }
}

#[test]
fn the_membrane_is_driven_by_the_new_or_the_old_current() {
    // The current, of 2·x: 1; 0.5; 0.25. The membrane goes halfway to four times as much.
    let neuron = IntegratorConfig::new().tau_syn(1.0).tau_mem(1.0).r(4.0).w_in(2.0);
    let new = one().current_based_leaky_integrator("0", 0.5, rule(), neuron.clone());
    assert_eq!(outputs_of(new, &[1.0, 0.0, 0.0]), [2.0, 2.0, 1.5]);
    let old = StepRule { current: Current::Old, ..rule() };
    let old = one().current_based_leaky_integrator("0", 0.5, old, neuron.clone());
    assert_eq!(outputs_of(old, &[1.0, 0.0, 0.0]), [0.0, 2.0, 2.0]);
    let fires = neuron.v_threshold(1.75).v_reset(-4.0);
    let fires = one().current_based_leaky_integrate_and_fire("0", 0.5, rule(), fires);
    // 2 fires; -2 + 1; -0.5 + 0.5; then at rest.
    assert_eq!(outputs_of(fires, &[1.0, 0.0, 0.0]), [1.0, 0.0, 0.0]);
}

/// Membranes and spikes of a neuron without leak whose membrane grows by its inputs, with threshold 1.
fn membranes_and_spikes(rule: StepRule, v_reset: f64, inputs: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let neuron = IntegratorConfig::new().r(1.0).v_threshold(1.0).v_reset(v_reset);
    let builder = one().time_steps(true).double_precision().integrate_and_fire("0", 1.0, rule, neuron);
    let inputs = Array3::from_shape_vec((1, inputs.len(), 1), inputs.to_vec()).unwrap();
    traced(&builder.build().unwrap(), &inputs.into())
}

#[test]
fn resets_match_hand_computed_membranes() {
    let inputs = [1.5, 0.25, 1.0, 0.0];
    let with = |reset, reset_at| membranes_and_spikes(StepRule { reset, reset_at, ..rule() }, 0.0, &inputs);
    let (now, later) = (StepTiming::SameStep, StepTiming::NextStep);
    assert_eq!(with(StepReset::ToZero, now), (vec![0.0, 0.25, 0.0, 0.0], vec![1.0, 0.0, 1.0, 0.0]));
    assert_eq!(with(StepReset::Subtract, now), (vec![0.5, 0.75, 0.75, 0.75], vec![1.0, 0.0, 1.0, 0.0]));
    assert_eq!(with(StepReset::None, now), (vec![1.5, 1.75, 2.75, 2.75], vec![1.0; 4]));
    assert_eq!(with(StepReset::ToZero, later), (vec![1.5, 0.25, 1.25, 0.0], vec![1.0, 0.0, 1.0, 0.0]));
    assert_eq!(with(StepReset::Subtract, later), (vec![1.5, 0.75, 1.75, 0.75], vec![1.0, 0.0, 1.0, 0.0]));
    assert_eq!(membranes_and_spikes(rule(), -1.0, &inputs), (vec![-1.0, -0.75, 0.25, 0.25], vec![1.0, 0.0, 0.0, 0.0]));
    let to_reset = StepRule { reset_at: later, ..rule() };
    assert_eq!(membranes_and_spikes(to_reset, -1.0, &inputs), (vec![1.5, -0.75, 0.25, 0.25], vec![1.0, 0.0, 0.0, 0.0]));
}

#[test]
fn thresholds_floors_and_several_spikes() {
    let zero = StepRule { reset: StepReset::ToZero, ..rule() };
    assert_eq!(membranes_and_spikes(zero, 0.0, &[1.0]).1, [0.0]);
    assert_eq!(membranes_and_spikes(StepRule { spikes: Spikes::AtOrAbove, ..zero }, 0.0, &[1.0]).1, [1.0]);
    // sinabs: three spikes of one step; not below -1.
    let sinabs = Simulator::Sinabs.rule(false);
    assert_eq!(membranes_and_spikes(sinabs, 0.0, &[3.5, -9.0, 1.0]), (vec![0.5, -1.0, 0.0], vec![3.0, 0.0, 0.0]));
    let above = StepRule { spikes: Spikes::Above, ..sinabs };
    assert_eq!(membranes_and_spikes(above, 0.0, &[3.0, 3.0]), (vec![1.0, 1.0], vec![2.0, 3.0]));
    assert!(!Simulator::Sinabs.rule(true).floor);
    let late = StepRule { output: StepTiming::NextStep, ..zero };
    assert_eq!(membranes_and_spikes(late, 0.0, &[2.0, 0.0, 0.0]), (vec![0.0; 3], vec![0.0, 1.0, 0.0]));
}

#[test]
fn parameters_may_differ_from_neuron_to_neuron() {
    let neurons = IntegratorConfig::new().tau(vec![1.0, 2.0]).r(1.0).v_threshold(vec![0.5, 0.25]);
    let network = Network::builder([2]).time_steps(true).leaky_integrate_and_fire("0", 1.0, Simulator::Norse, neurons);
    let network = network.build().unwrap();
    let inputs = Tensor::from(array![[[0.75_f32, 0.25], [0.5, 0.5]]]);
    // 0.75 and 0.5 at once, 0.125 and then half of that and 0.25 of the other.
    let (outputs, counts) = run(&network, &inputs);
    assert_eq!(outputs, array![[[1.0_f32, 0.0], [0.0, 1.0]]].into());
    assert_eq!(counts.activations["0"].nonzero, 2);
    // The first is at zero after its spike, then at 0.5; the second goes to 0.125 and back to zero.
    assert_eq!(counts.membranes["0"].updates, 4);
    // tau and v_threshold for each neuron, r for all.
    assert_eq!(network.layers()[0].bytes(), 4 * (2 + 2 + 1));
}

#[test]
fn thresholds_scales_and_delays() {
    let numbers = Tensor::from(array![[[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]]);
    let of = |builder: NetworkBuilder| outputs(&builder.build().unwrap(), &numbers).unwrap();
    let two = || Network::builder([2]).time_steps(true);
    let expected = array![[[0.0_f32, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 1.0]]];
    assert_eq!(of(two().threshold("0", vec![3.0, 2.0])), expected.into());
    let expected = array![[[2.0_f32, 1.0], [6.0, 2.0], [10.0, 3.0], [14.0, 4.0]]];
    assert_eq!(of(two().scale("0", vec![2.0, 0.5])), expected.into());
    let expected = array![[[1.0_f32, 0.0], [3.0, 0.0], [5.0, 2.0], [7.0, 4.0]]];
    assert_eq!(of(two().delay("0", [0, 2])), expected.into());
    let expected = array![[[0.0_f32, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 2.0]]];
    assert_eq!(of(two().delay("0", 3)), expected.into());
    assert_eq!(of(two().delay("0", 0)), numbers);
}

#[test]
fn a_delay_is_the_same_over_many_steps_and_samples() {
    let steps = 100;
    let inputs = Array3::from_shape_fn((2, steps, 1), |(sample, step, _)| (1 + sample * steps + step) as f32);
    let expected = Array3::from_shape_fn(
        (2, steps, 1),
        |(sample, step, _)| {
            if step < 7 { 0.0 } else { inputs[[sample, step - 7, 0]] }
        },
    );
    let network = one().time_steps(true).delay("0", 7).build().unwrap();
    assert_eq!(outputs(&network, &inputs.into()).unwrap(), expected.into());
}

#[test]
fn invalid_parameters_are_rejected() {
    let problem = |dt: f64, dynamics: Dynamics, neuron: IntegratorConfig| {
        let network = one().leaky_integrate_and_fire("0", dt, dynamics, neuron);
        network.build().unwrap_err().to_string()
    };
    let neuron = || IntegratorConfig::new().tau(0.01).r(1.0).v_threshold(1.0);
    let norse = Simulator::Norse.into();
    let expect = |problem: String, part: &str| assert!(problem.contains(part), "{problem}");
    expect(problem(0.0, norse, neuron()), "`dt` must be longer than 0 seconds, found 0");
    expect(problem(0.02, norse, neuron()), "longer than a time constant");
    expect(problem(0.001, norse, neuron().tau(-1.0)), "`tau` must be longer than 0 seconds, found -1");
    expect(problem(0.001, norse, IntegratorConfig::new().tau(1.0).r(1.0)), "missing `v_threshold`");
    expect(problem(0.001, Simulator::Nengo.into(), neuron().v_reset(0.5)), "`v_reset` contains 0.5");
    expect(
        problem(0.001, Simulator::Sinabs.into(), neuron().v_threshold(0.0)),
        "must be above zero for these dynamics",
    );
    expect(problem(0.001, norse, neuron().tau(vec![1.0, 2.0])), "has shape [2], not [1]");
    expect(problem(0.001, norse, neuron().w_in(1.0)), "no layer uses the tensors `0.w_in`");
    // The gain is dt/tau·r.
    expect(
        problem(1e-3, Simulator::Rockpool.into(), neuron().tau(1e-44)),
        "out of range for single precision: check `dt`",
    );
    let network = one().delay("0", [1, 2]);
    expect(network.build().unwrap_err().to_string(), "`steps` has 2 numbers, but the layer has 1 inputs");
    let network = one().delay("0", usize::MAX);
    expect(network.build().unwrap_err().to_string(), "need too much memory");
}

/// Loads a network file with a layer of these lines.
fn load_layer(lines: &str) -> Result<Network, String> {
    let file = directory("integrators").join("network.toml");
    let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [1]\ntime_steps = true\n[[layers]]\npath = \"0\"\n";
    std::fs::write(&file, format!("{head}{lines}")).unwrap();
    Network::load(file).map_err(|error| error.to_string())
}

#[test]
fn dynamics_are_a_simulator_or_a_rule() {
    let neuron = "kind = \"integrate_and_fire\"\nr = 1\nv_threshold = 1.0\ndt = 1\n";
    let inputs = Tensor::from(array![[[1.5_f32], [0.25], [1.0], [0.0]]]);
    let spelt = "{ integration = \"euler\", reset = \"subtract\", reset_at = \"next_step\", output = \"next_step\" }";
    for dynamics in [spelt, "\"spyx\""] {
        let network = load_layer(&format!("{neuron}dynamics = {dynamics}")).unwrap();
        assert_eq!(outputs(&network, &inputs).unwrap(), array![[[0.0_f32], [1.0], [0.0], [1.0]]].into());
    }
    let expect = |lines: &str, part: &str| {
        let problem = load_layer(&format!("{neuron}{lines}")).unwrap_err();
        assert!(problem.contains(part), "{problem}");
    };
    expect("dynamics = \"nose\"", "did you mean `norse`?");
    expect("dynamics = { integration = \"euler\", reset = \"to_zero\", bogus = 1 }", "unknown key `bogus`");
    expect("dynamics = { integration = \"eula\", reset = \"to_zero\" }", "unknown value `eula`");
    expect("dynamics = 3", "expected the name of a simulator, such as \"norse\", or a table");
    expect("", "setting `dynamics` is missing");
    expect("dynamics = \"norse\"\nv_reset = \"x\"", "setting `v_reset`: expected a number, or a list of numbers");
    expect("dynamics = \"norse\"\ntau = 1", "no setting `tau`; it has dt, dynamics, r, v_threshold, v_reset");
}
