//! The native network: a graph of layers, run step by step and driven by spikes.
//!
//! A network comes from a declarative file with safetensors weights ([`Network::load`]) or from Rust
//! ([`Network::builder`]). Every sample starts from rest, unless the network carries its state from each to the next.
//!
//! # Network files
//!
//! ```toml
//! format = "neurobench-network"
//! version = 1
//! weights = "weights.safetensors"   # relative to this file; may be left out if no layer stores anything
//! input_shape = [8, 8]              # one sample at one time step
//! time_steps = true                 # inputs are [batch, step, ..input_shape]; false, the default: [batch, ..input_shape]
//! # carries_state = true            # instead of it: samples are the steps of a sequence, [step, ..input_shape]
//! # dtype = "f64"                   # double precision; "f32", the default: single
//! # output = "encoder.0"            # the layer whose outputs are the network's; the last, if left out
//!
//! [[layers]]
//! path = "encoder.0"                # the full path; the layer's tensors are `encoder.0.weight` and so on
//! kind = "linear"                   # and the keys of that kind
//! in_features = 64
//! out_features = 128
//! ```
//!
//! | kind | keys | tensors |
//! |---|---|---|
//! | `relu`, `sigmoid`, `tanh`, `identity` | none | none |
//! | `leaky_relu` | `negative_slope` (0.01) | none |
//! | `gelu` | `approximate` = `"none"` (the default) or `"tanh"` | none |
//! | `flatten` | `start_axis` (0) and `end_axis` (-1), which become one with all between them | none |
//! | `reshape` | `shape` | none |
//! | `concatenate`, whose inputs are not added but lie one after the other | `axis` (0) | none |
//! | `constant`, with `inputs = []` | `value`, a number or a list (of lists) of them; `shape` (as `value`) | none |
//! | `linear` | `in_features`, `out_features` | `weight` \[out, in\], `bias` \[out\] if there is one |
//! | `leaky` | `reset` = `"subtract"`, `"zero"` or `"none"`; `beta` and `threshold` unless they are tensors; `output` = `"spikes"` (the default) or `"membrane"` | `beta`, `threshold`, `graded_spikes_factor`, `reset_mechanism_val`, as snnTorch stores them |
//! | `synaptic` | as `leaky`; `alpha` unless it is a tensor | `alpha`, and those of `leaky` |
//! | `lapicque` | as `leaky`; `R` and `C`, or `beta`, and `time_step` (1 if left out), unless they are tensors | `R`, `C`, `time_step`, and those of `leaky` |
//! | `integrator`, `leaky_integrator`, `integrate_and_fire`, `leaky_integrate_and_fire` | `dt` in seconds, and `dynamics`: a [`Simulator`], as `"norse"`, or a [`StepRule`] as a table; and unless they are tensors, of `r`, `tau`, `v_leak` (0), `v_threshold` and `v_reset` (0) those that the kind has, as in NIR | the same |
//! | `current_based_leaky_integrator`, `current_based_leaky_integrate_and_fire` | as before, with `tau_syn` and `tau_mem` in place of `tau`, and `w_in` (1) | the same |
//! | `threshold` (1 where inputs are above it, else 0) | `threshold`, unless it is a tensor | `threshold` |
//! | `scale` (a factor for each input, or one) | `scale`, unless it is a tensor | `scale` |
//! | `delay` | `steps`, a number or a list with one for each input | none |
//! | `conv1d`, `conv2d`, `conv3d` | `in_channels`, `out_channels`, `kernel_size`; `stride` (1), `padding` (0, or `"same"` or `"valid"`), `dilation` (1), `groups` (1) | `weight` \[out, in / groups, taps..\], `bias` \[out\] if there is one |
//! | `conv_transpose1d`, `conv_transpose2d` | as of convolutions, without names for `padding`; `output_padding` (0) | `weight` \[in, out / groups, taps..\], `bias` \[out\] if there is one |
//! | `max_pool1d`, `max_pool2d` | `kernel_size`; `stride` (as `kernel_size`), `padding` (0), `dilation` (1), `ceil_mode` (false) | none |
//! | `avg_pool1d`, `avg_pool2d` | `kernel_size`; `stride` (as `kernel_size`), `padding` (0), `ceil_mode` (false), `count_include_pad` (true) | none |
//! | `sum_pool1d`, `sum_pool2d` | `kernel_size`; `stride` (as `kernel_size`), `padding` (0) | none |
//! | `adaptive_avg_pool1d`, `adaptive_avg_pool2d`, `adaptive_max_pool1d`, `adaptive_max_pool2d` | `output_size` | none |
//! | `batch_norm1d`, `batch_norm2d`, `batch_norm3d` | `num_features`; `eps` (1e-5) | `weight` and `bias` if there are any, `running_mean`, `running_var`, all \[features\]; `num_batches_tracked` \[\] as `I64` if there is one |
//! | `layer_norm` | `normalized_shape`, the last axes; `eps` (1e-5) | `weight` and `bias`, each if there is one, both of this shape |
//! | `dropout` | `p`, which changes nothing at inference | none |
//! | `softmax`, `log_softmax` | `axis` (-1) | none |
//! | `embedding`, whose inputs are numbers of rows | `num_embeddings`, `embedding_dim` | `weight` \[num_embeddings, embedding_dim\] |
//! | `alpha` | as `synaptic` | as `synaptic` |
//! | `rleaky` | as `leaky`; `V` unless there are tensors | `V`, a number or one for each neuron, or `recurrent.weight` \[neurons, neurons\] and `recurrent.bias` \[neurons\] if there is one, or those of a convolution, \[channels, channels, taps, taps\] and \[channels\]; those of `leaky` |
//! | `rsynaptic` | as `synaptic`, and `V` | as `rleaky`; `alpha` |
//! | `radlif` | `alpha`, `beta`, `a`, `b` unless they are tensors; `threshold` (1); `output` | `alpha`, `beta`, `a`, `b`; `V` or `V.weight` \[from, to\], whose diagonal counts for nothing |
//! | `sliding_window` (sums of the last steps; silent before there were so many) | `steps` | `buffer` \[rows, ..inputs\] of zeros, which counts in the footprint alone, if there is one |
//! | `rnn_cell`, `lstm_cell`, `gru_cell` | `input_size`, `hidden_size`; `nonlinearity` of `rnn_cell` = `"tanh"` (the default) or `"relu"` | `weight_ih` \[gates·hidden, input\], `weight_hh` \[gates·hidden, hidden\], `bias_ih` and `bias_hh` \[gates·hidden\] if there are any; gates in PyTorch's order |
//! | `rnn`, `lstm`, `gru` | as the cells; `num_layers` (1), `bidirectional` (false) | as the cells, each name followed by `_l0`, `_l0_reverse`, `_l1` and so on |
//! | `low_pass` | `rate`; `initial` (0), a number or a list | none |
//!
//! Keys in brackets behind their names are what holds if the key is left out. Convolutions and pooling take samples of shape
//! \[channels, length\], \[channels, height, width\] or \[channels, depth, height, width\]; `kernel_size`, `stride`, `padding`,
//! `output_padding`, `dilation` and `output_size` are a number for all axes, or a list with one for each, as `[3, 5]`. An `axis`
//! is one of a sample at one step; negative ones count from the last.
//!
//! The recurrent weights of `rleaky` and `rsynaptic` are a layer of their own to the metrics, `recurrent` below the path, and
//! those of `radlif` are `V`: connections whose inputs are the spikes of the step before. A number `V` is a parameter of the
//! neurons, not a connection: it has no operations and no part in connection sparsity.
//!
//! Recurrent layers go step by step where the network has time, in one direction. Where it has none, `rnn`, `lstm` and `gru`
//! take a whole sequence, \[length, input\], and give \[length, hidden·directions\]; cells make one step from rest. Their
//! operations are the pairs of a non-zero weight and a non-zero number on it, in the sums of inputs and of state, and the
//! products of gates and states where neither factor is zero: `f·c`, `i·g`, `o·tanh(c)` of LSTM, `r·u_n`, `(1 - z)·n`, `z·h` of
//! GRU. A gate is zero if no term of its sums, biases among them, is other than zero. Dense operations follow from shapes alone:
//! `gates·hidden·(input + hidden)`, and three for each unit of LSTM and GRU. They are accumulates if all inputs of every layer
//! are −1, 0 or 1, whatever the state.
//!
//! An update of a membrane takes so many operations, with reset by subtraction, to zero and without (the first two of the first
//! four kinds are NeuroBench 2.3.0's; without a reset there are two fewer than with subtraction):
//!
//! | kind | subtract | zero | none |
//! |---|---|---|---|
//! | `leaky` | 4 | 4 | 2 |
//! | `synaptic` | 6 | 8 | 4 |
//! | `lapicque` | 11 | 11 | 9 |
//! | `alpha` | 18 | 24 | 16 |
//! | `rleaky`, and one more with a `V` of its own | 5 | 5 | 3 |
//! | `rsynaptic`, and one more with a `V` of its own | 7 | 7 | 5 |
//! | `radlif`, which has no reset to choose | 12 | | |
//!
//! Those of NIR take as many as the [`StepRule`] has multiplications, divisions, additions and subtractions. Comparisons are none
//! in either table, and constants are ready before the run.
//!
//! | kind | without a reset | to zero, or subtract | to `v_reset` |
//! |---|---|---|---|
//! | `integrator`: `v + gain·x` | 2 | | |
//! | `leaky_integrator`: `(keep·v + gain·x) + rest` | 4 | | |
//! | `current_based_leaky_integrator`: and `keep·i + gain·x` | 7 | | |
//! | `integrate_and_fire` | 2 | 4 | 5 |
//! | `leaky_integrate_and_fire` | 4 | 6 | 7 |
//! | `current_based_leaky_integrate_and_fire` | 7 | 9 | 10 |
//!
//! A reset is `v - s·v_threshold`, `(1 - s)·v` or `v - s·(v - v_reset)` with the spikes `s`. Where there may be several in a
//! step, to number them is one more operation with a threshold that is reached (`⌊v/v_threshold⌋`), two with one that is passed
//! (`⌈v/v_threshold⌉ - 1`). A `threshold` only compares: it has no membrane, and no operations.
//!
//! Every tensor of the weights file must belong to a layer, and be stored as the network computes, `F32` or `F64`, or in
//! a narrower type (`F16`, `BF16`, integers of 8 and 16 bits; in double precision also `F32` and integers of 32 bits), whose
//! numbers are taken as they are. Constants of neurons may be any of these, or `I64`, if the network's precision holds them
//! exactly.
//!
//! ## How layers are connected
//!
//! A layer takes what the one before it in the file gives, and the first one the network's input, unless `inputs` says
//! otherwise. This layer of neurons also takes its own spikes, by way of `back`:
//!
//! ```toml
//! format = "neurobench-network"
//! version = 1
//! weights = "weights.safetensors"
//! input_shape = [64]
//! time_steps = true
//!
//! [[layers]]
//! path = "forth"
//! kind = "linear"
//! in_features = 64
//! out_features = 32
//!
//! [[layers]]
//! path = "back"
//! kind = "linear"
//! inputs = ["neurons"]              # a later layer: what it gave at the step before
//! input_shape = [32]                # said by no layer so far
//! in_features = 32
//! out_features = 32
//!
//! [[layers]]
//! path = "neurons"
//! kind = "leaky"
//! inputs = ["forth", "back"]        # the sum of both
//! beta = 0.9
//! threshold = 1.0
//! reset = "subtract"
//! ```
//!
//! * Names are paths of layers; `"input"` is the network's input.
//! * Several inputs have one shape, and are added one after the other in the order of the list, each sum rounded; only
//!   `concatenate` does otherwise. To add is no synaptic operation.
//! * The layer itself, or one that comes later in the file, stands for its outputs at the step before. Before the first step
//!   they are zeros, or the `initial` of `low_pass`. This takes a network with time. If all inputs of a layer come later,
//!   `input_shape` says their shape; otherwise it may be left out.
//! * A `sliding_window` is silent until it has seen enough steps. Until then no layer behind it runs: nothing is counted of
//!   them, their state stays at rest, an earlier layer that takes from them is given what they gave before the first step, and
//!   the network's outputs are zeros if they come from there. Silence goes forward only: what such a layer feeds back to does
//!   run, for a loop that waited for its own window would never begin.
//!
//! # The same bits everywhere
//!
//! A network computes in single or in double precision throughout; inputs of another kind become the nearest such numbers.
//! Sums go over inputs in ascending order, no multiplication is fused with an addition (but where a layer's constants are made, if
//! it says so), and functions such as the exponential are those of the Rust crate `libm` instead of the platform's. So results
//! depend neither on batches and threads nor on the machine:
//!
//! * Weighted sums are made in two ways. Where few inputs of a row are other than zero, as spikes are, only their weights are
//!   touched; where many are, several rows or positions go through all weights together. Either adds the same products in the
//!   same order: those with zero change no sum.
//! * Where networks spend their time, in weighted sums, convolutions, pooling of windows side by side, batch normalisation,
//!   `relu`, `leaky_relu`, `leaky`, `synaptic`, `lapicque` and `alpha`, layers are compiled for each [`InstructionSet`], with
//!   lanes over outputs, so that no sum is taken apart. The fastest that the machine has is chosen when a network is made;
//!   [`Network::with_instruction_set`] chooses another.
//!
//! # A new kind of layer
//!
//! It is a file in `layers/`, a line in `KINDS` there, a row in the table above, and a case among the networks that PyTorch or
//! snnTorch ran (`tests/data/layers/record_layers.py`).

