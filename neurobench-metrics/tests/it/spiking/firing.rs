//! Firing rates, and neurons that never or always spike.

use ndarray::{Array1, Array3, array};
use neurobench::Benchmark;
use neurobench::bench::Intervals;
use neurobench::data::InMemory;
use neurobench::metrics::{
    AverageActivity, DeadNeurons, FiringRate, FiringRateByLayer, FiringRateInHertz, NeuronActivity, NeuronSpikes,
    NeuronTrainTotals, SaturatedNeurons, Seconds,
};
use neurobench::model::Layer;
use neurobench::network::{IntegratorConfig, LeakyConfig, Network, NeuronOutput, Simulator};
use neurobench::report::Entry;
use neurobench::testing::assert_merges;
use proptest::prelude::*;

use super::{batches, many_rates, model_value, spiking, spiking_as, value};

/// Two samples of four steps of three neurons: one never spikes, one at two of eight steps, one always.
fn three() -> Array3<f32> {
    let mut raster = Array3::zeros((2, 4, 3));
    raster.slice_mut(ndarray::s![.., .., 2]).fill(1.0);
    raster[[0, 1, 1]] = 1.0;
    raster[[1, 3, 1]] = 1.0;
    raster
}

#[test]
fn rates_are_spikes_by_steps_and_by_seconds() {
    assert_eq!(value(&three(), NeuronSpikes::default()).unwrap().get("neurons"), Some(&vec![0.0, 0.25, 1.0]));
    assert_eq!(value(&three(), FiringRate::default()), Ok(10.0 / 24.0));
    let layers = value(&three(), FiringRateByLayer::default()).unwrap();
    let rates = layers.get("neurons").unwrap();
    assert_eq!((rates.min, rates.median, rates.max), (0.0, 0.25, 1.0));
    assert_eq!(rates.mean, (0.0 + 0.25 + 1.0) / 3.0);
    // A step of 1 ms: a neuron that always spikes does so 1000 times a second.
    let hertz = FiringRateInHertz { time_step: Seconds::new(1e-3), ..FiringRateInHertz::default() };
    let layers = value(&three(), hertz).unwrap();
    let rates = layers.get("neurons").unwrap();
    assert_eq!((rates.min, rates.median, rates.max), (0.0, 250.0, 1000.0));
}

#[test]
fn hertz_need_a_time_step() {
    let error = value(&three(), FiringRateInHertz::default()).unwrap_err();
    assert!(error.contains("`time_step` is not set"), "{error}");
    for metric in ["firing_rate_in_hertz(time_step=0)", "model_execution_rate(interval=-1.5)"] {
        let builder = Benchmark::builder().model(spiking(3)).metric_named(metric);
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains("is not a time in seconds"), "{error}");
    }
    assert_eq!([f64::NAN, f64::INFINITY, -1.0].map(Seconds::new), [None; 3]);
}

#[test]
fn several_spikes_in_a_step_count_once() {
    let raster = array![[[0.0], [3.0], [1.0]]];
    assert_eq!(value(&raster, FiringRate::default()), Ok(2.0 / 3.0));
}

/// Replicates of sixty thousand neurons would have as many numbers each.
#[test]
fn without_memory_for_replicates_there_is_no_interval() {
    let no_interval = |[samples, neurons]: [usize; 2], names: &[&str]| {
        let data = InMemory::new(many_rates(samples, 1, neurons), Array1::<i64>::zeros(samples)).unwrap();
        let builder = Benchmark::builder().model(spiking(neurons)).data(data).batch_size(1).per_sample();
        let builder = builder.intervals(Intervals::default());
        let report = names.iter().fold(builder, |builder, name| builder.metric_named(name)).build().unwrap().run();
        let interval_and_samples = |entry: &Entry| (entry.no_interval().map(str::to_owned), entry.samples().is_ok());
        report.unwrap().entries().iter().map(interval_and_samples).collect::<Vec<_>>()
    };
    let why = |bytes: usize, gigabytes: &str| {
        format!(
            "its state takes {bytes} bytes for each of 60000 neurons: 2000 replicates of it would take {gigabytes} GB, more than the \
             limit of 1.0 GB; set fewer `replicates`"
        )
    };
    let found = no_interval([2, 60_000], &["firing_rate", "dead_neurons"]);
    // Values of single samples need no replicates.
    assert_eq!(found, [(Some(why(8, "1.1")), true), (Some(why(8, "1.1")), false)]);
    let bytes = size_of::<NeuronTrainTotals>();
    let trains = &no_interval([2, 60_000], &["fano_factor"])[0].0;
    assert_eq!(*trains, Some(why(bytes, &format!("{:.1}", 1.32e8 * bytes as f64 / 1e9))));
    // A metric without an interval in any case gives that reason.
    let both = no_interval([2, 60_000], &["firing_rate", "neuron_spikes"]);
    assert!(both[1].0.as_ref().unwrap().contains("no floats outside lists"), "{both:?}");
    // With fewer neurons there is an interval.
    assert_eq!(no_interval([12, 1000], &["firing_rate"]), [(None, true)]);
}

