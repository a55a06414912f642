//! The native network: a graph of layers, run step by step and driven by spikes.
//!
//! A network comes from a declarative file with safetensors weights ([`Network::load`]) or from Rust
//! ([`Network::builder`]). Every sample starts from rest, unless the network carries its state from each to the next.
//!
//! Builders and files mean the same by the same words: the keys below are [`LeakyConfig`], [`ConvConfig`] and the like in Rust,
//! `dynamics` is [`Dynamics`], a [`Simulator`] or a [`StepRule`]; sets of instructions are [`InstructionSet`].
//!
#![doc = include_str!("../docs/network-files.md")]
//!
//! # A new kind of layer
//!
//! It is a file in `layers/`, a line in `KINDS` there, a row in the table above (`docs/network-files.md`), and a case among the
//! networks that PyTorch or snnTorch ran (`tests/data/layers/record_layers.py`).

mod aligned;
mod builder;
mod error;
mod file;
mod format_component;
mod graph;
mod kernel;
mod layers;
mod matrix;
mod real;
mod session;
mod weights;

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use builder::NetworkBuilder;
pub use error::{NetworkError, TensorError};
pub use format_component::{NetworkFormat, network};
pub use layers::{AlphaConfig, RadLifConfig, SpikeFeedback};
pub use layers::{BatchNormConfig, ConvConfig, ConvTransposeConfig, Extent, LayerNormConfig, Padding, PoolConfig};
pub use layers::{Constant, LapicqueConfig, LeakyConfig, NeuronOutput, Reset, SynapticConfig};
pub use layers::{
    Current, Dynamics, Integration, IntegratorConfig, Simulator, Spikes, StepReset, StepRule, UnknownDynamics, When,
};
pub use layers::{Nonlinearity, RecurrentWeights};
pub use neurobench_core::instructions::InstructionSet;

use crate::file::{Description, Precision, Time};
use crate::graph::{Assembled, Graph};
use crate::session::NetworkSession;
use crate::weights::Weights;
use neurobench_core::instructions::Instructions;
use neurobench_core::model::{Dtype, Layer, Model, ModelError, Session};

/// Network files as data, for what converts networks from and to other formats.
pub mod format {
    pub use crate::file::{Description, LayerEntry, Precision, Time, integer, integers, load_described};
    pub use crate::weights::{Weights, stored_dtype};
}

/// How many numbers a layer may take or give for one sample at one step: 2²⁶, 67 million, as much as a frame of a million pixels
/// with 64 channels. A slip in a size is told before memory runs out: some layers keep tables of 24 bytes and more for each.
pub(crate) const MOST_ELEMENTS: usize = 1 << 26;

/// A network of layers.
///
/// With time steps it takes `[batch, step, ..]` and gives `[batch, step, ..]`, else `[batch, ..]` and `[batch, ..]`, where the
/// batch is the steps of a sequence if the network [carries its state](Model::carries_state). The outputs are `f32`, or `f64`
/// of a network in double precision, and inputs of another kind are converted to the nearest such numbers. The trailing axes of
/// the inputs must be [`input_shape`](Self::input_shape); where every layer that takes them is a `flatten` of all axes, they
/// may be any with as many elements.
///
/// ```
/// use ndarray::array;
/// use neurobench::metric::Needs;
/// use neurobench::model::{Model, Probe, Tensor};
/// use neurobench::network::{LeakyConfig, Network};
///
/// let network = Network::builder([2])
///     .time_steps(true)
///     .linear("1", array![[0.5, 0.25]], None)
///     .leaky("2", LeakyConfig::new(0.5))
///     .build()?;
/// let mut probe = Probe::new(Needs::ACTIVATION_COUNTS, network.layers());
/// let mut outputs = Tensor::default();
/// // The membrane: 0.75, 1.125 (a spike), 0.5 · 1.125 + 0.75 - 1.
/// let inputs = Tensor::from(array![[[1.0_f32, 1.0], [1.0, 1.0], [1.0, 1.0]]]);
/// network.session().forward(&inputs, &mut probe, &mut outputs)?;
/// assert_eq!(outputs, Tensor::from(array![[[0.0_f32], [1.0], [0.0]]]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Network {
    layers: Vec<Layer>,
    /// The shape of each layer's outputs.
    shapes: Vec<Vec<usize>>,
    computes: Computes,
    input_shape: Vec<usize>,
    /// The path of the layer whose outputs are the network's.
    output: String,
    output_shape: Vec<usize>,
    /// Whether the trailing axes of the inputs may have any shape of as many elements.
    any_shape: bool,
    time: Time,
    instructions: Instructions,
    fingerprint: String,
    files: Vec<PathBuf>,
}

