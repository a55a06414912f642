//! Recurrent cells and layers: outputs and counts, compared with PyTorch and with loops over every multiplication.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use crate::common::{Counts, Numbers, directory, outputs, run};
use ndarray::{Array1, Array2, Array3, Axis, array, concatenate, s};
use neurobench::bench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metric::Needs;
use neurobench::metrics::SynapticOperations;
use neurobench::model::{Model, Probe, Tensor};
use neurobench::network::{InstructionSet, Network, NetworkBuilder, Nonlinearity, RecurrentWeights};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Rnn(Nonlinearity),
    Lstm,
    Gru,
}

const KINDS: [Kind; 4] = [Kind::Rnn(Nonlinearity::Tanh), Kind::Rnn(Nonlinearity::Relu), Kind::Lstm, Kind::Gru];

impl Kind {
    fn gates(self) -> usize {
        match self {
            Self::Rnn(_) => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    fn cell(self, builder: NetworkBuilder, weights: &Direction) -> NetworkBuilder {
        match self {
            Self::Rnn(nonlinearity) => builder.rnn_cell("0", weights.into(), nonlinearity),
            Self::Lstm => builder.lstm_cell("0", weights.into()),
            Self::Gru => builder.gru_cell("0", weights.into()),
        }
    }

    fn layers(self, builder: NetworkBuilder, layers: &[Vec<Direction>]) -> NetworkBuilder {
        let of = |direction: usize| -> Vec<RecurrentWeights> {
            layers.iter().filter_map(|layer| layer.get(direction)).map(Into::into).collect()
        };
        match self {
            Self::Rnn(nonlinearity) => builder.rnn("0", of(0), of(1), nonlinearity),
            Self::Lstm => builder.lstm("0", of(0), of(1)),
            Self::Gru => builder.gru("0", of(0), of(1)),
        }
    }
}

/// Weights of one direction of one layer.
#[derive(Clone, Debug)]
struct Direction {
    weight_ih: Array2<f64>,
    weight_hh: Array2<f64>,
    biases: Option<[Array1<f64>; 2]>,
}

impl From<&Direction> for RecurrentWeights {
    fn from(direction: &Direction) -> Self {
        let weights = Self::new(&direction.weight_ih, &direction.weight_hh);
        match &direction.biases {
            Some([bias_ih, bias_hh]) => weights.with_biases(bias_ih, bias_hh),
            None => weights,
        }
    }
}

impl Direction {
    fn random(kind: Kind, inputs: usize, units: usize, biased: bool, mut number: impl FnMut() -> f64) -> Self {
        let rows = kind.gates() * units;
        let weight_ih = Array2::from_shape_simple_fn((rows, inputs), &mut number);
        let weight_hh = Array2::from_shape_simple_fn((rows, units), &mut number);
        let biases = biased.then(|| [(); 2].map(|()| Array1::from_shape_simple_fn(rows, &mut number)));
        Self { weight_ih, weight_hh, biases }
    }

    /// Returns a weighted sum, the number of its multiplications, and true if any of its terms is nonzero.
    fn sum(weights: &Array2<f64>, bias: Option<&Array1<f64>>, row: usize, numbers: &[f64]) -> (f64, u64, bool) {
        let mut sum = bias.map_or(0.0, |bias| bias[row]);
        let (mut multiplications, mut any) = (0, sum != 0.0);
        for (weight, number) in weights.row(row).iter().zip(numbers) {
            if *weight != 0.0 && *number != 0.0 {
                sum += weight * number;
                multiplications += 1;
                any = true;
            }
        }
        (sum, multiplications, any)
    }

    /// Computes a step: updates `h` and `c`, and returns the number of multiplications of nonzero numbers.
    fn step(&self, kind: Kind, x: &[f64], h: &mut [f64], c: &mut [f64]) -> u64 {
        let units = h.len();
        let (bias_ih, bias_hh) = self.biases.as_ref().map_or((None, None), |[ih, hh]| (Some(ih), Some(hh)));
        let old = h.to_vec();
        let mut operations = 0;
        for unit in 0..units {
            let mut gates = Vec::new();
            for gate in 0..kind.gates() {
                let row = gate * units + unit;
                let (a, of_a, any_a) = Self::sum(&self.weight_ih, bias_ih, row, x);
                let (u, of_u, any_u) = Self::sum(&self.weight_hh, bias_hh, row, &old);
                operations += of_a + of_u;
                gates.push((a, u, any_a, any_u));
            }
            let both = |gate: usize| gates[gate].0 + gates[gate].1;
            let any = |gate: usize| gates[gate].2 || gates[gate].3;
            let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
            let mut product = |a: f64, any_a: bool, b: f64, any_b: bool| {
                operations += u64::from(any_a && any_b);
                (a * b, any_a && any_b)
            };
            match kind {
                Kind::Rnn(Nonlinearity::Tanh) => h[unit] = both(0).tanh(),
                Kind::Rnn(Nonlinearity::Relu) => h[unit] = both(0).max(0.0),
                Kind::Lstm => {
                    let (kept, any_kept) = product(sigmoid(both(1)), any(1), c[unit], c[unit] != 0.0);
                    let (new, any_new) = product(sigmoid(both(0)), any(0), both(2).tanh(), any(2));
                    c[unit] = kept + new;
                    h[unit] = product(sigmoid(both(3)), any(3), c[unit].tanh(), any_kept || any_new).0;
                }
                Kind::Gru => {
                    let (reset, any_reset) = product(sigmoid(both(0)), any(0), gates[2].1, gates[2].3);
                    let n = (gates[2].0 + reset).tanh();
                    let z = sigmoid(both(1));
                    let new = product(1.0 - z, true, n, gates[2].2 || any_reset).0;
                    h[unit] = new + product(z, any(1), old[unit], old[unit] != 0.0).0;
                }
            }
        }
        operations
    }
}

/// Runs layers on a sequence, and returns the outputs of the last one and the operations of each step.
fn by_loops(kind: Kind, layers: &[Vec<Direction>], sequence: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<u64>) {
    let mut operations = vec![0; sequence.len()];
    let mut below = sequence.to_vec();
    for layer in layers {
        let mut above = vec![Vec::new(); sequence.len()];
        for (number, direction) in layer.iter().enumerate() {
            let units = direction.weight_hh.ncols();
            let (mut h, mut c) = (vec![0.0; units], vec![0.0; units]);
            let mut steps: Vec<usize> = (0..sequence.len()).collect();
            if number == 1 {
                steps.reverse();
            }
            for step in steps {
                operations[step] += direction.step(kind, &below[step], &mut h, &mut c);
                above[step].extend(&h);
            }
        }
        below = above;
    }
    (below, operations)
}

fn operations(counts: &Counts) -> Vec<u64> {
    counts.connections["0"].calls.iter().map(|call| call.operations).collect()
}

fn f64s(tensor: &Tensor) -> Vec<f64> {
    match tensor {
        Tensor::F64(array) => array.iter().copied().collect(),
        Tensor::F32(array) => array.iter().map(|number| f64::from(*number)).collect(),
        other => panic!("{:?}", other.dtype()),
    }
}

// Numbers from PyTorch and NeuroBench.

/// Numbers of an arbitrary pattern, from -5/8 to 5/8.
fn pattern(length: usize, start: usize) -> impl Iterator<Item = f64> {
    (start..start + length).map(|number| ((number * 7 % 11) as f64 - 5.0) / 8.0)
}

#[test]
fn bidirectional_layers_match_pytorch() {
    // PyTorch 2.6.0 in double precision: each tensor, in the order weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0,
    // weight_ih_l0_reverse and so on, is the pattern, starting one later than the one before; the inputs start at 3.
    let cases: [(Kind, [[f64; 4]; 4]); 3] = [
        (
            Kind::Rnn(Nonlinearity::Tanh),
            [
                [-0.202361395651, -0.497600804217, 0.537544535431, 0.331696736598],
                [-0.18834127614, -0.539359823605, 0.598462837269, 0.27427820229],
                [-0.105181920661, -0.607496789652, 0.367058415045, 0.420546304879],
                [-0.356400503022, -0.228904961445, 0.752243068718, 0.217436314707],
            ],
        ),
        (
            Kind::Lstm,
            [
                [0.107862615393, -0.041889986697, -0.246347852485, 0.000984392181],
                [0.152139244892, -0.078497863451, -0.229519102629, 0.017323103078],
                [0.163054904347, -0.107612753804, -0.194596253268, 0.022310253456],
                [0.154399980697, -0.124698890185, -0.128133360393, 0.013494546898],
            ],
        ),
        (
            Kind::Gru,
            [
                [0.267562685578, 0.061842020917, -0.032267266827, -0.172788246649],
                [0.395707668446, 0.105782555691, -0.020200249938, -0.137087042113],
                [0.435207012841, 0.128888524106, -0.014497351983, -0.112669799004],
                [0.445522154362, 0.176182272422, 0.004297765647, -0.113476333736],
            ],
        ),
    ];
    for (kind, expected) in cases {
        let rows = kind.gates() * 2;
        let mut start = 0;
        let mut next = |length: usize| {
            start += 1;
            pattern(length, start - 1).collect::<Vec<_>>()
        };
        let mut layer = |inputs: usize| -> Vec<Direction> {
            let direction = |()| Direction {
                weight_ih: Array2::from_shape_vec((rows, inputs), next(rows * inputs)).unwrap(),
                weight_hh: Array2::from_shape_vec((rows, 2), next(rows * 2)).unwrap(),
                biases: Some([(); 2].map(|()| Array1::from(next(rows)))),
            };
            [(); 2].map(direction).to_vec()
        };
        let layers = [layer(3), layer(4)];
        let inputs = Array3::from_shape_vec((1, 4, 3), pattern(12, 3).collect()).unwrap();
        let network = kind.layers(Network::builder([4, 3]).double_precision(), &layers).build().unwrap();
        for (found, expected) in f64s(&outputs(&network, &inputs.into()).unwrap()).iter().zip(expected.as_flattened()) {
            // The recorded numbers have twelve digits.
            assert!((found - expected).abs() < 1e-12, "{kind:?}: {found} is not {expected}");
        }
    }
}

/// A cell with 25 inputs and 5 units, as in NeuroBench's tests: no weight or bias is zero.
fn cell(kind: Kind, builder: NetworkBuilder) -> Network {
    kind.cell(builder, &weights(kind)).build().unwrap()
}

/// Weights of the cell.
fn weights(kind: Kind) -> Direction {
    let mut numbers = Numbers::new(1);
    // Small enough that no sigmoid rounds to 1.
    Direction::random(kind, 25, 5, true, || (f64::from(numbers.real()) + 2.0) / 64.0)
}

/// Two samples of ones, except a 4.
fn ones_and_a_four() -> Array2<f32> {
    let mut inputs = Array2::ones((2, 25));
    inputs[[0, 0]] = 4.0;
    inputs
}

#[test]
fn operations_of_cells_match_neurobench() {
    // With a state of ones, as after a first step, and from rest: LSTM 615 and 510, RNN 150 and 125, GRU 465 and 385.
    let cases = [(Kind::Lstm, 615, 510), (Kind::Rnn(Nonlinearity::Tanh), 150, 125), (Kind::Gru, 465, 385)];
    for (kind, with_state, from_rest) in cases {
        let network = cell(kind, Network::builder([25]).time_steps(true));
        let step = ones_and_a_four().insert_axis(Axis(1));
        let (_, counts) = run(&network, &concatenate![Axis(1), step, step].into());
        let counted = &counts.connections["0"];
        let calls: Vec<_> = counted.calls.iter().map(|call| (call.operations, call.ternary)).collect();
        assert_eq!(calls, [(2 * from_rest, false), (2 * with_state, false)], "{kind:?}");
        // Only from shapes, with and without a state: two samples, two steps.
        assert_eq!(counted.dense, 4 * with_state, "{kind:?}");
        assert_eq!((counts.macs(), counts.acs()), (2 * (with_state + from_rest), 0));
        // Inputs that are all ones are added, not multiplied.
        let (_, counts) = run(&network, &Array3::<f32>::ones((2, 1, 25)).into());
        assert_eq!((counts.macs(), counts.acs(), counts.dense()), (0, 2 * from_rest, 2 * with_state), "{kind:?}");
    }
}

/// NeuroBench considers only the inputs, although the states and gates are floating-point numbers.
#[test]
fn operations_are_accumulates_only_if_states_and_gates_add_no_products() {
    let split = |network: Network, inputs: Array3<f32>, per_call: bool| {
        let samples = inputs.len_of(Axis(0));
        let data = InMemory::new(inputs, Array1::<i64>::zeros(samples)).unwrap();
        let metric = SynapticOperations { per_call, ..SynapticOperations::default() };
        let report =
            Benchmark::builder().model(network).data(data).metric(metric.clone()).build().unwrap().run().unwrap();
        let operations = report.get_with(&metric).unwrap();
        (operations.effective_macs, operations.effective_acs)
    };
    let ones = |steps: usize| Array3::<f32>::ones((2, steps, 25));
    let timed = |kind: Kind| cell(kind, Network::builder([25]).time_steps(true));
    // From rest no state is multiplied; gates are, and after a step the tangents that are the state.
    let cases = [(Kind::Rnn(Nonlinearity::Tanh), 125, 150), (Kind::Lstm, 510, 615), (Kind::Gru, 385, 465)];
    for (kind, first, second) in cases {
        let (first, both) = (f64::from(first), f64::from(first + second));
        let plain = kind == Kind::Rnn(Nonlinearity::Tanh);
        assert_eq!(split(timed(kind), ones(1), false), if plain { (0.0, first) } else { (first, 0.0) }, "{kind:?}");
        assert_eq!(split(timed(kind), ones(2), false), (both, 0.0), "{kind:?}");
        assert_eq!(split(timed(kind), ones(2), true), (0.0, both), "{kind:?}");
        // A whole sequence at once, which is one call.
        let layer = kind.layers(Network::builder([2, 25]), &[vec![weights(kind)]]).build().unwrap();
        assert_eq!(split(layer, ones(2), false), (both, 0.0), "{kind:?}");
    }
    // A unit that fires once, or repeatedly because of its state of 0 and 1: only sums.
    let relu = Kind::Rnn(Nonlinearity::Relu);
    let weights = |back: f64| Direction { weight_ih: array![[1.0]], weight_hh: array![[back]], biases: None };
    let network = |back: f64| relu.cell(Network::builder([1]).time_steps(true), &weights(back)).build().unwrap();
    let spikes = array![[[1.0_f32], [0.0], [1.0]]];
    assert_eq!(split(network(-1.0), spikes.clone(), false), (0.0, 3.0));
    // The state grows to 2 at the last step, which no step takes; with one more, it is taken.
    assert_eq!(split(network(1.0), spikes, false), (0.0, 4.0));
    assert_eq!(split(network(1.0), array![[[1.0_f32], [0.0], [1.0], [0.0]]], false), (5.0, 0.0));
}

/// In NeuroBench, `LSTMCell` and `GRUCell` crash without a state, and have no operations. Here the state is zero, and outputs and
/// counts match loops from a state of zeros.
#[test]
fn a_cell_without_a_state_starts_from_rest() {
    for kind in KINDS {
        let timed = cell(kind, Network::builder([25]).time_steps(true));
        let (expected, counts) = run(&timed, &ones_and_a_four().insert_axis(Axis(1)).into());
        let (found, same_counts) = run(&cell(kind, Network::builder([25])), &ones_and_a_four().into());
        assert_eq!(f64s(&found), f64s(&expected), "{kind:?}");
        assert_eq!(same_counts, counts, "{kind:?}");
        let samples = ones_and_a_four().mapv(f64::from);
        let by_loops = samples.rows().into_iter().map(|row| by_loops(kind, &[vec![weights(kind)]], &[row.to_vec()]));
        let (outputs, operations): (Vec<_>, Vec<_>) = by_loops.unzip();
        let near = |(found, expected): (f64, &f64)| (found - expected).abs() < 1e-6;
        assert!(f64s(&found).into_iter().zip(outputs.iter().flatten().flatten()).all(near), "{kind:?}");
        assert_eq!(same_counts.macs(), operations.iter().flatten().sum::<u64>(), "{kind:?}");
        assert!(
            same_counts.macs() > 0 && same_counts.dense() > same_counts.macs(),
            "{kind:?}: the state counts in dense"
        );
    }
}

#[test]
fn operations_of_layers_do_not_depend_on_batches() {
    for kind in KINDS {
        let mut numbers = Numbers::new(2);
        let layers = [vec![Direction::random(kind, 4, 3, true, || f64::from(numbers.real()) + 2.0)]];
        let network = kind.layers(Network::builder([5, 4]), &layers).build().unwrap();
        let needs = Needs::CONNECTION_COUNTS;
        let (mut session, mut probe) = (network.session(), Probe::new(needs, network.layers()));
        let inputs = Tensor::from(Array3::<f32>::ones((2, 5, 4)) / 2.0);
        let mut records = Vec::new();
        for _ in 0..2 {
            probe.clear();
            session.forward(&inputs, &mut probe, &mut Tensor::default()).unwrap();
            records.push(format!("{:?}", probe.record()));
        }
        assert_eq!(records[0], records[1]);
        let (_, counts) = run(&network, &inputs);
        let of_gates = kind.gates() * 3 * (4 + 3);
        let of_states = if kind.gates() == 1 { 0 } else { 3 * 3 };
        assert_eq!(counts.dense(), 2 * 5 * (of_gates + of_states) as u64, "{kind:?}");
        // At the first step there is no state to multiply with.
        let states = if kind.gates() == 1 { 0 } else { 3 };
        assert_eq!(counts.macs(), counts.dense() - 2 * (kind.gates() * 3 * 3 + states) as u64, "{kind:?}");
    }
}

// Comparison with loops.

proptest! {
    #[test]
    fn layers_match_loops(
        kind in prop::sample::select(KINDS.to_vec()), inputs in 1_usize..7, units in 1_usize..6, number_of_layers in 1_usize..4,
        directions in 1_usize..3, samples in 1_usize..4, length in prop_oneof![20 => 1_usize..6, 1 => 31_usize..35], biased: bool, sparse: bool, ternary: bool, seed: u64,
    ) {
        let mut numbers = Numbers::new(seed);
        let mut weights = || if sparse { f64::from(numbers.sparse()) } else { f64::from(numbers.real()) + 1.5 };
        let layers: Vec<Vec<Direction>> = (0..number_of_layers)
            .map(|layer| {
                let width = if layer == 0 { inputs } else { units * directions };
                (0..directions).map(|_| Direction::random(kind, width, units, biased, &mut weights)).collect()
            })
            .collect();
        let mut input = || f64::from(if ternary { numbers.ternary() } else { numbers.sparse() });
        let batch = Array3::from_shape_simple_fn((samples, length, inputs), &mut input);

        let network = kind.layers(Network::builder([length, inputs]).double_precision(), &layers).build().unwrap();
        let (found, counts) = run(&network, &batch.clone().into());
        let (mut expected, mut total, mut by_step) = (Vec::new(), 0, vec![0; length]);
        for sample in batch.outer_iter() {
            let sequence: Vec<Vec<f64>> = sample.outer_iter().map(|step| step.to_vec()).collect();
            let (outputs, operations) = by_loops(kind, &layers, &sequence);
            expected.extend(outputs.concat());
            total += operations.iter().sum::<u64>();
            by_step.iter_mut().zip(operations).for_each(|(sum, of_step)| *sum += of_step);
        }
        let largest = expected.iter().fold(f64::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
        for (found, expected) in f64s(&found).iter().zip(&expected) {
            // The exponentials and hyperbolic tangents are from another library.
            prop_assert!((found - expected).abs() <= 1e-12 * largest, "{} is not {}", found, expected);
        }
        prop_assert_eq!(operations(&counts), [total]);
        let per_direction = kind.gates() * units;
        let of_layer = |layer: usize| directions * per_direction * (units + if layer == 0 { inputs } else { directions * units });
        let products = if kind.gates() == 1 { 0 } else { 3 * units * directions * number_of_layers };
        let dense = (0..number_of_layers).map(of_layer).sum::<usize>() + products;
        prop_assert_eq!(counts.dense(), (samples * length * dense) as u64);
        let all_ternary = batch.iter().all(|input| [0.0, 1.0, -1.0].contains(input));
        if number_of_layers == 1 {
            prop_assert_eq!(counts.connections["0"].ternary(), all_ternary);
        }

        // Step by step, and as a sequence cut in two, the same bits and counts.
        if directions == 1 {
            let timed = kind.layers(Network::builder([inputs]).double_precision().time_steps(true), &layers).build().unwrap();
            let (again, counts) = run(&timed, &batch.clone().into());
            prop_assert_eq!(f64s(&again), f64s(&found));
            prop_assert_eq!(operations(&counts), by_step);
            let carried = kind.layers(Network::builder([inputs]).double_precision().carrying_state(), &layers).build().unwrap();
            let (mut session, mut probe) = (carried.session(), Probe::new(Needs::NONE, carried.layers()));
            let mut again = Vec::new();
            for part in [s![..length / 2, ..], s![length / 2.., ..]] {
                let mut outputs = Tensor::default();
                let part = batch.index_axis(Axis(0), 0).slice(part).to_owned();
                session.forward(&part.into(), &mut probe, &mut outputs).unwrap();
                again.extend(f64s(&outputs));
            }
            prop_assert_eq!(&again, &f64s(&found)[..again.len()]);
        }
    }
}

#[test]
fn every_instruction_set_and_every_batch_gives_the_same_bits() {
    let mut numbers = Numbers::new(3);
    for kind in KINDS {
        let layers: Vec<Vec<Direction>> = [19, 66]
            .map(|inputs| {
                [(); 2]
                    .map(|()| Direction::random(kind, inputs, 33, true, || f64::from(numbers.sparse()) / 8.0))
                    .to_vec()
            })
            .to_vec();
        // More steps than run together.
        let batch = Array3::from_shape_simple_fn((3, 40, 19), || numbers.sparse());
        let build = || kind.layers(Network::builder([40, 19]), &layers).build().unwrap();
        let expected = run(&build(), &batch.clone().into());
        for set in InstructionSet::available() {
            let found = run(&build().with_instruction_set(set).unwrap(), &batch.clone().into());
            assert!(found == expected, "{kind:?} with {set:?}");
        }
        for (index, sample) in batch.axis_chunks_iter(Axis(0), 1).enumerate() {
            let alone = f64s(&outputs(&build(), &sample.to_owned().into()).unwrap());
            assert_eq!(alone, f64s(&expected.0)[index * alone.len()..][..alone.len()], "{kind:?}, sample {index}");
        }
    }
}

// Stored tensors and errors.

#[test]
fn weights_are_connections_but_biases_are_not() {
    let weights = RecurrentWeights::new(&array![[0.0_f32, 1.0], [1.0, 1.0]], &array![[0.0_f32, 1.0], [0.0, 1.0]]);
    let weights = weights.with_biases(&array![0.0_f32, 0.0], &array![0.0_f32, 1.0]);
    let network = Network::builder([2]).rnn_cell("0", weights, Nonlinearity::Tanh).build().unwrap();
    let layer = &network.layers()[0];
    let of_role = |role| layer.parameters().iter().filter(move |tensor| tensor.role == role);
    let weights = of_role(neurobench::model::TensorRole::Weight);
    assert_eq!(weights.map(|tensor| (tensor.zeros, tensor.elements())).collect::<Vec<_>>(), [(1, 4), (2, 4)]);
    assert_eq!(of_role(neurobench::model::TensorRole::Bias).count(), 2);
    assert_eq!((layer.parameter_count(), layer.bytes()), (12, 48));
}

#[test]
fn errors_describe_what_does_not_fit() {
    let direction = |inputs| Direction::random(Kind::Lstm, inputs, 3, true, || 1.0);
    let problem = |network: NetworkBuilder| network.build().unwrap_err().to_string();
    let one = |inputs| vec![RecurrentWeights::from(&direction(inputs))];
    let timed = || Network::builder([2]).time_steps(true);
    assert!(problem(timed().lstm("0", one(2), one(2))).contains("`bidirectional` needs whole sequences"));
    assert!(problem(timed().lstm("0", vec![], vec![])).contains("setting `input_size` is missing"));
    assert!(
        problem(Network::builder([2]).lstm("0", one(2), vec![]))
            .contains("expected inputs of shape [length, 2], found [2]")
    );
    assert!(problem(timed().lstm("0", one(3), vec![])).contains("expected inputs of shape [3], found [2]"));
    assert!(problem(timed().gru("0", one(2), vec![])).contains("`0.weight_ih_l0` has shape [12, 2], not [9, 2]"));
    let two = |second| [one(2), one(second)].concat();
    assert!(problem(timed().lstm("0", two(2), vec![])).contains("`0.weight_ih_l1` has shape [12, 2], not [12, 3]"));
    assert!(timed().lstm("0", two(3), vec![]).build().is_ok());

    let folder = directory("wrong_recurrent");
    let load = |keys: &str| {
        let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\ntime_steps = true\n";
        let layer = "[[layers]]\npath = \"0\"\n";
        fs::write(folder.join("network.toml"), format!("{head}{layer}{keys}\n")).unwrap();
        Network::load(folder.join("network.toml")).unwrap_err().to_string()
    };
    let cases = [
        (
            "kind = \"rnn\"\ninput_size = 2\nhidden_size = 3\nnonlinearity = \"gelu\"",
            "setting `nonlinearity`: unknown value `gelu`",
        ),
        (
            "kind = \"lstm\"\ninput_size = 2\nhidden_size = 3\nnonlinearity = \"tanh\"",
            "no setting `nonlinearity`; it has input_size, ",
        ),
        (
            "kind = \"lstm\"\ninput_size = 2\nhidden_size = 3\nproj_size = 2",
            "no setting `proj_size`; it has input_size, ",
        ),
        (
            "kind = \"gru\"\ninput_size = 2\nhidden_size = 3\nnum_layers = 0",
            "setting `num_layers` must be in `1..=1024`, not 0",
        ),
        (
            "kind = \"gru\"\ninput_size = 2\nhidden_size = 3\nnum_layers = 9000000000000000000",
            "setting `num_layers` must be in `1..=1024`, not 9000000000000000000",
        ),
        ("kind = \"gru_cell\"\ninput_size = 2\nhidden_size = 0", "setting `hidden_size` must be in `1..`, not 0"),
        (
            "kind = \"gru_cell\"\ninput_size = 2\nhidden_size = 9000000000000000000",
            "`hidden_size` = 9000000000000000000 is too large to count the weights",
        ),
        ("kind = \"gru_cell\"\ninput_size = 2\nhidden_size = 3", "`0.weight_ih` is missing"),
    ];
    for (keys, expected) in cases {
        assert!(load(keys).contains(expected), "{}", load(keys));
    }
}
