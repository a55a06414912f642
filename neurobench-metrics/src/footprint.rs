//! What a model takes to store.

use std::num::NonZeroU64;

use neurobench_core::model::TensorRole;
use neurobench_core::prelude::*;

/// Memory that the model's parameters and buffers take, each at its stored width or at one that is given.
///
/// Σ elements × bits / 8 over all parameters and buffers, as the model stands before a run: states that grow during a run
/// are not part of it. A tensor's bytes are rounded up to whole ones. With `bits_per_weight` the weights of connections count
/// at this width, as if they were quantised, and all else, such as biases and constants of neurons, as it is stored.
#[static_metric(
    unit = "bytes",
    higher_is_better = false,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn footprint(
    layers: Layers<'_>,
    /// The bits that a weight takes; as stored, if it is not set.
    #[param]
    bits_per_weight: Option<NonZeroU64>,
) -> Result<u64, MetricError> {
    let Some(bits) = bits_per_weight else { return sum(layers.iter().map(Layer::bytes)) };
    let mut bytes = Count::default();
    for tensor in layers.iter().flat_map(|layer| layer.parameters().iter().chain(layer.buffers())) {
        let width = if tensor.role == TensorRole::Weight {
            let width = tensor.elements().checked_mul(bits.get());
            width.ok_or("the bits of the weights do not fit into 64 bits")?.div_ceil(8)
        } else {
            tensor.bytes()
        };
        bytes.merge(Count(width));
    }
    sum(std::iter::once(bytes.finish()?))
}

/// Number of parameters: what training changes, buffers left out.
///
/// Σ elements over all parameters, zeros among them.
#[static_metric(
    unit = "parameters",
    higher_is_better = false,
    cite = "NeuroBench 2.3.0, `ParameterCount`, https://github.com/NeuroBench/neurobench"
)]
pub fn parameter_count(layers: Layers<'_>) -> Result<u64, MetricError> {
    sum(layers.iter().map(Layer::parameter_count))
}

/// The sum of what layers store, each of which is `u64::MAX` if it is not to be counted.
fn sum(of_layers: impl Iterator<Item = u64>) -> Result<u64, MetricError> {
    let sum = of_layers.fold(0, u64::saturating_add);
    if sum == u64::MAX {
        return Err("what the layers store does not fit into 64 bits".into());
    }
    Ok(sum)
}
