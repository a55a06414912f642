//! Common parts of spiking neurons with feedback of their spikes: connections, and the loop over steps and neurons.

use ndarray::{Array1, Array2, Array4, ArrayD};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::conv;
use crate::layers::neuron::{Constant, Constants, NeuronOutput, ROW_POINTS, fires, optional_constant};
use crate::layers::{BuiltLayer, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::model::{FanOut, HookPoint, Layer, Needs, StoredTensor, TensorRole};

/// Feedback of the spikes of one step to the currents of the next.
pub(in crate::layers) enum Feedback<R> {
    /// The spike of each neuron times a factor, to the neuron itself.
    Elementwise(Constants<R>),
    /// Weighted sums of all spikes; the bias is added at every step.
    All(Matrix<R>),
    /// A convolution of all spikes.
    Convolution(Box<dyn Kernel<R>>),
}

/// Feedback connections and their description.
pub(in crate::layers) struct Connections<R> {
    feedback: Feedback<R>,
    /// Parameters of the neurons.
    parameters: Vec<StoredTensor>,
    /// Layer within this layer for weights between all neurons.
    nested: Option<Layer>,
}

impl<R: Real> Connections<R> {
    /// Creates weighted sums of all spikes, as a layer of this name within the layer.
    pub(in crate::layers) fn all(
        parts: &Parts<'_, '_>,
        name: &str,
        (matrix, fan_out): (Matrix<R>, FanOut),
        stored: Vec<StoredTensor>,
    ) -> Self {
        let nested = Layer::connection(&format!("{}.{name}", parts.path), "linear", fan_out);
        let nested = nested.with_hook_point(HookPoint::ConnectionOutputs);
        let nested = stored.into_iter().fold(nested, Layer::with_parameter);
        Self { feedback: Feedback::All(matrix), parameters: Vec::new(), nested: Some(nested) }
    }

    /// Sets the parameters of the neurons.
    pub(in crate::layers) fn with_parameters(mut self, parameters: Vec<StoredTensor>) -> Self {
        self.parameters = parameters;
        self
    }

    /// Claims the tensors of snnTorch: `V`, or a linear layer called `recurrent`.
    pub(in crate::layers) fn claim(parts: &mut Parts<'_, '_>, key: Option<Constant>) -> Result<Self, NetworkError> {
        let neurons = parts.elements();
        let mut parameters = Vec::new();
        let factor = optional_constant::<R>(parts, "V", key, &mut parameters)?;
        // snnTorch stores the parameter a second time in the module that multiplies.
        let mut duplicates = Vec::new();
        let factor = optional_constant::<R>(parts, "recurrent.V", factor, &mut duplicates)?;
        let parameters = if parameters.is_empty() { duplicates } else { parameters };
        if factor.is_none()
            && let Some(&[_, _, rows, columns]) = parts.weights.shape("recurrent.weight")
        {
            return Self::convolution(parts, [rows, columns]);
        }
        let weight = parts.weights.optional::<R>("recurrent.weight", &[neurons, neurons])?;
        match (factor, weight) {
            (Some(factor), None) => {
                let factors = Constants::new(neurons, &[factor], |[factor]: [R; 1]| factor);
                Ok(Self { feedback: Feedback::Elementwise(factors), parameters, nested: None })
            }
            (None, Some(weight)) => {
                if parts.shape != [neurons] {
                    return Err(parts.problem(
                        "with `recurrent.weight`, expected inputs with one axis; add a flatten layer before it",
                    ));
                }
                let bias = parts.weights.optional::<R>("recurrent.bias", &[neurons])?;
                let rename = |mut stored: StoredTensor, name: &str, role| {
                    name.clone_into(&mut stored.name);
                    stored.with_role(role)
                };
                let mut stored = vec![rename(weight.stored, "weight", TensorRole::Weight)];
                let mut constant = vec![R::zero(); neurons];
                if let Some(bias) = bias {
                    constant = bias.values;
                    stored.push(rename(bias.stored, "bias", TensorRole::Bias));
                }
                let matrix = Matrix::new(&weight.values, constant);
                let fan_out = matrix.fan_out().clone();
                Ok(Self::all(parts, "recurrent", (matrix, fan_out), stored))
            }
            (Some(_), Some(_)) => Err(parts.problem("`V` and `recurrent.weight` exclude each other")),
            (None, None) => Err(parts.problem("missing `V` (a key or a tensor) or the tensor `recurrent.weight`")),
        }
    }

    /// Creates a convolution of all spikes called `recurrent`, with this number of taps.
    fn convolution(parts: &mut Parts<'_, '_>, taps: [usize; 2]) -> Result<Self, NetworkError> {
        let BuiltLayer { layers, kernel, shape, .. } = conv::build_nested::<R>(parts, "recurrent", taps)?;
        match kernel {
            Some(kernel) if shape == parts.shape => {
                let nested = layers.into_iter().next();
                let nested = nested.map(|nested| nested.with_hook_point(HookPoint::ConnectionOutputs));
                Ok(Self { feedback: Feedback::Convolution(kernel), parameters: Vec::new(), nested })
            }
            _ => Err(parts.problem(format!(
                "`recurrent.weight` has {taps:?} taps, but must have an odd number along each axis to preserve the shape of the inputs"
            ))),
        }
    }

    /// Returns true if each spike is fed back to its own neuron only.
    pub(in crate::layers) fn is_elementwise(&self) -> bool {
        matches!(self.feedback, Feedback::Elementwise(_))
    }

    /// Builds the layer.
    pub(in crate::layers) fn build(
        self,
        parts: &Parts<'_, '_>,
        buffers: Vec<StoredTensor>,
        output: NeuronOutput,
        rule: impl RecurrentRule<R> + 'static,
    ) -> BuiltLayer<R> {
        let is_synaptic = has_synaptic_current(&rule);
        let neurons = parts.elements();
        let layer =
            self.parameters.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_parameter);
        let layer = buffers.into_iter().fold(layer, Layer::with_buffer);
        let layer = layer.with_hook_point(HookPoint::PreResetMembranes);
        let layer = if is_synaptic { layer.with_hook_point(HookPoint::SynapticCurrents) } else { layer };
        let kernel = RecurrentNeurons { neurons, output, feedback: self.feedback, rule };
        let mut built = BuiltLayer::new(layer, kernel, parts.shape.to_vec());
        built.layers.extend(self.nested);
        built
    }
}

