//! Fractions of weights and activations that are zero.

use neurobench_core::model::{LayerKind, TensorRole};
use neurobench_core::prelude::*;

/// Fraction of the weights of all connection layers that are zero; biases are not weights.
///
/// zeros / weights, one quotient of two totals. Undefined for a model without connections.
#[static_metric(
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn connection_sparsity(layers: Layers<'_>) -> Result<f64, MetricError> {
    let connections = layers.iter().filter(|layer| layer.kind() == LayerKind::Connection);
    let weights = connections.flat_map(Layer::parameters).filter(|tensor| tensor.role == TensorRole::Weight);
    let mut share = Ratio::default();
    for tensor in weights {
        share.merge(Ratio::new(tensor.zeros, tensor.elements()));
    }
    share.finish().map_err(|_| MetricError::undefined("the model has no connection weights"))
}

/// Zero activations among all activations, by layer: the counts that the sparsity metrics read.
///
/// The value of a layer is its sparsity, `zeros / activations`. Undefined for a layer that never ran.
#[accumulated_metric(
    hooks,
    unit = "fraction",
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn zero_activations(
    activations: ActivationCounts<'_>,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> PerLayer<Ratio> {
    activations.select(&layers).per_layer(|count| Ratio::new(count.zeros(), count.total))
}

/// Fraction of activations that are zero, pooled over all layers, samples and time steps of the run.
///
/// Σ zeros / Σ activations over the whole run, so that the value does not depend on the batch size.
#[accumulated_metric(
    of = ZeroActivations,
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn activation_sparsity(zeros: &PerLayer<Ratio>) -> Result<f64, MetricError> {
    let mut pooled = Ratio::default();
    for layer in zeros.values() {
        pooled.merge(*layer);
    }
    pooled.finish().map_err(|_| MetricError::undefined("no activation layer ran"))
}

/// Fraction of activations that are zero, for each activation layer by its full path.
///
/// For each layer `zeros / activations`, both summed over all samples and time steps of the run. Undefined if a layer
/// never ran.
#[accumulated_metric(
    of = ZeroActivations,
    unit = "fraction",
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "NeuroBench 2.3.0, `ActivationSparsityByLayer`, https://github.com/NeuroBench/neurobench"
)]
pub fn activation_sparsity_by_layer(zeros: &PerLayer<Ratio>) -> Result<LayerMap<f64>, MetricError> {
    zeros.finish()
}
