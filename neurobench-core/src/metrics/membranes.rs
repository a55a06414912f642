//! Updates of membrane potentials.

use crate::prelude::*;

/// The updates of membrane potentials over a run, by layer, and its samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct MembraneUpdateTotals {
    /// By layer of spiking neurons.
    #[merge]
    pub layers: PerLayer<Count>,
    /// Samples of the run.
    #[merge(sum)]
    pub samples: u64,
}

impl Finish for MembraneUpdateTotals {
    type Output = LayerMap<u64>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.layers.finish()
    }
}

/// Updates of membrane potentials over the run as integers, by layer of spiking neurons.
///
/// Of each layer `Σ over samples (neurons + Σ over later steps t of the neurons whose potential at t differs from before)`: at
/// the first time step of a sample every neuron counts. Of a model that carries state from sample to sample, every neuron
/// counts at the first sample of a sequence, and at every other sample those whose potential differs from before.
#[accumulated_metric(
    hooks,
    unit = "updates",
    cite = "NeuroBench 2.3.0, `MembraneUpdates`, https://github.com/NeuroBench/neurobench"
)]
pub fn membrane_update_counts(membranes: MembraneCounts<'_>, samples: SampleCount) -> MembraneUpdateTotals {
    MembraneUpdateTotals { layers: membranes.per_layer(|count| Count(count.updates)), samples: samples.0 }
}

/// Updates of membrane potentials of one sample, on average over the run.
///
/// Σ updates over all spiking layers / samples; see `membrane_update_counts` for what an update is.
#[accumulated_metric(
    of = MembraneUpdateCounts,
    unit = "updates/sample",
    higher_is_better = false,
    cite = "Yik et al. 2025, Nature Communications 16:1545, doi 10.1038/s41467-025-56739-4"
)]
pub fn membrane_updates(totals: &MembraneUpdateTotals) -> Result<f64, MetricError> {
    let mut updates = Count::default();
    for layer in totals.layers.values() {
        updates.merge(*layer);
    }
    Ratio::new(updates.0, totals.samples).finish()
}
