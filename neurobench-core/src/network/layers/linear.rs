//! Weighted sums: `y = x·Wᵀ + b`.

use ndarray::{Array1, Array2};
use serde::Deserialize;

use crate::model::Needs;
use crate::model::{CallOperations, FanOut, Layer, TensorRole};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::layers::{Built, Hook, Kernel, Kind, Parts};

pub(super) const KIND: Kind = Kind { name: "linear", build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    in_features: usize,
    out_features: usize,
}

fn build(mut parts: Parts<'_, '_>) -> Result<Built, NetworkError> {
    let Config { in_features, out_features } = parts.settings()?;
    if in_features == 0 || out_features == 0 {
        return Err(parts.problem("`in_features` and `out_features` must be at least 1"));
    }
    if parts.shape != [in_features] {
        let hint = if parts.elements() == in_features { "; a flatten layer goes before it" } else { "" };
        return Err(NetworkError::LayerShape {
            layer: parts.path.to_owned(),
            kind: KIND.name,
            expected: vec![in_features],
            found: parts.shape.to_vec(),
            hint,
        });
    }
    let weight = parts.weights.required("weight", &[out_features, in_features])?;
    let bias = parts.weights.optional("bias", &[out_features])?;
    let rows = weight.values.chunks_exact(in_features);
    let mut columns = vec![0.0; weight.values.len()];
    let mut fan_out = vec![0_u64; in_features];
    for (output, row) in rows.enumerate() {
        for (input, value) in row.iter().enumerate() {
            columns[input * out_features + output] = *value;
            fan_out[input] += u64::from(*value != 0.0);
        }
    }
    let fan_out = FanOut::new(fan_out, weight.values.len() as u64);
    let mut layer = Layer::connection(parts.path, KIND.name, fan_out.clone())
        .with_parameter(weight.stored.with_role(TensorRole::Weight));
    let mut constant = vec![0.0; out_features];
    if let Some(bias) = bias {
        // Adding +0 turns a bias of -0 into +0, which makes leaving out products with zero exact down to the sign of zero.
        constant = bias.values.iter().map(|value| value + 0.0).collect();
        layer = layer.with_parameter(bias.stored.with_role(TensorRole::Bias));
    }
    Ok(Built::new(layer, Linear { columns, bias: constant, fan_out }, vec![out_features]))
}

/// The kernel: starts from the bias and adds, for one non-zero input after the other in ascending order, the input times its
/// weights, over all outputs in lanes.
///
/// A product with a zero input is zero, since all weights are finite, and adding it would change nothing.
struct Linear {
    /// The weights of each input, one input after the other.
    columns: Vec<f32>,
    bias: Vec<f32>,
    fan_out: FanOut,
}

impl Kernel for Linear {
    fn outputs(&self) -> usize {
        self.bias.len()
    }

    fn step(&self, inputs: &[f32], _: &mut [f32], outputs: &mut [f32], hook: &mut Hook<'_>) {
        let counted = if hook.probe.wants(Needs::CONNECTION_COUNTS) {
            self.run::<true>(inputs, outputs)
        } else {
            self.run::<false>(inputs, outputs)
        };
        hook.probe.connection_counted(hook.layer, hook.call, counted, inputs);
    }
}

impl Linear {
    fn run<const COUNT: bool>(&self, inputs: &[f32], outputs: &mut [f32]) -> CallOperations {
        let mut counted = CallOperations { operations: 0, ternary: true };
        outputs.copy_from_slice(&self.bias);
        let columns = self.columns.chunks_exact(self.bias.len());
        for ((input, column), meets) in inputs.iter().zip(columns).zip(self.fan_out.per_input()) {
            if *input == 0.0 {
                continue;
            }
            if COUNT {
                counted.operations += meets;
                counted.ternary &= input.abs() == 1.0;
            }
            for (output, weight) in outputs.iter_mut().zip(column) {
                *output += input * weight;
            }
        }
        counted
    }
}

impl NetworkBuilder {
    /// Adds weighted sums, `y = x·Wᵀ + b`: the weight is `[out, in]`, the bias `[out]`.
    #[must_use]
    pub fn linear(self, path: &str, weight: Array2<f32>, bias: Option<Array1<f32>>) -> Self {
        let (out_features, in_features) = weight.dim();
        let size = |length: usize| toml::Value::Integer(i64::try_from(length).unwrap_or(i64::MAX));
        let settings = [("in_features", size(in_features)), ("out_features", size(out_features))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let builder = self.layer(path, KIND.name, settings);
        let builder = builder.tensor(path, "weight", &[out_features, in_features], weight);
        match bias {
            Some(bias) => builder.tensor(path, "bias", &[bias.len()], bias),
            None => builder,
        }
    }
}
