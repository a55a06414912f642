//! The kinds of layers: a file each, and a line each in the table.

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
pub use dynamics::{Current, Dynamics, Integration, Simulator, Spikes, StepReset, StepRule, UnknownDynamics, When};
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
use crate::kernel::{Dispatched, Kernel};
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

/// A kind of layer: its name in a network file, and how one is made.
pub(crate) struct Kind {
    name: &'static str,
    single: fn(Parts<'_, '_>) -> Result<Built<f32>, NetworkError>,
    double: fn(Parts<'_, '_>) -> Result<Built<f64>, NetworkError>,
    /// What becomes of several inputs, with these keys.
    joins: fn(&str, &toml::Table) -> Result<Joins, NetworkError>,
}

impl Kind {
    /// A kind that is made by these two: the same function, for each kind of numbers.
    const fn new(
        name: &'static str,
        single: fn(Parts<'_, '_>) -> Result<Built<f32>, NetworkError>,
        double: fn(Parts<'_, '_>) -> Result<Built<f64>, NetworkError>,
    ) -> Self {
        Self { name, single, double, joins: |_, _| Ok(Joins::Sum) }
    }
}

/// What becomes of a layer's inputs if there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joins {
    /// They are added.
    Sum,
    /// They lie one after the other along this axis.
    Concatenate(Axis),
    /// There are none.
    Nothing,
}

/// A layer, ready to run.
pub(crate) struct Built<R> {
    /// What it says of itself; first the layer of its own path, then those within it.
    pub(crate) layers: Vec<Layer>,
    /// What it computes; nothing if its outputs are its inputs.
    pub(crate) kernel: Option<Box<dyn Kernel<R>>>,
    /// The shape of its outputs, for one sample at one step.
    pub(crate) shape: Vec<usize>,
    /// Whether it takes inputs of any shape with as many elements as its input shape has.
    pub(crate) any_shape: bool,
    /// How many steps of a sequence it needs before it has outputs.
    pub(crate) silent_steps: usize,
}

impl<R: Real> Built<R> {
    /// A layer whose kernel takes the instructions that the program was compiled for, or chooses within.
    fn new(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: Some(Box::new(kernel)), shape, any_shape: false, silent_steps: 0 }
    }

    /// A layer whose kernel is compiled for every set of instructions: where time is spent, and where vectors help.
    fn vectorized(layer: Layer, kernel: impl Kernel<R> + 'static, shape: Vec<usize>) -> Self {
        Self::new(layer, Dispatched(kernel), shape)
    }

    /// The same with so many operations for each update of a membrane.
    fn with_operations_per_update(mut self, operations: u64) -> Self {
        if !self.layers.is_empty() {
            let neurons = self.layers.remove(0).with_operations_per_update(operations);
            self.layers.insert(0, neurons);
        }
        self
    }

    /// A layer that gives its inputs, in this shape.
    fn unchanged(layer: Layer, shape: Vec<usize>) -> Self {
        Self { layers: vec![layer], kernel: None, shape, any_shape: false, silent_steps: 0 }
    }
}

/// What a layer is made of.
pub(crate) struct Parts<'p, 'w> {
    /// Its full path.
    path: &'p str,
    /// The shape of its inputs, for one sample at one step.
    shape: &'p [usize],
    /// Where the network's time is.
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

    /// The keys of the layer as its kind knows them.
    fn settings<T: DeserializeOwned>(&mut self) -> Result<T, NetworkError> {
        settings(self.path, self.kind, std::mem::take(&mut self.settings))
    }

    /// The parts of a layer within this one, which is given inputs of the same shape.
    fn within<'i>(&'i mut self, path: &'i str, kind: &'static str, settings: toml::Table) -> Parts<'i, 'w> {
        Parts { path, shape: self.shape, time: self.time, weights: self.weights.within(path), kind, settings }
    }

    /// An error about a key of this layer.
    fn problem(&self, problem: impl Into<String>) -> NetworkError {
        NetworkError::Setting { layer: self.path.to_owned(), kind: self.kind, problem: problem.into() }
    }

    /// How many inputs one sample has at one step.
    fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The keys of a layer as its kind knows them.
fn settings<T: DeserializeOwned>(path: &str, kind: &'static str, table: toml::Table) -> Result<T, NetworkError> {
    table.try_into().map_err(|error: toml::de::Error| NetworkError::Setting {
        layer: path.to_owned(),
        kind,
        problem: hinted(&error.to_string().trim().replace('\n', " ")),
    })
}

/// The kinds of numbers that layers can be made for.
pub(crate) trait Buildable: Real {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<Built<Self>, NetworkError>;
}

impl Buildable for f32 {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<Built<Self>, NetworkError> {
        (kind.single)(parts)
    }
}

impl Buildable for f64 {
    fn build(kind: &Kind, parts: Parts<'_, '_>) -> Result<Built<Self>, NetworkError> {
        (kind.double)(parts)
    }
}

/// The kind of this name.
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
    /// What becomes of several inputs of a layer with these keys.
    pub(crate) fn joins(&self, path: &str, settings: &toml::Table) -> Result<Joins, NetworkError> {
        (self.joins)(path, settings)
    }

    /// Makes a layer of this kind.
    pub(crate) fn build<R: Buildable>(&self, mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
        parts.kind = self.name;
        R::build(self, parts)
    }
}

/// Kernels count over stretches of so many lanes: a count of 32 bits vectorizes, and cannot overflow within one.
const STRETCH: usize = 4096;
