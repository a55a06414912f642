//! What spiking neurons share whose spikes come back to them: connections, and the loop over steps and neurons.

use ndarray::{Array1, Array2, Array4, ArrayD};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::conv;
use crate::layers::neurons::{Constant, Constants, NeuronOutput, constant_if_any, fires};
use crate::layers::{Built, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::model::{FanOut, Layer, Needs, StoredTensor, TensorRole};

/// What the spikes of one step add to the currents of the next.
pub(super) enum Feedback<R> {
    /// Each neuron's spike times a number to itself.
    Own(Constants<R>),
    /// Weighted sums of all spikes; the bias is added at every step.
    All(Matrix<R>),
    /// What a convolution makes of all spikes.
    Convolution(Box<dyn Kernel<R>>),
}

/// How spikes come back, and what a network says of it.
pub(super) struct Connected<R> {
    feedback: Feedback<R>,
    /// What each neuron has of its own.
    own: Vec<StoredTensor>,
    /// Weights from all to all are a layer within the layer.
    within: Option<Layer>,
}

impl<R: Real> Connected<R> {
    /// Weighted sums of all spikes, as a layer of this name within the layer.
    pub(super) fn all(
        parts: &Parts<'_, '_>,
        name: &str,
        (matrix, fan_out): (Matrix<R>, FanOut),
        stored: Vec<StoredTensor>,
    ) -> Self {
        let within = Layer::connection(&format!("{}.{name}", parts.path), "linear", fan_out);
        let within = stored.into_iter().fold(within, Layer::with_parameter);
        Self { feedback: Feedback::All(matrix), own: Vec::new(), within: Some(within) }
    }

    /// The same, where each neuron has parameters of its own.
    pub(super) fn with_own(mut self, own: Vec<StoredTensor>) -> Self {
        self.own = own;
        self
    }

    /// As snnTorch stores it: `V`, or a linear layer called `recurrent`.
    pub(super) fn claim(parts: &mut Parts<'_, '_>, key: Option<Constant>) -> Result<Self, NetworkError> {
        let neurons = parts.elements();
        let mut own = Vec::new();
        let factor = constant_if_any::<R>(parts, "V", key, &mut own)?;
        // The module that multiplies has the same parameter once more.
        let mut again = Vec::new();
        let factor = constant_if_any::<R>(parts, "recurrent.V", factor, &mut again)?;
        let own = if own.is_empty() { again } else { own };
        if factor.is_none()
            && let Some(&[_, _, rows, columns]) = parts.weights.shape("recurrent.weight")
        {
            return Self::convolution(parts, [rows, columns]);
        }
        let weight = parts.weights.optional::<R>("recurrent.weight", &[neurons, neurons])?;
        match (factor, weight) {
            (Some(factor), None) => {
                let factors = Constants::new(neurons, &[factor], |[factor]: [R; 1]| factor);
                Ok(Self { feedback: Feedback::Own(factors), own, within: None })
            }
            (None, Some(weight)) => {
                if parts.shape != [neurons] {
                    return Err(parts.problem(
                        "with `recurrent.weight` it takes inputs with one axis; a flatten layer goes before it",
                    ));
                }
                let bias = parts.weights.optional::<R>("recurrent.bias", &[neurons])?;
                let of = |mut stored: StoredTensor, name: &str, role| {
                    name.clone_into(&mut stored.name);
                    stored.with_role(role)
                };
                let mut stored = vec![of(weight.stored, "weight", TensorRole::Weight)];
                let mut constant = vec![R::zero(); neurons];
                if let Some(bias) = bias {
                    constant = bias.values;
                    stored.push(of(bias.stored, "bias", TensorRole::Bias));
                }
                let matrix = Matrix::new(&weight.values, constant);
                let fan_out = matrix.fan_out().clone();
                Ok(Self::all(parts, "recurrent", (matrix, fan_out), stored))
            }
            (Some(_), Some(_)) => Err(parts.problem("it has both `V` and `recurrent.weight`")),
            (None, None) => {
                Err(parts.problem("it has neither `V`, as a key or a tensor, nor the tensor `recurrent.weight`"))
            }
        }
    }

    /// A convolution of all spikes that is called `recurrent`, with so many taps.
    fn convolution(parts: &mut Parts<'_, '_>, taps: [usize; 2]) -> Result<Self, NetworkError> {
        let Built { layers, kernel, shape, .. } = conv::within::<R>(parts, "recurrent", taps)?;
        match kernel {
            Some(kernel) if shape == parts.shape => {
                let within = layers.into_iter().next();
                Ok(Self { feedback: Feedback::Convolution(kernel), own: Vec::new(), within })
            }
            _ => Err(parts.problem(format!(
                "`recurrent.weight` has {taps:?} taps, and only an odd number along each axis gives back the shape of the inputs"
            ))),
        }
    }

    /// Whether each spike comes back to its own neuron alone.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.feedback, Feedback::Own(_))
    }

    /// Makes the layer.
    pub(super) fn build(
        self,
        parts: &Parts<'_, '_>,
        buffers: Vec<StoredTensor>,
        output: NeuronOutput,
        rule: impl RecurrentRule<R> + 'static,
    ) -> Built<R> {
        let neurons = parts.elements();
        let layer = self.own.into_iter().fold(Layer::neuron(parts.path, parts.kind, neurons), Layer::with_parameter);
        let layer = buffers.into_iter().fold(layer, Layer::with_buffer);
        let kernel = RecurrentNeurons { neurons, output, feedback: self.feedback, rule };
        let mut built = Built::new(layer, kernel, parts.shape.to_vec());
        built.layers.extend(self.within);
        built
    }
}

