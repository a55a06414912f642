//! Numbers at the hook points of layers, compared with hand-computed values.
#![allow(missing_docs, clippy::unwrap_used)]

use ndarray::{Array2, Array3, array};
use neurobench::inputs::{
    ConnectionOutputCounts, ConnectionOutputs, Connections, LayerTotals, Membranes, PreActivationCounts,
    PreActivations, PreResetMembraneCounts, PreResetMembranes, RecurrentStateCounts, RecurrentStates,
    SynapticCurrentCounts, SynapticCurrents,
};
use neurobench::metric::{BatchContext, Context, Input, Needs};
use neurobench::model::{Model, Probe, Tensor, Trace, ValueCount};
use neurobench::network::{
    AlphaConfig, IntegratorConfig, LeakyConfig, Network, NetworkBuilder, Nonlinearity, RecurrentWeights, Reset,
    Simulator, SpikeFeedback, SynapticConfig,
};

/// Calls with their values.
type Calls = Vec<((usize, usize), Vec<f64>)>;

/// Reads an input of a pass over one batch.
fn read<T>(network: &Network, needs: Needs, inputs: &Tensor, read: impl FnOnce(&Context<'_>) -> T) -> T {
    let (mut probe, mut outputs) = (Probe::new(needs, network.layers()), Tensor::default());
    network.session().forward(inputs, &mut probe, &mut outputs).unwrap();
    read(&Context::for_batch(network, BatchContext::new(0, &outputs, inputs, probe.record())))
}

fn calls(trace: &Trace) -> Calls {
    trace.calls().map(|(call, values)| ((call.sample, call.step), values.to_vec())).collect()
}

/// The calls of every layer that an input has, by path.
macro_rules! traces {
    ($input:ident, $network:expr, $inputs:expr) => {
        read($network, $input::NEEDS, $inputs, |context| {
            let input = $input::get(context).unwrap();
            input.iter().map(|(layer, trace)| (layer.path().to_owned(), calls(trace))).collect::<Vec<_>>()
        })
    };
}

macro_rules! counts {
    ($input:ident, $network:expr, $inputs:expr) => {
        read($network, $input::NEEDS, $inputs, |context| {
            let input = $input::get(context).unwrap();
            input.iter().map(|(layer, count)| (layer.path().to_owned(), *count)).collect::<Vec<_>>()
        })
    };
}

/// One sample with one number at each step.
fn steps(numbers: &[f64]) -> Tensor {
    Array3::from_shape_vec((1, numbers.len(), 1), numbers.to_vec()).unwrap().into()
}

fn over_time(inputs: usize) -> NetworkBuilder {
    Network::builder([inputs]).time_steps(true).double_precision()
}

/// The values of the only layer, one list for each step.
fn only(layers: Vec<(String, Calls)>) -> Vec<Vec<f64>> {
    assert_eq!(layers.len(), 1, "{layers:?}");
    layers.into_iter().flat_map(|(_, calls)| calls).map(|(_, values)| values).collect()
}

#[test]
fn sums_leave_connections_and_enter_activations() {
    let network = Network::builder([2])
        .linear("fc", array![[1.0, -1.0], [0.5, 0.5], [0.0, 0.0]], Some(array![0.0, 0.0, 0.25]))
        .relu("relu")
        .linear("out", array![[1.0, 1.0, 4.0]], None)
        .build()
        .unwrap();
    let inputs = Tensor::from(array![[1.0_f32, 2.0], [0.0, 0.0], [3.0, 3.0]]);
    let sums = vec![((0, 0), vec![-1.0, 1.5, 0.25]), ((1, 0), vec![0.0, 0.0, 0.25]), ((2, 0), vec![0.0, 3.0, 0.25])];
    // The relu removes -1: 1.5 + 4·0.25, 4·0.25, 3 + 4·0.25.
    let outputs = vec![((0, 0), vec![2.5]), ((1, 0), vec![1.0]), ((2, 0), vec![4.0])];
    let expected = [("fc".to_owned(), sums.clone()), ("out".to_owned(), outputs)];
    assert_eq!(traces!(ConnectionOutputs, &network, &inputs), expected);
    assert_eq!(traces!(PreActivations, &network, &inputs), [("relu".to_owned(), sums)]);
    let counts = [("fc".to_owned(), ValueCount::new(9, 6)), ("out".to_owned(), ValueCount::new(3, 3))];
    assert_eq!(counts!(ConnectionOutputCounts, &network, &inputs), counts);
    assert_eq!(counts!(PreActivationCounts, &network, &inputs), [("relu".to_owned(), ValueCount::new(9, 6))]);
}

#[test]
fn steps_are_numbered_where_the_layer_begins_late() {
    // A window of two steps begins with the second, and gives their sum.
    let network = over_time(1).sliding_window("window", 2).relu("relu").build().unwrap();
    let found = traces!(PreActivations, &network, &steps(&[5.0, -6.0, 7.0]));
    let expected = vec![((0, 1), vec![-1.0]), ((0, 2), vec![1.0])];
    assert_eq!(found, [("relu".to_owned(), expected)]);
}

#[test]
fn membranes_that_reset_in_the_next_step_are_the_same_before_the_reset() {
    let network = over_time(1).leaky("lif", LeakyConfig::new(0.5)).build().unwrap();
    let inputs = steps(&[1.5, 1.5, 0.25, 0.0]);
    // 1.5 spikes; 0.75 + 1.5 - 1 spikes; 0.625 + 0.25 - 1; half of it.
    let membranes = [[1.5], [1.25], [-0.125], [-0.0625]];
    assert_eq!(only(traces!(PreResetMembranes, &network, &inputs)), membranes);
    assert_eq!(only(traces!(Membranes, &network, &inputs)), membranes);
    assert_eq!(only(traces!(PreActivations, &network, &inputs)), [[1.5], [1.5], [0.25], [0.0]]);
    assert_eq!(counts!(PreActivationCounts, &network, &inputs)[0].1, ValueCount::new(4, 3));
    assert_eq!(counts!(PreResetMembraneCounts, &network, &inputs)[0].1, ValueCount::new(4, 4));
}

#[test]
fn membranes_that_reset_in_the_same_step_differ_before_the_reset() {
    let neuron = IntegratorConfig::new().r(1.0).v_threshold(1.0);
    let inputs = steps(&[0.75, 0.75, 2.5, -1.0]);
    let of = |simulator| over_time(1).integrate_and_fire("if", 1.0, simulator, neuron.clone()).build().unwrap();
    // To zero above the threshold: 1.5 and 2.5 spike.
    let norse = of(Simulator::Norse);
    assert_eq!(only(traces!(PreResetMembranes, &norse, &inputs)), [[0.75], [1.5], [2.5], [-1.0]]);
    assert_eq!(only(traces!(Membranes, &norse, &inputs)), [[0.75], [0.0], [0.0], [-1.0]]);
    // By subtraction, once for each threshold: 1.5 spikes once, 3 three times; the floor is -1.
    let sinabs = of(Simulator::Sinabs);
    assert_eq!(only(traces!(PreResetMembranes, &sinabs, &inputs)), [[0.75], [1.5], [3.0], [-1.0]]);
    assert_eq!(only(traces!(Membranes, &sinabs, &inputs)), [[0.75], [0.5], [0.0], [-1.0]]);
}

#[test]
fn spikes_are_added_up_by_their_size() {
    let neuron = IntegratorConfig::new().r(1.0).v_threshold(1.0);
    let network = over_time(2).integrate_and_fire("if", 1.0, Simulator::Sinabs, neuron).relu("relu").build().unwrap();
    let inputs = Tensor::from(array![[[3.5, 0.0], [0.0, 0.5]], [[0.25, 1.0], [0.25, 2.0]]]);
    // The first neuron spikes three times at once, the second once and twice.
    let totals = read(&network, LayerTotals::NEEDS, &inputs, |context| {
        let totals = LayerTotals::get(context).unwrap();
        let row = |(layer, total): (&neurobench::model::Layer, &neurobench::model::LayerTotal)| {
            (layer.path().to_owned(), total.spikes().value(), total.nonzero, total.outputs, total.calls)
        };
        totals.iter().map(row).collect::<Vec<_>>()
    });
    assert_eq!(totals, [("if".to_owned(), 6.0, 3, 8, 4), ("relu".to_owned(), 0.0, 3, 8, 4)]);
}

#[test]
fn synaptic_currents_decay_and_are_not_reset() {
    let inputs = steps(&[1.0, 2.0, 0.0]);
    let synaptic = over_time(1).synaptic("lif", SynapticConfig::new(0.5, 0.5)).build().unwrap();
    assert_eq!(only(traces!(SynapticCurrents, &synaptic, &inputs)), [[1.0], [2.5], [1.25]]);
    assert_eq!(counts!(SynapticCurrentCounts, &synaptic, &inputs)[0].1, ValueCount::new(3, 3));
    // Excitatory decays by 3/4, inhibitory by 1/2, without a reset.
    let config = AlphaConfig::new(0.75, 0.5).with_reset(Reset::None);
    let alpha = over_time(1).alpha("alpha", config).build().unwrap();
    let expected = [[1.0, -1.0], [2.75, -2.5], [2.0625, -1.25]];
    assert_eq!(only(traces!(SynapticCurrents, &alpha, &inputs)), expected);
    // Euler with a step of half the time constant: half of the current stays, half of the input comes.
    let neuron = IntegratorConfig::new().tau_syn(2.0).tau_mem(2.0).r(1.0).v_threshold(100.0);
    let euler = over_time(1).current_based_leaky_integrate_and_fire("cuba", 1.0, Simulator::Norse, neuron);
    assert_eq!(only(traces!(SynapticCurrents, &euler.build().unwrap(), &inputs)), [[0.5], [1.25], [0.625]]);
}

#[test]
fn feedback_leaves_the_recurrent_connections_of_neurons() {
    let weight = array![[0.0, 2.0], [-1.0, 0.0]];
    let feedback = SpikeFeedback::All { weight, bias: Some(array![0.5, 0.0]) };
    let network = over_time(2).rsynaptic("lif", SynapticConfig::new(0.5, 0.5), feedback).build().unwrap();
    let inputs = Tensor::from(array![[[0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]);
    // Step 0: i = (0.5, 2), m = i: the second neuron spikes. Step 1: feedback (2.5, 0), i = (0.25 + 2.5, 1),
    // m = (0.25 + 2.75, 1 + 1 - 1): the first spikes. Step 2: feedback (0.5, -1), i = (1.375 + 0.5, 0.5 - 1).
    let spikes = vec![((0, 0), vec![0.0, 0.0]), ((0, 1), vec![0.0, 1.0]), ((0, 2), vec![1.0, 0.0])];
    assert_eq!(traces!(Connections, &network, &inputs), [("lif.recurrent".to_owned(), spikes)]);
    let sums = vec![((0, 0), vec![0.5, 0.0]), ((0, 1), vec![2.5, 0.0]), ((0, 2), vec![0.5, -1.0])];
    assert_eq!(traces!(ConnectionOutputs, &network, &inputs), [("lif.recurrent".to_owned(), sums)]);
    assert_eq!(only(traces!(SynapticCurrents, &network, &inputs)), [[0.5, 2.0], [2.75, 1.0], [1.875, -0.5]]);
    assert_eq!(only(traces!(PreActivations, &network, &inputs)), [[0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]);
}

fn weights(input: f64, state: f64) -> RecurrentWeights {
    RecurrentWeights::new(&array![[input]], &array![[state]])
}

#[test]
fn states_of_plain_units_are_their_outputs() {
    let network = over_time(1).rnn_cell("rnn", weights(1.0, 0.5), Nonlinearity::Relu).build().unwrap();
    // 1; 0.5 + 2; max(1.25 - 3, 0).
    let inputs = steps(&[1.0, 2.0, -3.0]);
    assert_eq!(only(traces!(RecurrentStates, &network, &inputs)), [[1.0], [2.5], [0.0]]);
    assert_eq!(counts!(RecurrentStateCounts, &network, &inputs)[0].1, ValueCount::new(3, 2));
    assert_eq!(only(traces!(ConnectionOutputs, &network, &inputs)), [[1.0], [2.5], [0.0]]);
}

/// With no weights, the gates of LSTM are `σ(0)` and its new values `tanh(1)`.
#[test]
fn states_of_lstm_are_outputs_and_cells() {
    let zeros = Array2::<f64>::zeros((4, 1));
    let weights =
        RecurrentWeights::new(&zeros, &zeros).with_biases(&array![0.0, 0.0, 1.0, 0.0], &array![0.0, 0.0, 0.0, 0.0]);
    let network = over_time(1).lstm_cell("lstm", weights).build().unwrap();
    let new = 1.0_f64.tanh();
    let cells = [0.5 * new, 0.75 * new, 0.875 * new];
    let states = only(traces!(RecurrentStates, &network, &steps(&[0.0; 3])));
    assert_eq!(states.len(), 3);
    for (state, cell) in states.iter().zip(cells) {
        let [output, found] = state[..] else { panic!("{state:?}") };
        assert!((found - cell).abs() < 1e-15 && (output - 0.5 * cell.tanh()).abs() < 1e-15, "{state:?}");
    }
}

/// A stack of two layers with two directions over a whole sequence: the states of a step are those of the first layer, forward and
/// backward, then those of the second.
#[test]
fn states_of_a_stack_are_in_the_order_of_its_layers() {
    let pair = |state: f64| RecurrentWeights::new(&array![[1.0, 0.0]], &array![[state]]);
    let network = Network::builder([3, 1])
        .double_precision()
        .rnn("rnn", vec![weights(1.0, 1.0), pair(0.0)], vec![weights(1.0, 1.0), pair(1.0)], Nonlinearity::Relu)
        .build()
        .unwrap();
    let inputs = Tensor::from(array![[[1.0], [2.0], [4.0]], [[0.0], [0.0], [1.0]]]);
    // Forward sums of the inputs, backward sums; then the forward sums again, and their backward sums.
    let first = [[1.0, 7.0, 1.0, 11.0], [3.0, 6.0, 3.0, 10.0], [7.0, 4.0, 7.0, 7.0]].concat();
    let second = [[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]].concat();
    let expected = [("rnn".to_owned(), vec![((0, 0), first), ((1, 0), second)])];
    assert_eq!(traces!(RecurrentStates, &network, &inputs), expected);
}

/// If the state carries over, samples are steps, and a point is reported once for each.
#[test]
fn states_that_carry_over_are_reported_for_each_sample() {
    let network = Network::builder([1])
        .carrying_state()
        .double_precision()
        .rnn_cell("rnn", weights(1.0, 1.0), Nonlinearity::Relu)
        .build()
        .unwrap();
    let found = traces!(RecurrentStates, &network, &array![[1.0], [2.0], [3.0]].into());
    let expected = vec![((0, 0), vec![1.0]), ((1, 1), vec![3.0]), ((2, 2), vec![6.0])];
    assert_eq!(found, [("rnn".to_owned(), expected)]);
}

#[test]
fn layers_without_a_current_or_a_state_have_none() {
    let network = over_time(1).leaky("lif", LeakyConfig::new(0.5)).build().unwrap();
    let error = |needs, get: fn(&Context<'_>) -> String| read(&network, needs, &steps(&[1.0]), get);
    let currents = error(SynapticCurrents::NEEDS, |context| SynapticCurrents::get(context).unwrap_err().to_string());
    assert_eq!(currents, "the model has no layers with synaptic currents");
    let states = error(RecurrentStates::NEEDS, |context| RecurrentStates::get(context).unwrap_err().to_string());
    assert_eq!(states, "the model has no layers with a recurrent state");
}
