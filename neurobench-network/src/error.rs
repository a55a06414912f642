//! Why a network cannot be had.

use std::path::{Path, PathBuf};

use neurobench_core::files::FileKind;
use neurobench_core::model::Dtype;
use neurobench_core::names::shown;

/// Why a network cannot be loaded or built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A file that cannot be read.
    #[error("cannot read {}: {problem}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {problem}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
    /// A network file whose weights file cannot be named in it.
    #[error("cannot write {}: the name of the weights file beside it must be text", file.display())]
    FileName {
        /// The network file.
        file: PathBuf,
    },
    /// Any other error, with the file that it is in.
    #[error("{}: {problem}", file.display())]
    InFile {
        /// The network file or the weights file.
        file: PathBuf,
        /// What is wrong there.
        problem: Box<NetworkError>,
    },
    /// A file of another kind.
    #[error("not a network file; it looks like {found}")]
    Kind {
        /// What it is.
        found: FileKind,
    },
    /// Not TOML, or a key that the format does not have, or a value of another type.
    #[error("line {line}: {}", shown(problem))]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A file of another format.
    #[error("`format` is \"{}\", not \"{expected}\"", shown(found))]
    Format {
        /// What the file says.
        found: String,
        /// What a network file says.
        expected: &'static str,
    },
    /// A version that this release does not read.
    #[error("version {found} of the format is not known; this release reads version {supported}")]
    Version {
        /// What the file says.
        found: u64,
        /// What is read.
        supported: u64,
    },
    /// An input shape with an axis of length zero, or with more elements than can be counted.
    #[error("`input_shape` {shape:?} {problem}")]
    InputShape {
        /// The shape.
        shape: Vec<usize>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A network without layers.
    #[error("the network has no layers")]
    NoLayers,
    /// A method of the builder that is about the last layer that was added, before any was.
    #[error("`{method}` is about the layer that was added last, and none had been added")]
    BeforeLayers {
        /// The method.
        method: &'static str,
    },
    /// A layer that lacks a path or a kind, or whose path or kind is not text.
    #[error("layer number {number} (counted from 1): {}", shown(problem))]
    Unnamed {
        /// Its place, counted from 1.
        number: usize,
        /// What is wrong.
        problem: String,
    },
    /// A layer whose path means something else.
    #[error("a layer has the path `input`, which is what the network's input is called")]
    ReservedPath,
    /// A layer that gives more numbers than can be.
    #[error("layer `{}` gives outputs of shape {shape:?}: too many elements", shown(layer))]
    TooLarge {
        /// The path of the layer.
        layer: String,
        /// The shape of its outputs, for one sample at one step.
        shape: Vec<usize>,
    },
    /// Two layers of one path.
    #[error("layer `{}` is there twice: every layer needs a path of its own", shown(layer))]
    DuplicatePath {
        /// The path.
        layer: String,
    },
    /// A kind of layer that does not exist.
    #[error("layer `{}`: no layer kind `{}`; there are {known}{hint}", shown(layer), shown(kind))]
    UnknownKind {
        /// The path of the layer.
        layer: String,
        /// The kind, as written.
        kind: String,
        /// The kinds that exist.
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A key of a layer that its kind does not have, lacks, or does not take with this value.
    #[error("layer `{}` ({kind}): {}", shown(layer), shown(problem))]
    Setting {
        /// The path of the layer.
        layer: String,
        /// Its kind.
        kind: &'static str,
        /// Which key, and what is wrong with it.
        problem: String,
    },
    /// A layer that does not fit the layers before it.
    #[error("layer `{}` ({kind}) takes inputs of shape {expected:?} and is given {found:?}{hint}", shown(layer))]
    LayerShape {
        /// The path of the layer.
        layer: String,
        /// Its kind.
        kind: &'static str,
        /// The shape of one sample at one step that it takes.
        expected: Vec<usize>,
        /// The shape that it is given.
        found: Vec<usize>,
        /// What may help, or nothing.
        hint: &'static str,
    },
    /// A connection to or from a layer that does not exist, or that cannot be.
    #[error("layer `{}`: `inputs` {}", shown(layer), shown(problem))]
    Inputs {
        /// The path of the layer.
        layer: String,
        /// What is wrong with its inputs.
        problem: String,
    },
    /// What the network should give is not the output of any layer.
    #[error("`output` is \"{}\", which is no layer{hint}", shown(found))]
    Output {
        /// The path, as written.
        found: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A network that cannot both have time steps and carry its state from sample to sample.
    #[error("`time_steps` and `carries_state` exclude each other: where state is carried, every sample is a time step")]
    TwoTimes,
    /// A weights file that is not in the safetensors format, or cut short.
    #[error("not a safetensors file, or damaged: {}", shown(problem))]
    Safetensors {
        /// What is wrong.
        problem: String,
    },
    /// A tensor that a layer cannot use.
    #[error("layer `{}`: tensor `{}` {problem}", shown(layer), shown(tensor))]
    Tensor {
        /// The path of the layer.
        layer: String,
        /// The full name of the tensor.
        tensor: String,
        /// What is wrong with it.
        problem: TensorError,
    },
    /// Tensors that no layer uses: the footprint would leave them out.
    #[error("no layer uses the tensors {}: a footprint would leave them out", shown(tensors))]
    Unclaimed {
        /// Their names.
        tensors: String,
    },
}

/// What is wrong with a stored tensor.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It has another shape.
    #[error("has shape {found:?}, not {expected:?}")]
    Shape {
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape that the layer needs.
        expected: Vec<usize>,
    },
    /// Its numbers are of a type that the layer does not take.
    #[error("holds {found}, not {expected}")]
    Dtype {
        /// The type in the file.
        found: String,
        /// The types that the layer takes.
        expected: &'static str,
    },
    /// A number that is infinite or NaN.
    #[error("holds {value} at element {index}; every number must be finite")]
    NotFinite {
        /// Its place in memory order.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A number that the numbers of the network do not hold.
    #[error("holds {value} as {dtype:?} at element {index}, which {kind} does not hold exactly")]
    Inexact {
        /// Its place in memory order.
        index: usize,
        /// The number.
        value: f64,
        /// How it is stored.
        dtype: Dtype,
        /// What the network computes in.
        kind: &'static str,
    },
    /// A number that the layer does not support.
    #[error("holds {found}; {expected}")]
    Value {
        /// The number.
        found: f64,
        /// What is supported.
        expected: String,
    },
}

impl NetworkError {
    /// The same with its file: the weights file for what is wrong with tensors, else the network file.
    pub(crate) fn within(mut self, network: &Path, weights: Option<&Path>) -> Self {
        if let (Self::Safetensors { problem }, Some(weights)) = (&mut self, weights) {
            problem.push_str(&FileKind::hint(weights, &[FileKind::Safetensors]));
        }
        let file = match (&self, weights) {
            (Self::Read { .. } | Self::Write { .. } | Self::FileName { .. } | Self::InFile { .. }, _) => return self,
            (Self::Safetensors { .. } | Self::Tensor { .. } | Self::Unclaimed { .. }, Some(weights)) => weights,
            _ => network,
        };
        Self::InFile { file: file.to_owned(), problem: Box::new(self) }
    }
}
