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

use serde::Deserialize;

pub use builder::RecurrentWeights;
pub use cell::Nonlinearity;

use crate::error::NetworkError;
use crate::file::Time;
use crate::layers::linear::dense::repeated;
use crate::layers::recurrent::cell::{Cell, Gru, Lstm, Plain};
use crate::layers::recurrent::kernel::{Direction, Recurrent};
use crate::layers::{BuiltLayer, Kind, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::model::{FanOut, Layer, TensorRole};

static RNN_CELL: Kind = Kind::new("rnn_cell", rnn_cell, rnn_cell);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&RNN_CELL));
static LSTM_CELL: Kind = Kind::new("lstm_cell", |parts| cell(parts, Lstm), |parts| cell(parts, Lstm));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&LSTM_CELL));
static GRU_CELL: Kind = Kind::new("gru_cell", |parts| cell(parts, Gru), |parts| cell(parts, Gru));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&GRU_CELL));
static RNN: Kind = Kind::new("rnn", rnn, rnn);
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&RNN));
static LSTM: Kind = Kind::new("lstm", |parts| layers(parts, Lstm), |parts| layers(parts, Lstm));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&LSTM));
static GRU: Kind = Kind::new("gru", |parts| layers(parts, Gru), |parts| layers(parts, Gru));
neurobench_core::__private::inventory::submit!(crate::layers::LegacyKind(&GRU));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CellConfig {
    input_size: usize,
    hidden_size: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayersConfig {
    input_size: usize,
    hidden_size: usize,
    #[serde(default = "one")]
    num_layers: usize,
    #[serde(default)]
    bidirectional: bool,
}

fn one() -> usize {
    1
}

fn rnn_cell<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let plain = Plain(nonlinearity(&mut parts)?);
    cell(parts, plain)
}

fn rnn<R: Real>(mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let plain = Plain(nonlinearity(&mut parts)?);
    layers(parts, plain)
}

fn nonlinearity(parts: &mut Parts<'_, '_>) -> Result<Nonlinearity, NetworkError> {
    let Some(value) = parts.settings.remove("nonlinearity") else { return Ok(Nonlinearity::default()) };
    value.try_into().map_err(|error: toml::de::Error| parts.problem(format!("`nonlinearity`: {}", error.message())))
}

fn cell<R: Real>(mut parts: Parts<'_, '_>, cell: impl Cell) -> Result<BuiltLayer<R>, NetworkError> {
    let CellConfig { input_size, hidden_size } = parts.settings()?;
    if parts.shape != [input_size] {
        return Err(wrong_shape(&parts, input_size));
    }
    let names = vec![vec![String::new()]];
    Blueprint { cell, inputs: input_size, units: hidden_size, length: None, names }.build(parts)
}

fn layers<R: Real>(mut parts: Parts<'_, '_>, cell: impl Cell) -> Result<BuiltLayer<R>, NetworkError> {
    let LayersConfig { input_size, hidden_size, num_layers, bidirectional } = parts.settings()?;
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
    // With more layers, the names alone would take more memory than any weights file.
    const MOST_LAYERS: usize = 1024;
    if num_layers == 0 || num_layers > MOST_LAYERS {
        return Err(parts.problem(format!("`num_layers` must be in 1..={MOST_LAYERS}")));
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
        let Some(sums) = units.checked_mul(C::GATES).filter(|_| units > 0 && inputs > 0) else {
            return Err(parts
                .problem("`input_size` and `hidden_size` must be at least 1, and small enough to count the weights"));
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
        let layer = Layer::connection(parts.path, parts.kind, fan_out);
        let layer = stored.into_iter().fold(layer, Layer::with_parameter);
        let shape = length.into_iter().chain([width]).collect();
        Ok(BuiltLayer::new(layer, Recurrent { cell, layers, units, length }, shape))
    }
}
