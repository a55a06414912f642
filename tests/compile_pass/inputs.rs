//! Inputs of the batch and of hooks, in every kind of metric that can take them.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use neurobench::prelude::*;

/// Static, with selected layers.
#[static_metric(unit = "layers")]
pub fn selected_layers(layers: Layers<'_>, #[param(default = LayerSelection::all())] only: LayerSelection) -> u64 {
    layers.select(&only).count() as u64
}

/// Workload, with the inputs of the model.
#[workload_metric]
pub fn batch_inputs(inputs: Inputs<'_, Ix2>, raw: RawInputs<'_>) -> f64 {
    (inputs.nrows() + raw.samples()) as f64
}

/// Workload, with the inputs of the data set.
#[workload_metric]
pub fn batch_data_inputs(inputs: DataInputs<'_>, raw: RawDataInputs<'_>) -> Option<f64> {
    inputs.first().map(|first| first + raw.samples() as f64)
}

/// Accumulated, with a part of the batch.
#[accumulated_metric]
pub fn folded_inputs((inputs, data): (Inputs<'_>, Option<DataInputs<'_, Ix1>>), raw: RawInputs<'_>) -> Count {
    Count((inputs.len() + raw.samples() + data.map_or(0, |data| data.len())) as u64)
}

/// Accumulated, in place.
#[accumulated_metric]
pub fn inputs_in_place(state: &mut Count, inputs: Inputs<'_>, data: RawDataInputs<'_>) {
    state.0 += (inputs.len() + data.samples()) as u64;
}

/// Reads the state of another.
#[accumulated_metric(of = FoldedInputs)]
pub fn of_inputs(count: &Count) -> u64 {
    count.0
}

/// Workload, with all counts.
#[workload_metric(hooks)]
pub fn batch_counts(
    totals: LayerTotals<'_>,
    pre_activations: PreActivationCounts<'_>,
    outputs: ConnectionOutputCounts<'_>,
    membranes: PreResetMembraneCounts<'_>,
    currents: Option<SynapticCurrentCounts<'_>>,
    states: Option<RecurrentStateCounts<'_>>,
    #[param] layers: LayerSelection,
) -> f64 {
    let _ = (currents.map(|currents| currents.select(&layers).iter().count()), states.is_some());
    let outputs: u64 = outputs.select(&layers).iter().map(|(_, count)| count.nonzero).sum();
    (totals.select(&layers).iter().count() + pre_activations.iter().count() + membranes.iter().count()) as f64
        + outputs as f64
}

/// Accumulated, with all counts.
#[accumulated_metric(hooks)]
pub fn folded_counts(
    totals: LayerTotals<'_>,
    pre_activations: PreActivationCounts<'_>,
    outputs: ConnectionOutputCounts<'_>,
    membranes: PreResetMembraneCounts<'_>,
    currents: SynapticCurrentCounts<'_>,
    states: RecurrentStateCounts<'_>,
    #[param] layers: LayerSelection,
) -> (PerLayer<Sum>, PerLayer<Count>) {
    let sums = totals.select(&layers).per_layer(|total| Sum::from(total.spikes()));
    let mut counts = pre_activations.per_layer(|count| Count(count.nonzero));
    counts.merge(outputs.per_layer(|count| Count(count.zeros())));
    counts.merge(membranes.per_layer(|count| Count(count.total)));
    counts.merge(currents.per_layer(|count| Count(count.total)));
    counts.merge(states.per_layer(|count| Count(count.total)));
    (sums, counts)
}

/// Workload, with all traces.
#[workload_metric(hooks = traces)]
pub fn batch_traces(
    pre_activations: PreActivations<'_>,
    outputs: ConnectionOutputs<'_>,
    membranes: Option<PreResetMembranes<'_>>,
    currents: Option<SynapticCurrents<'_>>,
    states: Option<RecurrentStates<'_>>,
) -> f64 {
    let _ = (membranes.is_some(), currents.is_some(), states.is_some());
    (pre_activations.iter().count() + outputs.iter().count()) as f64
}

/// Accumulated in place, with all traces.
#[accumulated_metric(hooks = traces)]
pub fn folded_traces(
    state: &mut PerLayer<Count>,
    pre_activations: PreActivations<'_>,
    outputs: ConnectionOutputs<'_>,
    membranes: PreResetMembranes<'_>,
    currents: SynapticCurrents<'_>,
    states: RecurrentStates<'_>,
    #[param] layers: LayerSelection,
) {
    state.merge(pre_activations.select(&layers).per_layer(|trace| Count(trace.values().len() as u64)));
    state.merge(outputs.per_layer(|trace| Count(trace.calls().count() as u64)));
    let _ = (membranes, currents, states);
}

/// One core.
#[accumulated_metric(hooks)]
pub fn connections(connections: ConnectionCounts<'_>, #[param] layers: LayerSelection) -> PerLayer<Count> {
    connections.select(&layers).per_layer(|count| Count(count.operations()))
}

/// Another core.
#[accumulated_metric(hooks)]
pub fn activations(
    activations: ActivationCounts<'_>,
    #[param] layers: neurobench::inputs::LayerSelection,
) -> PerLayer<Count> {
    activations.select(&layers).per_layer(|count| Count(count.nonzero))
}

/// Reads both, which share their selection.
#[accumulated_metric(of = (ConnectionsMetric, ActivationsMetric))]
pub fn both(connections: &PerLayer<Count>, activations: &PerLayer<Count>) -> u64 {
    connections.values().chain(activations.values()).map(|count| count.0).sum()
}

fn main() {
    use neurobench::component::Settings;
    use neurobench::metric::{Fold, Needs};
    assert!(<BatchInputs as Fold>::NEEDS.contains(Needs::INPUTS));
    assert!(!<BatchInputs as Fold>::NEEDS.intersects(Needs::DATA_INPUTS.union(Needs::HOOKS)));
    assert!(<FoldedCounts as Fold>::NEEDS.contains(Needs::LAYER_TOTALS));
    assert!(!<FoldedCounts as Fold>::NEEDS.intersects(Needs::TRACES));
    assert!(<FoldedTraces as Fold>::NEEDS.contains(Needs::SYNAPTIC_CURRENT_TRACES));
    let names: Vec<_> = Both::all_params().iter().map(|param| param.name).collect();
    assert_eq!(names, ["layers"]);
}
