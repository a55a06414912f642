//! What a model says of its layers.

use std::sync::Arc;

use crate::model::Dtype;

/// What a layer is to the metrics: where hooks sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LayerKind {
    /// Weights between inputs and outputs: its inputs cause synaptic operations.
    Connection,
    /// An activation function: its outputs are activations.
    Activation,
    /// Spiking neurons: their outputs are activations, and they have membrane potentials.
    Neuron,
    /// Anything else, such as a change of shape.
    Other,
}

/// What a tensor is to its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TensorRole {
    /// Weights of connections: what connection sparsity is about.
    Weight,
    /// Added to the sum of the weighted inputs.
    Bias,
    /// Anything else: constants of neurons, statistics.
    Other,
}

/// A tensor that a layer keeps: a parameter or a buffer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredTensor {
    /// Its name within the layer, as `weight`.
    pub name: String,
    /// The length of every axis.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub dtype: Dtype,
    /// How many of its numbers are zero.
    pub zeros: u64,
    /// Whether it is quantised to −1, 0 and 1: stored as integers that are nothing else.
    pub ternary: bool,
    /// What it is to its layer.
    pub role: TensorRole,
}

impl StoredTensor {
    /// A tensor of this name, shape and kind, of whose numbers so many are zero.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>, dtype: Dtype, zeros: u64) -> Self {
        Self { name: name.into(), shape: shape.into(), dtype, zeros, ternary: false, role: TensorRole::Other }
    }

    /// The same, quantised to −1, 0 and 1.
    #[must_use]
    pub fn quantised_to_ternary(mut self) -> Self {
        self.ternary = true;
        self
    }

    /// The same in another role.
    #[must_use]
    pub fn with_role(mut self, role: TensorRole) -> Self {
        self.role = role;
        self
    }

    /// How many numbers it has; `u64::MAX` if that is less.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.shape.iter().fold(1, |elements, length| elements.saturating_mul(*length as u64))
    }

    /// How many bytes it takes, at its stored width; `u64::MAX` if it is not to be counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.elements().checked_mul(self.dtype.bits()).map_or(u64::MAX, |bits| bits.div_ceil(8))
    }
}

/// How many synaptic operations the inputs of a connection layer cause in one pass of one sample.
///
/// Of a recurrent layer, [`dense`](Self::dense) has the operations of its state, too, which no input shows: such a layer counts
/// by itself and tells of it by [`connection_counted`](crate::model::Probe::connection_counted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanOut {
    /// For each input element, in memory order: the non-zero weights that it meets.
    per_input: Arc<[u64]>,
    dense: u64,
}

impl FanOut {
    /// From the non-zero weights that each input element meets, and the operations of one sample when all inputs and
    /// all weights count.
    #[must_use]
    pub fn new(per_input: impl Into<Arc<[u64]>>, dense: u64) -> Self {
        Self { per_input: per_input.into(), dense }
    }

    /// Every input meets every output and no weight is zero.
    #[must_use]
    pub fn full(inputs: usize, outputs: usize) -> Self {
        Self::new(vec![outputs as u64; inputs], inputs as u64 * outputs as u64)
    }

    /// How many elements one sample's input has.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.per_input.len()
    }

    /// The non-zero weights that each input element meets.
    #[must_use]
    pub fn per_input(&self) -> &[u64] {
        &self.per_input
    }

    /// The operations of one sample when all inputs and all weights count.
    #[must_use]
    pub fn dense(&self) -> u64 {
        self.dense
    }
}

/// One layer, described: path, kind, what it stores, and what the metrics need to know of its shape.
///
/// Metrics see layers through this description alone; none knows a layer by its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    path: Arc<str>,
    kind: LayerKind,
    type_name: String,
    parameters: Vec<StoredTensor>,
    buffers: Vec<StoredTensor>,
    fan_out: Option<FanOut>,
    neurons: Option<usize>,
    operations_per_update: Option<u64>,
    spikes: bool,
}

impl Layer {
    /// A layer of this path, as `encoder.lif1`, and type, as `leaky`.
    #[must_use]
    pub fn new(path: &str, kind: LayerKind, type_name: &str) -> Self {
        Self {
            path: path.into(),
            kind,
            type_name: type_name.to_owned(),
            parameters: Vec::new(),
            buffers: Vec::new(),
            fan_out: None,
            neurons: None,
            operations_per_update: None,
            spikes: kind == LayerKind::Neuron,
        }
    }

