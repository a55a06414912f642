//! Recurrent units: `rnn_cell`, `lstm_cell`, `gru_cell`, and stacks of layers of them: `rnn`, `lstm`, `gru`.
//!
//! They follow PyTorch's [`RNN`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html),
//! [`LSTM`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html) and
//! [`GRU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html). With inputs `x` and state `h` (zero at rest), let
//! `a = W_ih·x + b_ih` and `u = W_hh·h + b_hh`, which have a block for each gate, in this order:
//!
//! ```text
//! rnn            h ← tanh(a + u)  or  max(a + u, 0)
//! lstm  i f g o  c ← σ(a_f + u_f)·c + σ(a_i + u_i)·tanh(a_g + u_g)          h ← σ(a_o + u_o)·tanh(c)
//! gru   r z n    n = tanh(a_n + σ(a_r + u_r)·u_n),  z = σ(a_z + u_z)        h ← (1 - z)·n + z·h
//! ```
//!
//! Sums start with the bias and add the inputs in ascending order; no operation is fused. A cell computes one step for each row. In
//! a network with time, a layer does the same, in one direction. In a network without time, the inputs of a layer are a whole
//! sequence `[length, input_size]`, which starts from rest, and its outputs are `[length, units·directions]`. Layers above the
//! first take the outputs of the layer below.
//!
//! # Operations
//!
//! The operations of one step and one direction are the products of a nonzero weight and a nonzero number in `W_ih·x` and
//! `W_hh·h`, and the products of gates and states in which neither factor is zero: `f·c`, `i·g`, `o·tanh(c)` in LSTM and
//! `r·u_n`, `(1 - z)·n`, `z·h` in GRU. A factor counts as zero if all terms of its sums are zero, including biases: `σ(0)` counts
//! as zero, since nothing opens the gate. Dense operations depend on shapes only, not on data or state:
//! `gates·units·(inputs + units)`, and three for each unit of LSTM and GRU. Operations are accumulates if every `x` and every `h`
//! is −1, 0 or 1 and no gate multiplies anything; in layers above the first, `x` is the output of the layer below.
//!
//! These are the formulas of `SynapticOperations` in NeuroBench 2.3.0 for cells, with corrections: NeuroBench does not set the
//! states of LSTM cells to one in dense operations, counts `n` of GRU by `W_hn·h` instead of `W_in·x`, and decides by `x` alone
//! whether an operation is an accumulate. Weights are `W_ih` and `W_hh`: as everywhere, biases are not part of connection
//! sparsity; in NeuroBench they are, for these layers.

mod builder;
mod cell;
mod kernel;

pub use builder::RecurrentWeights;
pub use cell::Nonlinearity;

