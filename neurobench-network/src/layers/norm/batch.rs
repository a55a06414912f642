//! Batch normalization for inference: `batch_norm1d`, `batch_norm2d`, `batch_norm3d`.
//!
//! Sergey Ioffe, Christian Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
//! Shift", ICML 2015, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167). The tensors are stored as by PyTorch's
//! [`BatchNorm1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html), `BatchNorm2d` and `BatchNorm3d`.
//! Inputs have the shape \[features, depth, height, width\], \[features, height, width\], \[features, length\] or \[features\],
//! and each feature is normalized separately:
//!
//! ```text
//! y = (x - running_mean) / √(running_var + eps) · weight + bias
//! ```
//!
//! It is computed as by PyTorch on a CPU, with a scale and a shift for each feature:
//!
//! ```text
//! scale = 1 / √(running_var + eps) · weight
//! shift = bias - running_mean · scale
//! y = x · scale + shift
//! ```
//!
//! The shift is rounded once, as in PyTorch. The products are rounded before they are added, which some builds of PyTorch do not
//! do. The defaults of `weight` and `bias` are 1 and 0.

use ndarray::Array1;

use crate::NetworkBuilder;
use crate::error::{NetworkError, TensorError};
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::settable::settable;
use crate::layers::window;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind, TensorRole};

layer!("batch_norm1d", BatchNormSettings, |settings, parts| build(&settings, parts, 1));
layer!("batch_norm2d", BatchNormSettings, |settings, parts| build(&settings, parts, 2));
layer!("batch_norm3d", BatchNormSettings, |settings, parts| build(&settings, parts, 3));

/// Default of `eps`.
const EPS: f64 = 1e-5;

/// Batch normalization for inference, with the means and variances of the training.
#[derive(Clone, Debug, Settings)]
struct BatchNormSettings {
    /// Length of the first axis of the inputs.
    #[param(range = 1..)]
    num_features: usize,
    /// Added to the variances.
    #[param(default = EPS, range = 0.0..)]
    eps: f64,
}

/// Stored tensors and settings of a batch normalization; the tensors have one number for each feature.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNormConfig {
    /// Means of the features in training.
    pub running_mean: Array1<f64>,
    /// Variances of the features in training.
    pub running_var: Array1<f64>,
    /// Weight and bias; 1 and 0 if they are `None`.
    pub affine: Option<(Array1<f64>, Array1<f64>)>,
    /// Added to the variances.
    pub eps: f64,
    /// Number of batches in training: stored, but not used.
    pub num_batches_tracked: i64,
}

impl BatchNormConfig {
    /// Creates a configuration from means and variances, with `eps` 1e-5 and without weight and bias.
    #[must_use]
    pub fn new(running_mean: Array1<f64>, running_var: Array1<f64>) -> Self {
        Self { running_mean, running_var, affine: None, eps: EPS, num_batches_tracked: 0 }
    }

    /// Sets a weight and a bias.
    #[must_use]
    pub fn with_affine(mut self, weight: Array1<f64>, bias: Array1<f64>) -> Self {
        self.affine = Some((weight, bias));
        self
    }
}

settable!(BatchNormConfig {
    /// Sets `eps`.
    with_eps(eps: f64);
});