mod aligned;
mod builder;
mod error;
mod file;
mod graph;
mod kernel;
mod layers;
mod matrix;
mod real;
mod session;
mod weights;

use std::fmt;
use std::path::Path;

use sha2::{Digest, Sha256};

pub use crate::instructions::InstructionSet;
pub use builder::NetworkBuilder;
pub use error::{NetworkError, TensorError};
pub use layers::{AlphaConfig, RadLifConfig, SpikeFeedback};
pub use layers::{BatchNormConfig, ConvConfig, ConvTransposeConfig, Extent, LayerNormConfig, Padding, PoolConfig};
pub use layers::{Constant, LapicqueConfig, LeakyConfig, NeuronOutput, Reset, SynapticConfig};
pub use layers::{
    Current, Dynamics, Integration, IntegratorConfig, Simulator, Spikes, StepReset, StepRule, UnknownDynamics, When,
};
pub use layers::{Nonlinearity, RecurrentWeights};

use crate::instructions::Instructions;
use crate::model::{Dtype, Layer, Model, ModelError, Session};
pub(crate) use crate::network::file::{Description, Precision, Time};
#[cfg(feature = "nir")]
pub(crate) use crate::network::file::{LayerEntry, integer, integers, load_described};
use crate::network::graph::{Assembled, Graph};
use crate::network::session::NetworkSession;
pub(crate) use crate::network::weights::{Weights, stored_dtype};

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

    /// What to do about inputs of one step where there should be several.
    fn hint(&self, shape: &[usize]) -> &'static str {
        match shape {
            [_, rest @ ..] if self.time == Time::Steps && self.takes(rest) => {
                "; the preprocessor `repeat_over_time` makes steps of inputs without"
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
