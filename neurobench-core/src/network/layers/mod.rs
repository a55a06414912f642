//! The kinds of layers: a file each, and a line each in the table.

mod activation;
mod batch_norm;
mod conv;
mod dropout;
mod flatten;
mod lapicque;
mod leaky;
mod linear;
mod log_softmax;
mod neurons;
mod pool;
mod synaptic;
mod window;

use serde::de::DeserializeOwned;

pub use batch_norm::BatchNormConfig;
pub use conv::{ConvConfig, Padding};
pub use lapicque::LapicqueConfig;
pub use leaky::LeakyConfig;
pub use neurons::{Constant, NeuronOutput, Reset};
pub use pool::PoolConfig;
pub use synaptic::SynapticConfig;
pub use window::Extent;

use crate::model::{Call, Layer, Probe};
use crate::names::{did_you_mean, listed};
use crate::network::error::NetworkError;
use crate::network::weights::LayerWeights;

/// Every kind of layer.
const KINDS: &[Kind] = &[
    flatten::KIND,
    linear::KIND,
    activation::RELU,
    activation::SIGMOID,
    activation::TANH,
    leaky::KIND,
    synaptic::KIND,
    lapicque::KIND,
    conv::CONV1D,
    conv::CONV2D,
    pool::MAX_POOL1D,
    pool::MAX_POOL2D,
    pool::AVG_POOL1D,
    pool::AVG_POOL2D,
    batch_norm::BATCH_NORM1D,
    batch_norm::BATCH_NORM2D,
    dropout::KIND,
    log_softmax::KIND,
];

/// A kind of layer: its name in a network file, and how one is made.
pub(crate) struct Kind {
    name: &'static str,
    build: fn(Parts<'_, '_>) -> Result<Built, NetworkError>,
}

/// What a layer computes, shared by all sessions.
pub(crate) trait Kernel: Send + Sync {
    /// How many numbers it gives for one sample at one step.
    fn outputs(&self) -> usize;

    /// How many numbers it carries from one step to the next, for one sample, or needs while it works. They are zero at rest.
    fn state(&self) -> usize {
        0
    }

    /// One step of one sample: writes every output, changes the state, and tells the probe.
    fn step(&self, inputs: &[f32], state: &mut [f32], outputs: &mut [f32], hook: &mut Hook<'_>);
}

/// The probe, and where the network is.
pub(crate) struct Hook<'a> {
    pub(crate) probe: &'a mut Probe,
    pub(crate) layer: usize,
    pub(crate) call: Call,
}

/// A layer, ready to run.
pub(crate) struct Built {
    /// What it says of itself.
    pub(crate) layer: Layer,
    /// What it computes; nothing if its outputs are its inputs.
    pub(crate) kernel: Option<Box<dyn Kernel>>,
    /// The shape of its outputs, for one sample at one step.
    pub(crate) shape: Vec<usize>,
    /// Whether it takes inputs of any shape with as many elements as its input shape has.
    pub(crate) any_shape: bool,
}

impl Built {
    fn new(layer: Layer, kernel: impl Kernel + 'static, shape: Vec<usize>) -> Self {
        Self { layer, kernel: Some(Box::new(kernel)), shape, any_shape: false }
    }
}

/// What a layer is made of.
pub(crate) struct Parts<'p, 'w> {
    /// Its full path.
    path: &'p str,
    /// The shape of its inputs, for one sample at one step.
    shape: &'p [usize],
    /// Its tensors.
    weights: LayerWeights<'p, 'w>,
    kind: &'static str,
    settings: toml::Table,
}

impl<'p, 'w> Parts<'p, 'w> {
    pub(crate) fn new(path: &'p str, shape: &'p [usize], weights: LayerWeights<'p, 'w>, settings: toml::Table) -> Self {
        Self { path, shape, weights, kind: "", settings }
    }

    /// The keys of the layer as its kind knows them.
    fn settings<T: DeserializeOwned>(&mut self) -> Result<T, NetworkError> {
        let table = std::mem::take(&mut self.settings);
        table.try_into().map_err(|error: toml::de::Error| self.problem(error.to_string().trim().replace('\n', " ")))
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

/// Makes a layer of this kind.
pub(crate) fn build(mut parts: Parts<'_, '_>, kind: &str) -> Result<Built, NetworkError> {
    let names = || KINDS.iter().map(|kind| kind.name);
    let Some(known) = KINDS.iter().find(|known| known.name == kind) else {
        return Err(NetworkError::UnknownKind {
            layer: parts.path.to_owned(),
            kind: kind.to_owned(),
            known: listed(names()),
            hint: did_you_mean(kind, names()),
        });
    };
    parts.kind = known.name;
    (known.build)(parts)
}

/// Kernels count over stretches of so many lanes: a count of 32 bits vectorizes, and cannot overflow within one.
const STRETCH: usize = 4096;
