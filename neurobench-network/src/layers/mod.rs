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

use serde::de::DeserializeOwned;

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
pub(crate) use registration::Buildable;
pub use registration::{LayerConstructor, LayerRegistration, Layers, build_from, joins_from, layers};
pub use window::Extent;

use crate::error::{NetworkError, TensorError};
use crate::file::Time;
use crate::kernel::{DispatchedKernel, Kernel};
use crate::real::Real;
use crate::weights::{ClaimedTensor, LayerWeights};
use neurobench_core::component::Registration;
use neurobench_core::model::Layer;
use neurobench_core::names::hinted;

/// A kind of layer that is not yet a component: its name in network files and its constructors.
pub(crate) struct Kind {
    name: &'static str,
    single: fn(Parts<'_, '_>) -> Result<BuiltLayer<f32>, NetworkError>,
    double: fn(Parts<'_, '_>) -> Result<BuiltLayer<f64>, NetworkError>,
    /// Combination of several inputs, which may depend on the keys.
    joins: fn(&str, &toml::Table) -> Result<Joins, NetworkError>,
}

impl Kind {
    /// Creates a kind from a constructor for each precision.
    const fn new(
        name: &'static str,
        single: fn(Parts<'_, '_>) -> Result<BuiltLayer<f32>, NetworkError>,
        double: fn(Parts<'_, '_>) -> Result<BuiltLayer<f64>, NetworkError>,
    ) -> Self {
        Self { name, single, double, joins: |_, _| Ok(Joins::Sum) }
    }
}

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
    kind: &'static str,
    settings: toml::Table,
}

impl<'p, 'w> Parts<'p, 'w> {
    pub(crate) fn new(
        path: &'p str,
        shape: &'p [usize],
        time: Time,
        weights: LayerWeights<'p, 'w>,
        settings: toml::Table,
    ) -> Self {
        Self { path, shape, time, weights, kind: "", settings }
    }

    /// The keys of the layer, deserialized for its kind.
    fn settings<T: DeserializeOwned>(&mut self) -> Result<T, NetworkError> {
        settings(self.path, self.kind, std::mem::take(&mut self.settings))
    }

    /// The parts of a layer within this one, which has inputs of the same shape.
    fn nested<'i>(&'i mut self, path: &'i str, kind: &'static str, settings: toml::Table) -> Parts<'i, 'w> {
        Parts { path, shape: self.shape, time: self.time, weights: self.weights.nested(path), kind, settings }
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
        NetworkError::Setting { layer: self.path.to_owned(), kind: self.kind, problem: problem.into() }
    }

    /// Number of inputs of one sample at one step.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Claims the tensor of this name, which the weights file must have with this shape. It is stored in the precision of the
    /// network or in a narrower type, such as quantised weights, and all its numbers are finite.
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

/// The keys of a layer, deserialized for its kind.
fn settings<T: DeserializeOwned>(path: &str, kind: &'static str, table: toml::Table) -> Result<T, NetworkError> {
    table.try_into().map_err(|error: toml::de::Error| NetworkError::Setting {
        layer: path.to_owned(),
        kind,
        problem: hinted(&error.to_string().trim().replace('\n', " ")),
    })
}

/// A layer with its constructor, registered as a component or not yet.
#[derive(Clone, Copy)]
pub(crate) enum AnyKind {
    Component(&'static Registration<Layers>),
    Legacy(&'static Kind),
}

/// A kind that is not yet a component.
pub(crate) struct LegacyKind(pub(crate) &'static Kind);
neurobench_core::__private::inventory::collect!(LegacyKind);

/// Finds the kind with this name.
pub(crate) fn kind(path: &str, name: &str) -> Result<AnyKind, NetworkError> {
    let mut legacy = neurobench_core::__private::inventory::iter::<LegacyKind>.into_iter();
    match legacy.find(|kind| kind.0.name == name) {
        Some(kind) => Ok(AnyKind::Legacy(kind.0)),
        None => registration::find(path, name).map(AnyKind::Component),
    }
}

impl AnyKind {
    /// Combination of several inputs of a layer with these keys.
    pub(crate) fn joins(self, path: &str, settings: &toml::Table) -> Result<Joins, NetworkError> {
        match self {
            Self::Legacy(kind) => (kind.joins)(path, settings),
            Self::Component(kind) => {
                let params = registration::params(path, kind.name, settings.clone())?;
                (kind.constructor.joins)(&params).map_err(|error| NetworkError::Setting {
                    layer: path.to_owned(),
                    kind: kind.name,
                    problem: error.to_string(),
                })
            }
        }
    }

    /// Builds a layer of this kind.
    pub(crate) fn build<R: Buildable>(self, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
        match self {
            Self::Legacy(kind) => {
                parts.kind = kind.name;
                R::build_legacy(kind, parts)
            }
            Self::Component(kind) => {
                parts.kind = kind.name;
                let params = registration::params(parts.path, kind.name, std::mem::take(&mut parts.settings))?;
                R::build(&kind.constructor, &params, parts)
            }
        }
    }
}

/// Number of lanes over which kernels count at a time: counts of 32 bits vectorize, and cannot overflow within a stretch.
const STRETCH: usize = 4096;