/// Computation of a kind of recurrent neurons.
pub(in crate::layers) trait RecurrentRule<R>: Send + Sync {
    /// True if the other state value of a neuron is a synaptic current.
    const IS_SYNAPTIC: bool = false;

    /// Computes a step of a neuron and returns the new membrane. `state` is the other state value of the neuron.
    fn step(&self, neuron: usize, inputs: StepInputs<R>, state: &mut R) -> R;

    /// Threshold: a neuron spikes when its membrane exceeds it.
    fn threshold(&self, neuron: usize) -> R;
}

fn has_synaptic_current<R, N: RecurrentRule<R>>(_: &N) -> bool {
    N::IS_SYNAPTIC
}

/// Inputs and previous state of a neuron at a step.
#[derive(Clone, Copy)]
pub(in crate::layers) struct StepInputs<R> {
    pub(in crate::layers) current: R,
    /// Feedback of the spikes of the previous step.
    pub(in crate::layers) feedback: R,
    /// Spike of the neuron at the previous step.
    pub(in crate::layers) spike: R,
    /// Membrane of the neuron at the previous step.
    pub(in crate::layers) membrane: R,
}

/// The kernel. The inputs are currents. The state is the membranes, the spikes and the other state values of all neurons.
struct RecurrentNeurons<R, N> {
    neurons: usize,
    output: NeuronOutput,
    feedback: Feedback<R>,
    rule: N,
}

impl<R: Real, N: RecurrentRule<R>> Kernel<R> for RecurrentNeurons<R, N> {
    fn outputs(&self) -> usize {
        self.neurons
    }

    fn state(&self) -> usize {
        3 * self.neurons
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        (self.output == NeuronOutput::Spikes).then_some(1.0)
    }

    fn emits_spikes(&self) -> bool {
        self.output == NeuronOutput::Spikes
    }