    /// An activation function of so many outputs a sample.
    #[must_use]
    pub fn activation(path: &str, type_name: &str, neurons: usize) -> Self {
        Self::new(path, LayerKind::Activation, type_name).with_neurons(neurons)
    }

    /// Spiking neurons, so many a sample.
    #[must_use]
    pub fn neuron(path: &str, type_name: &str, neurons: usize) -> Self {
        Self::new(path, LayerKind::Neuron, type_name).with_neurons(neurons)
    }

    /// Weights between inputs and outputs.
    #[must_use]
    pub fn connection(path: &str, type_name: &str, fan_out: FanOut) -> Self {
        Self { fan_out: Some(fan_out), ..Self::new(path, LayerKind::Connection, type_name) }
    }

    /// The same with a parameter more: what training changes.
    #[must_use]
    pub fn with_parameter(mut self, tensor: StoredTensor) -> Self {
        self.parameters.push(tensor);
        self
    }

    /// The same with a buffer more: stored, but not trained.
    #[must_use]
    pub fn with_buffer(mut self, tensor: StoredTensor) -> Self {
        self.buffers.push(tensor);
        self
    }

    /// The same with so many outputs a sample.
    #[must_use]
    pub fn with_neurons(mut self, neurons: usize) -> Self {
        self.neurons = Some(neurons);
        self
    }

    /// The same, with so many arithmetic operations for each update of a membrane potential.
    #[must_use]
    pub fn with_operations_per_update(mut self, operations: u64) -> Self {
        self.operations_per_update = Some(operations);
        self
    }

    /// The same neurons, whose outputs are no spikes: integrators that give their membrane potentials.
    #[must_use]
    pub fn without_spikes(mut self) -> Self {
        self.spikes = false;
        self
    }

    /// The full path in the model.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn shared_path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// What it is to the metrics.
    #[must_use]
    pub fn kind(&self) -> LayerKind {
        self.kind
    }

    /// What it is called in the model's own terms, as `linear`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// What training changes.
    #[must_use]
    pub fn parameters(&self) -> &[StoredTensor] {
        &self.parameters
    }

    /// What is stored besides.
    #[must_use]
    pub fn buffers(&self) -> &[StoredTensor] {
        &self.buffers
    }

    /// How many numbers its parameters have; `u64::MAX` if that is less.
    #[must_use]
    pub fn parameter_count(&self) -> u64 {
        self.parameters.iter().map(StoredTensor::elements).fold(0, u64::saturating_add)
    }

    /// How many bytes its parameters and buffers take; `u64::MAX` if that is less.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parameters.iter().chain(&self.buffers).map(StoredTensor::bytes).fold(0, u64::saturating_add)
    }

    /// The synaptic operations of its inputs, of a connection layer.
    #[must_use]
    pub fn fan_out(&self) -> Option<&FanOut> {
        self.fan_out.as_ref()
    }

    /// How many outputs one sample has in one pass, where the model says so.
    #[must_use]
    pub fn neurons(&self) -> Option<usize> {
        self.neurons
    }

    /// How many arithmetic operations one update of a membrane potential takes, where the model says so.
    #[must_use]
    pub fn operations_per_update(&self) -> Option<u64> {
        self.operations_per_update
    }

    /// Whether its outputs are spikes.
    #[must_use]
    pub fn is_spiking(&self) -> bool {
        self.spikes
    }

    /// Whether its outputs are activations.
    #[must_use]
    pub fn is_activation(&self) -> bool {
        matches!(self.kind, LayerKind::Activation | LayerKind::Neuron)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_counted_is_never_a_small_number() {
        let half = StoredTensor::new("a", [1 << 31, 1 << 31], Dtype::F32, 0);
        assert_eq!((half.elements(), half.bytes()), (1 << 62, u64::MAX));
        let beyond = StoredTensor::new("b", [usize::MAX, 2], Dtype::U8, 0);
        assert_eq!(beyond.elements(), u64::MAX);
        let layer = Layer::new("l", LayerKind::Other, "other").with_parameter(half).with_parameter(beyond);
        assert_eq!((layer.parameter_count(), layer.bytes()), (u64::MAX, u64::MAX));
    }
}
