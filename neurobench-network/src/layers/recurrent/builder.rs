//! Recurrent layers from Rust.

use ndarray::{Array1, Array2};

use crate::NetworkBuilder;
use crate::file::integer;
use crate::layers::recurrent::{GRU, GRU_CELL, LSTM, LSTM_CELL, Nonlinearity, RNN, RNN_CELL};

/// The weights of recurrent units: of a cell, or of one direction of one layer.
///
/// There is a block of rows for each gate, in PyTorch's order: `i`, `f`, `g`, `o` of LSTM, `r`, `z`, `n` of GRU.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentWeights {
    weight_ih: Array2<f64>,
    weight_hh: Array2<f64>,
    biases: Option<[Array1<f64>; 2]>,
}

impl RecurrentWeights {
    /// From the weights of the inputs, `[gates·units, inputs]`, and of the state, `[gates·units, units]`, without biases.
    #[must_use]
    pub fn new<N: Into<f64> + Clone>(weight_ih: &Array2<N>, weight_hh: &Array2<N>) -> Self {
        Self { weight_ih: weight_ih.mapv(Into::into), weight_hh: weight_hh.mapv(Into::into), biases: None }
    }

    /// The same with biases beside the sums of the inputs and of the state, each `[gates·units]`.
    #[must_use]
    pub fn with_biases<N: Into<f64> + Clone>(mut self, bias_ih: &Array1<N>, bias_hh: &Array1<N>) -> Self {
        self.biases = Some([bias_ih.mapv(Into::into), bias_hh.mapv(Into::into)]);
        self
    }

    /// The keys that say the sizes.
    fn settings(&self) -> toml::Table {
        let sizes = [("input_size", self.weight_ih.ncols()), ("hidden_size", self.weight_hh.ncols())];
        sizes.into_iter().map(|(key, size)| (key.to_owned(), integer(size))).collect()
    }
}

impl NetworkBuilder {
    /// Adds plain recurrent units, `h ← f(W_ih·x + b_ih + W_hh·h + b_hh)`: one step of each time step, or of each sample from
    /// rest where there is no time.
    #[must_use]
    pub fn rnn_cell(self, path: &str, weights: RecurrentWeights, nonlinearity: Nonlinearity) -> Self {
        let mut settings = weights.settings();
        settings.insert("nonlinearity".to_owned(), toml::Value::String(nonlinearity.name().to_owned()));
        self.layer(path, RNN_CELL.name, settings).recurrent_weights(path, "", weights)
    }

    /// Adds units with long short-term memory; they make steps as those of [`rnn_cell`](Self::rnn_cell).
    #[must_use]
    pub fn lstm_cell(self, path: &str, weights: RecurrentWeights) -> Self {
        self.layer(path, LSTM_CELL.name, weights.settings()).recurrent_weights(path, "", weights)
    }

    /// Adds gated recurrent units; they make steps as those of [`rnn_cell`](Self::rnn_cell).
    #[must_use]
    pub fn gru_cell(self, path: &str, weights: RecurrentWeights) -> Self {
        self.layer(path, GRU_CELL.name, weights.settings()).recurrent_weights(path, "", weights)
    }

    /// Adds layers of plain recurrent units on top of each other: those that go forward and, if there are any, those that go
    /// backward beside them, the lowest first. They take one time step after the other, forward only, or whole sequences
    /// `[length, inputs]` where the network has no time.
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
        self.layer(path, RNN.name, settings).layers_of_weights(path, forward, backward)
    }

    /// Adds layers of units with long short-term memory, as [`rnn`](Self::rnn).
    #[must_use]
    pub fn lstm(self, path: &str, forward: Vec<RecurrentWeights>, backward: Vec<RecurrentWeights>) -> Self {
        self.layer(path, LSTM.name, settings(&forward, &backward)).layers_of_weights(path, forward, backward)
    }

    /// Adds layers of gated recurrent units, as [`rnn`](Self::rnn).
    #[must_use]
    pub fn gru(self, path: &str, forward: Vec<RecurrentWeights>, backward: Vec<RecurrentWeights>) -> Self {
        self.layer(path, GRU.name, settings(&forward, &backward)).layers_of_weights(path, forward, backward)
    }

    fn layers_of_weights(
        mut self,
        path: &str,
        forward: Vec<RecurrentWeights>,
        backward: Vec<RecurrentWeights>,
    ) -> Self {
        for (weights, direction) in [(forward, ""), (backward, "_reverse")] {
            for (layer, weights) in weights.into_iter().enumerate() {
                self = self.recurrent_weights(path, &format!("_l{layer}{direction}"), weights);
            }
        }
        self
    }

    fn recurrent_weights(self, path: &str, name: &str, weights: RecurrentWeights) -> Self {
        let RecurrentWeights { weight_ih, weight_hh, biases } = weights;
        let (of_inputs, of_state) = (weight_ih.shape().to_vec(), weight_hh.shape().to_vec());
        let mut builder = self.tensor(path, &format!("weight_ih{name}"), &of_inputs, weight_ih);
        builder = builder.tensor(path, &format!("weight_hh{name}"), &of_state, weight_hh);
        for (bias, beside) in biases.into_iter().flatten().zip(["ih", "hh"]) {
            builder = builder.tensor(path, &format!("bias_{beside}{name}"), &[bias.len()], bias);
        }
        builder
    }
}

/// The keys of layers: sizes as the first one has them.
fn settings(forward: &[RecurrentWeights], backward: &[RecurrentWeights]) -> toml::Table {
    let mut settings = forward.first().map(RecurrentWeights::settings).unwrap_or_default();
    settings.insert("num_layers".to_owned(), integer(forward.len()));
    settings.insert("bidirectional".to_owned(), toml::Value::Boolean(!backward.is_empty()));
    settings
}
