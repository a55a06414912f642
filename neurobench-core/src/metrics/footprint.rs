//! What a model takes to store.

use crate::prelude::*;

/// Memory that the model's parameters and buffers take, each at its stored width.
///
/// Σ elements × bits / 8 over all parameters and buffers, as the model stands before a run: states that grow during a run
/// are not part of it. A tensor's bytes are rounded up to whole ones.
#[static_metric(
    unit = "bytes",
    higher_is_better = false,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn footprint(layers: Layers<'_>) -> u64 {
    layers.iter().map(Layer::bytes).sum()
}

/// Number of parameters: what training changes, buffers left out.
///
/// Σ elements over all parameters, zeros among them.
#[static_metric(
    unit = "parameters",
    higher_is_better = false,
    cite = "NeuroBench 2.3.0, `ParameterCount`, https://github.com/NeuroBench/neurobench"
)]
pub fn parameter_count(layers: Layers<'_>) -> u64 {
    layers.iter().map(Layer::parameter_count).sum()
}
