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

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integers;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::settable::settable;
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind, TensorRole};

pub(super) const KIND: Kind = Kind::new("layer_norm", build, build);

/// What a layer normalisation is over, and what it stores.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNormConfig {
    /// The last axes of the inputs.
    pub normalized_shape: Vec<usize>,
    /// What they are scaled by, of that shape; 1 if there is none.
    pub weight: Option<ArrayD<f64>>,
    /// What is added then, of that shape; 0 if there is none.
    pub bias: Option<ArrayD<f64>>,
    /// Added to the variance.
    pub eps: f64,
}

impl LayerNormConfig {
    /// Over these axes, with `eps` 1e-5 and nothing else.
    #[must_use]
    pub fn new(normalized_shape: impl Into<Vec<usize>>) -> Self {
        Self { normalized_shape: normalized_shape.into(), weight: None, bias: None, eps: eps() }
    }
}

settable!(LayerNormConfig {
    /// The same with a weight.
    with_weight(weight: ArrayD<f64>);
    /// The same with a bias.
    with_bias(bias: ArrayD<f64>);
    /// The same with another `eps`.
    with_eps(eps: f64);
});

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
    /// Adds `(x - mean) / √(variance + eps) · weight + bias` over the last axes.
    #[must_use]
    pub fn layer_norm(self, path: &str, config: LayerNormConfig) -> Self {
        let LayerNormConfig { normalized_shape, weight, bias, eps } = config;
        let axes = integers(&normalized_shape);
        let settings = [("normalized_shape".to_owned(), axes), ("eps".to_owned(), toml::Value::Float(eps))];
        let builder = self.layer(path, KIND.name, toml::Table::from_iter(settings));
        [("weight", weight), ("bias", bias)].into_iter().fold(builder, |builder, (name, tensor)| match tensor {
            Some(tensor) => {
                let shape = tensor.shape().to_vec();
                builder.tensor(path, name, &shape, tensor)
            }
            None => builder,
        })
    }
}
