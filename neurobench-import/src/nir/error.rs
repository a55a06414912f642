//! Why a graph cannot be had.

use std::path::PathBuf;

use neurobench_core::names::shown;
use neurobench_network::NetworkError;

/// Why a graph cannot be read, written or flattened.
///
/// Nodes of graphs within graphs are named by all names from the outermost graph on, with `/` between them, which no name has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NirError {
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
    /// Any other error, with the file that it is in.
    #[error("{}: {problem}", file.display())]
    InFile {
        /// The file.
        file: PathBuf,
        /// What is wrong there.
        problem: Box<NirError>,
    },
    /// Not HDF5, or HDF5 that is damaged or has something that is not supported.
    #[error("not readable as HDF5: {}", shown(problem))]
    Hdf5 {
        /// What is wrong with it.
        problem: String,
    },
    /// A graph that cannot be put into an HDF5 file.
    #[error("cannot be written as HDF5: {}", shown(problem))]
    Encode {
        /// What is wrong with it.
        problem: String,
    },
    /// A file that says to hold more than it can.
    #[error("`{}` asks for more memory than a file of {length} bytes justifies", shown(at))]
    Unjustified {
        /// The group or data set that goes too far.
        at: String,
        /// How long the file is.
        length: u64,
    },
    /// Something in the file that has no place in a NIR file, or is missing there.
    #[error("`{}` {}", shown(at), shown(problem))]
    Layout {
        /// The group or data set, by its path in the file.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A version of NIR that this release does not read.
    #[error("version {} of NIR is not known; this release reads versions 0 and 1", shown(found))]
    Version {
        /// What the file says.
        found: String,
    },
    /// Graphs within graphs, or metadata within metadata, too deep.
    #[error("`{}` is deeper than {limit} levels", shown(at))]
    TooDeep {
        /// The node, or the metadata.
        at: String,
        /// How deep they may be.
        limit: usize,
    },
    /// A type of node that NIR does not have.
    #[error("node `{}`: no node type `{}`{hint}; there are {known}", shown(node), shown(found))]
    UnknownType {
        /// The node.
        node: String,
        /// The type, as written.
        found: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
        /// The types that exist.
        known: String,
    },
    /// A parameter that is missing.
    #[error("node `{}` ({kind}) has no parameter `{parameter}`", shown(node))]
    MissingParameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter that the type of the node does not have.
    #[error("node `{}` ({kind}) takes no parameter `{}`{hint}", shown(node), shown(parameter))]
    UnknownParameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A parameter of a wrong type, shape or value.
    #[error("node `{}` ({kind}): `{parameter}` {}", shown(node), shown(problem))]
    Parameter {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A name that HDF5 cannot hold.
    #[error("the name {name:?} of a node or of metadata {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Metadata of a graph within a graph that are not its node's.
    #[error("graph `{}`: the metadata of a graph within a graph are those of its node", shown(node))]
    NestedMetadata {
        /// The node that is a graph.
        node: String,
    },
    /// An edge from or to a node that does not exist.
    #[error("the edge from `{}` to `{}`: there is no node `{}`{hint}", shown(from), shown(to), shown(missing))]
    DanglingEdge {
        /// Where the edge starts.
        from: String,
        /// Where it ends.
        to: String,
        /// Which of them is missing.
        missing: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// An edge that is there twice.
    #[error("the edge from `{}` to `{}` is there twice", shown(from), shown(to))]
    DuplicateEdge {
        /// Where it starts.
        from: String,
        /// Where it ends.
        to: String,
    },
    /// An edge that leads to an input or comes from an output.
    #[error("the edge from `{}` to `{}`: {problem}", shown(from), shown(to))]
    WrongWay {
        /// Where it starts.
        from: String,
        /// Where it ends.
        to: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A graph within a graph that cannot be put in its place.
    #[error("graph `{}` cannot be put in its place: {}", shown(node), shown(problem))]
    Flatten {
        /// The node that is a graph.
        node: String,
        /// Why not.
        problem: String,
    },
    /// A graph that has not one input, or not one output.
    #[error("the graph has {found} {what}s; a network has one")]
    Ends {
        /// What there is too many or too few of.
        what: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A node that no network has.
    #[error("node `{}` ({kind}) cannot be a layer: {}", shown(node), shown(problem))]
    Unsupported {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
        /// Why not.
        problem: String,
    },
    /// A node that needs a time step where none is known.
    #[error(
        "node `{}` ({kind}) needs a time step, which NIR does not have: `dt` in seconds must be given",
        shown(node)
    )]
    NoTimeStep {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
    },
    /// A node that needs a rule for stepping where none is known.
    #[error(
        "node `{}` ({kind}) is defined in continuous time, and NIR does not say how it is stepped: `dynamics` must be given",
        shown(node)
    )]
    NoDynamics {
        /// The node.
        node: String,
        /// Its type.
        kind: &'static str,
    },
    /// A layer that needs a time step where none is known.
    #[error("layer `{}`: it is defined in time steps, and NIR in seconds: `dt` must be given", shown(layer))]
    NoLayerTimeStep {
        /// The path of the layer.
        layer: String,
    },
    /// A layer of a network that no graph has.
    #[error("layer `{}`: {}", shown(layer), shown(problem))]
    Layer {
        /// The path of the layer.
        layer: String,
        /// Why not.
        problem: String,
    },
    /// A network of which a graph would not hold everything, or a graph of which a network would not.
    #[error("{by} does not hold everything: the {} would be lost", shown(lost))]
    Lossy {
        /// What does not hold it.
        by: &'static str,
        /// What, and of which layers.
        lost: String,
    },
    /// A network file that cannot be read.
    #[error(transparent)]
    Network(#[from] NetworkError),
}
