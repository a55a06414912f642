//! Conversion of networks to graphs.

mod connections;
mod layer;
mod loss;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connections::{Connections, check_feedback};
pub(super) use layer::LayerLift;
pub use loss::Loss;

use super::{Graph, Metadata, NirError, Node, Primitive};
use neurobench_core::model::{Dtype, Model};
use neurobench_core::names::listed;
use neurobench_network::Network;
use neurobench_network::format::{Description, Precision, Time, Weights, load_described};

/// Options of the conversion of a network to a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifting {
    /// Time step in seconds, for layers that are defined in steps: `leaky`, `synaptic`, `lapicque`, `delay`.
    pub dt: Option<f64>,
    /// Information that may be lost.
    pub allowed_losses: Vec<Loss>,
}

impl Graph {
    /// Converts a network file to a graph.
    ///
    /// Every layer becomes a node with its path as name. The time step and the dynamics of neurons, which NIR does not define, are
    /// stored in the metadata of their nodes, so that [`to_network`](Self::to_network) returns a network with the same outputs. The
    /// input shapes of convolutions are included, since the Python package requires them. A node stores all its parameters,
    /// including those that are keys of a layer in the file; therefore a network that is converted back has a larger footprint.
    ///
    /// # Errors
    ///
    /// Those of [`Network::load`]. Also fails if NIR does not support a layer, if the time step is missing, or with
    /// [`NirError::Lossy`] if information would be lost that is not in [`Lifting::allowed_losses`].
    pub fn from_network_file(path: impl AsRef<Path>, lifting: &Lifting) -> Result<Self, NirError> {
        let (network, description, weights) = load_described(path.as_ref())?;
        let shapes: BTreeMap<&str, &[usize]> =
            network.layers().iter().map(neurobench_core::model::Layer::path).zip(network.layer_shapes()).collect();
        let lift = Lift { lifting, network: &network, shapes, weights: &weights, precision: description.precision };
        lift.graph(&description)
    }
}

/// A network that is converted to a graph.
struct Lift<'a> {
    lifting: &'a Lifting,
    network: &'a Network,
    /// Shape of the outputs of each layer.
    shapes: BTreeMap<&'a str, &'a [usize]>,
    weights: &'a Weights<'static>,
    precision: Precision,
}

/// Returns an error if a loss is not allowed.
pub(super) fn check_allowed(
    by: &'static str,
    losses: &BTreeSet<(Loss, String)>,
    allowed: &[Loss],
) -> Result<(), NirError> {
    let lost = losses.iter().filter(|(loss, _)| !allowed.contains(loss));
    let lost: Vec<String> = lost.map(|(loss, whose)| format!("`{loss}` of {whose}")).collect();
    if lost.is_empty() { Ok(()) } else { Err(NirError::Lossy { by, lost: listed(lost) }) }
}

/// Losses that were found during a conversion.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) losses: BTreeSet<(Loss, String)>,
}

impl Lift<'_> {
    fn graph(&self, description: &Description) -> Result<Graph, NirError> {
        let mut findings = Findings::default();
        if description.time != Time::Steps {
            findings.losses.insert((Loss::Time, "the network".to_owned()));
        }
        let mut names: BTreeSet<&str> = description.layers.iter().map(|entry| entry.path.as_str()).collect();
        names.insert("input");
        let mut end = "output".to_owned();
        while names.contains(end.as_str()) {
            end.push('_');
        }

        let mut graph = Graph::default();
        let mut add =
            |name: &str, primitive, metadata| graph.nodes.insert(name.to_owned(), Node { primitive, metadata });
        add("input", Primitive::Input { shape: self.network.input_shape().to_vec() }, Metadata::new());
        add(&end, Primitive::Output { shape: self.network.output_shape().to_vec() }, Metadata::new());
        let connections = Connections::new(description);
        let mut edges: Vec<(&str, &str)> = vec![];
        for (entry, inputs) in description.layers.iter().zip(&connections.inputs) {
            if connections.no_ops.contains_key(entry.path.as_str()) {
                if entry.kind == "dropout" {
                    findings.losses.insert((Loss::Dropout, format!("layer `{}`", entry.path)));
                }
                continue;
            }
            let sources = inputs.iter().map(|input| connections.resolve(input, Some(&entry.path)));
            let sources = sources.collect::<Result<Vec<_>, _>>()?;
            if sources.len() > 2 && !sources.is_sorted() {
                findings.losses.insert((Loss::Order, format!("layer `{}`", entry.path)));
            }
            let shape = match (&entry.input_shape, inputs.first()) {
                (Some(shape), _) => shape.as_slice(),
                (None, Some(&"input")) => self.network.input_shape(),
                (None, Some(input)) => self.shapes.get(input).copied().unwrap_or_default(),
                (None, None) => &[],
            };
            let mut layer =
                LayerLift { lift: self, entry, shape, keys: entry.settings.clone(), metadata: Metadata::new() };
            let primitive = layer.primitive(&mut findings)?;
            if let Some(key) = layer.keys.keys().next() {
                return Err(layer.problem(format!("NIR does not support the key `{key}`")));
            }
            add(&entry.path, primitive, layer.metadata);
            edges.extend(sources.into_iter().map(|input| (input, entry.path.as_str())));
        }
        let last = description.layers.last().map_or("input", |entry| entry.path.as_str());
        edges.push((connections.resolve(description.output.as_deref().unwrap_or(last), None)?, &end));
        graph.edges = edges.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        self.note_storage(&mut findings);
        check_feedback(&graph, description)?;
        check_allowed("NIR", &findings.losses, &self.lifting.allowed_losses)?;
        graph.check()?;
        Ok(graph)
    }

    /// Adds the tensors whose type a graph does not preserve. snnTorch's `reset_mechanism_val` is an integer in both.
    fn note_storage(&self, findings: &mut Findings) {
        let precision_dtype = match self.precision {
            Precision::F32 => Dtype::F32,
            Precision::F64 => Dtype::F64,
        };
        let others = self
            .weights
            .dtypes()
            .filter(|(name, dtype)| *dtype != Some(precision_dtype) && !name.ends_with(".reset_mechanism_val"));
        findings.losses.extend(others.map(|(name, _)| (Loss::Storage, format!("tensor `{name}`"))));
    }
}