/// What a network computes, and in which kind of numbers.
enum Computes {
    Single(Graph<f32>),
    Double(Graph<f64>),
}

impl Network {
    /// Loads a network file, and the weights file that it names.
    ///
    /// The [fingerprint](Model::fingerprint) is the SHA-256 of the bytes of the network file followed by those of the weights
    /// file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, an unknown key or layer kind, a layer that does not fit the one before, and tensors that
    /// are missing, of another shape or type, not finite, or used by no layer.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        file::load(path.as_ref())
    }

    /// Begins a network for inputs of this shape: one sample at one time step.
    #[must_use]
    pub fn builder(input_shape: impl Into<Vec<usize>>) -> NetworkBuilder {
        NetworkBuilder::new(input_shape.into())
    }

    /// The shape of one sample of the inputs at one time step.
    #[must_use]
    pub fn input_shape(&self) -> &[usize] {
        &self.input_shape
    }

    /// The shape of one sample of the outputs at one time step.
    #[must_use]
    pub fn output_shape(&self) -> &[usize] {
        &self.output_shape
    }

    /// The shape of the outputs of each of the [layers](Model::layers), for one sample at one time step.
    pub fn layer_shapes(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.shapes.iter().map(Vec::as_slice)
    }

    /// The path of the layer whose outputs are the network's.
    #[must_use]
    pub fn output(&self) -> &str {
        &self.output
    }

    /// What the network computes in, and gives: `F32` or `F64`.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        match self.computes {
            Computes::Single(_) => Dtype::F32,
            Computes::Double(_) => Dtype::F64,
        }
    }

    /// Whether the second axis of inputs and outputs is time.
    #[must_use]
    pub fn has_time_steps(&self) -> bool {
        self.time == Time::Steps
    }

    /// The same network with these instructions instead of the fastest that the machine has; nothing if it lacks them. The
    /// results are the same, bit for bit.
    #[must_use]
    pub fn with_instruction_set(mut self, set: InstructionSet) -> Option<Self> {
        self.instructions = Instructions::new(set)?;
        Some(self)
    }

    /// The same network with the files from which it was read, for [`Model::files`].
    #[must_use]
    pub fn with_files(mut self, files: impl Into<Vec<PathBuf>>) -> Self {
        self.files = files.into();
        self
    }

    /// Makes the layers and connects them.
    fn assemble(description: Description, mut weights: Weights<'_>, fingerprint: String) -> Result<Self, NetworkError> {
        check_input_shape(&description.input_shape)?;
        let Description { time, precision, .. } = description;
        let input_shape = description.input_shape.clone();
        let weights = &mut weights;
        let of = |computes, layers, shapes, (output, output_shape), any_shape| {
            let instructions = Instructions::fastest();
            Self {
                layers,
                shapes,
                computes,
                input_shape,
                output,
                output_shape,
                any_shape,
                time,
                instructions,
                fingerprint,
                files: Vec::new(),
            }
        };
        let network = match precision {
            Precision::F32 => {
                let Assembled { graph, layers, shapes, output, output_shape, any_shape } =
                    graph::assemble(description, weights)?;
                of(Computes::Single(graph), layers, shapes, (output, output_shape), any_shape)
            }
            Precision::F64 => {
                let Assembled { graph, layers, shapes, output, output_shape, any_shape } =
                    graph::assemble(description, weights)?;
                of(Computes::Double(graph), layers, shapes, (output, output_shape), any_shape)
            }
        };
        weights.check_all_claimed()?;
        Ok(network)
    }

    /// The samples and steps of inputs of this shape.
    fn samples_and_steps(&self, shape: &[usize]) -> Result<(usize, usize), ModelError> {
        let counted = match (self.time, shape) {
            (Time::Steps, [samples, steps, rest @ ..]) => Some((*samples, *steps, rest)),
            (Time::None | Time::Samples, [samples, rest @ ..]) => Some((*samples, 1, rest)),
            _ => None,
        };
        match counted {
            Some((_, 0, rest)) if self.takes(rest) => {
                Err(ModelError::Other(format!("inputs of shape {shape:?} have no time steps")))
            }
            Some((samples, steps, rest)) if self.takes(rest) => Ok((samples, steps)),
            _ => Err(ModelError::InputShape { found: shape.to_vec(), expected: self.expected() + self.hint(shape) }),
        }
    }

    /// What to do about inputs of one step where there should be several, and of several where there should be one.
    fn hint(&self, shape: &[usize]) -> &'static str {
        match shape {
            [_, rest @ ..] if self.time == Time::Steps && self.takes(rest) => {
                "; the preprocessor `repeat_over_time` makes steps of inputs without"
            }
            [_, _, rest @ ..] if self.time == Time::None && self.takes(rest) => {
                "; if the second axis is time, the network must have time steps: `time_steps = true` in its file"
            }
            _ => "",
        }
    }

    fn takes(&self, shape: &[usize]) -> bool {
        shape == self.input_shape || (self.any_shape && elements(shape) == elements(&self.input_shape))
    }

    fn expected(&self) -> String {
        let mut axes = String::from(if self.time == Time::Steps { "[batch, step" } else { "[batch" });
        for axis in &self.input_shape {
            axes.push_str(&format!(", {axis}"));
        }
        let or = if self.any_shape { " or any shape of as many elements" } else { "" };
        axes + "]" + or
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = |layer: &Layer| format!("{} {}", layer.path(), layer.type_name());
        let layers: Vec<String> = self.layers.iter().map(layer).collect();
        f.debug_struct("Network")
            .field("input_shape", &self.input_shape)
            .field("layers", &layers)
            .finish_non_exhaustive()
    }
}

