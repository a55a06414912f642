//! Builder methods for recurrent layers.

use ndarray::{Array1, Array2};

use crate::NetworkBuilder;
use crate::file::integer;
use crate::layers::recurrent::Nonlinearity;

/// Weights of recurrent units: of a cell, or of one direction of one layer.
///
/// There is a block of rows for each gate, in PyTorch's order: `i`, `f`, `g`, `o` for LSTM and `r`, `z`, `n` for GRU.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentWeights {
    weight_ih: Array2<f64>,
    weight_hh: Array2<f64>,
    biases: Option<[Array1<f64>; 2]>,
}

impl RecurrentWeights {
    /// Creates weights for the inputs, `[gates·units, inputs]`, and for the state, `[gates·units, units]`, without biases.
    #[must_use]
    pub fn new<N: Into<f64> + Clone>(weight_ih: &Array2<N>, weight_hh: &Array2<N>) -> Self {
        Self { weight_ih: weight_ih.mapv(Into::into), weight_hh: weight_hh.mapv(Into::into), biases: None }
    }

    /// Sets the biases of the sums of the inputs and of the state, each `[gates·units]`.
    #[must_use]
    pub fn with_biases<N: Into<f64> + Clone>(mut self, bias_ih: &Array1<N>, bias_hh: &Array1<N>) -> Self {
        self.biases = Some([bias_ih.mapv(Into::into), bias_hh.mapv(Into::into)]);
        self
    }

    /// Keys with the sizes.
    fn settings(&self) -> toml::Table {
        let sizes = [("input_size", self.weight_ih.ncols()), ("hidden_size", self.weight_hh.ncols())];
        sizes.into_iter().map(|(key, size)| (key.to_owned(), integer(size))).collect()
    }
}

impl NetworkBuilder {
    /// Adds plain recurrent units, `h ← f(W_ih·x + b_ih + W_hh·h + b_hh)`. They compute one step for each time step, or for each
    /// sample from rest if there is no time.
    #[must_use]
    pub fn rnn_cell(self, path: &str, weights: RecurrentWeights, nonlinearity: Nonlinearity) -> Self {
        let mut settings = weights.settings();
        settings.insert("nonlinearity".to_owned(), toml::Value::String(nonlinearity.name().to_owned()));
        self.layer(path, "rnn_cell", settings).recurrent_weights(path, "", weights)
    }

    /// Adds units with long short-term memory, with steps like those of [`rnn_cell`](Self::rnn_cell).
    #[must_use]
    pub fn lstm_cell(self, path: &str, weights: RecurrentWeights) -> Self {
        self.layer(path, "lstm_cell", weights.settings()).recurrent_weights(path, "", weights)
    }

    /// Adds gated recurrent units, with steps like those of [`rnn_cell`](Self::rnn_cell).
    #[must_use]
    pub fn gru_cell(self, path: &str, weights: RecurrentWeights) -> Self {
        self.layer(path, "gru_cell", weights.settings()).recurrent_weights(path, "", weights)
    }

    /// Adds a stack of layers of plain recurrent units, the lowest first: the forward direction and, if the list is not empty, the
    /// backward direction. If the network has time, they process one time step after the other, forward only; otherwise whole
    /// sequences `[length, inputs]`.
    #[must_use]
    pub fn rnn(
        self,
        path: &str,
        forward: Vec<RecurrentWeights>,
        backward: Vec<RecurrentWeights>,
        nonlinearity: Nonlinearity,
    ) -> Self {
        let mut settings = settings(&forward, &backward);
        settings.insert("nonlinearity".to_owned(), toml::Value::String(nonlinearity.name().to_owned()));
        self.layer(path, "rnn", settings).layer_weights(path, forward, backward)
    }

    /// Adds a stack of layers of units with long short-term memory, like [`rnn`](Self::rnn).
    #[must_use]
    pub fn lstm(self, path: &str, forward: Vec<RecurrentWeights>, backward: Vec<RecurrentWeights>) -> Self {
        self.layer(path, "lstm", settings(&forward, &backward)).layer_weights(path, forward, backward)
    }

    /// Adds a stack of layers of gated recurrent units, like [`rnn`](Self::rnn).
    #[must_use]
    pub fn gru(self, path: &str, forward: Vec<RecurrentWeights>, backward: Vec<RecurrentWeights>) -> Self {
        self.layer(path, "gru", settings(&forward, &backward)).layer_weights(path, forward, backward)
    }

    fn layer_weights(mut self, path: &str, forward: Vec<RecurrentWeights>, backward: Vec<RecurrentWeights>) -> Self {
        for (weights, direction) in [(forward, ""), (backward, "_reverse")] {
            for (layer, weights) in weights.into_iter().enumerate() {
                self = self.recurrent_weights(path, &format!("_l{layer}{direction}"), weights);
            }
        }
        self
    }

    fn recurrent_weights(self, path: &str, name: &str, weights: RecurrentWeights) -> Self {
        let RecurrentWeights { weight_ih, weight_hh, biases } = weights;
        let (input_shape, state_shape) = (weight_ih.shape().to_vec(), weight_hh.shape().to_vec());
        let mut builder = self.tensor(path, &format!("weight_ih{name}"), &input_shape, weight_ih);
        builder = builder.tensor(path, &format!("weight_hh{name}"), &state_shape, weight_hh);
        for (bias, sum) in biases.into_iter().flatten().zip(["ih", "hh"]) {
            builder = builder.tensor(path, &format!("bias_{sum}{name}"), &[bias.len()], bias);
        }
        builder
    }
}

/// Keys of a stack of layers, with the sizes of the first one.
fn settings(forward: &[RecurrentWeights], backward: &[RecurrentWeights]) -> toml::Table {
    let mut settings = forward.first().map(RecurrentWeights::settings).unwrap_or_default();
    settings.insert("num_layers".to_owned(), integer(forward.len()));
    settings.insert("bidirectional".to_owned(), toml::Value::Boolean(!backward.is_empty()));
    settings
}
