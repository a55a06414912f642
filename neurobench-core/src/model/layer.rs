//! Description of a model's layers.

use std::sync::Arc;

use crate::model::{Dtype, HookPoint};

/// Role of a layer for the metrics, which determines its hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LayerKind {
    /// Weights between inputs and outputs; its inputs cause synaptic operations.
    Connection,
    /// Activation function; its outputs are activations.
    Activation,
    /// Spiking neurons; their outputs are activations, and they have membrane potentials.
    Neuron,
    /// Any other layer, such as a change of shape.
    Other,
}

/// Role of a tensor in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TensorRole {
    /// Weights of connections, which connection sparsity counts.
    Weight,
    /// Bias, which is added to the sum of the weighted inputs.
    Bias,
    /// Any other tensor: constants of neurons, statistics.
    Other,
}

/// Tensor that a layer stores: a parameter or a buffer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredTensor {
    /// Name within the layer, such as `weight`.
    pub name: String,
    /// Length of every axis.
    pub shape: Vec<usize>,
    /// Number format.
    pub dtype: Dtype,
    /// Number of elements that are zero.
    pub zeros: u64,
    /// Marks tensors quantized to −1, 0 and 1: stored as integers without any other value.
    pub ternary: bool,
    /// Role in the layer.
    pub role: TensorRole,
}

impl StoredTensor {
    /// Creates a tensor with a name, a shape, a number format and its number of zeros.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>, dtype: Dtype, zeros: u64) -> Self {
        Self { name: name.into(), shape: shape.into(), dtype, zeros, ternary: false, role: TensorRole::Other }
    }

    /// Marks the tensor as quantized to −1, 0 and 1.
    #[must_use]
    pub fn quantized_to_ternary(mut self) -> Self {
        self.ternary = true;
        self
    }

    /// Changes the role.
    #[must_use]
    pub fn with_role(mut self, role: TensorRole) -> Self {
        self.role = role;
        self
    }

    /// Returns the number of elements; `u64::MAX` if it does not fit.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.shape.iter().fold(1, |elements, length| elements.saturating_mul(*length as u64))
    }

    /// Returns the number of bytes at the stored width; `u64::MAX` if it does not fit.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.elements().checked_mul(self.dtype.bits()).map_or(u64::MAX, |bits| bits.div_ceil(8))
    }
}

/// Number of synaptic operations that the inputs of a connection layer cause in one pass of one sample.
///
/// For a recurrent layer, [`dense`](Self::dense) includes the operations of its state, which do not show in the inputs.
/// Such a layer counts its operations and reports them by
/// [`connection_counted`](crate::model::Probe::connection_counted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanOut {
    /// Non-zero weights that each input element meets, in memory order.
    per_input: Arc<[u64]>,
    dense: u64,
}

impl FanOut {
    /// Creates a fan-out from the non-zero weights that each input element meets, and the operations of one sample when
    /// all inputs and all weights count.
    #[must_use]
    pub fn new(per_input: impl Into<Arc<[u64]>>, dense: u64) -> Self {
        Self { per_input: per_input.into(), dense }
    }

    /// Creates a full fan-out: every input meets every output and no weight is zero.
    #[must_use]
    pub fn full(inputs: usize, outputs: usize) -> Self {
        Self::new(vec![outputs as u64; inputs], inputs as u64 * outputs as u64)
    }

    /// Returns the number of elements in one sample's input.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.per_input.len()
    }

    /// Returns the non-zero weights that each input element meets.
    #[must_use]
    pub fn per_input(&self) -> &[u64] {
        &self.per_input
    }

    /// Returns the operations of one sample when all inputs and all weights count.
    #[must_use]
    pub fn dense(&self) -> u64 {
        self.dense
    }
}

/// Description of one layer: path, kind, stored tensors, and the properties of its shape that metrics need.
///
/// Metrics see layers only through this description; no metric depends on the type of a layer.
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
    /// The hook points that the model reports, one bit each.
    hook_points: u8,
}

