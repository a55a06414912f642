//! Graphs in the [Neuromorphic Intermediate Representation](https://neuroir.org) (NIR).
//!
//! A NIR file is an HDF5 file with `version` and a group `node`, which is a graph. A graph has its nodes as groups in `nodes`, each
//! with its `type`, its parameters and optional `metadata`, and `edges`, which are pairs of names. This module writes the layout
//! of the Python package `nir` 1.0.8 and reads files since its version 0.1.
//!
//! NIR defines the computation of a network in continuous time. It defines neither a time step nor a discretization: they depend
//! on the simulator, and are parameters of the [conversion to a network](Graph::to_network).
//!
//! ```
//! use ndarray::{ArrayD, arr1, arr2};
//! use neurobench::import::nir::{Graph, Metadata, Node, Parameter, Primitive};
//!
//! let filled = |value: f32| Parameter::from(ArrayD::from_elem(vec![2], value));
//! let graph = Graph {
//!     nodes: [
//!         ("input", Primitive::Input { shape: vec![3] }),
//!         ("fc", Primitive::Linear { weight: arr2(&[[1.0_f32, 0.0, 2.0], [0.0, 1.0, 0.5]]).into_dyn().into() }),
//!         ("neurons", Primitive::Li { tau: filled(0.02), r: filled(1.0), v_leak: filled(0.0) }),
//!         ("output", Primitive::Output { shape: vec![2] }),
//!     ]
//!     .into_iter()
//!     .map(|(name, primitive)| (name.to_owned(), Node { primitive, metadata: Metadata::new() }))
//!     .collect(),
//!     edges: [("fc", "neurons"), ("input", "fc"), ("neurons", "output")]
//!         .map(|(from, to)| (from.to_owned(), to.to_owned()))
//!         .to_vec(),
//!     metadata: Metadata::new(),
//! };
//! assert_eq!(graph.order().nodes, ["input", "fc", "neurons", "output"]);
//!
//! let file = graph.to_bytes()?;
//! assert_eq!(Graph::from_bytes(file)?, graph);
//! # Ok::<(), neurobench::import::nir::NirError>(())
//! ```

mod check;
mod error;
mod file;
mod flatten;
mod from_network;
mod metadata;
mod node;
mod order;
mod read;
mod snntorch;
mod stored;
mod to_network;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

pub use error::NirError;
pub use file::{NirFormat, NirProblems, nir, read_network};
pub use from_network::{Lifting, Loss};
pub use metadata::{Metadata, Value};
pub use node::{Convolution, Node, Padding, Parameter, Pooling, Primitive};
pub use order::Order;
pub use to_network::Stepping;

use neurobench_core::files::FileKind;
use neurobench_core::files::{self, put};

/// Maximum depth of nested graphs and of nested metadata; the outermost is at depth 1.
pub const DEPTH_LIMIT: usize = 16;

/// A graph: nodes by name, and edges between them.
///
/// Neither has an order: nodes are sorted by name, and edges may be in any order. The input of a node is the sum of its
/// predecessors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The nodes. A name is any text that HDF5 can store: it is neither empty nor `.`, and contains no `/` and no NUL.
    pub nodes: BTreeMap<String, Node>,
    /// The edges, each from the first node to the second. Cycles are valid: they are recurrent connections.
    pub edges: Vec<(String, String)>,
    /// Metadata of the outermost graph. The metadata of a nested graph are in its node, so that this must be empty.
    pub metadata: Metadata,
}

impl Graph {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, is not HDF5, or if [`check`](Self::check) rejects the graph. No file causes a panic, or
    /// more memory than a valid file of its length could need.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, NirError> {
        let file = file.as_ref();
        let bytes = files::read(file).map_err(|problem| NirError::Read { file: file.to_owned(), problem })?;
        Self::from_bytes(bytes).map_err(|mut problem| {
            if let NirError::Hdf5 { problem } = &mut problem {
                problem.push_str(&FileKind::hint(file, &[FileKind::Hdf5]));
            }
            NirError::InFile { file: file.to_owned(), problem: Box::new(problem) }
        })
    }

    /// Reads a graph from the contents of a file.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NirError> {
        let graph = read::graph(bytes)?;
        graph.check()?;
        Ok(graph)
    }

    /// Writes a file. An existing file is replaced only when the new one is complete.
    ///
    /// The Python package can read it, with one exception: it rejects convolutions whose `input_shape` is unknown.
    ///
    /// # Errors
    ///
    /// Fails if [`check`](Self::check) rejects the graph, or if the file cannot be written.
    pub fn write(&self, file: impl AsRef<Path>) -> Result<(), NirError> {
        let file = file.as_ref();
        let bytes = self
            .to_bytes()
            .map_err(|problem| NirError::InFile { file: file.to_owned(), problem: Box::new(problem) })?;
        put(file, &bytes).map_err(|problem| NirError::Write { file: file.to_owned(), problem })
    }

    /// Encodes the graph as the contents of a file.
    ///
    /// # Errors
    ///
    /// Fails if [`check`](Self::check) rejects the graph.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NirError> {
        self.check()?;
        write::bytes(self)
    }
}
