//! Totals of activation layers.

use neurobench_core::prelude::*;

/// Totals of one activation layer over a run, in exact sums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct LayerSpikeTotals {
    /// Sum of the sizes of the spikes.
    #[merge]
    pub spikes: Sum,
    /// True if the outputs are spikes.
    #[merge(max)]
    pub is_spiking: bool,
    /// Number of outputs that are not zero.
    #[merge(sum)]
    pub nonzero: u64,
    /// Number of outputs.
    #[merge(sum)]
    pub activations: u64,
    /// Number of runs of the layer.
    #[merge(sum)]
    pub calls: u64,
}

/// Totals of one activation layer over a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct ActivationTotals {
    /// Sum of the sizes of the spikes; none for a layer whose outputs are not spikes.
    #[value(unit = "spikes")]
    pub spikes: Option<f64>,
    /// Number of outputs that are not zero; for spiking neurons, the steps of a neuron with one or more spikes.
    #[value(unit = "activations")]
    pub nonzero: u64,
    /// Number of outputs: calls times neurons.
    #[value(unit = "activations")]
    pub activations: u64,
    /// Number of runs of the layer: one for each sample and time step.
    #[value(unit = "calls")]
    pub calls: u64,
}

impl Finish for LayerSpikeTotals {
    type Output = ActivationTotals;

    fn finish(&self) -> Result<ActivationTotals, MetricError> {
        let Self { nonzero, activations, calls, .. } = *self;
        let spikes = self.is_spiking.then(|| self.spikes.value());
        Ok(ActivationTotals { spikes, nonzero, activations, calls })
    }
}

/// Totals of each activation layer over the run: spikes, non-zero activations, all activations, and calls.
///
/// Spikes count by their size: `Σ |output|` over all neurons, samples and time steps of a layer of spiking neurons,
/// which is the number of spikes where a neuron can spike several times in a step, and the sum of their sizes where
/// spikes are graded. `zero_activations` and `neuron_spikes` count the steps with a spike instead, whatever its size.
/// The sum is exact, and does not depend on the batch size. A call is a run of the layer: one for each sample and time
/// step.
///
/// Memory: O(layers).
#[accumulated_metric(hooks, cite = "NeuroBench 2.3.0, `ActivationSparsity`, https://github.com/NeuroBench/neurobench")]
pub fn spike_totals(
    totals: LayerTotals<'_>,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<PerLayer<LayerSpikeTotals>, MetricError> {
    totals.select(&layers).try_per_layer(|layer, total| {
        Ok(LayerSpikeTotals {
            spikes: Sum::from(total.spikes()),
            is_spiking: layer.is_spiking(),
            nonzero: total.nonzero,
            activations: total.outputs,
            calls: total.calls,
        })
    })
}