impl Model for Network {
    fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn session(&self) -> Box<dyn Session + '_> {
        match &self.computes {
            Computes::Single(graph) => Box::new(NetworkSession::new(self, graph, self.instructions)),
            Computes::Double(graph) => Box::new(NetworkSession::new(self, graph, self.instructions)),
        }
    }

    fn carries_state(&self) -> bool {
        self.time == Time::Samples
    }

    fn fingerprint(&self) -> Option<String> {
        Some(self.fingerprint.clone())
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }
}

fn elements(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn check_input_shape(shape: &[usize]) -> Result<(), NetworkError> {
    match wrong_shape(shape) {
        Some(problem) => Err(NetworkError::InputShape { shape: shape.to_vec(), problem }),
        None => Ok(()),
    }
}

/// What is wrong with a shape of inputs that a file says.
fn wrong_shape(shape: &[usize]) -> Option<&'static str> {
    match shape.iter().try_fold(1_usize, |product, axis| product.checked_mul(*axis)) {
        Some(0) => Some("has an axis of length 0"),
        Some(elements) if elements <= MOST_ELEMENTS => None,
        _ => Some("has too many elements"),
    }
}

/// `sha256:` and the hexadecimal digest of the parts, one after the other.
fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    finish(digest)
}

fn finish(digest: Sha256) -> String {
    let hex = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256:{hex}")
}
