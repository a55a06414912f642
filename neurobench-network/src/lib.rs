//! Native networks: graphs of layers that run step by step and are driven by spikes.
//!
//! A network is loaded from a declarative file with safetensors weights ([`Network::load`]) or built in Rust
//! ([`Network::builder`]). Every sample starts from rest, unless the network carries its state from each sample to the next.
//!
//! Builders and files use the same names: the keys below are fields of [`LeakyConfig`], [`ConvConfig`] and so on in Rust, and
//! `dynamics` is [`Dynamics`], a [`Simulator`] or a [`StepRule`]. [`InstructionSet`] is the instruction set of the kernels.
//!
#![doc = include_str!("../docs/network-files.md")]
//!
//! # A new kind of layer
//!
//! A kind is a struct with its settings, a generic function that builds it, and a line [`layer!`] that registers both, in any
//! crate that is linked into the program; [`mod@layer`] has the types that it needs.
//!
//! A kind of this crate is one file in `layers/`. It also needs a case among the networks recorded with PyTorch or snnTorch
//! (`tests/data/layers/record_layers.py`). The table of kinds above and the page of layers are generated.

// The macros' expansions say `::neurobench`.
extern crate neurobench_core as neurobench;

mod aligned;
mod builder;
mod error;
mod file;
mod fingerprint;
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

pub use builder::NetworkBuilder;
pub use error::{NetworkError, TensorError};
pub use format_component::{NetworkFormat, network};
pub use layers::{AlphaConfig, RadLifConfig, SpikeFeedback};
pub use layers::{BatchNormConfig, ConvConfig, ConvTransposeConfig, Extent, LayerNormConfig, Padding, PoolConfig};
pub use layers::{Constant, LapicqueConfig, LeakyConfig, NeuronOutput, Reset, SynapticConfig};
pub use layers::{
    Current, Dynamics, Integration, IntegratorConfig, Simulator, Spikes, StepReset, StepRule, StepTiming,
    UnknownDynamics,
};
pub use layers::{Nonlinearity, RecurrentWeights};
pub use neurobench_core::instructions::InstructionSet;
pub use weights::ExpectedTensor;

use crate::file::{Description, Precision, Time};
use crate::graph::{Assembled, Graph};
use crate::session::NetworkSession;
use crate::weights::Weights;
use neurobench_core::Settings;
use neurobench_core::instructions::Instructions;
use neurobench_core::model::{Dtype, Layer, Model, ModelError, ModelStructure, Session};
use neurobench_core::process::RepeatOverTime;

pub mod layer {
    //! The parts of a layer, for layers of your own; see [`layer!`](crate::layer!).
    //!
    //! The function that builds a layer receives its settings and its [`Parts`]: the path, the shape of the inputs, and the tensors,
    //! which it claims by [`Parts::required_tensor`] and [`Parts::optional_tensor`]. It returns a [`BuiltLayer`]: a
    //! [`Layer`](neurobench_core::model::Layer), which describes the layer to the metrics, and a [`Kernel`], which computes it for any
    //! [`Real`].
    //!
    //! A kernel reports to the metrics through its [`Hook`]: [`Hook::activations`] for layers that are described by
    //! `Layer::activation` or `Layer::neuron`, [`Hook::connections`] for `Layer::connection`, and [`Hook::membranes`] for
    //! `Layer::neuron`. The network itself reports the inputs of activations and the outputs of connections. A kernel that
    //! has membranes before the reset, synaptic currents or a recurrent state reports them by [`Hook::report`], and its layer
    //! declares them by `Layer::with_hook_point`; metrics that need them refuse a layer of neurons without.

    pub use crate::error::{NetworkError, TensorError};
    pub use crate::kernel::{Hook, Kernel, Workspace};
    pub use crate::layer;
    pub use crate::layers::{Axis, BuiltLayer, Extent, Joins, Layers, Parts, layers};
    pub use crate::real::Real;
    pub use crate::weights::ClaimedTensor;
}

/// Names used by the expansion of [`layer!`]. Not for use by hand: they change without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::layers::{LayerConstructor, LayerRegistration, build_from, joins_from};
    pub use neurobench_core::__private::inventory;
    pub use neurobench_core::component::{About, Registration, Settings};
}

/// Network files as data, for what converts networks from and to other formats.
pub mod format {
    pub use crate::file::{Description, LayerEntry, Precision, Time, integer, integers, load_described};
    pub use crate::weights::{Weights, stored_dtype};
}

/// Maximum number of inputs or outputs of a layer for one sample at one step: 2²⁶, 67 million, as many as a frame of a million
/// pixels with 64 channels. A mistake in a size is reported before memory runs out: some layers need tables of 24 bytes and more
/// for each number.
pub(crate) const MOST_ELEMENTS: usize = 1 << 26;

