//! Builder for networks in Rust.

use std::path::Path;

use crate::file::{self, Description, LayerEntry, Precision, Time};
use crate::weights::Weights;
use crate::{Network, NetworkError, fingerprint};

/// Builder of a network, whose layers run in the order in which they are added.
///
/// Each method that adds a layer takes the full path of the layer and the tensors that it stores. Nothing is checked before
/// [`build`](Self::build), which makes the same checks as for a network file.
#[derive(Clone, Debug)]
pub struct NetworkBuilder {
    description: Description,
    weights: Weights<'static>,
    /// A method that changes the last layer but was called before any layer was added.
    too_early: Option<&'static str>,
    /// Declared shape of the outputs.
    output_shape: Option<Vec<usize>>,
    notes: Vec<String>,
}

impl NetworkBuilder {
    pub(crate) fn new(input_shape: Vec<usize>) -> Self {
        let (precision, time) = (Precision::default(), Time::default());
        let description = Description { input_shape, precision, time, output: None, layers: Vec::new() };
        Self { description, weights: Weights::default(), too_early: None, output_shape: None, notes: Vec::new() }
    }

    /// Computes and stores tensors in double precision. The default is single precision, to which all tensors are rounded.
    #[must_use]
    pub fn double_precision(mut self) -> Self {
        self.description.precision = Precision::F64;
        self
    }

    /// Sets whether the second axis of the inputs is time. The default is false.
    #[must_use]
    pub fn time_steps(mut self, time_steps: bool) -> Self {
        self.description.time = if time_steps { Time::Steps } else { Time::None };
        self
    }

    /// Carries the state from each sample to the next, so that the first axis is time.
    #[must_use]
    pub fn carrying_state(mut self) -> Self {
        self.description.time = Time::Samples;
        self
    }

    /// Sets the inputs of the layer that was added last: the outputs of these layers, added in this order. `input` is the
    /// network's input. The path of the layer itself, or of one that is added later, stands for its outputs at the previous
    /// step. The default is the layer before.
    #[must_use]
    pub fn with_inputs(mut self, inputs: &[&str]) -> Self {
        match self.description.layers.last_mut() {
            Some(layer) => layer.inputs = Some(inputs.iter().map(|path| (*path).to_owned()).collect()),
            None => self.too_early = Some("with_inputs"),
        }
        self
    }

    /// Sets the shape of the inputs of the layer that was added last. It is required if they all come from later layers.
    #[must_use]
    pub fn with_input_shape(mut self, shape: impl Into<Vec<usize>>) -> Self {
        match self.description.layers.last_mut() {
            Some(layer) => layer.input_shape = Some(shape.into()),
            None => self.too_early = Some("with_input_shape"),
        }
        self
    }

    /// Sets the layer whose outputs are the network's outputs. The default is the last layer.
    #[must_use]
    pub fn output(mut self, path: &str) -> Self {
        self.description.output = Some(path.to_owned());
        self
    }

    /// Declares the shape of the outputs, for one sample at one step, with any axes of length one. Building a network with other
    /// outputs fails.
    #[must_use]
    pub fn with_output_shape(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.output_shape = Some(shape.into());
        self
    }

    /// Adds a [note](neurobench_core::model::Model::notes) about the network. Files do not contain it.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the shape of the constants of the layer that was added last which have as many numbers as this shape, such as the
    /// parameters of neurons: that of its inputs, or one with axes of length one along which the numbers are repeated, such as
    /// `[channels, 1, 1]`.
    #[must_use]
    pub fn with_constant_shape(mut self, shape: &[usize]) -> Self {
        match self.description.layers.last() {
            Some(layer) => self.weights.reshape(&layer.path, shape),
            None => self.too_early = Some("with_constant_shape"),
        }
        self
    }

    /// Builds the network.
    ///
    /// Its [fingerprint](neurobench_core::model::Model::fingerprint) is that of the network loaded from the file that
    /// [`write`](Self::write) creates under the name `network.toml`: the SHA-256 of the text of the network file followed by the
    /// bytes of the weights file. If the network stores tensors, a file with another name has another fingerprint, because the
    /// network file contains the name of the weights file.
    ///
    /// # Errors
    ///
    /// Fails if the layers do not fit each other or the declared shape of the outputs, if two layers have the same path, if a number is not finite, or if a method
    /// that changes the last layer was called before any layer was added.
    pub fn build(mut self) -> Result<Network, NetworkError> {
        if let Some(method) = self.too_early {
            return Err(NetworkError::BeforeLayers { method });
        }
        self.round_stored();
        let fingerprint = fingerprint::fingerprint(&self.description, &self.weights)?;
        let mut network = Network::assemble(self.description, self.weights, fingerprint)?;
        network.notes = self.notes;
        let long_axes = |shape: &[usize]| shape.iter().copied().filter(|length| *length != 1).collect::<Vec<_>>();
        match self.output_shape {
            Some(expected) if long_axes(&expected) != long_axes(network.output_shape()) => {
                let (layer, found) = (network.output().to_owned(), network.output_shape().to_vec());
                Err(NetworkError::OutputShape { layer, found, expected })
            }
            _ => Ok(network),
        }
    }

    /// Writes a network file that [`Network::load`] reads, and next to it a file with the extension `.safetensors` with the
    /// tensors of the layers. Each of the two files is replaced atomically, the weights first.
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
    /// Those of [`build`](Self::build). Also fails if a file cannot be written.
    pub fn write(mut self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        self.clone().build()?;
        self.round_stored();
        file::write(path.as_ref(), &self.description, &self.weights)
    }

    /// Rounds the tensors to the precision of the network.
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
