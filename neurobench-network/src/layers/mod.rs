//! The layers: one file for each, which registers it.

mod activation;
mod axis;
mod conv;
mod integrator;
mod linear;
mod neuron;
mod norm;
mod pool;
mod recurrent;
mod registration;
mod settable;
mod shape;
mod time;
mod window;

pub use axis::Axis;
pub use conv::{ConvConfig, ConvTransposeConfig, Padding};
pub use integrator::{
    Current, Dynamics, Integration, IntegratorConfig, Simulator, Spikes, StepReset, StepRule, StepTiming,
    UnknownDynamics,
};
pub use neuron::{
    AlphaConfig, Constant, LapicqueConfig, LeakyConfig, NeuronOutput, RadLifConfig, Reset, SpikeFeedback,
    SynapticConfig,
};
pub use norm::{BatchNormConfig, LayerNormConfig};
pub use pool::PoolConfig;
pub use recurrent::{Nonlinearity, RecurrentWeights};
pub(crate) use registration::{Buildable, find, params};
pub use registration::{LayerConstructor, LayerRegistration, Layers, build_from, joins_from, layers};
pub use window::Extent;

use crate::error::{NetworkError, TensorError};
use crate::file::Time;
use crate::kernel::{DispatchedKernel, Kernel};
use crate::real::Real;
use crate::weights::{ClaimedTensor, LayerWeights};
use neurobench_core::component::SettingsError;
use neurobench_core::model::Layer;

/// Combination of the inputs of a layer if there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// They are added up.
    Sum,
    /// They are concatenated along this axis.
    Concatenate(Axis),
    /// The layer has no inputs.
    Nothing,
}

/// A layer that is ready to run.
pub struct BuiltLayer<R> {
    /// Descriptions: first of the layer itself, then of the layers within it.
    pub(crate) layers: Vec<Layer>,
    /// Its computation; `None` if its outputs are its inputs.
    pub(crate) kernel: Option<Box<dyn Kernel<R>>>,
    /// Shape of its outputs, for one sample at one step.
    pub(crate) shape: Vec<usize>,
    /// True if it accepts inputs of any shape with as many elements as its input shape.
    pub(crate) any_shape: bool,
    /// Number of steps of a sequence before it has outputs.
    pub(crate) silent_steps: usize,
}

impl<R: Real> BuiltLayer<R> {
    /// Creates a layer whose kernel uses the baseline instructions or selects instructions itself.
    pub fn new(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: Some(Box::new(kernel)), shape, any_shape: false, silent_steps: 0 }
    }

    /// Creates a layer whose kernel is compiled for every instruction set, for expensive kernels that benefit from vectors.
    pub fn vectorized(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self::new(layer, DispatchedKernel(kernel), shape)
    }

    /// Sets the number of operations for each update of a membrane.
    #[must_use]
    pub fn with_operations_per_update(mut self, operations: u64) -> Self {
        if !self.layers.is_empty() {
            let neurons = self.layers.remove(0).with_operations_per_update(operations);
            self.layers.insert(0, neurons);
        }
        self
    }

    /// Creates a layer whose outputs are its inputs, in this shape.
    #[must_use]
    pub fn unchanged(layer: Layer, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: None, shape, any_shape: false, silent_steps: 0 }
    }
}

/// The parts from which a layer is built.
pub struct Parts<'p, 'w> {
    /// Full path of the layer.
    path: &'p str,
    /// Shape of its inputs, for one sample at one step.
    shape: &'p [usize],
    /// Time axis of the network.
    time: Time,
    /// Its tensors.
    weights: LayerWeights<'p, 'w>,
    /// Name of its kind.
    kind: &'static str,
}

impl<'p, 'w> Parts<'p, 'w> {
    pub(crate) fn new(
        path: &'p str,
        kind: &'static str,
        shape: &'p [usize],
        time: Time,
        weights: LayerWeights<'p, 'w>,
    ) -> Self {
        Self { path, shape, time, weights, kind }
    }

    /// The parts of a layer within this one, which has inputs of the same shape.
    fn nested<'i>(&'i mut self, path: &'i str, kind: &'static str) -> Parts<'i, 'w> {
        Parts { path, shape: self.shape, time: self.time, weights: self.weights.nested(path), kind }
    }

    /// Full path of the layer.
    #[must_use]
    pub fn path(&self) -> &'p str {
        self.path
    }

    /// Name of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Shape of its inputs, for one sample at one step.
    #[must_use]
    pub fn shape(&self) -> &'p [usize] {
        self.shape
    }

    /// Creates an error about a key of this layer.
    pub fn problem(&self, problem: impl Into<String>) -> NetworkError {
        NetworkError::Setting { layer: self.path.to_owned(), kind: self.kind, key: None, problem: problem.into() }
    }

    /// Creates an error about a setting of this layer.
    pub(crate) fn setting_problem(&self, error: &SettingsError) -> NetworkError {
        NetworkError::Setting {
            layer: self.path.to_owned(),
            kind: self.kind,
            key: error.setting().map(str::to_owned),
            problem: error.to_string(),
        }
    }

    /// Number of inputs of one sample at one step.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Claims the tensor of this name, which the weights file must have with this shape. It is stored in the precision of the
    /// network or in a narrower type, such as quantized weights, and all its numbers are finite.
    ///
    /// # Errors
    ///
    /// A tensor that is missing, or has another shape or type, or contains a number that is not finite.
    pub fn required_tensor<R: Real>(&mut self, name: &str, shape: &[usize]) -> Result<ClaimedTensor<R>, NetworkError> {
        self.weights.required(name, shape)
    }

    /// Claims the tensor of this name if the weights file has one; otherwise like [`required_tensor`](Self::required_tensor).
    ///
    /// # Errors
    ///
    /// A tensor that has another shape or type, or contains a number that is not finite.
    pub fn optional_tensor<R: Real>(
        &mut self,
        name: &str,
        shape: &[usize],
    ) -> Result<Option<ClaimedTensor<R>>, NetworkError> {
        self.weights.optional(name, shape)
    }

    /// Creates an error about a tensor of this layer.
    #[must_use]
    pub fn tensor_problem(&self, name: &str, problem: TensorError) -> NetworkError {
        self.weights.error(name, problem)
    }
}

/// Number of lanes over which kernels count at a time: counts of 32 bits vectorize, and cannot overflow within a stretch.
pub(crate) const STRETCH: usize = 4096;
