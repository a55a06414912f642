//! Layers that sum and average over time: `sliding_window` and `low_pass`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use crate::common::{counted, directory, outputs, run};
use ndarray::{Array2, Array3, array};
use neurobench::metric::Needs;
use neurobench::model::{Model, Probe, Tensor};
use neurobench::network::{LeakyConfig, Network, NetworkBuilder};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Two samples, equal to each other.
fn twice<const STEPS: usize, const WIDTH: usize>(sample: [[f32; WIDTH]; STEPS]) -> Tensor {
    let numbers = [sample, sample].concat().concat();
    Tensor::from(Array3::from_shape_vec((2, STEPS, WIDTH), numbers).unwrap())
}

#[test]
fn a_window_sums_the_last_steps_and_later_layers_are_silent_before() {
    let network = Network::builder([2]).time_steps(true).linear("0", array![[1.0, 0.0], [0.0, 1.0]], None);
    let network = network.sliding_window("1", 3).linear("2", array![[1.0, 10.0]], Some(array![0.5])).relu("3");
    let network = network.build().unwrap();
    let sample = [[1.0_f32, 0.0], [2.0, 1.0], [4.0, 0.0], [8.0, 1.0]];
    // The second sample equals the first, and its sums do not include the first.
    let (sums, counts) = run(&network, &twice(sample));
    let expected = [[0.0_f32], [0.0], [17.5], [34.5]];
    assert_eq!(sums, twice(expected));
    // Layers before the window run at every step, those after it at two of four; a bias is not added at silent steps.
    assert_eq!((counts.connections["0"].dense, counts.connections["2"].dense), (2 * 4 * 4, 2 * 2 * 2));
    assert_eq!((counts.activations["3"].total, counts.activations["3"].nonzero), (4, 4));
}

#[test]
fn neurons_behind_a_window_are_at_rest_when_they_first_run() {
    let network = |builder: NetworkBuilder| {
        let leaky = LeakyConfig::new(1.0);
        builder.sliding_window("window", 3).leaky("neurons", leaky).build().unwrap()
    };
    // All inputs are zero: only the first of the two steps at which they run, the third of all, counts for each neuron.
    let (_, counts) = run(&network(Network::builder([2]).time_steps(true)), &twice([[0.0_f32; 2]; 4]));
    assert_eq!((counts.membranes["neurons"].updates, counts.membranes["neurons"].total), (4, 8));
    let carried = network(Network::builder([2]).carrying_state());
    let (_, counts) = run(&carried, &Tensor::from(Array2::<f32>::zeros((4, 2))));
    assert_eq!((counts.membranes["neurons"].updates, counts.membranes["neurons"].total), (2, 4));
    // In the second batch of a sequence.
    let needs = Needs::MEMBRANE_COUNTS;
    let (mut session, mut outputs) = (carried.session(), Tensor::default());
    for (samples, updates) in [(1, 0), (3, 2), (2, 0)] {
        let inputs = Tensor::from(Array2::<f32>::zeros((samples, 2)));
        let mut probe = Probe::new(needs, carried.layers());
        session.forward(&inputs, &mut probe, &mut outputs).unwrap();
        assert_eq!(counted(&carried, &inputs, &outputs, &mut probe).membranes["neurons"].updates, updates, "{samples}");
    }
}

#[test]
fn a_window_continues_from_batch_to_batch() {
    let build =
        || Network::builder([1]).carrying_state().sliding_window("0", 3).sliding_window("1", 2).build().unwrap();
    let network = build();
    let (mut session, mut batch) = (network.session(), Tensor::default());
    let mut probe = Probe::new(Needs::NONE, network.layers());
    let mut found = Vec::new();
    for inputs in [array![[1.0_f32], [2.0]], array![[4.0], [8.0]], array![[16.0], [32.0]]] {
        session.forward(&Tensor::from(inputs), &mut probe, &mut batch).unwrap();
        let Tensor::F32(numbers) = &batch else { panic!("not f32") };
        found.extend(numbers.iter().copied());
    }
    // Sums of three are 7, 14, 28 and 56 from the third step on; sums of two of them start a step later.
    assert_eq!(found, [0.0, 0.0, 0.0, 21.0, 42.0, 84.0]);
    let whole = Tensor::from(array![[1.0_f32], [2.0], [4.0], [8.0], [16.0], [32.0]]);
    assert_eq!(
        outputs(&build(), &whole).unwrap(),
        Tensor::from(array![[0.0_f32], [0.0], [0.0], [21.0], [42.0], [84.0]])
    );
}

