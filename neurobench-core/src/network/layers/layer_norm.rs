//! Normalisation over the last axes: `layer_norm`.
//!
//! Jimmy Lei Ba, Jamie Ryan Kiros, Geoffrey E. Hinton, "Layer Normalization", 2016,
//! [arXiv:1607.06450](https://arxiv.org/abs/1607.06450); stored as by PyTorch's
//! [`LayerNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html). Of each set of `n` inputs that differ
//! in the last axes only:
//!
//! ```text
//! mean = Σ x / n        variance = Σ (x - mean)² / n
//! y = (x - mean) / √(variance + eps) · weight + bias
//! ```
//!
//! in this order, summed in ascending order. Without `weight` and `bias` they are 1 and 0.

use ndarray::ArrayD;
use serde::Deserialize;

use crate::model::{Layer, LayerKind, TensorRole};
use crate::network::NetworkBuilder;
use crate::network::error::NetworkError;
use crate::network::kernel::{Hook, Kernel, Workspace};
use crate::network::layers::window::integer;
use crate::network::layers::{Built, Kind, Parts};
use crate::network::real::Real;

pub(super) const KIND: Kind = Kind::new("layer_norm", build, build);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    normalized_shape: Vec<usize>,
    #[serde(default = "eps")]
    eps: f64,
}

fn eps() -> f64 {
    1e-5
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let Config { normalized_shape, eps } = parts.settings()?;
    if normalized_shape.is_empty() || !parts.shape.ends_with(&normalized_shape) {
        let found = parts.shape;
        return Err(parts.problem(format!("normalises the last axes {normalized_shape:?} and is given {found:?}")));
    }
    let eps: R = Real::nearest(eps);
    if !(eps.is_finite() && eps > R::zero()) {
        return Err(parts.problem("`eps` must be a finite number above 0"));
    }
    let length = normalized_shape.iter().product();
    let mut layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let (mut weight, mut bias) = (vec![R::one(); length], vec![R::zero(); length]);
    if let Some(stored) = parts.weights.optional("weight", &normalized_shape)? {
        weight = stored.values;
        layer = layer.with_parameter(stored.stored);
    }
    if let Some(stored) = parts.weights.optional("bias", &normalized_shape)? {
        bias = stored.values;
        layer = layer.with_parameter(stored.stored.with_role(TensorRole::Bias));
    }
    Ok(Built::new(layer, LayerNorm { weight, bias, eps, outputs: parts.elements() }, parts.shape.to_vec()))
}

/// The kernel: one set of inputs after the other.
struct LayerNorm<R> {
    weight: Vec<R>,
    bias: Vec<R>,
    eps: R,
    outputs: usize,
}

impl<R: Real> Kernel<R> for LayerNorm<R> {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let length = self.weight.len();
        let count = R::of_count(length);
        for (inputs, outputs) in inputs.chunks_exact(length).zip(outputs.chunks_exact_mut(length)) {
            let mean = inputs.iter().copied().sum::<R>() / count;
            let variance = inputs.iter().map(|input| (*input - mean) * (*input - mean)).sum::<R>() / count;
            let deviation = (variance + self.eps).sqrt();
            let affine = self.weight.iter().zip(&self.bias);
            for ((output, input), (weight, bias)) in outputs.iter_mut().zip(inputs).zip(affine) {
                *output = (*input - mean) / deviation * *weight + *bias;
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds `(x - mean) / √(variance + eps) · weight + bias` over the last axes, those of the weight and of the bias.
    #[must_use]
    pub fn layer_norm(self, path: &str, weight: ArrayD<f64>, bias: ArrayD<f64>, eps: f64) -> Self {
        let (shape, of_bias) = (weight.shape().to_vec(), bias.shape().to_vec());
        let axes = toml::Value::Array(shape.iter().copied().map(integer).collect());
        let settings = [("normalized_shape".to_owned(), axes), ("eps".to_owned(), toml::Value::Float(eps))];
        self.layer(path, KIND.name, toml::Table::from_iter(settings))
            .tensor(path, "weight", &shape, weight)
            .tensor(path, "bias", &of_bias, bias)
    }
}