use crate::error::NetworkError;
use crate::file::Time;
use crate::layer;
use crate::layers::linear::dense::repeated;
use crate::layers::recurrent::cell::{Cell, Gru, Lstm, Plain};
use crate::layers::recurrent::kernel::{Direction, Recurrent};
use crate::layers::{BuiltLayer, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{FanOut, HookPoint, Layer, TensorRole};

/// Cell of plain recurrent units.
#[derive(Clone, Copy, Debug, Settings)]
struct RnnCellConfig {
    /// Number of inputs.
    #[param(range = 1..)]
    input_size: usize,
    /// Number of units.
    #[param(range = 1..)]
    hidden_size: usize,
    /// Activation function of the units.
    #[param(default = Nonlinearity::Tanh)]
    nonlinearity: Nonlinearity,
}

/// Cell of recurrent units with gates.
#[derive(Clone, Copy, Debug, Settings)]
struct CellConfig {
    /// Number of inputs.
    #[param(range = 1..)]
    input_size: usize,
    /// Number of units.
    #[param(range = 1..)]
    hidden_size: usize,
}

/// Stack of layers of plain recurrent units.
#[derive(Clone, Copy, Debug, Settings)]
struct RnnConfig {
    /// Number of inputs of the first layer.
    #[param(range = 1..)]
    input_size: usize,
    /// Number of units of each layer in each direction.
    #[param(range = 1..)]
    hidden_size: usize,
    /// Number of layers. With more of them, the names alone would take more memory than any weights file.
    #[param(default = 1, range = 1..=1024)]
    num_layers: usize,
    /// Adds the backward direction to each layer. It needs whole sequences: a network without time.
    #[param(default = false)]
    bidirectional: bool,
    /// Activation function of the units.
    #[param(default = Nonlinearity::Tanh)]
    nonlinearity: Nonlinearity,
}

/// Stack of layers of recurrent units with gates.
#[derive(Clone, Copy, Debug, Settings)]
struct LayersConfig {
    /// Number of inputs of the first layer.
    #[param(range = 1..)]
    input_size: usize,
    /// Number of units of each layer in each direction.
    #[param(range = 1..)]
    hidden_size: usize,
    /// Number of layers. With more of them, the names alone would take more memory than any weights file.
    #[param(default = 1, range = 1..=1024)]
    num_layers: usize,
    /// Adds the backward direction to each layer. It needs whole sequences: a network without time.
    #[param(default = false)]
    bidirectional: bool,
}

layer!("rnn_cell", RnnCellConfig, rnn_cell);
layer!("lstm_cell", CellConfig, lstm_cell);
layer!("gru_cell", CellConfig, gru_cell);
layer!("rnn", RnnConfig, rnn);
layer!("lstm", LayersConfig, lstm);
layer!("gru", LayersConfig, gru);

fn rnn_cell<R: Real>(config: RnnCellConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let RnnCellConfig { input_size, hidden_size, nonlinearity } = config;
    cell(Plain(nonlinearity), CellConfig { input_size, hidden_size }, parts)
}

fn lstm_cell<R: Real>(config: CellConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    cell(Lstm, config, parts)
}

fn gru_cell<R: Real>(config: CellConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    cell(Gru, config, parts)
}

fn rnn<R: Real>(config: RnnConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let RnnConfig { input_size, hidden_size, num_layers, bidirectional, nonlinearity } = config;
    layers(Plain(nonlinearity), LayersConfig { input_size, hidden_size, num_layers, bidirectional }, parts)
}

fn lstm<R: Real>(config: LayersConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    layers(Lstm, config, parts)
}

fn gru<R: Real>(config: LayersConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    layers(Gru, config, parts)
}

fn cell<R: Real>(cell: impl Cell, config: CellConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let CellConfig { input_size, hidden_size } = config;
    if parts.shape != [input_size] {
        return Err(wrong_shape(&parts, input_size));
    }
    let names = vec![vec![String::new()]];
    Blueprint { cell, inputs: input_size, units: hidden_size, length: None, names }.build(parts)
}

fn layers<R: Real>(cell: impl Cell, config: LayersConfig, parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LayersConfig { input_size, hidden_size, num_layers, bidirectional } = config;
    let length = match (parts.time, parts.shape) {
        (Time::None, [length, inputs]) if *inputs == input_size => Some(*length),
        (Time::None, shape) => {
            let problem = format!("expected inputs of shape [length, {input_size}], found {shape:?}");
            return Err(parts.problem(problem));
        }
        (_, [inputs]) if *inputs == input_size => None,
        _ => return Err(wrong_shape(&parts, input_size)),
    };
    if bidirectional && length.is_none() {
        return Err(parts.problem("`bidirectional` needs whole sequences: the network must not have time"));
    }
    let directions: &[&str] = if bidirectional { &["", "_reverse"] } else { &[""] };
    let layer_names = |layer| directions.iter().map(|direction| format!("_l{layer}{direction}")).collect();
    let names = (0..num_layers).map(layer_names).collect();
    Blueprint { cell, inputs: input_size, units: hidden_size, length, names }.build(parts)
}

fn wrong_shape(parts: &Parts<'_, '_>, inputs: usize) -> NetworkError {
    NetworkError::LayerShape {
        layer: parts.path.to_owned(),
        kind: parts.kind,
        expected: vec![inputs],
        found: parts.shape.to_vec(),
        hint: "",
    }
}

/// Cell, sizes and tensor names from which recurrent layers are built.
struct Blueprint<C> {
    cell: C,
    inputs: usize,
    units: usize,
    /// Number of steps of the inputs, if they are a whole sequence.
    length: Option<usize>,
    /// Suffixes of the names of the tensors, for each direction of each layer.
    names: Vec<Vec<String>>,
}

impl<C: Cell> Blueprint<C> {
    fn build<R: Real>(self, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
        let Self { cell, inputs, units, length, names } = self;
        let Some(sums) = units.checked_mul(C::GATES) else {
            return Err(parts.problem(format!("`hidden_size` = {units} is too large to count the weights")));
        };
        let uncountable = "too many operations to count";
        let (mut stored, mut layers, mut dense) = (Vec::new(), Vec::new(), 0_u64);
        let mut width = inputs;
        for layer_names in &names {
            let mut directions = Vec::new();
            for name in layer_names {
                let input_weight = parts.weights.required::<R>(&format!("weight_ih{name}"), &[sums, width])?;
                let state_weight = parts.weights.required::<R>(&format!("weight_hh{name}"), &[sums, units])?;
                let mut bias = |name: String| -> Result<_, NetworkError> {
                    let Some(bias) = parts.weights.optional::<R>(&name, &[sums])? else {
                        return Ok((vec![R::zero(); sums], None));
                    };
                    Ok((bias.values, Some(bias.stored.with_role(TensorRole::Bias))))
                };
                let (input_bias, stored_input_bias) = bias(format!("bias_ih{name}"))?;
                let (state_bias, stored_state_bias) = bias(format!("bias_hh{name}"))?;
                let operations = (input_weight.values.len() + state_weight.values.len()) as u64;
                let operations = operations.checked_add(C::PRODUCTS * units as u64);
                let total = operations.and_then(|operations| dense.checked_add(operations));
                dense = total.ok_or_else(|| parts.problem(uncountable))?;
                directions.push(Direction {
                    from_inputs: Matrix::new(&input_weight.values, input_bias),
                    from_state: Matrix::new(&state_weight.values, state_bias),
                });
                stored.extend(
                    [input_weight.stored, state_weight.stored].map(|tensor| tensor.with_role(TensorRole::Weight)),
                );
                stored.extend([stored_input_bias, stored_state_bias].into_iter().flatten());
            }
            width = units * directions.len();
            layers.push(directions);
        }
        let mut per_input = vec![0; inputs];
        for direction in layers.first().into_iter().flatten() {
            let meets = direction.from_inputs.fan_out().per_input();
            per_input.iter_mut().zip(meets).for_each(|(sum, meets)| *sum += meets);
        }
        let fan_out = repeated(&FanOut::new(per_input, dense), length.unwrap_or(1));
        let fan_out = fan_out.ok_or_else(|| parts.problem(uncountable))?;
        let layer = Layer::connection(parts.path, parts.kind, fan_out).with_hook_point(HookPoint::RecurrentStates);
        let layer = stored.into_iter().fold(layer, Layer::with_parameter);
        let shape = length.into_iter().chain([width]).collect();
        Ok(BuiltLayer::new(layer, Recurrent { cell, layers, units, length }, shape))
    }
}
