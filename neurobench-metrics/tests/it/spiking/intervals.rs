//! Intervals between spikes, counts from sample to sample, and synchrony.

use ndarray::{Array1, Array3, array, s};
use neurobench::data::InMemory;
use neurobench::metrics::{
    FanoFactor, FiringRate, InterspikeIntervalCv, InterspikeIntervalCv2, MeanInterspikeInterval, NeuronDistribution,
    SpikeTrainCounts, Synchrony,
};
use neurobench::model::{Call, FnModel, Layer, Probe, Tensor};
use neurobench::network::{LeakyConfig, Network};
use neurobench::testing::assert_merges;
use proptest::prelude::*;
use serde::Deserialize;

use super::{batches, close, many_rates, model_value, raster, recorded, spiking, value};

#[derive(Deserialize)]
struct Recorded {
    bins: Vec<usize>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    shape: [usize; 3],
    trains: Vec<Vec<Vec<usize>>>,
    neurons: Vec<OfNeuron>,
    synchrony: Vec<Option<f64>>,
}

#[derive(Deserialize)]
struct OfNeuron {
    spikes: u64,
    rate: f64,
    intervals: u64,
    steps: f64,
    cv: Option<f64>,
    cv2: Option<f64>,
    fano: Option<f64>,
}

/// elephant sums floats; our sums are integers, or exact and rounded at the end.
const TOLERANCE: f64 = 1e-13;

fn cases() -> Recorded {
    recorded("spike_trains.json")
}

fn check(found: Result<NeuronDistribution, String>, expected: Option<f64>) {
    match (found, expected) {
        (Ok(found), Some(expected)) => {
            assert_eq!((found.neurons, found.left_out), (1, 0));
            assert!(close(found.values.mean, expected, TOLERANCE), "{} for {expected}", found.values.mean);
        }
        (Err(error), None) => assert!(error.contains("undefined"), "{error}"),
        (found, expected) => panic!("{found:?} for {expected:?}"),
    }
}