#[test]
fn a_silent_layer_feeds_back_zeros() {
    let network = Network::builder([1]).time_steps(true).linear("in", array![[1.0]], None);
    let network = network.with_inputs(&["input", "window"]).sliding_window("window", 2).build().unwrap();
    let sample = [[1.0_f32], [1.0], [1.0], [1.0]];
    // 1; 1; 1 + (1 + 1); 1 + (1 + 3): the sum of two is 2, then 4, then 8. The second sample starts from zero.
    let expected = [[0.0_f32], [2.0], [4.0], [8.0]];
    assert_eq!(outputs(&network, &twice(sample)).unwrap(), twice(expected));
}

#[test]
fn a_window_counts_its_stored_buffer_and_nothing_else() {
    let folder = directory("window_buffer");
    let file = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [2]\n\
                carries_state = true\n[[layers]]\npath = \"0\"\nkind = \"sliding_window\"\nsteps = 4\n";
    fs::write(folder.join("network.toml"), file).unwrap();
    let load = |shape: Vec<usize>, numbers: &[f32]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let buffer = TensorView::new(Dtype::F32, shape, &bytes).unwrap();
        let file = safetensors::serialize([("0.buffer", buffer)], None).unwrap();
        fs::write(folder.join("w.safetensors"), file).unwrap();
        Network::load(folder.join("network.toml"))
    };
    assert_eq!(load(vec![1, 2], &[0.0; 2]).unwrap().layers()[0].bytes(), 8);
    assert_eq!(load(vec![0, 2], &[]).unwrap().layers()[0].bytes(), 0);
    let problem = |shape, numbers| load(shape, numbers).unwrap_err().to_string();
    assert!(problem(vec![1, 2], &[0.0, 1.0]).contains("tensor `0.buffer` holds 1"));
    assert!(problem(vec![1, 3], &[0.0; 3]).contains("tensor `0.buffer` has shape [1, 3], not [1, 2]"));

    // The same without the tensor, as in a checkpoint without the buffer.
    fs::write(folder.join("network.toml"), format!("{file}buffer_rows = 3\n")).unwrap();
    assert!(problem(vec![1, 2], &[0.0; 2]).contains("`buffer_rows` and the tensor `buffer` exclude each other"));
    let without = file.replace("weights = \"w.safetensors\"\n", "");
    fs::write(folder.join("network.toml"), format!("{without}buffer_rows = 3\n")).unwrap();
    assert_eq!(Network::load(folder.join("network.toml")).unwrap().layers()[0].bytes(), 24);
}

#[test]
fn an_average_by_hand() {
    let network = Network::builder([2]).time_steps(true).low_pass("0", 0.25, vec![8.0, 0.0]).build().unwrap();
    let sample = [[4.0_f32, 4.0], [0.0, 4.0]];
    // 6 + 1 and 1; 5.25 and 0.75 + 1.
    let expected = [[7.0_f32, 1.0], [5.25, 1.75]];
    let inputs = twice(sample);
    assert_eq!(outputs(&network, &inputs).unwrap(), twice(expected));
}

#[test]
fn an_average_starts_from_its_last_output() {
    let network = Network::builder([1]).double_precision().carrying_state().linear("w", array![[0.5]], None);
    let network = network.with_inputs(&["input", "r"]).low_pass("r", 0.5, 8.0).build().unwrap();
    // (1 + 8)/2 = 4.5 and 4 + 2.25; (0 + 6.25)/2 = 3.125 and 3.125 + 1.5625.
    let inputs = Tensor::from(array![[1.0_f64], [0.0]]);
    assert_eq!(outputs(&network, &inputs).unwrap(), Tensor::from(array![[6.25_f64], [4.6875]]));
}

#[test]
fn without_time_every_average_starts_at_its_initial_value() {
    let network = Network::builder([1]).low_pass("0", 0.5, 2.0).leaky("1", LeakyConfig::new(0.5)).build().unwrap();
    let inputs = Tensor::from(array![[2.0_f32], [-2.0]]);
    assert_eq!(outputs(&network, &inputs).unwrap(), Tensor::from(array![[1.0_f32], [0.0]]));
}

#[test]
fn wrong_keys_are_reported() {
    let problem = |network: NetworkBuilder| network.build().unwrap_err().to_string();
    let timed = || Network::builder([2]).time_steps(true);
    assert!(
        problem(Network::builder([2]).sliding_window("0", 2)).contains("must have `time_steps` or `carries_state`")
    );
    assert!(problem(timed().sliding_window("0", 0)).contains("setting `steps` must be in `1..`, not 0"));
    assert!(problem(timed().sliding_window("0", usize::MAX / 2)).contains("`steps` of 2 inputs need too much memory"));
    assert!(problem(timed().low_pass("0", 1.5, 0.0)).contains("setting `rate` must be in `0.0..=1.0`, not 1.5"));
    assert!(problem(timed().low_pass("0", f64::NAN, 0.0)).contains("`rate`: NaN is not a finite number"));
    assert!(problem(timed().low_pass("0", 0.5, vec![1.0])).contains("`initial` has 1 numbers"));
}
