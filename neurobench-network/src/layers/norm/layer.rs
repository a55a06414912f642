//! Normalization over the last axes: `layer_norm`.
//!
//! Jimmy Lei Ba, Jamie Ryan Kiros, Geoffrey E. Hinton, "Layer Normalization", 2016,
//! [arXiv:1607.06450](https://arxiv.org/abs/1607.06450). The tensors are stored as by PyTorch's
//! [`LayerNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html). Each set of `n` inputs that differ only
//! in the last axes is normalized:
//!
//! ```text
//! mean = Σ x / n        variance = Σ (x - mean)² / n
//! y = (x - mean) / √(variance + eps) · weight + bias
//! ```
//!
//! in this order of operations, with sums in ascending order. The defaults of `weight` and `bias` are 1 and 0.

use ndarray::ArrayD;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integers;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::settable::settable;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind, TensorRole};

layer!("layer_norm", LayerNormSettings, build);

/// Default of `eps`.
const EPS: f64 = 1e-5;

/// Normalization over the last axes of one sample at one step.
#[derive(Clone, Debug, Settings)]
struct LayerNormSettings {
    /// Lengths of these axes.
    normalized_shape: Vec<usize>,
    /// Added to the variance: above 0.
    #[param(default = EPS)]
    eps: f64,
}

/// Axes, stored tensors and settings of a layer normalization.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNormConfig {
    /// Lengths of the last axes of the inputs, over which the layer normalizes.
    pub normalized_shape: Vec<usize>,
    /// Weight of that shape; 1 if it is `None`.
    pub weight: Option<ArrayD<f64>>,
    /// Bias of that shape; 0 if it is `None`.
    pub bias: Option<ArrayD<f64>>,
    /// Added to the variance.
    pub eps: f64,
}

impl LayerNormConfig {
    /// Creates a configuration for these axes, with `eps` 1e-5 and without weight and bias.
    #[must_use]
    pub fn new(normalized_shape: impl Into<Vec<usize>>) -> Self {
        Self { normalized_shape: normalized_shape.into(), weight: None, bias: None, eps: EPS }
    }
}

settable!(LayerNormConfig {
    /// Sets a weight.
    with_weight(weight: ArrayD<f64>);
    /// Sets a bias.
    with_bias(bias: ArrayD<f64>);
    /// Sets `eps`.
    with_eps(eps: f64);
});

fn build<R: Real>(settings: LayerNormSettings, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LayerNormSettings { normalized_shape, eps } = settings;
    if normalized_shape.is_empty() || !parts.shape.ends_with(&normalized_shape) {
        let found = parts.shape;
        return Err(
            parts.problem(format!("expected inputs whose last axes are {normalized_shape:?}, found shape {found:?}"))
        );
    }
    // A number that is not 0 may round to 0.
    let rounded: R = Real::nearest(eps);
    if !(rounded.is_finite() && rounded > R::zero()) {
        return Err(parts.problem(format!("`eps` must be above 0 and within the range of {}, found {eps:?}", R::NAME)));
    }
    let eps = rounded;
    let length = normalized_shape.iter().product();
    let mut layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let (mut weight, mut bias) = (vec![R::one(); length], vec![R::zero(); length]);
    if let Some(stored) = parts.optional_tensor("weight", &normalized_shape)? {
        weight = stored.values;
        layer = layer.with_parameter(stored.stored);
    }
    if let Some(stored) = parts.optional_tensor("bias", &normalized_shape)? {
        bias = stored.values;
        layer = layer.with_parameter(stored.stored.with_role(TensorRole::Bias));
    }
    Ok(BuiltLayer::new(layer, LayerNorm { weight, bias, eps, outputs: parts.elements() }, parts.shape.to_vec()))
}

/// Kernel that normalizes one set of inputs after the other.
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
        let count = R::from_count(length);
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
        let builder = self.layer(path, "layer_norm", toml::Table::from_iter(settings));
        [("weight", weight), ("bias", bias)].into_iter().fold(builder, |builder, (name, tensor)| match tensor {
            Some(tensor) => {
                let shape = tensor.shape().to_vec();
                builder.tensor(path, name, &shape, tensor)
            }
            None => builder,
        })
    }
}