#[test]
fn the_regularity_of_neurons_is_elephants() {
    let mut seen = 0;
    for Case { shape, trains, neurons, .. } in cases().cases {
        let raster = raster(shape, &trains);
        for (neuron, expected) in neurons.iter().enumerate() {
            let single = raster.slice(s![.., .., neuron..=neuron]).to_owned();
            // One quotient of integers.
            assert_eq!(value(&single, FiringRate::default()), Ok(expected.rate));
            let totals = value(&single, SpikeTrainCounts::default()).unwrap();
            let totals = totals.get("neurons").unwrap();
            assert_eq!((totals.trains, totals.spikes), (shape[0] as u64, expected.spikes));
            assert_eq!(totals.intervals, expected.intervals);
            match value(&single, MeanInterspikeInterval::default()) {
                Ok(mean) => assert_eq!(mean.get("neurons"), Some(&(expected.steps / expected.intervals as f64))),
                Err(error) => assert!(expected.intervals == 0 && error.contains("spiked twice"), "{error}"),
            }
            let cv = value(&single, InterspikeIntervalCv::default());
            check(cv.map(|layers| *layers.get("neurons").unwrap()), expected.cv);
            let cv2 = value(&single, InterspikeIntervalCv2::default());
            check(cv2.map(|layers| *layers.get("neurons").unwrap()), expected.cv2);
            let fano = value(&single, FanoFactor::default());
            check(fano.map(|layers| *layers.get("neurons").unwrap()), expected.fano);
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen} neurons");
}

#[test]
fn layers_have_the_distribution_of_their_neurons() {
    for Case { shape, trains, neurons, .. } in cases().cases {
        let expected: Vec<f64> = neurons.iter().filter_map(|neuron| neuron.cv).collect();
        let Ok(found) = value(&raster(shape, &trains), InterspikeIntervalCv::default()) else {
            assert!(expected.is_empty());
            continue;
        };
        let found = found.get("neurons").unwrap();
        assert_eq!(found.neurons, expected.len() as u64);
        assert_eq!(found.left_out as usize, neurons.len() - expected.len());
        let lowest = expected.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(close(found.values.min, lowest, TOLERANCE));
        assert!(close(found.values.mean, expected.iter().sum::<f64>() / expected.len() as f64, TOLERANCE));
    }
}

#[test]
fn synchrony_follows_from_elephants_covariances() {
    let Recorded { bins, cases } = cases();
    let mut seen = 0;
    for Case { shape, trains, synchrony, .. } in cases {
        let raster = raster(shape, &trains);
        for (bin, expected) in bins.iter().zip(synchrony) {
            let found = value(&raster, Synchrony { bin: *bin, ..Synchrony::default() });
            match (found, expected) {
                (Ok(found), Some(expected)) => {
                    let found = *found.get("neurons").unwrap();
                    // Root of a covariance that is zero except for rounding.
                    assert!(close(found, expected, 1e-12) || (found - expected).abs() < 1e-7, "{found} for {expected}");
                    seen += 1;
                }
                (Err(error), None) => assert!(error.contains("varies in time"), "{error}"),
                (found, expected) => panic!("{found:?} for {expected:?}, {shape:?}, {bin}"),
            }
        }
    }
    assert!(seen > 100, "{seen} layers");
}

#[test]
fn no_interval_extends_into_the_next_sample() {
    // One spike in each of two samples.
    let raster = array![[[0.0], [1.0]], [[1.0], [0.0]]];
    let error = value(&raster, MeanInterspikeInterval::default()).unwrap_err();
    assert!(error.contains("no neuron spiked twice in a sample"), "{error}");
}

#[test]
fn neurons_with_too_few_intervals_are_left_out_by_the_setting() {
    let Case { shape, trains, neurons, .. } = cases().cases.pop().unwrap();
    let metric = InterspikeIntervalCv { min_intervals: 12, ..InterspikeIntervalCv::default() };
    let found = value(&raster(shape, &trains), metric).unwrap();
    let expected = neurons.iter().filter(|neuron| neuron.intervals >= 12).count();
    assert_eq!(found.get("neurons").unwrap().neurons, expected as u64);
    assert!(expected < neurons.len());
}

#[test]
fn trains_over_several_samples_are_rejected() {
    let network = Network::builder([2]).carrying_state().leaky("lif", LeakyConfig::new(0.5)).build().unwrap();
    let data = || InMemory::new(ndarray::Array2::<f32>::ones((6, 2)), Array1::<i64>::zeros(6)).unwrap();
    let error = model_value(network, data(), SpikeTrainCounts::default()).unwrap_err();
    assert!(error.contains("carries its state from sample to sample"), "{error}");
    let network = Network::builder([2]).carrying_state().leaky("lif", LeakyConfig::new(0.5)).build().unwrap();
    assert!(model_value(network, data(), Synchrony::default()).is_err());
}

/// Two runs in one step have no order: rates are defined, times between spikes are not.
#[test]
fn a_layer_that_runs_twice_in_a_step_has_rates_and_no_intervals() {
    let twice = || {
        FnModel::new(vec![Layer::neuron("shared", "given", 1)], |inputs: &Tensor, probe: &mut Probe| {
            for (sample, steps) in inputs.to_f32().outer_iter().enumerate() {
                for (step, spikes) in steps.outer_iter().enumerate() {
                    // Runs once with the inputs and once silent.
                    probe.activation(0, Call::new(sample, step), &[spikes[[0]]]);
                    probe.activation(0, Call::new(sample, step), &[0.0_f32]);
                }
            }
            Ok(inputs.clone())
        })
    };
    let data = || InMemory::new(array![[[1.0], [0.0], [1.0], [1.0]]], array![0_i64]).unwrap();
    for error in [
        model_value(twice(), data(), SpikeTrainCounts::default()).unwrap_err(),
        model_value(twice(), data(), MeanInterspikeInterval::default()).unwrap_err(),
        model_value(twice(), data(), Synchrony::default()).unwrap_err(),
    ] {
        assert!(error.contains("layer `shared` ran more than once at step 0:"), "{error}");
    }
    assert_eq!(model_value(twice(), data(), FiringRate::default()), Ok(3.0 / 8.0));
}

#[test]
fn a_network_is_recorded_step_by_step() {
    // Without leak and with inputs of 1/4, a neuron exceeds its threshold every fourth step, and spikes one step later.
    let network = Network::builder([1]).time_steps(true).leaky("lif", LeakyConfig::new(1.0)).build().unwrap();
    let inputs = Array3::<f32>::from_elem((3, 21, 1), 0.25);
    let data = InMemory::new(inputs, Array1::<i64>::zeros(3)).unwrap();
    let found = model_value(network, data, SpikeTrainCounts::default()).unwrap();
    let totals = found.get("lif").unwrap();
    // The potential exceeds 1 first after five steps, then every four.
    assert_eq!((totals.trains, totals.spikes, totals.intervals), (3, 15, 12));
}

#[test]
fn the_states_merge() {
    let batches = batches(&many_rates(10, 23, 6));
    assert_merges(&SpikeTrainCounts::default(), spiking(6), &batches);
    assert_merges(&Synchrony { bin: 3, ..Synchrony::default() }, spiking(6), &batches);
}

proptest! {
    #[test]
    fn the_same_trains_are_in_full_synchrony(train in prop::collection::vec(prop::bool::ANY, 2..40), neurons in 1_usize..6) {
        let raster = Array3::from_shape_fn((1, train.len(), neurons), |(_, step, _)| f32::from(u8::from(train[step])));
        match value(&raster, Synchrony::default()) {
            Ok(found) => prop_assert_eq!(*found.get("neurons").unwrap(), 1.0),
            Err(_) => prop_assert!(train.iter().all(|spike| *spike == train[0])),
        }
    }

    #[test]
    fn a_clock_does_not_vary(period in 1_usize..9, first in 0_usize..5) {
        let raster = Array3::from_shape_fn((2, 60, 1), |(_, step, _)| {
            f32::from(u8::from(step >= first && (step - first) % period == 0))
        });
        let layers = value(&raster, InterspikeIntervalCv::default()).unwrap();
        prop_assert_eq!(layers.get("neurons").unwrap().values.max, 0.0);
        let layers = value(&raster, InterspikeIntervalCv2::default()).unwrap();
        prop_assert_eq!(layers.get("neurons").unwrap().values.max, 0.0);
        let layers = value(&raster, FanoFactor::default()).unwrap();
        prop_assert_eq!(layers.get("neurons").unwrap().values.max, 0.0);
        let mean = value(&raster, MeanInterspikeInterval::default()).unwrap();
        prop_assert_eq!(mean.get("neurons"), Some(&(period as f64)));
    }
}