/// What a kind of recurrent neurons computes.
pub(super) trait RecurrentRule<R>: Send + Sync {
    /// One step of a neuron: the new membrane, from what came in. It may change what the neuron carries beside it.
    fn step(&self, neuron: usize, came: Came<R>, carried: &mut R) -> R;

    /// A neuron spikes when its membrane exceeds this.
    fn threshold(&self, neuron: usize) -> R;
}

/// What comes to a neuron at a step.
#[derive(Clone, Copy)]
pub(super) struct Came<R> {
    pub(super) current: R,
    /// What the spikes of the step before give.
    pub(super) feedback: R,
    /// Its own spike of the step before.
    pub(super) spike: R,
    /// Its membrane of the step before.
    pub(super) membrane: R,
}

/// The kernel: inputs are currents. The state is membranes, spikes and what neurons carry beside them, each of all neurons.
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
        let (spikes, carried) = rest.split_at_mut(neurons);
        // They are put back at the end: the products need the rest of the workspace.
        let mut numbers = std::mem::take(&mut workspace.outer);
        // What comes back, then the spikes of all rows, if it is not them that are handed on.
        let needed = neurons + if self.output == NeuronOutput::Membrane { outputs.len() } else { 0 };
        let (feedback, told) = numbers.room(needed).split_at_mut(neurons);
        let counts = hook.wants(Needs::CONNECTION_COUNTS.union(Needs::CONNECTION_TRACES));
        let mut nonzero = 0;
        for (row, currents) in currents.chunks_exact(neurons).enumerate() {
            match &self.feedback {
                Feedback::Own(factors) => {
                    for (neuron, (feedback, spike)) in feedback.iter_mut().zip(&*spikes).enumerate() {
                        *feedback = *spike * *factors.of(neuron);
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
                    let rows = hook.rows.after(row);
                    let mut hook =
                        Hook { probe: &mut *hook.probe, layer: hook.layer + 1, rows, silent_steps: hook.silent_steps };
                    kernel.run(spikes, &mut [], feedback, workspace, &mut hook);
                }
            }
            let mut changed = 0;
            for (neuron, (current, feedback)) in currents.iter().zip(&*feedback).enumerate() {
                let (membrane, spike) = (&mut membranes[neuron], &mut spikes[neuron]);
                let came = Came { current: *current, feedback: *feedback, spike: *spike, membrane: *membrane };
                let after = self.rule.step(neuron, came, &mut carried[neuron]);
                changed += u64::from(after != *membrane);
                *membrane = after;
                *spike = fires(after, self.rule.threshold(neuron));
                nonzero += u64::from(!spike.is_zero());
            }
            hook.membranes(row, changed, membranes);
            let of_row = row * neurons..(row + 1) * neurons;
            match self.output {
                NeuronOutput::Spikes => outputs[of_row].copy_from_slice(spikes),
                NeuronOutput::Membrane => {
                    outputs[of_row.clone()].copy_from_slice(membranes);
                    told[of_row].copy_from_slice(spikes);
                }
            }
        }
        let spikes = if self.output == NeuronOutput::Spikes { &*outputs } else { &*told };
        hook.activations(nonzero, spikes, neurons);
        workspace.outer = numbers;
    }
}

/// What the spikes of one step add to the currents of the next.
#[derive(Clone, Debug, PartialEq)]
pub enum SpikeFeedback {
    /// Each neuron's spike, times this number, to itself.
    Own(Constant),
    /// Weighted sums of the spikes of all neurons, `weight·s + bias`, as a connection layer called `recurrent` within the layer.
    All {
        /// `[neurons, neurons]`: a row for each neuron that is given to.
        weight: Array2<f64>,
        /// `[neurons]`
        bias: Option<Array1<f64>>,
    },
    /// A convolution of the spikes of all neurons, `[channels, height, width]`, to as many, with half as many zeros around as
    /// there are taps, as a connection layer called `recurrent` within the layer.
    Convolution {
        /// `[channels, channels, taps, taps]`: an odd number of taps along each axis.
        weight: Array4<f64>,
        /// `[channels]`
        bias: Option<Array1<f64>>,
    },
}

impl NetworkBuilder {
    /// Adds the tensors of recurrent connections, as snnTorch stores them.
    pub(super) fn feedback(self, path: &str, feedback: SpikeFeedback) -> Self {
        match feedback {
            SpikeFeedback::Own(factor) => self.constant(path, "V", factor),
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