fn build<R: Real>(
    settings: &BatchNormSettings,
    mut parts: Parts<'_, '_>,
    axes: usize,
) -> Result<BuiltLayer<R>, NetworkError> {
    let num_features = settings.num_features;
    let eps: R = Real::nearest(settings.eps);
    if !eps.is_finite() {
        return Err(parts.problem(format!("`eps` = {:e} is out of range for {}", settings.eps, R::NAME)));
    }
    let positions = match (parts.shape.split_first(), axes) {
        (Some((features, [])), 1) if *features == num_features => 1,
        (Some((features, own)), _) if *features == num_features && own.len() == axes => own.iter().product(),
        _ if axes == 1 => {
            let found = parts.shape;
            let expected = format!("[{num_features}] or [{num_features}, length]");
            return Err(parts.problem(format!("expected inputs of shape {expected}, found {found:?}")));
        }
        _ => return Err(window::wrong_shape(&parts, &num_features.to_string(), axes)),
    };
    let weight = parts.optional_tensor::<R>("weight", &[num_features])?;
    let bias = parts.optional_tensor::<R>("bias", &[num_features])?;
    let mean = parts.required_tensor::<R>("running_mean", &[num_features])?;
    let variance = parts.required_tensor::<R>("running_var", &[num_features])?;
    let tracked = parts.weights.counter("num_batches_tracked")?;

    let mut layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let affine = match (weight, bias) {
        (Some(weight), Some(bias)) => {
            layer = layer.with_parameter(weight.stored).with_parameter(bias.stored.with_role(TensorRole::Bias));
            weight.values.into_iter().zip(bias.values).collect()
        }
        (None, None) => vec![(R::one(), R::zero()); num_features],
        (Some(_), None) => return Err(parts.tensor_problem("bias", TensorError::Missing)),
        (None, Some(_)) => return Err(parts.tensor_problem("weight", TensorError::Missing)),
    };
    let mut features = Vec::with_capacity(num_features);
    for ((mean, variance), (weight, bias)) in mean.values.iter().zip(&variance.values).zip(affine) {
        let deviation = (*variance + eps).sqrt();
        if !(deviation.is_finite() && deviation > R::zero()) {
            let expected = "the sum of a variance and `eps` must be finite and above 0".to_owned();
            let problem = TensorError::Value { found: variance.as_f64(), expected };
            return Err(parts.tensor_problem("running_var", problem));
        }
        let scale = R::one() / deviation * weight;
        let feature = Feature { scale, shift: (-*mean).multiply_add(scale, bias) };
        if !(feature.scale.is_finite() && feature.shift.is_finite()) {
            let expected = format!("the scale or the shift is out of range for {}", R::NAME);
            let problem = TensorError::Value { found: variance.as_f64(), expected };
            return Err(parts.tensor_problem("running_var", problem));
        }
        features.push(feature);
    }
    layer = layer.with_buffer(mean.stored).with_buffer(variance.stored);
    if let Some(tracked) = tracked {
        layer = layer.with_buffer(tracked);
    }
    Ok(BuiltLayer::vectorized(layer, BatchNorm { features, positions }, parts.shape.to_vec()))
}

struct Feature<R> {
    scale: R,
    shift: R,
}

impl<R: Real> Feature<R> {
    #[inline(always)]
    fn apply(&self, input: R) -> R {
        input * self.scale + self.shift
    }
}

/// Kernel that normalizes feature by feature.
struct BatchNorm<R> {
    features: Vec<Feature<R>>,
    /// Number of inputs of a feature.
    positions: usize,
}

impl<R: Real> Kernel<R> for BatchNorm<R> {
    fn outputs(&self) -> usize {
        self.features.len() * self.positions
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        let bound = |feature: &Feature<R>| feature.scale.as_f64().abs() * inputs + feature.shift.as_f64().abs();
        let bound = self.features.iter().map(bound).fold(0.0, f64::max);
        bound.is_finite().then_some(bound)
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        if self.positions == 1 {
            // Lanes are features.
            let rows = inputs.chunks_exact(self.features.len()).zip(outputs.chunks_exact_mut(self.features.len()));
            for (inputs, outputs) in rows {
                for ((feature, input), output) in self.features.iter().zip(inputs).zip(outputs) {
                    *output = feature.apply(*input);
                }
            }
            return;
        }
        let inputs = inputs.chunks_exact(self.positions);
        let outputs = outputs.chunks_exact_mut(self.positions);
        for ((feature, inputs), outputs) in self.features.iter().cycle().zip(inputs).zip(outputs) {
            for (input, output) in inputs.iter().zip(outputs) {
                *output = feature.apply(*input);
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds `(x - running_mean) / √(running_var + eps) · weight + bias` for inputs `[features, length]` or `[features]`.
    #[must_use]
    pub fn batch_norm1d(self, path: &str, config: BatchNormConfig) -> Self {
        self.batch_norm(path, "batch_norm1d", config)
    }

    /// Adds `(x - running_mean) / √(running_var + eps) · weight + bias` for inputs `[features, height, width]`.
    #[must_use]
    pub fn batch_norm2d(self, path: &str, config: BatchNormConfig) -> Self {
        self.batch_norm(path, "batch_norm2d", config)
    }

    /// Adds `(x - running_mean) / √(running_var + eps) · weight + bias` for inputs `[features, depth, height, width]`.
    #[must_use]
    pub fn batch_norm3d(self, path: &str, config: BatchNormConfig) -> Self {
        self.batch_norm(path, "batch_norm3d", config)
    }

    fn batch_norm(self, path: &str, kind: &str, config: BatchNormConfig) -> Self {
        let BatchNormConfig { running_mean, running_var, affine, eps, num_batches_tracked } = config;
        let settings = [("num_features", integer(running_mean.len())), ("eps", toml::Value::Float(eps))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let builder = self
            .layer(path, kind, settings)
            .tensor(path, "running_mean", &[running_mean.len()], running_mean)
            .tensor(path, "running_var", &[running_var.len()], running_var)
            .integer(path, "num_batches_tracked", num_batches_tracked);
        match affine {
            Some((weight, bias)) => {
                builder.tensor(path, "weight", &[weight.len()], weight).tensor(path, "bias", &[bias.len()], bias)
            }
            None => builder,
        }
    }
}
