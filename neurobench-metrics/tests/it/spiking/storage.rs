//! Storage of a model at other widths, and its execution rate.

use std::num::NonZeroU64;

use ndarray::{Array1, Array2};
use neurobench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metrics::{Footprint, ModelExecutionRate, ParameterCount, Seconds};
use neurobench::model::{Dtype, Layer, StoredTensor};
use neurobench::network::Network;

use super::{model_value, spiking_as};

fn footprint(bits_per_weight: Option<u64>) -> u64 {
    let weights = Array2::<f32>::ones((5, 3));
    let network = Network::builder([3]).linear("fc", weights, Some(Array1::<f32>::ones(5))).build().unwrap();
    let metric = Footprint { bits_per_weight: bits_per_weight.map(|bits| NonZeroU64::new(bits).unwrap()) };
    let report = Benchmark::builder().model(network).metric(metric).build().unwrap().run().unwrap();
    *report.get::<Footprint>().unwrap()
}

#[test]
fn weights_count_at_the_given_width() {
    // 15 weights and 5 biases.
    assert_eq!(footprint(None), (15 + 5) * 4);
    assert_eq!(footprint(Some(32)), footprint(None));
    assert_eq!(footprint(Some(8)), 15 + 20);
    // 30 bits are 4 bytes.
    assert_eq!(footprint(Some(2)), 4 + 20);
    assert_eq!(footprint(Some(1)), 2 + 20);
}

#[test]
fn sizes_beyond_64_bits_are_an_error() {
    let weight = StoredTensor::new("weight", [1 << 31, 1 << 31], Dtype::F32, 0);
    let model = || spiking_as(Layer::neuron("neurons", "given", 1).with_parameter(weight.clone()));
    let data = || InMemory::new(Array2::<f32>::zeros((1, 1)), Array1::<i64>::zeros(1)).unwrap();
    assert_eq!(model_value(model(), data(), ParameterCount {}), Ok(1 << 62));
    let error = model_value(model(), data(), Footprint { bits_per_weight: None }).unwrap_err();
    assert!(error.contains("the size of the layers does not fit into 64 bits"), "{error}");
}

#[test]
fn a_weight_has_at_least_one_bit() {
    let builder = Benchmark::builder().model(neurobench::testing::predictions());
    let error = builder.metric_named("footprint(bits_per_weight=0)").build().map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("bits_per_weight"), "{error}");
}

#[test]
fn the_execution_rate_is_that_of_the_data() {
    let rate = |interval: Option<f64>| {
        let metric = ModelExecutionRate { interval: interval.and_then(Seconds::new) };
        let builder = Benchmark::builder().model(neurobench::testing::predictions()).metric(metric);
        let report = builder.build().unwrap().run().unwrap();
        report.get::<ModelExecutionRate>().copied().map_err(|error| error.to_string())
    };
    // An event camera with a forward pass every 50 ms.
    assert_eq!(rate(Some(0.05)), Ok(20.0));
    assert!(rate(None).unwrap_err().contains("`interval` is not set"));
}
