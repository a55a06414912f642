//! Errors of loading, building and writing networks.

use std::path::{Path, PathBuf};

use neurobench_core::files::FileKind;
use neurobench_core::model::Dtype;
use neurobench_core::names::shown;
use neurobench_core::value::Excerpt;

/// An error of loading, building or writing a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A file cannot be read.
    #[error("cannot read {}: {problem}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Error of the operating system.
        problem: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {problem}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Error of the operating system.
        problem: std::io::Error,
    },
    /// The name of the weights file is not UTF-8, so that the network file cannot contain it.
    #[error("cannot write {}: the name of its weights file must be UTF-8", file.display())]
    FileName {
        /// The network file.
        file: PathBuf,
    },
    /// Any other error, with its file.
    #[error("{}:{}{problem}", file.display(), problem.separator())]
    InFile {
        /// The network file or the weights file.
        file: PathBuf,
        /// The error.
        problem: Box<NetworkError>,
    },
    /// The file is of another kind.
    #[error("not a network file; it looks like {found}")]
    Kind {
        /// Detected kind.
        found: FileKind,
    },
    /// An error with its place in the network file.
    #[error("{}:{}: {problem}\n{place}", place.line(), place.column())]
    At {
        /// Place of the key or value.
        place: Box<Excerpt>,
        /// The error.
        problem: Box<NetworkError>,
    },
    /// Invalid TOML, an unknown key, or a value of the wrong type.
    #[error("{}", shown(problem))]
    Syntax {
        /// The problem.
        problem: String,
    },
    /// The file has another `format`.
    #[error("`format` must be \"{expected}\", found \"{}\"", shown(found))]
    Format {
        /// Value in the file.
        found: String,
        /// Value in every network file.
        expected: &'static str,
    },
    /// The version of the format is not supported.
    #[error("unsupported format version {found}: this release reads version {supported}")]
    Version {
        /// Version in the file.
        found: u64,
        /// Supported version.
        supported: u64,
    },
    /// The input shape has an axis of length zero or too many elements.
    #[error("`input_shape` {shape:?} {problem}")]
    InputShape {
        /// The shape.
        shape: Vec<usize>,
        /// The problem.
        problem: &'static str,
    },
    /// The outputs of the network do not have the declared shape.
    #[error("the outputs, of layer `{}`, have shape {found:?}, not {expected:?} as declared", shown(layer))]
    OutputShape {
        /// Path of the layer whose outputs are the network's outputs.
        layer: String,
        /// Shape of its outputs, for one sample at one step.
        found: Vec<usize>,
        /// Declared shape.
        expected: Vec<usize>,
    },
    /// The network has no layers.
    #[error("the network has no layers")]
    NoLayers,
    /// A builder method that changes the last layer was called before any layer was added.
    #[error("`{method}` changes the layer that was added last, but no layer has been added")]
    BeforeLayers {
        /// The method.
        method: &'static str,
    },
    /// A layer lacks a path or a kind, or one of them is not a string.
    #[error("layer number {number} (counted from 1): {}", shown(problem))]
    Unnamed {
        /// One-based number of the layer.
        number: usize,
        /// The problem.
        problem: String,
    },
    /// A layer has a reserved path.
    #[error("no layer may have the path `input`, which is reserved for the network's input")]
    ReservedPath,
    /// The outputs of a layer are too large.
    #[error("layer `{}`: outputs of shape {shape:?} have too many elements", shown(layer))]
    TooLarge {
        /// Path of the layer.
        layer: String,
        /// Shape of its outputs for one sample at one step.
        shape: Vec<usize>,
    },
    /// Two layers have the same path.
    #[error("duplicate layer `{}`: every layer needs a unique path", shown(layer))]
    DuplicatePath {
        /// The path.
        layer: String,
    },
    /// The kind of a layer does not exist.
    #[error("layer `{}`: unknown layer kind `{}`{hint}", shown(layer), shown(kind))]
    UnknownKind {
        /// Path of the layer.
        layer: String,
        /// Unknown kind.
        kind: String,
        /// "; did you mean ..?", or empty.
        hint: String,
    },
    /// A key of a layer is unknown, missing or invalid for its kind.
    #[error("layer `{}` ({kind}): {}", shown(layer), shown(problem))]
    Setting {
        /// Path of the layer.
        layer: String,
        /// Its kind.
        kind: &'static str,
        /// The key, if the error is about one alone.
        key: Option<String>,
        /// The key and the problem.
        problem: String,
    },
    /// The shape of the inputs of a layer is wrong.
    #[error("layer `{}` ({kind}): expected inputs of shape {expected:?}, found {found:?}{hint}", shown(layer))]
    LayerShape {
        /// Path of the layer.
        layer: String,
        /// Its kind.
        kind: &'static str,
        /// Required shape of one sample at one step.
        expected: Vec<usize>,
        /// Actual shape.
        found: Vec<usize>,
        /// A suggestion, or empty.
        hint: &'static str,
    },
    /// The inputs of a layer name a layer that does not exist, or cannot be connected.
    #[error("layer `{}`: `inputs` {}", shown(layer), shown(problem))]
    Inputs {
        /// Path of the layer.
        layer: String,
        /// The problem.
        problem: String,
    },
    /// The output of the network is not a layer.
    #[error("`output` is \"{}\", which is not a layer{hint}", shown(found))]
    Output {
        /// Unknown path.
        found: String,
        /// "; did you mean ..?", or empty.
        hint: String,
    },
    /// The network has time steps and carries its state from sample to sample.
    #[error("`time_steps` and `carries_state` exclude each other: with `carries_state`, every sample is a time step")]
    TwoTimes,
    /// The weights file is not in the safetensors format, or is damaged.
    #[error("not a safetensors file, or damaged: {}", shown(problem))]
    Safetensors {
        /// The problem.
        problem: String,
    },
    /// A tensor cannot be used by its layer.
    #[error("layer `{}`: tensor `{}` {problem}", shown(layer), shown(tensor))]
    Tensor {
        /// Path of the layer.
        layer: String,
        /// Full name of the tensor.
        tensor: String,
        /// The problem.
        problem: TensorError,
    },
    /// No layer uses some tensors, so that the footprint would not include them.
    #[error("no layer uses the tensors {}; the footprint would not include them", shown(tensors))]
    Unclaimed {
        /// Their names.
        tensors: String,
    },
}

