//! Updates of membrane potentials.

use neurobench_core::model::MembraneCount;
use neurobench_core::prelude::*;

/// Updates of membrane potentials over a run, by layer, and the number of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct MembraneUpdateTotals {
    /// Updates by layer of spiking neurons.
    #[merge]
    pub layers: PerLayer<Count>,
    /// Number of potentials of all layers at all steps, changed or not.
    #[merge(sum)]
    pub potentials: u64,
    /// Number of samples of the run.
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
/// For each layer `Σ over samples (neurons + Σ over later steps t of the neurons whose potential at t differs from
/// before)`: at the first time step of a sample every neuron counts. If the model carries state from sample to sample,
/// every neuron counts at the first sample of a sequence, and at every other sample the neurons whose potential differs
/// from before.
#[accumulated_metric(
    hooks,
    unit = "updates",
    version = 2,
    cite = "NeuroBench 2.3.0, `MembraneUpdates`, https://github.com/NeuroBench/neurobench"
)]
pub fn membrane_update_counts(
    membranes: MembraneCounts<'_>,
    samples: SampleCount,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> MembraneUpdateTotals {
    let membranes = membranes.select(&layers);
    let mut potentials = Count::default();
    membranes.iter().for_each(|(_, count)| potentials.merge(Count(count.total)));
    let layers = membranes.per_layer(|count| Count(count.updates));
    MembraneUpdateTotals { layers, potentials: potentials.0, samples: samples.0 }
}

/// Updates of membrane potentials per sample, on average over the run.
///
/// Σ updates over all spiking layers / samples; `membrane_update_counts` defines an update.
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

/// Membrane potentials of one layer over a run, and their updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Accumulator, MetricValue)]
#[non_exhaustive]
pub struct LayerPotentials {
    /// Updates, as `membrane_update_counts` defines them.
    #[merge(sum)]
    #[value(unit = "updates")]
    pub updates: u64,
    /// Number of potentials at all steps, changed or not.
    #[merge(sum)]
    #[value(unit = "potentials")]
    pub potentials: u64,
}

impl Finish for LayerPotentials {
    type Output = Self;

    fn finish(&self) -> Result<Self, MetricError> {
        Ok(*self)
    }
}

/// Membrane potentials of a run by layer, and the number of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct MembranePotentialTotals {
    /// Potentials and updates by layer of spiking neurons.
    #[merge]
    pub layers: PerLayer<LayerPotentials>,
    /// Number of samples of the run.
    #[merge(sum)]
    pub samples: u64,
}

impl Finish for MembranePotentialTotals {
    type Output = LayerMap<LayerPotentials>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.layers.finish()
    }
}

/// Membrane potentials over the run as integers, and their updates, by layer of spiking neurons: the counts that
/// `energy_by_layer` reads.
///
/// The potentials of a layer are `neurons · steps`, summed over the samples; `membrane_update_counts` defines an update.
#[accumulated_metric(hooks, cite = "NeuroBench 2.3.0, `MembraneUpdates`, https://github.com/NeuroBench/neurobench")]
pub fn membrane_potential_counts(
    membranes: MembraneCounts<'_>,
    samples: SampleCount,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> MembranePotentialTotals {
    let counted = |count: &MembraneCount| LayerPotentials { updates: count.updates, potentials: count.total };
    MembranePotentialTotals { layers: membranes.select(&layers).per_layer(counted), samples: samples.0 }
}

/// Operations of spiking neurons over a run, and the number of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct NeuronOperationTotals {
    /// Operations by layer of spiking neurons.
    #[merge]
    pub layers: PerLayer<LayerNeuronOperations>,
    /// Number of samples of the run.
    #[merge(sum)]
    pub samples: u64,
}

impl Finish for NeuronOperationTotals {
    type Output = LayerMap<LayerNeuronOperations>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.layers.finish()
    }
}

/// Operations of one layer of spiking neurons over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Accumulator, MetricValue)]
#[non_exhaustive]
pub struct LayerNeuronOperations {
    /// Operations of the updated membrane potentials.
    #[merge(sum)]
    #[value(unit = "operations")]
    pub effective: u64,
    /// Operations of all neurons at all steps.
    #[merge(sum)]
    #[value(unit = "operations")]
    pub dense: u64,
}

impl Finish for LayerNeuronOperations {
    type Output = Self;

    fn finish(&self) -> Result<Self, MetricError> {
        Ok(*self)
    }
}

/// Operations of spiking neurons over the run as integers, by layer: the counts that `neuron_operations` reads.
#[accumulated_metric(hooks, cite = "NeuroBench 2.3.0, `NeuronOperations`, https://github.com/NeuroBench/neurobench")]
pub fn neuron_operation_counts(
    membranes: MembraneCounts<'_>,
    samples: SampleCount,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<NeuronOperationTotals, MetricError> {
    let layers = membranes.select(&layers).try_per_layer(|layer, count| match layer.operations_per_update() {
        Some(per_update) => {
            let times = |updates: u64| {
                per_update.checked_mul(updates).ok_or("the operations of a layer do not fit into 64 bits")
            };
            Ok(LayerNeuronOperations { effective: times(count.updates)?, dense: times(count.total)? })
        }
        None => {
            let (path, kind) = (layer.path(), layer.type_name());
            Err(format!("layer `{path}` ({kind}) does not declare its operations per update"))
        }
    })?;
    Ok(NeuronOperationTotals { layers, samples: samples.0 })
}

/// Operations of spiking neurons per sample, on average over the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct NeuronOperationsPerSample {
    /// Operations of the updated membrane potentials.
    #[value(unit = "operations/sample", higher_is_better = false)]
    pub effective: f64,
    /// Operations of all neurons at all steps.
    #[value(unit = "operations/sample", higher_is_better = false)]
    pub dense: f64,
}

/// Operations of spiking neurons per sample, on average over the run: effective and dense.
///
/// Effective operations are `Σ over layers (updates · operations of one update)`, with the updates of
/// `membrane_update_counts`; dense operations are those of all neurons at all steps. Each kind of neuron declares the
/// arithmetic operations of an update; synaptic operations, including those of recurrent weights, are excluded.
#[accumulated_metric(
    of = NeuronOperationCounts,
    cite = "NeuroBench 2.3.0, `NeuronOperations`, https://github.com/NeuroBench/neurobench"
)]
pub fn neuron_operations(totals: &NeuronOperationTotals) -> Result<NeuronOperationsPerSample, MetricError> {
    let mut all = LayerNeuronOperations::default();
    for layer in totals.layers.values() {
        all.merge(*layer);
    }
    let per_sample = |total: u64| Ratio::new(total, totals.samples).finish();
    Ok(NeuronOperationsPerSample { effective: per_sample(all.effective)?, dense: per_sample(all.dense)? })
}