/// Advice about inputs whose axes have the right lengths in a wrong order.
const OTHER_ORDER: &str = "; the axes are in another order: transpose the inputs";

/// A network of layers.
///
/// The shape of inputs and outputs is `[batch, step, ..]` with time steps and `[batch, ..]` without. If the network
/// [carries its state](Model::carries_state), the samples of a batch are the steps of a sequence. The outputs are `f32`, or `f64`
/// if the network computes in double precision, and inputs of another type are rounded to that type. The trailing axes of the
/// inputs must be [`input_shape`](Self::input_shape); if every layer that takes them is a `flatten` of all axes, any shape with
/// the same number of elements is accepted, except that shape with its axes in another order. A wrong order that does not
/// change the shape remains unseen: `[batch, channel, step]` as `[batch, step, channel]`, if both axes are as long.
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
    /// Shape of the outputs of each layer.
    shapes: Vec<Vec<usize>>,
    graph: TypedGraph,
    input_shape: Vec<usize>,
    /// Path of the layer whose outputs are the network's outputs.
    output: String,
    output_shape: Vec<usize>,
    /// True if the trailing axes of the inputs may have any shape with the right number of elements.
    any_shape: bool,
    time: Time,
    instructions: Instructions,
    fingerprint: String,
    files: Vec<PathBuf>,
    notes: Vec<String>,
}

/// The graph of a network in its precision.
enum TypedGraph {
    Single(Graph<f32>),
    Double(Graph<f64>),
}

