//! How active neurons are.

use neurobench_core::accumulate::Distribution;
use neurobench_core::prelude::*;

/// For each neuron of each activation layer, the fraction of its outputs that were not zero.
///
/// `Σ [output ≠ 0] / outputs` over all samples and time steps of the run. Of a spiking neuron these are its spikes per time step.
/// Of a unit of any other activation layer, such as ReLU, it is how often the unit was active: its non-zero outputs of all that
/// it gave, one for each time step of a sample, or one for each sample where the model has no time; how large they were does
/// not matter.
///
/// Memory: O(neurons), whatever the size of the data set.
#[accumulated_metric(
    hooks,
    unit = "non-zero outputs/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn neuron_activity(state: &mut PerLayer<PerNeuron>, neurons: NeuronCounts<'_>) {
    state.merge(neurons.per_layer(PerNeuron::from));
}

/// The distribution of the neurons' activity, for each activation layer: minimum, quartiles, maximum, mean and standard
/// deviation over the layer's neurons.
///
/// Of each neuron `Σ [output ≠ 0] / outputs`; see `neuron_activity` for what is counted: of spiking neurons, spikes per time
/// step.
#[accumulated_metric(
    of = NeuronActivity,
    unit = "non-zero outputs/step",
    bounds = 0.0..=1.0,
    cite = "Hyndman & Fan 1996, The American Statistician 50(4):361-365, doi 10.1080/00031305.1996.10473566: the quartiles"
)]
pub fn average_activity(neurons: &PerLayer<PerNeuron>) -> Result<LayerMap<Distribution>, MetricError> {
    let summary = |(path, neurons): (&str, &PerNeuron)| Ok((path.to_owned(), Distribution::of(&neurons.rates()?)?));
    neurons.iter().map(summary).collect()
}
