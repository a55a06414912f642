//! Storage of a model.

use std::num::NonZeroU64;

use neurobench_core::model::TensorRole;
use neurobench_core::prelude::*;

/// Memory of the model's parameters and buffers, each at its stored width or at a given one.
///
/// Σ elements × bits / 8 over all parameters and buffers of the model before a run; it excludes states that grow during
/// a run. The bytes of a tensor are rounded up to a whole number. With `bits_per_weight` the weights of connections
/// count at this width, as if they were quantized; all other tensors, such as biases and constants of neurons, count at
/// their stored width.
#[static_metric(
    unit = "bytes",
    higher_is_better = false,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn footprint(
    layers: Layers<'_>,
    /// Bits per weight; the stored width if not set.
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

/// Number of parameters, which training changes; buffers are excluded.
///
/// Σ elements over all parameters, including zeros.
#[static_metric(
    unit = "parameters",
    higher_is_better = false,
    cite = "NeuroBench 2.3.0, `ParameterCount`, https://github.com/NeuroBench/neurobench"
)]
pub fn parameter_count(layers: Layers<'_>) -> Result<u64, MetricError> {
    sum(layers.iter().map(Layer::parameter_count))
}

/// Sum of sizes of layers, where `u64::MAX` stands for a size that does not fit.
fn sum(sizes: impl Iterator<Item = u64>) -> Result<u64, MetricError> {
    let sum = sizes.fold(0, u64::saturating_add);
    if sum == u64::MAX {
        return Err("the size of the layers does not fit into 64 bits".into());
    }
    Ok(sum)
}
