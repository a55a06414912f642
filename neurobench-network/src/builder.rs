//! Networks from Rust.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::file::{self, Description, LayerEntry, Precision, Time};
use crate::weights::Weights;
use crate::{Network, NetworkError, finish};

/// A network under construction: layers run in the order in which they are added.
///
/// The methods that add layers stand beside the layers: each takes the full path of the layer and what it stores. Nothing is
/// checked before [`build`](Self::build), which goes the way of a network file.
#[derive(Clone, Debug)]
pub struct NetworkBuilder {
    description: Description,
    weights: Weights<'static>,
    /// A method that was called before there was a layer for it.
    too_early: Option<&'static str>,
}

impl NetworkBuilder {
    pub(crate) fn new(input_shape: Vec<usize>) -> Self {
        let (precision, time) = (Precision::default(), Time::default());
        let description = Description { input_shape, precision, time, output: None, layers: Vec::new() };
        Self { description, weights: Weights::default(), too_early: None }
    }

    /// Computes in double precision, and stores what it stores so; else everything is rounded to single precision.
    #[must_use]
    pub fn double_precision(mut self) -> Self {
        self.description.precision = Precision::F64;
        self
    }

    /// Whether the second axis of the inputs is time; it is not, unless this is called.
    #[must_use]
    pub fn time_steps(mut self, time_steps: bool) -> Self {
        self.description.time = if time_steps { Time::Steps } else { Time::None };
        self
    }

    /// Carries the state from each sample to the next: the first axis is time.
    #[must_use]
    pub fn carrying_state(mut self) -> Self {
        self.description.time = Time::Samples;
        self
    }

    /// Where the inputs of the last layer that was added come from: their sum, in this order. `input` is the network's input;
    /// the path of the layer itself, or of one that is added later, stands for its outputs at the step before. If this is not
    /// called, they come from the layer before.
    #[must_use]
    pub fn with_inputs(mut self, inputs: &[&str]) -> Self {
        match self.description.layers.last_mut() {
            Some(layer) => layer.inputs = Some(inputs.iter().map(|path| (*path).to_owned()).collect()),
            None => self.too_early = Some("with_inputs"),
        }
        self
    }

    /// The shape of the inputs of the last layer that was added: it must be said if they all come from later layers.
    #[must_use]
    pub fn with_input_shape(mut self, shape: impl Into<Vec<usize>>) -> Self {
        match self.description.layers.last_mut() {
            Some(layer) => layer.input_shape = Some(shape.into()),
            None => self.too_early = Some("with_input_shape"),
        }
        self
    }

    /// The layer whose outputs are the network's; the last, if this is not called.
    #[must_use]
    pub fn output(mut self, path: &str) -> Self {
        self.description.output = Some(path.to_owned());
        self
    }

    /// The network.
    ///
    /// Its [fingerprint](neurobench_core::model::Model::fingerprint) is a SHA-256 over the description and all stored tensors.
    ///
    /// # Errors
    ///
    /// Layers that do not fit each other, two layers of one path, numbers that are not finite; what was said of a layer before
    /// any was added.
    pub fn build(mut self) -> Result<Network, NetworkError> {
        if let Some(method) = self.too_early {
            return Err(NetworkError::BeforeLayers { method });
        }
        self.round_stored();
        let Description { input_shape, precision, time, output, layers } = &self.description;
        let mut digest = Sha256::new();
        digest.update(format!("{input_shape:?} {precision:?} {time:?} {output:?}\n"));
        for LayerEntry { path, kind, inputs, input_shape, settings } in layers {
            digest.update(format!("{path:?} {kind:?} {inputs:?} {input_shape:?}\n"));
            for (key, value) in settings {
                digest.update(format!("{key}={value:?}\n"));
            }
        }
        self.weights.digest(&mut digest);
        Network::assemble(self.description, self.weights, finish(digest))
    }

    /// Writes a network file that [`Network::load`] reads, and beside it, with the extension `.safetensors`, what the layers store.
    /// Each of the two files is replaced whole, the weights first.
    ///
    /// ```
    /// use ndarray::array;
    /// use neurobench::network::Network;
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("network.toml");
    ///
    /// Network::builder([2]).linear("readout", array![[1.0, -1.0]], None).write(&file)?;
    /// assert_eq!(Network::load(&file)?.output_shape(), [1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build); a file that cannot be written.
    pub fn write(mut self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        self.clone().build()?;
        self.round_stored();
        file::write(path.as_ref(), &self.description, &self.weights)
    }

    /// Rounds what is stored to what the network computes in.
    fn round_stored(&mut self) {
        if self.description.precision == Precision::F32 {
            self.weights.round_to_single();
        }
    }

    /// Adds a layer of any kind, with the keys that a network file has for it.
    #[must_use]
    pub fn layer(mut self, path: &str, kind: &str, settings: toml::Table) -> Self {
        self.description.layers.push(LayerEntry {
            path: path.to_owned(),
            kind: kind.to_owned(),
            inputs: None,
            input_shape: None,
            settings,
        });
        self
    }

    /// Adds a tensor of a layer, for layers that [`layer`](Self::layer) adds.
    #[must_use]
    pub fn tensor(
        mut self,
        path: &str,
        name: &str,
        shape: &[usize],
        values: impl IntoIterator<Item: Into<f64>>,
    ) -> Self {
        self.weights.insert(format!("{path}.{name}"), shape.to_vec(), values.into_iter().map(Into::into));
        self
    }

    /// Adds an integer of a layer.
    pub(crate) fn integer(mut self, path: &str, name: &str, value: i64) -> Self {
        self.weights.insert_i64(format!("{path}.{name}"), value);
        self
    }
}
