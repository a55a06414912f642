//! Spiking networks in time and their costs: against elephant, scipy, published figures and by hand.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod energy;
mod firing;
mod intervals;
mod latency;
mod names;
mod neuron_operations;
mod raster;
mod similarity;
mod storage;
mod totals;

use std::path::Path;

use ndarray::{Array1, Array3, ArrayD};
use neurobench::Benchmark;
use neurobench::MetricValue;
use neurobench::bench::Batch;
use neurobench::data::InMemory;
use neurobench::metric::Metric;
use neurobench::model::{Call, FnModel, Layer, Model, ModelError, Probe, Tensor};
use serde::de::DeserializeOwned;

/// Reads the recording of a script next to it.
pub(crate) fn recorded<T: DeserializeOwned>(name: &str) -> T {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/metrics").join(name);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A layer of neurons that spike as given by the inputs `[sample, step, neuron]`.
pub(crate) fn spiking(neurons: usize) -> impl Model {
    spiking_as(Layer::neuron("neurons", "given", neurons))
}

/// The same neurons in this layer.
pub(crate) fn spiking_as(layer: Layer) -> impl Model {
    FnModel::new(vec![layer], |inputs: &Tensor, probe: &mut Probe| -> Result<Tensor, ModelError> {
        let spikes: ArrayD<f32> = inputs.to_f32().into_owned();
        for (sample, steps) in spikes.outer_iter().enumerate() {
            for (step, row) in steps.outer_iter().enumerate() {
                let row: Vec<f32> = row.iter().copied().collect();
                probe.activation(0, Call::new(sample, step), &row);
            }
        }
        Ok(inputs.clone())
    })
}

/// A raster `[sample, step, neuron]` from trains by sample and neuron.
pub(crate) fn raster(shape: [usize; 3], trains: &[Vec<Vec<usize>>]) -> Array3<f32> {
    let mut raster = Array3::zeros(shape);
    for (sample, trains) in trains.iter().enumerate() {
        for (neuron, times) in trains.iter().enumerate() {
            for time in times {
                raster[[sample, *time, neuron]] = 1.0;
            }
        }
    }
    raster
}

/// Value of a metric of neurons with this raster, in batches of two.
pub(crate) fn value<M: Metric>(raster: &Array3<f32>, metric: M) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let (samples, _, neurons) = raster.dim();
    let data = InMemory::new(raster.clone(), Array1::<i64>::zeros(samples)).unwrap();
    model_value(spiking(neurons), data, metric)
}

/// Value of a metric of a model on these data, in batches of two.
pub(crate) fn model_value<M: Metric>(model: impl Model, data: InMemory, metric: M) -> Result<M::Output, String>
where
    M::Output: MetricValue,
{
    let benchmark = Benchmark::builder().model(model).data(data).batch_size(2).workers(2).metric(metric);
    let report = benchmark.build().map_err(|errors| errors.to_string())?.run().unwrap();
    report.get::<M>().cloned().map_err(|error| error.to_string())
}

/// The same inputs in batches of one, two, three samples and so on.
pub(crate) fn batches(raster: &Array3<f32>) -> Vec<Batch> {
    let (mut batches, mut from) = (Vec::new(), 0);
    while from < raster.dim().0 {
        let to = raster.dim().0.min(from + 1 + batches.len() % 3);
        let part = raster.slice(ndarray::s![from..to, .., ..]).to_owned();
        batches.push(Batch::new(part, Array1::<i64>::zeros(to - from)));
        from = to;
    }
    batches
}

/// Spikes of neurons with all rates, from never to always.
pub(crate) fn many_rates(samples: usize, steps: usize, neurons: usize) -> Array3<f32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    Array3::from_shape_fn((samples, steps, neurons), |(_, _, neuron)| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f32::from(u8::from((state >> 20) as usize % (neurons - 1).max(1) < neuron))
    })
}

/// Returns true if two numbers differ by no more than a few roundings.
pub(crate) fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}