#[test]
fn dead_and_saturated_neurons_are_counted() {
    let dead = value(&three(), DeadNeurons::default()).unwrap();
    let dead = dead.get("neurons").unwrap();
    assert_eq!((dead.neurons, dead.fraction), (1, 1.0 / 3.0));
    let saturated = value(&three(), SaturatedNeurons::default()).unwrap();
    let saturated = saturated.get("neurons").unwrap();
    assert_eq!((saturated.neurons, saturated.fraction), (1, 1.0 / 3.0));
    let nearly = SaturatedNeurons { from: 0.25, ..SaturatedNeurons::default() };
    assert_eq!(value(&three(), nearly).unwrap().get("neurons").unwrap().neurons, 2);
}

#[test]
fn layers_that_do_not_spike_have_no_rate() {
    let data = || InMemory::new(three(), Array1::<i64>::zeros(2)).unwrap();
    for layer in [Layer::activation("relu", "relu", 3), Layer::neuron("li", "li", 3).without_spikes()] {
        let error = model_value(spiking_as(layer), data(), FiringRate::default()).unwrap_err();
        assert!(error.contains("the model has no spiking layers"), "{error}");
    }
}

#[test]
fn only_the_spikes_of_a_network_count() {
    // Membranes as outputs, and an integrator without other outputs, are non-zero at every step.
    let leaky = LeakyConfig::new(1.0).with_output(NeuronOutput::Membrane);
    let integrator = IntegratorConfig::new().r(1.0).tau(0.01);
    let network = Network::builder([1]).time_steps(true).leaky("lif", leaky);
    let network = network.leaky_integrator("li", 1e-3, Simulator::Norse, integrator).build().unwrap();
    let data = InMemory::new(Array3::<f32>::from_elem((3, 21, 1), 0.25), Array1::<i64>::zeros(3)).unwrap();
    let layers = model_value(network, data, FiringRateByLayer::default()).unwrap();
    let found: Vec<_> = layers.iter().map(|(path, rates)| (path, rates.mean)).collect();
    assert_eq!(found, [("lif", 5.0 / 21.0)]);
}

#[test]
fn the_state_merges() {
    assert_merges(&NeuronSpikes::default(), spiking(5), &batches(&many_rates(11, 9, 5)));
}

proptest! {
    #[test]
    fn shares_and_means_agree(seed in prop::collection::vec(prop::bool::ANY, 4 * 5 * 3)) {
        let raster = Array3::from_shape_fn((4, 5, 3), |(s, t, n)| f32::from(u8::from(seed[(s * 5 + t) * 3 + n])));
        let rate = value(&raster, FiringRate::default()).unwrap();
        prop_assert!((rate - f64::from(raster.mean().unwrap())).abs() < 1e-6);
        let layers = value(&raster, FiringRateByLayer::default()).unwrap();
        // All neurons have the same number of steps: the mean of rates is the rate of all.
        prop_assert!((layers.get("neurons").unwrap().mean - rate).abs() < 1e-12);
        let dead = value(&raster, DeadNeurons::default()).unwrap().get("neurons").unwrap().neurons;
        let silent = (0..3).filter(|neuron| raster.slice(ndarray::s![.., .., *neuron]).sum() == 0.0).count();
        prop_assert_eq!(dead, silent as u64);
        let saturated = value(&raster, SaturatedNeurons::default()).unwrap().get("neurons").unwrap().neurons;
        let always = (0..3).filter(|neuron| raster.slice(ndarray::s![.., .., *neuron]).sum() == 20.0).count();
        prop_assert_eq!(saturated, always as u64);
        // The activity of spiking neurons is their firing rate.
        let activity = value(&raster, AverageActivity::default()).unwrap();
        prop_assert_eq!(activity.get("neurons"), layers.get("neurons"));
        let (activities, spikes) = (value(&raster, NeuronActivity::default()).unwrap(), value(&raster, NeuronSpikes::default()).unwrap());
        prop_assert_eq!(activities.get("neurons"), spikes.get("neurons"));
    }
}
