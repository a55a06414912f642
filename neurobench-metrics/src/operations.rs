//! Synaptic operations in closed form.
//!
//! Invariant 5: counts of operations are integers in closed form, from the nonzero inputs and the fan-out of each. A
//! layer never runs again to count.

use neurobench_core::figure::{Bars, Figure, PlotLayers};
use neurobench_core::model::TensorRole;
use neurobench_core::prelude::*;

/// Synaptic operations of a run, by layer, and the number of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct OperationTotals {
    /// Operations by layer.
    #[merge]
    pub layers: PerLayer<LayerOperations>,
    /// Number of samples of the run.
    #[merge(sum)]
    pub samples: u64,
}

impl Finish for OperationTotals {
    type Output = LayerMap<LayerOperations>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.layers.finish()
    }
}

/// Synaptic operations of one connection layer over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Accumulator, MetricValue)]
#[non_exhaustive]
pub struct LayerOperations {
    /// Pairs of a non-zero input and a non-zero weight.
    #[merge(sum)]
    #[value(unit = "operations")]
    pub effective: u64,
    /// Marks multiply-accumulates: some input of the run, or some state or gate within the layer, was not −1, 0 or 1,
    /// and some weight is not either, or the weights are not stored as integers.
    #[merge(max)]
    pub analog: bool,
    /// Operations in calls whose inputs were all −1, 0 or 1, or with weights that are all −1, 0 or 1 and stored as
    /// integers.
    #[merge(sum)]
    #[value(unit = "operations")]
    pub in_ternary_calls: u64,
    /// Number of operations if every input and every weight counted.
    #[merge(sum)]
    #[value(unit = "operations")]
    pub dense: u64,
}

impl Finish for LayerOperations {
    type Output = Self;

    fn finish(&self) -> Result<Self, MetricError> {
        Ok(*self)
    }
}

/// Effective and dense operations of each layer, side by side.
impl PlotLayers for LayerOperations {
    fn plot_layers(layers: &LayerMap<Self>) -> Figure {
        let mut figure = Figure::by_layer(layers);
        (figure.y.label, figure.y.unit) = ("synaptic operations".to_owned(), Some("operations".to_owned()));
        figure
            .mark(Bars::new(layers.iter().map(|(_, layer)| layer.effective as f64)).label("effective"))
            .mark(Bars::new(layers.iter().map(|(_, layer)| layer.dense as f64)).label("dense"))
    }
}

/// Synaptic operations of the run as integers, by connection layer: the counts that `synaptic_operations` reads.
///
/// For each layer `Σᵢ [xᵢ ≠ 0] · fan-outᵢ` over all samples and time steps, with two further counts: the operations in
/// calls without a multiplication, because all inputs were −1, 0 or 1, or all weights were and are stored as integers;
/// and the operations if nothing were zero.
#[accumulated_metric(
    hooks,
    version = 3,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn operation_counts(
    connections: ConnectionCounts<'_>,
    samples: SampleCount,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<OperationTotals, MetricError> {
    let layers = connections.select(&layers).try_per_layer(|layer, count| {
        let adds_only = has_ternary_weights(layer);
        Ok::<_, MetricError>(LayerOperations {
            effective: count.operations(),
            analog: !adds_only && !count.ternary_throughout(),
            in_ternary_calls: {
                let ternary = count.calls.iter().filter(|call| adds_only || call.ternary);
                ternary.map(|call| call.operations).sum()
            },
            dense: count.dense,
        })
    })?;
    Ok(OperationTotals { layers, samples: samples.0 })
}

/// Returns true if the layer's only weights are quantized to −1, 0 and 1, so that nothing is multiplied. Layers with
/// several weights, such as recurrent ones, also have products without a weight.
fn has_ternary_weights(layer: &Layer) -> bool {
    let mut weights = layer.parameters().iter().filter(|tensor| tensor.role == TensorRole::Weight);
    matches!((weights.next(), weights.next()), (Some(only), None) if only.ternary)
}

/// Synaptic operations per sample, on average over the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct OperationsPerSample {
    /// Multiply-accumulates: non-zero inputs on non-zero weights, in layers with analog inputs.
    #[value(unit = "MACs/sample", higher_is_better = false)]
    pub effective_macs: f64,
    /// Accumulates: non-zero inputs on non-zero weights, in layers whose inputs are all −1, 0 and 1.
    #[value(unit = "ACs/sample", higher_is_better = false)]
    pub effective_acs: f64,
    /// Number of operations if no input and no weight were zero.
    #[value(unit = "operations/sample", higher_is_better = false)]
    pub dense: f64,
}

/// Synaptic operations per sample, on average over the run: effective multiply-accumulates and accumulates, and dense
/// operations.
///
/// Effective operations of a connection layer are `Σᵢ [xᵢ ≠ 0] · fan-outᵢ`, where fan-outᵢ counts the non-zero weights
/// that input i meets; padding never counts, biases are not synaptic operations, and layers that normalize or scale
/// have none. Recurrent layers add the operations of their state and the products of their gates, as described on the
/// page of network files. Operations are accumulates if all inputs of the layer over the whole run are −1, 0 or 1, or
/// if all its weights are and are stored as integers; otherwise they are multiply-accumulates. Totals are integers,
/// divided once by the samples.
///
/// In `rnn`, `lstm`, `gru` and their cells the states must also be −1, 0 or 1, and no gate may multiply anything: if
/// floats flow within the layer, all its operations are multiply-accumulates. NeuroBench checks only the inputs there,
/// and so does `per_call`.
#[accumulated_metric(
    of = OperationCounts,
    version = 3,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn synaptic_operations(
    totals: &OperationTotals,
    /// Decide between accumulates and multiply-accumulates for each call of a layer on a batch, as NeuroBench 2 does.
    /// The split then depends on the batch size; the sum does not. (If the model carries state from sample to sample, a
    /// call is one time step, and the split does not depend on the batch size either.)
    #[param(default = false)]
    per_call: bool,
) -> Result<OperationsPerSample, MetricError> {
    let mut all = [Count(0), Count(0), Count(0)];
    for layer in totals.layers.values() {
        let accumulates = match (per_call, layer.analog) {
            (true, _) => layer.in_ternary_calls,
            (false, false) => layer.effective,
            (false, true) => 0,
        };
        let multiplied = layer.effective.checked_sub(accumulates);
        let multiplied = multiplied.ok_or("the totals have more accumulates than operations")?;
        all.merge([Count(multiplied), Count(accumulates), Count(layer.dense)]);
    }
    let [macs, acs, dense] = all.map(|total| total.0);
    let per_sample = |total: u64| Ratio::new(total, totals.samples).finish();
    Ok(OperationsPerSample {
        effective_macs: per_sample(macs)?,
        effective_acs: per_sample(acs)?,
        dense: per_sample(dense)?,
    })
}
