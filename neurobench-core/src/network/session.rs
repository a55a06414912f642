//! One worker's passes through a network: the loop over samples and time steps.

use ndarray::{ArrayD, IxDyn};

use crate::model::{Call, ModelError, Probe, Session, Tensor};
use crate::network::layers::Hook;
use crate::network::{Network, Stage, elements};

/// The membranes and buffers of one worker. They are made at the first pass and used by all that follow.
pub(crate) struct NetworkSession<'a> {
    network: &'a Network,
    /// Inputs that had to be converted.
    converted: Vec<f32>,
    /// What each stage but the last gives; the last writes into the output tensor.
    between: Vec<Vec<f32>>,
    /// What each stage carries from step to step.
    states: Vec<Vec<f32>>,
}

impl<'a> NetworkSession<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        let stages = network.stages.len();
        Self {
            network,
            converted: Vec::new(),
            between: vec![Vec::new(); stages.saturating_sub(1)],
            states: vec![Vec::new(); stages],
        }
    }
}

impl Session for NetworkSession<'_> {
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        let network = self.network;
        let (samples, steps) = network.samples_and_steps(inputs.shape())?;
        let (wide, narrow) = (elements(&network.input_shape), elements(&network.output_shape));
        for (stage, buffer) in network.stages.iter().zip(&mut self.between) {
            buffer.resize(stage.kernel.outputs(), 0.0);
        }
        for (stage, state) in network.stages.iter().zip(&mut self.states) {
            state.resize(stage.kernel.state(), 0.0);
        }
        let shape = inputs.shape();
        let inputs = in_memory_order(inputs, &mut self.converted);
        check_finite(inputs, shape)?;
        let mut inputs = inputs.chunks_exact(wide);
        let mut outputs = network.sized(samples, steps, outputs)?.chunks_exact_mut(narrow);
        for sample in 0..samples {
            for state in &mut self.states {
                state.fill(0.0);
            }
            for (step, (inputs, outputs)) in inputs.by_ref().zip(outputs.by_ref()).take(steps).enumerate() {
                let call = Call::new(sample, step);
                run_step(&network.stages, &mut self.between, &mut self.states, call, inputs, outputs, probe);
            }
        }
        Ok(())
    }
}

/// One step of one sample through all stages.
fn run_step(
    stages: &[Stage],
    between: &mut [Vec<f32>],
    states: &mut [Vec<f32>],
    call: Call,
    inputs: &[f32],
    outputs: &mut [f32],
    probe: &mut Probe,
) {
    if stages.is_empty() {
        outputs.copy_from_slice(inputs);
    }
    for (index, (stage, state)) in stages.iter().zip(states).enumerate() {
        let (before, after) = between.split_at_mut(index);
        let from = before.last().map_or(inputs, Vec::as_slice);
        let into = after.first_mut().map_or(&mut *outputs, Vec::as_mut_slice);
        stage.kernel.step(from, state, into, &mut Hook { probe, layer: stage.layer, call });
    }
}

/// A NaN or an infinity would spread through sums and thresholds into counts that look like any other.
fn check_finite(inputs: &[f32], shape: &[usize]) -> Result<(), ModelError> {
    let Some(place) = inputs.iter().position(|input| !input.is_finite()) else { return Ok(()) };
    let mut rest = place;
    let mut index: Vec<usize> = shape.iter().rev().map(|length| (rest % length, rest /= length).0).collect();
    index.reverse();
    Err(ModelError::NotFinite { value: inputs[place].to_string(), index })
}

/// The numbers of a tensor in single precision and in memory order: its own, or a copy in the buffer.
fn in_memory_order<'a>(tensor: &'a Tensor, buffer: &'a mut Vec<f32>) -> &'a [f32] {
    buffer.clear();
    match tensor {
        Tensor::F32(array) => match array.as_slice() {
            Some(numbers) => return numbers,
            None => buffer.extend(array.iter()),
        },
        Tensor::F64(array) => buffer.extend(array.iter().map(|number| *number as f32)),
        Tensor::I64(array) => buffer.extend(array.iter().map(|number| *number as f32)),
        Tensor::U8(array) => buffer.extend(array.iter().map(|number| f32::from(*number))),
    }
    buffer
}

impl Network {
    /// The numbers of the output tensor, which is made anew unless it has the right shape already.
    fn sized<'a>(&self, samples: usize, steps: usize, outputs: &'a mut Tensor) -> Result<&'a mut [f32], ModelError> {
        let leading = if self.time_steps { &[samples, steps][..] } else { &[samples][..] };
        let shape = leading.iter().chain(&self.output_shape);
        let fits = match outputs {
            Tensor::F32(array) => array.shape().iter().eq(shape.clone()) && array.is_standard_layout(),
            _ => false,
        };
        if !fits {
            let shape: Vec<usize> = shape.copied().collect();
            *outputs = Tensor::F32(ArrayD::zeros(IxDyn(&shape)));
        }
        match outputs {
            Tensor::F32(array) => array.as_slice_mut(),
            _ => None,
        }
        .ok_or_else(|| ModelError::from("the output tensor is not in memory order"))
    }
}