/// A problem with a stored tensor.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// It is missing.
    #[error("is missing")]
    Missing,
    /// It is missing, but there is one whose name has a prefix.
    #[error("is missing, but there is `{}`: save the tensors without the prefix `{}`", shown(found), shown(prefix))]
    Prefixed {
        /// Name of the other tensor.
        found: String,
        /// Part of that name before the name of the missing tensor.
        prefix: String,
    },
    /// It has the wrong shape.
    #[error("has shape {found:?}, not {expected:?}")]
    Shape {
        /// Shape in the file.
        found: Vec<usize>,
        /// Shape that the layer needs.
        expected: Vec<usize>,
    },
    /// The layer does not support the type of its numbers.
    #[error("holds {found}, not {expected}")]
    Dtype {
        /// Type in the file.
        found: String,
        /// Types that the layer supports.
        expected: &'static str,
    },
    /// A number is infinite or NaN.
    #[error("holds {value} at element {index}; every number must be finite")]
    NotFinite {
        /// Zero-based index in memory order.
        index: usize,
        /// The number.
        value: f64,
    },
    /// The type of the network does not represent a number exactly.
    #[error("holds {value} as {dtype:?} at element {index}, which {kind} does not represent exactly")]
    Inexact {
        /// Zero-based index in memory order.
        index: usize,
        /// The number.
        value: f64,
        /// Type in the file.
        dtype: Dtype,
        /// Precision of the network.
        kind: &'static str,
    },
    /// The layer does not support a number.
    #[error("holds {found}; {expected}")]
    Value {
        /// The number.
        found: f64,
        /// Supported values.
        expected: String,
    },
}

impl NetworkError {
    /// Text between the name of the file and the message: line and column follow the name at once, so that editors find them.
    fn separator(&self) -> &'static str {
        if matches!(self, Self::At { .. }) { "" } else { " " }
    }

    /// Adds a place in the network file, if it is known.
    pub(crate) fn at(self, place: Option<Excerpt>) -> Self {
        match place {
            Some(place) => Self::At { place: Box::new(place), problem: Box::new(self) },
            None => self,
        }
    }

    /// Path of the layer that the error is about, and the key of the layer that is wrong, if it is one alone.
    pub(crate) fn layer(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Setting { layer, key, .. } => Some((layer, key.as_deref())),
            Self::UnknownKind { layer, .. } => Some((layer, Some("kind"))),
            Self::Inputs { layer, .. } => Some((layer, Some("inputs"))),
            Self::LayerShape { layer, .. } | Self::TooLarge { layer, .. } | Self::DuplicatePath { layer } => {
                Some((layer, None))
            }
            _ => None,
        }
    }

    /// Adds the file: the weights file for problems with tensors, otherwise the network file.
    pub(crate) fn in_file(mut self, network: &Path, weights: Option<&Path>) -> Self {
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
