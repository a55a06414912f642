//! A metric over traces, which reads the outputs of layers call by call, and an input of your own for it.
//!
//! ```text
//! cargo run --release --example traces
//! ```

use ndarray::array;
use neurobench::data::InMemory;
use neurobench::metric::{Context, Needs};
use neurobench::network::{LeakyConfig, Network};
use neurobench::prelude::*;
use neurobench::process::ChooseMaxCount;

/// Number of time steps of the batch: an input of your own.
pub struct Steps(pub usize);

impl<'a> Input<'a> for Steps {
    const NEEDS: Needs = <RawInputs<'a> as Input<'a>>::NEEDS;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        let inputs = <RawInputs<'a> as Input<'a>>::get(context)?;
        inputs.shape().get(1).map(|steps| Self(*steps)).ok_or("the inputs have no time steps".into())
    }
}

/// Zero-based time step of the first spike of each layer, averaged over samples. A sample in which a layer is silent
/// counts with its number of steps.
#[accumulated_metric(hooks = traces, unit = "steps", higher_is_better = false)]
pub fn time_to_first_spike(
    trains: SpikeTrains<'_>,
    samples: SampleCount,
    steps: Steps,
) -> Result<PerLayer<Mean>, MetricError> {
    trains.try_per_layer(|layer, trace| {
        let neurons = layer.neurons().ok_or("a layer does not declare its number of neurons")?;
        let mut first = vec![steps.0; samples.0 as usize];
        for (call, outputs) in trace.calls() {
            // A call that covers several samples has their outputs one after the other.
            for (sample, outputs) in (call.sample..).zip(outputs.chunks(neurons)) {
                if outputs.iter().any(|output| *output != 0.0) {
                    first[sample] = first[sample].min(call.step);
                }
            }
        }
        Ok(Mean::from_values(first.into_iter().map(|step| step as f64)))
    })
}

/// Runs the benchmark.
pub fn report() -> Result<neurobench::report::Report, Box<dyn std::error::Error>> {
    let network = Network::builder([1])
        .time_steps(true)
        .linear("fc1", array![[1.5_f32], [0.75]], None)
        .leaky("lif1", LeakyConfig::new(0.5))
        .linear("fc2", array![[0.75_f32, 0.75]], None)
        .leaky("lif2", LeakyConfig::new(0.5))
        .build()?;
    // Two samples of four steps: a constant input, and one event.
    let inputs = array![[[1.0_f32], [1.0], [1.0], [1.0]], [[0.0], [0.0], [1.0], [0.0]]];
    let benchmark = Benchmark::builder()
        .model(network)
        .data(InMemory::new(inputs, array![0_i64, 0])?)
        .postprocess(ChooseMaxCount)
        .metric(TimeToFirstSpike)
        .build()?;
    Ok(benchmark.run()?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (layer, step) in report()?.get::<TimeToFirstSpike>()?.iter() {
        println!("layer {layer}: first spike at step {step}, on average");
    }
    Ok(())
}
