//! How active neurons are.

use crate::prelude::*;
use crate::stats::Distribution;

/// For each neuron of each activation layer, the fraction of its outputs over the run that were not zero: of a spiking
/// neuron, its spikes per time step.
///
/// Memory: O(neurons), whatever the size of the data set.
#[accumulated_metric(hooks, unit = "spikes/step", bounds = 0.0..=1.0)]
pub fn neuron_activity(state: &mut PerLayer<PerNeuron>, neurons: NeuronCounts<'_>) {
    state.merge(neurons.per_layer(PerNeuron::from));
}

/// The distribution of the neurons' activity, for each activation layer: minimum, quartiles, maximum, mean and standard
/// deviation over the layer's neurons.
#[accumulated_metric(of = NeuronActivity, unit = "spikes/step", bounds = 0.0..=1.0)]
pub fn average_activity(neurons: &PerLayer<PerNeuron>) -> Result<LayerMap<Distribution>, MetricError> {
    let summary = |(path, neurons): (&str, &PerNeuron)| Ok((path.to_owned(), Distribution::of(&neurons.rates()?)?));
    neurons.iter().map(summary).collect()
}