impl Layer {
    /// Creates a layer with a path, such as `encoder.lif1`, and a type, such as `leaky`.
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
            hook_points: 0,
        }
    }

    /// Creates an activation function with the number of outputs per sample.
    #[must_use]
    pub fn activation(path: &str, type_name: &str, neurons: usize) -> Self {
        Self::new(path, LayerKind::Activation, type_name).with_neurons(neurons)
    }

    /// Creates spiking neurons, with their number per sample.
    #[must_use]
    pub fn neuron(path: &str, type_name: &str, neurons: usize) -> Self {
        Self::new(path, LayerKind::Neuron, type_name).with_neurons(neurons)
    }

    /// Creates weights between inputs and outputs.
    #[must_use]
    pub fn connection(path: &str, type_name: &str, fan_out: FanOut) -> Self {
        Self { fan_out: Some(fan_out), ..Self::new(path, LayerKind::Connection, type_name) }
    }

    /// Adds a parameter, which training changes.
    #[must_use]
    pub fn with_parameter(mut self, tensor: StoredTensor) -> Self {
        self.parameters.push(tensor);
        self
    }

    /// Adds a buffer, which is stored but not trained.
    #[must_use]
    pub fn with_buffer(mut self, tensor: StoredTensor) -> Self {
        self.buffers.push(tensor);
        self
    }

    /// Sets the number of outputs per sample.
    #[must_use]
    pub fn with_neurons(mut self, neurons: usize) -> Self {
        self.neurons = Some(neurons);
        self
    }

    /// Sets the number of arithmetic operations for each update of a membrane potential.
    #[must_use]
    pub fn with_operations_per_update(mut self, operations: u64) -> Self {
        self.operations_per_update = Some(operations);
        self
    }

    /// Marks the neurons' outputs as membrane potentials instead of spikes, as for integrators.
    #[must_use]
    pub fn without_spikes(mut self) -> Self {
        self.spikes = false;
        self
    }

    /// Declares a point at which the model reports numbers of this layer; see [`Probe::report`](crate::model::Probe::report).
    #[must_use]
    pub fn with_hook_point(mut self, point: HookPoint) -> Self {
        self.hook_points |= point.bit();
        self
    }

    /// Returns the full path in the model.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn shared_path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// Returns the role of the layer for the metrics.
    #[must_use]
    pub fn kind(&self) -> LayerKind {
        self.kind
    }

    /// Returns the layer's type in the model's own terms, such as `linear`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns the parameters, which training changes.
    #[must_use]
    pub fn parameters(&self) -> &[StoredTensor] {
        &self.parameters
    }

    /// Returns the buffers, which are stored but not trained.
    #[must_use]
    pub fn buffers(&self) -> &[StoredTensor] {
        &self.buffers
    }

    /// Returns the number of elements of its parameters; `u64::MAX` if it does not fit.
    #[must_use]
    pub fn parameter_count(&self) -> u64 {
        self.parameters.iter().map(StoredTensor::elements).fold(0, u64::saturating_add)
    }

    /// Returns the number of bytes of its parameters and buffers; `u64::MAX` if it does not fit.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parameters.iter().chain(&self.buffers).map(StoredTensor::bytes).fold(0, u64::saturating_add)
    }

    /// Returns the synaptic operations of the inputs, for a connection layer.
    #[must_use]
    pub fn fan_out(&self) -> Option<&FanOut> {
        self.fan_out.as_ref()
    }

    /// Returns the number of outputs of one sample in one pass, if the model declares it.
    #[must_use]
    pub fn neurons(&self) -> Option<usize> {
        self.neurons
    }

    /// Returns the number of arithmetic operations of one update of a membrane potential, if the model declares it.
    #[must_use]
    pub fn operations_per_update(&self) -> Option<u64> {
        self.operations_per_update
    }

    /// Returns true if the model reports numbers of this layer at this point.
    #[must_use]
    pub fn has_hook_point(&self, point: HookPoint) -> bool {
        self.hook_points & point.bit() != 0
    }

    /// Returns true if the outputs are spikes.
    #[must_use]
    pub fn is_spiking(&self) -> bool {
        self.spikes
    }

    /// Returns true if the outputs are activations.
    #[must_use]
    pub fn is_activation(&self) -> bool {
        matches!(self.kind, LayerKind::Activation | LayerKind::Neuron)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_fit_are_never_small_numbers() {
        let half = StoredTensor::new("a", [1 << 31, 1 << 31], Dtype::F32, 0);
        assert_eq!((half.elements(), half.bytes()), (1 << 62, u64::MAX));
        let beyond = StoredTensor::new("b", [usize::MAX, 2], Dtype::U8, 0);
        assert_eq!(beyond.elements(), u64::MAX);
        let layer = Layer::new("l", LayerKind::Other, "other").with_parameter(half).with_parameter(beyond);
        assert_eq!((layer.parameter_count(), layer.bytes()), (u64::MAX, u64::MAX));
    }
}
