//! Activity of neurons.

use neurobench_core::accumulate::Distribution;
use neurobench_core::prelude::*;

/// Fraction of non-zero outputs of each neuron, for each activation layer.
///
/// `Σ [output ≠ 0] / outputs` over all samples and time steps of the run. For a spiking neuron this is the number of
/// spikes per time step. For a unit of any other activation layer, such as ReLU, it is the fraction of its outputs that
/// are not zero, whatever their size; there is one output for each time step of a sample, or one for each sample if the
/// model has no time.
///
/// Memory: O(neurons), whatever the size of the data set.
#[accumulated_metric(
    hooks,
    alias = "activity",
    unit = "non-zero outputs/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn neuron_activity(
    state: &mut PerLayer<PerNeuron>,
    neurons: NeuronCounts<'_>,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) {
    state.merge(neurons.select(&layers).per_layer(PerNeuron::from));
}

/// The distribution of the neurons' activity, for each activation layer: minimum, quartiles, maximum, mean and standard
/// deviation over the layer's neurons.
///
/// For each neuron `Σ [output ≠ 0] / outputs`, which for spiking neurons is the number of spikes per time step;
/// `neuron_activity` defines the counts.
#[accumulated_metric(
    of = NeuronActivity,
    unit = "non-zero outputs/step",
    bounds = 0.0..=1.0,
    cite = "Hyndman & Fan 1996, The American Statistician 50(4):361-365, doi 10.1080/00031305.1996.10473566: the quartiles"
)]
pub fn average_activity(neurons: &PerLayer<PerNeuron>) -> Result<LayerMap<Distribution>, MetricError> {
    let summary =
        |(path, neurons): (&str, &PerNeuron)| Ok((path.to_owned(), Distribution::from_values(&neurons.rates()?)?));
    neurons.iter().map(summary).collect()
}
