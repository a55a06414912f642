//! Networks as graphs.

mod connections;
mod layer;
mod loss;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connections::{Connections, check_feedback};
pub(super) use layer::Lifted;
pub use loss::Loss;

use super::{Graph, Metadata, NirError, Node, Primitive};
use neurobench_core::model::{Dtype, Model};
use neurobench_core::names::listed;
use neurobench_network::Network;
use neurobench_network::format::{Description, Precision, Time, Weights, load_described};

/// What a graph needs that a network does not say, and what of a network may be lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifting {
    /// The time step in seconds, for layers that are defined in steps: `leaky`, `synaptic`, `lapicque`, `delay`.
    pub dt: Option<f64>,
    /// What may be lost.
    pub lose: Vec<Loss>,
}

impl Graph {
    /// The graph of a network file.
    ///
    /// Every layer is a node of its path. The time step and the dynamics of neurons, which NIR does not have, go to the metadata of
    /// their nodes, where [`to_network`](Self::to_network) finds them: it gives back a network with the same outputs. The shapes of
    /// the inputs of convolutions are filled in, as the Python package needs them. A node stores all its parameters: what the file
    /// gives as a key of a layer is stored by the graph, and by a network that is made of it again, whose footprint is larger by it.
    ///
    /// # Errors
    ///
    /// Those of [`Network::load`]; layers that NIR has nothing for; a time step that is missing; and [`NirError::Lossy`] with
    /// everything that would be lost and may not.
    pub fn of_network_file(path: impl AsRef<Path>, lifting: &Lifting) -> Result<Self, NirError> {
        let (network, description, weights) = load_described(path.as_ref())?;
        let shapes: BTreeMap<&str, &[usize]> =
            network.layers().iter().map(neurobench_core::model::Layer::path).zip(network.layer_shapes()).collect();
        let lift = Lift { lifting, network: &network, shapes, weights: &weights, precision: description.precision };
        lift.graph(&description)
    }
}

/// A network that becomes a graph.
struct Lift<'a> {
    lifting: &'a Lifting,
    network: &'a Network,
    /// The shape of the outputs of each layer.
    shapes: BTreeMap<&'a str, &'a [usize]>,
    weights: &'a Weights<'static>,
    precision: Precision,
}

/// An error about what would be lost, unless all of it may be.
pub(super) fn refuse(by: &'static str, losses: &BTreeSet<(Loss, String)>, lose: &[Loss]) -> Result<(), NirError> {
    let lost = losses.iter().filter(|(loss, _)| !lose.contains(loss));
    let lost: Vec<String> = lost.map(|(loss, whose)| format!("`{loss}` of {whose}")).collect();
    if lost.is_empty() { Ok(()) } else { Err(NirError::Lossy { by, lost: listed(lost) }) }
}

/// What was found on the way.
#[derive(Default)]
pub(super) struct Found {
    pub(super) losses: BTreeSet<(Loss, String)>,
}

impl Lift<'_> {
    fn graph(&self, description: &Description) -> Result<Graph, NirError> {
        let mut found = Found::default();
        if description.time != Time::Steps {
            found.losses.insert((Loss::Time, "the network".to_owned()));
        }
        let mut taken: BTreeSet<&str> = description.layers.iter().map(|entry| entry.path.as_str()).collect();
        taken.insert("input");
        let mut end = "output".to_owned();
        while taken.contains(end.as_str()) {
            end.push('_');
        }

        let mut graph = Graph::default();
        let mut add =
            |name: &str, primitive, metadata| graph.nodes.insert(name.to_owned(), Node { primitive, metadata });
        add("input", Primitive::Input { shape: self.network.input_shape().to_vec() }, Metadata::new());
        add(&end, Primitive::Output { shape: self.network.output_shape().to_vec() }, Metadata::new());
        let connections = Connections::of(description);
        let mut edges: Vec<(&str, &str)> = vec![];
        for (entry, inputs) in description.layers.iter().zip(&connections.inputs) {
            if connections.left_out.contains_key(entry.path.as_str()) {
                if entry.kind == "dropout" {
                    found.losses.insert((Loss::Dropout, format!("layer `{}`", entry.path)));
                }
                continue;
            }
            let left = inputs.iter().map(|input| connections.left(input, Some(&entry.path)));
            let left = left.collect::<Result<Vec<_>, _>>()?;
            if left.len() > 2 && !left.is_sorted() {
                found.losses.insert((Loss::Order, format!("layer `{}`", entry.path)));
            }
            let shape = match (&entry.input_shape, inputs.first()) {
                (Some(shape), _) => shape.as_slice(),
                (None, Some(&"input")) => self.network.input_shape(),
                (None, Some(input)) => self.shapes.get(input).copied().unwrap_or_default(),
                (None, None) => &[],
            };
            let mut layer =
                Lifted { lift: self, entry, shape, keys: entry.settings.clone(), metadata: Metadata::new() };
            let primitive = layer.primitive(&mut found)?;
            if let Some(key) = layer.keys.keys().next() {
                return Err(layer.problem(format!("NIR has nothing for its key `{key}`")));
            }
            add(&entry.path, primitive, layer.metadata);
            edges.extend(left.into_iter().map(|input| (input, entry.path.as_str())));
        }
        let last = description.layers.last().map_or("input", |entry| entry.path.as_str());
        edges.push((connections.left(description.output.as_deref().unwrap_or(last), None)?, &end));
        graph.edges = edges.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        self.note_storage(&mut found);
        check_feedback(&graph, description)?;
        refuse("NIR", &found.losses, &self.lifting.lose)?;
        graph.check()?;
        Ok(graph)
    }

    /// The tensors whose type a graph does not keep. snnTorch's number of a reset is an integer in either.
    fn note_storage(&self, found: &mut Found) {
        let own = match self.precision {
            Precision::F32 => Dtype::F32,
            Precision::F64 => Dtype::F64,
        };
        let others = self
            .weights
            .dtypes()
            .filter(|(name, dtype)| *dtype != Some(own) && !name.ends_with(".reset_mechanism_val"));
        found.losses.extend(others.map(|(name, _)| (Loss::Storage, format!("tensor `{name}`"))));
    }
}
