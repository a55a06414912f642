//! Errors of reading, writing and converting graphs.

use std::path::PathBuf;

use neurobench_core::names::shown;
use neurobench_network::NetworkError;

/// An error of reading, writing or converting a graph.
///
/// Nodes of nested graphs are identified by a path from the outermost graph, with `/` as separator, which no name contains.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NirError {
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
    /// Any other error, with its file.
    #[error("{}: {problem}", file.display())]
    InFile {
        /// The file.
        file: PathBuf,
        /// The error.
        problem: Box<NirError>,
    },
    /// The file is not HDF5, is damaged, or uses an unsupported feature.
    #[error("not readable as HDF5: {}", shown(problem))]
    Hdf5 {
        /// The problem.
        problem: String,
    },
    /// The graph cannot be stored in an HDF5 file.
    #[error("cannot be written as HDF5: {}", shown(problem))]
    Encode {
        /// The problem.
        problem: String,
    },
    /// The declared size of a group or data set is implausibly large for the file.
    #[error("`{}` asks for more memory than a file of {length} bytes justifies", shown(at))]
    Unjustified {
        /// Path of the group or data set.
        at: String,
        /// Length of the file in bytes.
        length: u64,
    },
    /// A part of the file is missing, unexpected or invalid.
    #[error("`{}` {}", shown(at), shown(problem))]
    Layout {
        /// Path of the group or data set in the file.
        at: String,
        /// The problem.
        problem: String,
    },
    /// The version of NIR is not supported.
    #[error("unsupported NIR version {}: this release reads versions 0 and 1", shown(found))]
    Version {
        /// Version in the file.
        found: String,
    },
    /// Graphs or metadata are nested too deeply.
    #[error("`{}` is nested more than {limit} levels deep", shown(at))]
    TooDeep {
        /// Path of the node or the metadata.
        at: String,
        /// Maximum depth.
        limit: usize,
    },
    /// The type of a node does not exist in NIR.
    #[error("node `{}`: unknown node type `{}`{hint}; there are {known}", shown(node), shown(found))]
    UnknownType {
        /// The node.
        node: String,
        /// Unknown type.
        found: String,
        /// "; did you mean ..?", or empty.
        hint: String,
        /// List of the known types.
        known: String,
    },
    /// A parameter is missing.
    #[error("node `{}` ({kind}): missing parameter `{parameter}`", shown(node))]
    MissingParameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// The type of the node does not have a parameter.
    #[error("node `{}` ({kind}): unknown parameter `{}`{hint}", shown(node), shown(parameter))]
    UnknownParameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: String,
        /// "; did you mean ..?", or empty.
        hint: String,
    },
    /// A parameter has the wrong type, shape or value.
    #[error("node `{}` ({kind}): `{parameter}` {}", shown(node), shown(problem))]
    Parameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// The problem.
        problem: String,
    },
    /// HDF5 cannot store a name.
    #[error("the name {name:?} of a node or of metadata {problem}")]
    Name {
        /// The name.
        name: String,
        /// The problem.
        problem: &'static str,
    },
    /// A nested graph has metadata, which must be in its node instead.
    #[error("graph `{}`: a nested graph must have its metadata in its node", shown(node))]
    NestedMetadata {
        /// The node that is a graph.
        node: String,
    },
    /// An edge starts or ends at a node that does not exist.
    #[error("edge from `{}` to `{}`: there is no node `{}`{hint}", shown(from), shown(to), shown(missing))]
    DanglingEdge {
        /// Start of the edge.
        from: String,
        /// End of the edge.
        to: String,
        /// The missing node.
        missing: String,
        /// "; did you mean ..?", or empty.
        hint: String,
    },
    /// Two edges connect the same nodes.
    #[error("duplicate edge from `{}` to `{}`", shown(from), shown(to))]
    DuplicateEdge {
        /// Start of the edge.
        from: String,
        /// End of the edge.
        to: String,
    },
    /// An edge leads to an input or comes from an output.
    #[error("edge from `{}` to `{}`: {problem}", shown(from), shown(to))]
    WrongWay {
        /// Start of the edge.
        from: String,
        /// End of the edge.
        to: String,
        /// The problem.
        problem: &'static str,
    },
    /// A nested graph cannot be flattened.
    #[error("cannot flatten graph `{}`: {}", shown(node), shown(problem))]
    Flatten {
        /// The node that is a graph.
        node: String,
        /// The reason.
        problem: String,
    },
    /// The graph does not have exactly one input and one output.
    #[error("the graph has {found} {what}s, but a network needs exactly one")]
    Ends {
        /// "input" or "output".
        what: &'static str,
        /// Number of them.
        found: usize,
    },
    /// A node has no counterpart in a network.
    #[error("node `{}` ({kind}) cannot be a layer: {}", shown(node), shown(problem))]
    Unsupported {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The reason.
        problem: String,
    },
    /// A node needs a time step.
    #[error("node `{}` ({kind}) needs a time step, which NIR does not define: set `dt` in seconds", shown(node))]
    NoTimeStep {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
    },
    /// A node needs dynamics.
    #[error(
        "node `{}` ({kind}) is defined in continuous time, and NIR does not define its discretization: set `dynamics`",
        shown(node)
    )]
    NoDynamics {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
    },
    /// A layer needs a time step.
    #[error("layer `{}` is defined in time steps, but NIR in seconds: set `dt`", shown(layer))]
    NoLayerTimeStep {
        /// Path of the layer.
        layer: String,
    },
    /// A layer has no counterpart in a graph.
    #[error("layer `{}`: {}", shown(layer), shown(problem))]
    Layer {
        /// Path of the layer.
        layer: String,
        /// The reason.
        problem: String,
    },
    /// A conversion would lose information.
    #[error("{by} cannot represent everything: the {} would be lost", shown(lost))]
    Lossy {
        /// Target of the conversion.
        by: &'static str,
        /// The information that would be lost.
        lost: String,
    },
    /// The network file cannot be read.
    #[error(transparent)]
    Network(#[from] NetworkError),
}
