//! A model of your own: two leaky neurons behind a layer of weights, which report what they do, so that operations,
//! spikes and membrane updates are counted. Its session is the state of one worker.
//!
//! ```text
//! cargo run --release --example own_model
//! ```

use ndarray::{Array3, array};
use neurobench::data::InMemory;
use neurobench::metrics::{ActivationSparsity, MembraneUpdates, SpikeTotals, SynapticOperations};
use neurobench::model::{
    Call, Dtype, FanOut, Layer, Model, ModelError, Probe, Session, StoredTensor, Tensor, TensorRole,
};
use neurobench::prelude::*;
use neurobench::process::ChooseMaxCount;

const WEIGHTS: [[f32; 2]; 2] = [[0.75, 0.0], [0.5, 1.0]];
const BETA: f32 = 0.5;
const THRESHOLD: f32 = 1.0;

/// Indices of the layers, for the probe.
const SYNAPSES: usize = 0;
const NEURONS: usize = 1;

/// Two inputs, two leaky neurons.
pub struct TwoNeurons {
    layers: Vec<Layer>,
}

impl Default for TwoNeurons {
    fn default() -> Self {
        // The first input meets two weights that are not zero, the second meets one. Four operations if everything
        // counts.
        let weight = StoredTensor::new("weight", [2, 2], Dtype::F32, 1).with_role(TensorRole::Weight);
        let synapses = Layer::connection("synapses", "linear", FanOut::new([2, 1], 4)).with_parameter(weight);
        Self { layers: vec![synapses, Layer::neuron("neurons", "leaky", 2)] }
    }
}

impl Model for TwoNeurons {
    fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Membranes::default())
    }
}

/// State of one worker.
#[derive(Default)]
struct Membranes {
    values: [f32; 2],
}

impl Session for Membranes {
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        let &[samples, steps, 2] = inputs.shape() else {
            let expected = "[batch, step, 2]".to_owned();
            return Err(ModelError::InputShape { found: inputs.shape().to_vec(), expected });
        };
        let inputs = inputs.to_f32();
        let mut spikes = Array3::<f32>::zeros((samples, steps, 2));
        for sample in 0..samples {
            // Every sample starts from rest.
            self.values = [0.0; 2];
            for step in 0..steps {
                let call = Call::new(sample, step);
                let input = [inputs[[sample, step, 0]], inputs[[sample, step, 1]]];
                probe.connection(SYNAPSES, call, &input);

                let (before, mut fired) = (self.values, [0.0; 2]);
                for neuron in 0..2 {
                    let current = WEIGHTS[neuron][0] * input[0] + WEIGHTS[neuron][1] * input[1];
                    let membrane = BETA * before[neuron] + current;
                    fired[neuron] = if membrane > THRESHOLD { 1.0 } else { 0.0 };
                    self.values[neuron] = membrane - THRESHOLD * fired[neuron];
                    spikes[[sample, step, neuron]] = fired[neuron];
                }
                probe.membrane(NEURONS, call, &before, &self.values);
                probe.activation(NEURONS, call, &fired);
            }
        }
        *outputs = spikes.into();
        Ok(())
    }
}

/// Runs the benchmark.
pub fn report() -> Result<neurobench::report::Report, Box<dyn std::error::Error>> {
    // Two samples of three steps, and their classes.
    let inputs = array![[[1.0_f32, 0.0], [1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]];
    let benchmark = Benchmark::builder()
        .model(TwoNeurons::default())
        .data(InMemory::new(inputs, array![0_i64, 1])?)
        .postprocess(ChooseMaxCount)
        .metric_named("classification_accuracy")
        .metric(SynapticOperations::default())
        .metric(SpikeTotals::default())
        .metric(MembraneUpdates::default())
        .metric(ActivationSparsity::default())
        .build()?;
    Ok(benchmark.run()?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", report()?);
    Ok(())
}
