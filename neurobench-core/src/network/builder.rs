//! Networks from Rust.

use sha2::{Digest, Sha256};

use crate::network::file::{Description, LayerEntry};
use crate::network::weights::Weights;
use crate::network::{Network, NetworkError, finish};

/// A network under construction: layers run in the order in which they are added.
///
/// The methods that add layers stand beside the layers: each takes the full path of the layer and what it stores. Nothing is
/// checked before [`build`](Self::build), which goes the way of a network file.
#[derive(Clone, Debug)]
pub struct NetworkBuilder {
    description: Description,
    weights: Weights<'static>,
}

impl NetworkBuilder {
    pub(crate) fn new(input_shape: Vec<usize>) -> Self {
        let description = Description { input_shape, time_steps: false, layers: Vec::new() };
        Self { description, weights: Weights::default() }
    }

    /// Whether the second axis of the inputs is time; it is not, unless this is called.
    #[must_use]
    pub fn time_steps(mut self, time_steps: bool) -> Self {
        self.description.time_steps = time_steps;
        self
    }

    /// The network.
    ///
    /// Its [fingerprint](crate::model::Model::fingerprint) is a SHA-256 over the description and all stored tensors.
    ///
    /// # Errors
    ///
    /// Layers that do not fit each other, two layers of one path, numbers that are not finite.
    pub fn build(self) -> Result<Network, NetworkError> {
        let Description { input_shape, time_steps, layers } = &self.description;
        let mut digest = Sha256::new();
        digest.update(format!("{input_shape:?} {time_steps}\n"));
        for LayerEntry { path, kind, settings } in layers {
            digest.update(format!("{path:?} {kind:?}\n"));
            for (key, value) in settings {
                digest.update(format!("{key}={value:?}\n"));
            }
        }
        self.weights.digest(&mut digest);
        Network::assemble(self.description, self.weights, finish(digest))
    }

    /// Adds a layer with the keys of its kind.
    pub(crate) fn layer(mut self, path: &str, kind: &str, settings: toml::Table) -> Self {
        self.description.layers.push(LayerEntry { path: path.to_owned(), kind: kind.to_owned(), settings });
        self
    }

    /// Adds a tensor of a layer.
    pub(crate) fn tensor(
        mut self,
        path: &str,
        name: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = f32>,
    ) -> Self {
        self.weights.insert_f32(format!("{path}.{name}"), shape.to_vec(), values.into_iter());
        self
    }

    /// Adds an integer of a layer.
    pub(crate) fn integer(mut self, path: &str, name: &str, value: i64) -> Self {
        self.weights.insert_i64(format!("{path}.{name}"), value);
        self
    }
}
