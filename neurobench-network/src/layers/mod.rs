//! The kinds of layers: one file and one line in [`KINDS`] for each.

mod activation;
mod adaptive_pool;
mod alpha;
mod axis;
mod batch_norm;
mod constant_outputs;
mod conv;
mod delay;
mod dropout;
mod dynamics;
mod embedding;
mod flatten;
mod identity;
mod integrators;
mod lapicque;
mod layer_norm;
mod leaky;
mod linear;
mod low_pass;
mod neurons;
mod pool;
mod pooling;
mod radlif;
mod recurrent;
mod recurrent_neurons;
mod rleaky;
mod scale;
mod settable;
mod sliding_window;
mod softmax;
mod synaptic;
mod threshold;
mod window;

use serde::de::DeserializeOwned;

pub use alpha::AlphaConfig;
pub use batch_norm::BatchNormConfig;
pub use conv::{ConvConfig, ConvTransposeConfig, Padding};
pub use dynamics::{
    Current, Dynamics, Integration, Simulator, Spikes, StepReset, StepRule, StepTiming, UnknownDynamics,
};
pub use integrators::IntegratorConfig;
pub use lapicque::LapicqueConfig;
pub use layer_norm::LayerNormConfig;
pub use leaky::LeakyConfig;
pub use neurons::{Constant, NeuronOutput, Reset};
pub use pool::PoolConfig;
pub use radlif::RadLifConfig;
pub use recurrent::{Nonlinearity, RecurrentWeights};
pub use recurrent_neurons::SpikeFeedback;
pub use synaptic::SynapticConfig;
pub use window::Extent;

use crate::error::NetworkError;
use crate::file::Time;
use crate::kernel::{DispatchedKernel, Kernel};
use crate::layers::axis::Axis;
use crate::real::Real;
use crate::weights::LayerWeights;
use neurobench_core::model::Layer;
use neurobench_core::names::{did_you_mean, hinted, listed};

/// Every kind of layer.
const KINDS: &[Kind] = &[
    flatten::FLATTEN,
    flatten::RESHAPE,
    identity::IDENTITY,
    identity::CONCATENATE,
    constant_outputs::KIND,
    linear::KIND,
    activation::RELU,
    activation::LEAKY_RELU,
    activation::GELU,
    activation::SIGMOID,
    activation::TANH,
    leaky::KIND,
    synaptic::KIND,
    lapicque::KIND,
    integrators::I,
    integrators::LI,
    integrators::IF,
    integrators::LIF,
    integrators::CUBA_LI,
    integrators::CUBA_LIF,
    threshold::KIND,
    delay::KIND,
    scale::KIND,
    alpha::KIND,
    rleaky::RLEAKY,
    rleaky::RSYNAPTIC,
    radlif::KIND,
    conv::CONV1D,
    conv::CONV2D,
    conv::CONV3D,
    conv::CONV_TRANSPOSE1D,
    conv::CONV_TRANSPOSE2D,
    pool::MAX_POOL1D,
    pool::MAX_POOL2D,
    pool::AVG_POOL1D,
    pool::AVG_POOL2D,
    pool::SUM_POOL1D,
    pool::SUM_POOL2D,
    adaptive_pool::ADAPTIVE_AVG_POOL1D,
    adaptive_pool::ADAPTIVE_AVG_POOL2D,
    adaptive_pool::ADAPTIVE_MAX_POOL1D,
    adaptive_pool::ADAPTIVE_MAX_POOL2D,
    batch_norm::BATCH_NORM1D,
    batch_norm::BATCH_NORM2D,
    batch_norm::BATCH_NORM3D,
    layer_norm::KIND,
    dropout::KIND,
    softmax::SOFTMAX,
    softmax::LOG_SOFTMAX,
    embedding::KIND,
    sliding_window::KIND,
    low_pass::KIND,
    recurrent::RNN_CELL,
    recurrent::LSTM_CELL,
    recurrent::GRU_CELL,
    recurrent::RNN,
    recurrent::LSTM,
    recurrent::GRU,
];

/// A kind of layer: its name in network files and its constructors.
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
pub(crate) enum Joins {
    /// They are added up.
    Sum,
    /// They are concatenated along this axis.
    Concatenate(Axis),
    /// The layer has no inputs.
    Nothing,
}

/// A layer that is ready to run.
pub(crate) struct BuiltLayer<R> {
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
    fn new(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: Some(Box::new(kernel)), shape, any_shape: false, silent_steps: 0 }
    }

    /// Creates a layer whose kernel is compiled for every instruction set, for expensive kernels that benefit from vectors.
    fn vectorized(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self::new(layer, DispatchedKernel(kernel), shape)
    }

    /// Sets the number of operations for each update of a membrane.
    fn with_operations_per_update(mut self, operations: u64) -> Self {
        if !self.layers.is_empty() {
            let neurons = self.layers.remove(0).with_operations_per_update(operations);
            self.layers.insert(0, neurons);
        }
        self
    }

    /// Creates a layer whose outputs are its inputs, in this shape.
    fn unchanged(layer: Layer, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: None, shape, any_shape: false, silent_steps: 0 }
    }
}

/// The parts from which a layer is built.
pub(crate) struct Parts<'p, 'w> {
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

    /// Creates an error about a key of this layer.
    fn problem(&self, problem: impl Into<String>) -> NetworkError {
        NetworkError::Setting { layer: self.path.to_owned(), kind: self.kind, problem: problem.into() }
    }

    /// Number of inputs of one sample at one step.
    fn elements(&self) -> usize {
        self.shape.iter().product()
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

/// The floating-point types that layers can be built for.
pub(crate) trait Buildable: Real {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<BuiltLayer<Self>, NetworkError>;
}

impl Buildable for f32 {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<BuiltLayer<Self>, NetworkError> {
        (kind.single)(parts)
    }
}

impl Buildable for f64 {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<BuiltLayer<Self>, NetworkError> {
        (kind.double)(parts)
    }
}

/// Finds the kind with this name.
pub(crate) fn kind(path: &str, name: &str) -> Result<&'static Kind, NetworkError> {
    let names = || KINDS.iter().map(|kind| kind.name);
    KINDS.iter().find(|known| known.name == name).ok_or_else(|| NetworkError::UnknownKind {
        layer: path.to_owned(),
        kind: name.to_owned(),
        known: listed(names()),
        hint: did_you_mean(name, names()),
    })
}

impl Kind {
    /// Combination of several inputs of a layer with these keys.
    pub(crate) fn joins(&self, path: &str, settings: &toml::Table) -> Result<Joins, NetworkError> {
        (self.joins)(path, settings)
    }

    /// Builds a layer of this kind.
    pub(crate) fn build<R: Buildable>(&self, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
        parts.kind = self.name;
        R::build(self, parts)
    }
}

/// Number of lanes over which kernels count at a time: counts of 32 bits vectorize, and cannot overflow within a stretch.
const STRETCH: usize = 4096;