impl Network {
    /// Loads a network file and its weights file.
    ///
    /// The [fingerprint](Model::fingerprint) is the SHA-256 of the bytes of the network file followed by those of the weights
    /// file.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read, if a key or a layer kind is unknown, if a layer does not fit the one before, or if a tensor
    /// is missing, has the wrong shape or type, is not finite, or is used by no layer.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        file::load(path.as_ref())
    }

    /// Returns the tensors that a network file takes from its weights file, in the order of the layers, without reading the
    /// weights.
    ///
    /// ```
    /// use neurobench::network::Network;
    /// let tensors = Network::expected_tensors("../examples/digits/network.toml")?;
    /// assert_eq!((tensors[0].name.as_str(), tensors[0].shape.as_slice()), ("1.weight", [128, 64].as_slice()));
    /// assert!(tensors[0].required);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the network file cannot be read, if a key or a layer kind is unknown, or if a layer does not fit the one before.
    pub fn expected_tensors(path: impl AsRef<Path>) -> Result<Vec<ExpectedTensor>, NetworkError> {
        file::expected_tensors(path.as_ref())
    }

    /// Returns the key `weights` of a network file: its weights file, relative to the folder of the network file.
    ///
    /// # Errors
    ///
    /// Fails if the network file cannot be read, or if a key is unknown.
    pub fn weights_file(path: impl AsRef<Path>) -> Result<Option<PathBuf>, NetworkError> {
        file::weights_file(path.as_ref())
    }

    /// Creates a builder for inputs of this shape, for one sample at one time step.
    #[must_use]
    pub fn builder(input_shape: impl Into<Vec<usize>>) -> NetworkBuilder {
        NetworkBuilder::new(input_shape.into())
    }

    /// Shape of the inputs, for one sample at one time step.
    #[must_use]
    pub fn input_shape(&self) -> &[usize] {
        &self.input_shape
    }

    /// Shape of the outputs, for one sample at one time step.
    #[must_use]
    pub fn output_shape(&self) -> &[usize] {
        &self.output_shape
    }

    /// Shapes of the outputs of the [layers](Model::layers), for one sample at one time step.
    pub fn layer_shapes(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.shapes.iter().map(Vec::as_slice)
    }

    /// Path of the layer whose outputs are the network's outputs.
    #[must_use]
    pub fn output(&self) -> &str {
        &self.output
    }

    /// Type of the computation and of the outputs: `F32` or `F64`.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        match self.graph {
            TypedGraph::Single(_) => Dtype::F32,
            TypedGraph::Double(_) => Dtype::F64,
        }
    }

    /// Returns true if the second axis of inputs and outputs is time.
    #[must_use]
    pub fn has_time_steps(&self) -> bool {
        self.time == Time::Steps
    }

    /// Selects an instruction set instead of the fastest one; `None` if the machine does not support it. The results are the
    /// same, bit for bit.
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

    /// Builds the layers and connects them.
    fn assemble(description: Description, mut weights: Weights<'_>, fingerprint: String) -> Result<Self, NetworkError> {
        check_input_shape(&description.input_shape)?;
        let Description { time, precision, .. } = description;
        let input_shape = description.input_shape.clone();
        let weights = &mut weights;
        let network = |graph, layers, shapes, (output, output_shape), any_shape| {
            let instructions = Instructions::fastest();
            Self {
                layers,
                shapes,
                graph,
                input_shape,
                output,
                output_shape,
                any_shape,
                time,
                instructions,
                fingerprint,
                files: Vec::new(),
                notes: Vec::new(),
            }
        };
        let network = match precision {
            Precision::F32 => {
                let Assembled { graph, layers, shapes, output, output_shape, any_shape } =
                    graph::assemble(description, weights)?;
                network(TypedGraph::Single(graph), layers, shapes, (output, output_shape), any_shape)
            }
            Precision::F64 => {
                let Assembled { graph, layers, shapes, output, output_shape, any_shape } =
                    graph::assemble(description, weights)?;
                network(TypedGraph::Double(graph), layers, shapes, (output, output_shape), any_shape)
            }
        };
        weights.check_all_claimed()?;
        Ok(network)
    }

    /// Numbers of samples and steps of inputs of this shape.
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
            _ => Err(ModelError::InputShape { found: shape.to_vec(), expected: self.expected() + &self.hint(shape) }),
        }
    }

    /// Suggestion for inputs that lack the time axis, or have one although the network has no time steps.
    fn hint(&self, shape: &[usize]) -> String {
        match shape {
            [_, rest @ ..] if self.time == Time::Steps && self.takes(rest) => {
                format!("; the preprocessor `{}` adds time steps", RepeatOverTime::ABOUT.name)
            }
            [_, _, rest @ ..] if self.time == Time::None && self.takes(rest) => {
                "; if the second axis is time, the network must have time steps: `time_steps = true` in its file"
                    .to_owned()
            }
            [_, rest @ .., _] if self.time == Time::Steps && self.takes(rest) => {
                "; if the last axis is time, save the inputs with time as the second: `numpy.moveaxis(inputs, -1, 1)`"
                    .to_owned()
            }
            [_, _, rest @ ..] if self.time == Time::Steps && self.has_other_order(rest) => OTHER_ORDER.to_owned(),
            [_, rest @ ..] if self.time != Time::Steps && self.has_other_order(rest) => OTHER_ORDER.to_owned(),
            _ => String::new(),
        }
    }

    fn takes(&self, shape: &[usize]) -> bool {
        let has_elements = || elements(shape) == elements(&self.input_shape);
        shape == self.input_shape || (self.any_shape && has_elements() && !self.has_other_order(shape))
    }

    /// True for the axes of the input shape in another order. Axes of length 1 do not matter: they do not change the order of
    /// the elements.
    fn has_other_order(&self, shape: &[usize]) -> bool {
        // Without allocations: this is checked in every forward pass.
        let long = |shape: &[usize]| shape.iter().filter(|axis| **axis != 1).count();
        let count = |shape: &[usize], axis: usize| shape.iter().filter(|other| **other == axis).count();
        let is_same = shape.iter().filter(|axis| **axis != 1).eq(self.input_shape.iter().filter(|axis| **axis != 1));
        let is_permutation = long(shape) == long(&self.input_shape)
            && shape
                .iter()
                .filter(|axis| **axis != 1)
                .all(|axis| count(shape, *axis) == count(&self.input_shape, *axis));
        is_permutation && !is_same
    }

    fn expected(&self) -> String {
        let mut axes = String::from(if self.time == Time::Steps { "[batch, step" } else { "[batch" });
        for axis in &self.input_shape {
            axes.push_str(&format!(", {axis}"));
        }
        let or = if self.any_shape { " or any shape with as many elements" } else { "" };
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
        match &self.graph {
            TypedGraph::Single(graph) => Box::new(NetworkSession::new(self, graph, self.instructions)),
            TypedGraph::Double(graph) => Box::new(NetworkSession::new(self, graph, self.instructions)),
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

    fn structure(&self) -> ModelStructure {
        ModelStructure {
            input_shape: Some(self.input_shape.clone()),
            output_shape: Some(self.output_shape.clone()),
            layer_shapes: self.shapes.clone(),
            has_time_steps: self.has_time_steps(),
            dtype: Some(self.dtype()),
            output: Some(self.output.clone()),
        }
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
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

/// Describes the problem of an invalid input shape.
fn wrong_shape(shape: &[usize]) -> Option<&'static str> {
    match shape.iter().try_fold(1_usize, |product, axis| product.checked_mul(*axis)) {
        Some(0) => Some("has an axis of length 0"),
        Some(elements) if elements <= MOST_ELEMENTS => None,
        _ => Some("has too many elements"),
    }
}
