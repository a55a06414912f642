//! Spiking neurons: by hand, and against recordings of snnTorch.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{outputs, run};
use ndarray::{Array3, array};
use neurobench_core::metric::Needs;
use neurobench_core::model::{Model, Probe, Tensor};
use neurobench_core::network::{LeakyConfig, Network, NeuronOutput, Reset};

/// One sample of one neuron, driven by these currents.
fn driven(currents: &[f32]) -> Tensor {
    Tensor::from(Array3::from_shape_vec((1, currents.len(), 1), currents.to_vec()).unwrap())
}

#[test]
fn membranes_are_handed_on_after_the_step_and_spikes_are_recorded() {
    let config = LeakyConfig::new(0.5).with_output(NeuronOutput::Membrane);
    let network = Network::builder([1]).time_steps(true).leaky("0", config.clone()).build().unwrap();
    let inputs = driven(&[1.5, 1.5, 0.25, 0.0]);
    let (membranes, counts) = run(&network, &inputs);
    // 1.5 spikes; 0.75 + 1.5 - 1 spikes; 0.625 + 0.25 - 1; half of it.
    assert_eq!(membranes, driven(&[1.5, 1.25, -0.125, -0.0625]));
    assert_eq!((counts.activations["0"].total, counts.activations["0"].nonzero), (4, 2));
    assert_eq!(counts.updates(), 4);

    // The traces, too, are of spikes; the counts are those of the same neurons that hand on spikes.
    let mut probe = Probe::new(Needs::ACTIVATION_TRACES, network.layers());
    network.session().forward(&inputs, &mut probe, &mut Tensor::default()).unwrap();
    assert!(format!("{:?}", probe.record()).contains("[1.0, 1.0, 0.0, 0.0]"), "{:?}", probe.record());
    let spiking = Network::builder([1]).time_steps(true).leaky("0", LeakyConfig::new(0.5)).build().unwrap();
    assert_eq!(run(&spiking, &inputs), (driven(&[1.0, 1.0, 0.0, 0.0]), counts));
    assert_ne!(spiking.fingerprint(), network.fingerprint());
}

#[test]
fn every_sample_starts_from_rest_whatever_is_handed_on() {
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