    fn run(
        &self,
        currents: &[R],
        state: &mut [R],
        outputs: &mut [R],
        workspace: &mut Workspace<R>,
        hook: &mut Hook<'_>,
    ) {
        let neurons = self.neurons;
        let (membranes, rest) = state.split_at_mut(neurons);
        let (spikes, others) = rest.split_at_mut(neurons);
        // Put back at the end: the products need the rest of the workspace.
        let mut numbers = std::mem::take(&mut workspace.outer);
        // The feedback, then the spikes of all rows, unless the spikes are the outputs.
        let needed = neurons + if self.output == NeuronOutput::Membrane { outputs.len() } else { 0 };
        let (feedback, reported_spikes) = numbers.room(needed).split_at_mut(neurons);
        let counts = hook.wants(Needs::CONNECTION_COUNTS.union(Needs::CONNECTION_TRACES));
        let reports_rows = hook.wants(ROW_POINTS);
        let reports_feedback = hook.wants(HookPoint::ConnectionOutputs.either());
        let mut nonzero = 0;
        for (row, currents) in currents.chunks_exact(neurons).enumerate() {
            match &self.feedback {
                Feedback::Elementwise(factors) => {
                    for (neuron, (feedback, spike)) in feedback.iter_mut().zip(&*spikes).enumerate() {
                        *feedback = *spike * *factors.get(neuron);
                    }
                }
                Feedback::All(matrix) => {
                    if counts {
                        let count = |counted| hook.connection(1, row, counted, spikes);
                        matrix.sum::<true>(spikes, feedback, &mut workspace.places, count);
                    } else {
                        matrix.sum::<false>(spikes, feedback, &mut workspace.places, |_| {});
                    }
                }
                Feedback::Convolution(kernel) => {
                    let rows = hook.rows.skip(row);
                    let mut hook =
                        Hook { probe: &mut *hook.probe, layer: hook.layer + 1, rows, silent_steps: hook.silent_steps };
                    kernel.run(spikes, &mut [], feedback, workspace, &mut hook);
                }
            }
            if reports_feedback && !matches!(self.feedback, Feedback::Elementwise(_)) {
                let (point, layer) = (HookPoint::ConnectionOutputs, hook.layer + 1);
                hook.probe.report(point, layer, hook.call(row), feedback);
            }
            let mut changed = 0;
            for (neuron, (current, feedback)) in currents.iter().zip(&*feedback).enumerate() {
                let (membrane, spike) = (&mut membranes[neuron], &mut spikes[neuron]);
                let step_inputs =
                    StepInputs { current: *current, feedback: *feedback, spike: *spike, membrane: *membrane };
                let after = self.rule.step(neuron, step_inputs, &mut others[neuron]);
                changed += u64::from(after != *membrane);
                *membrane = after;
                *spike = fires(after, self.rule.threshold(neuron));
                nonzero += u64::from(!spike.is_zero());
            }
            hook.membranes(row, changed, membranes);
            if reports_rows {
                // The reset happens in the next step.
                hook.report(HookPoint::PreResetMembranes, row, membranes);
                if N::IS_SYNAPTIC {
                    hook.report(HookPoint::SynapticCurrents, row, others);
                }
            }
            let row_range = row * neurons..(row + 1) * neurons;
            match self.output {
                NeuronOutput::Spikes => outputs[row_range].copy_from_slice(spikes),
                NeuronOutput::Membrane => {
                    outputs[row_range.clone()].copy_from_slice(membranes);
                    reported_spikes[row_range].copy_from_slice(spikes);
                }
            }
        }
        let spikes = if self.output == NeuronOutput::Spikes { &*outputs } else { &*reported_spikes };
        hook.activations(nonzero, spikes, neurons);
        workspace.outer = numbers;
    }
}

/// Feedback of the spikes of one step to the currents of the next.
#[derive(Clone, Debug, PartialEq)]
pub enum SpikeFeedback {
    /// The spike of each neuron times this factor, to the neuron itself.
    Elementwise(Constant),
    /// Weighted sums of the spikes of all neurons, `weight·s + bias`, as a connection layer called `recurrent` within the layer.
    All {
        /// `[neurons, neurons]`: a row for each target neuron.
        weight: Array2<f64>,
        /// `[neurons]`
        bias: Option<Array1<f64>>,
    },
    /// A convolution of the spikes of all neurons, `[channels, height, width]`, that preserves the shape: the padding is half
    /// the number of taps. It is a connection layer called `recurrent` within the layer.
    Convolution {
        /// `[channels, channels, taps, taps]`: an odd number of taps along each axis.
        weight: Array4<f64>,
        /// `[channels]`
        bias: Option<Array1<f64>>,
    },
}

impl NetworkBuilder {
    /// Adds the tensors of recurrent connections with the names that snnTorch uses.
    pub(in crate::layers) fn feedback(self, path: &str, feedback: SpikeFeedback) -> Self {
        match feedback {
            SpikeFeedback::Elementwise(factor) => self.constant(path, "V", factor),
            SpikeFeedback::All { weight, bias } => self.recurrent(path, weight.into_dyn(), bias),
            SpikeFeedback::Convolution { weight, bias } => self.recurrent(path, weight.into_dyn(), bias),
        }
    }

    fn recurrent(self, path: &str, weight: ArrayD<f64>, bias: Option<Array1<f64>>) -> Self {
        let shape = weight.shape().to_vec();
        let builder = self.tensor(path, "recurrent.weight", &shape, weight);
        match bias {
            Some(bias) => builder.tensor(path, "recurrent.bias", &[bias.len()], bias),
            None => builder,
        }
    }
}
