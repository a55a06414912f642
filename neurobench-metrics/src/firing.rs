//! How often neurons spike, and which ones never or always do.

use crate::Seconds;
use neurobench_core::accumulate::Distribution;
use neurobench_core::prelude::*;

/// The spikes of each neuron per time step, by layer of spiking neurons: the counts that the firing rates read.
///
/// Of each neuron `steps with a spike / steps` over all samples of the run. A step in which a neuron spikes several times
/// counts once, and a layer that runs several times in a step has each run counted as a step. Of neurons that hand on their membranes, the spikes are counted; integrators that never spike are left out.
///
/// Memory: O(neurons).
#[accumulated_metric(
    hooks,
    unit = "spikes/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn neuron_spikes(spikes: SpikeCounts<'_>) -> PerLayer<PerNeuron> {
    spikes.per_layer(PerNeuron::from)
}

/// Spikes of a neuron in a time step, on average over all spiking neurons, samples and steps of the run.
///
/// `Σ spikes / Σ (neurons · steps)`, one quotient of two totals. See `neuron_spikes` for what is counted.
#[accumulated_metric(
    of = NeuronSpikes,
    alias = "spike_rate",
    unit = "spikes/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn firing_rate(layers: &PerLayer<PerNeuron>) -> Result<f64, MetricError> {
    let mut share = Ratio::default();
    for neurons in layers.values() {
        let outputs = (neurons.counts().len() as u64).checked_mul(neurons.observations());
        let outputs = outputs.ok_or("the outputs of a layer do not fit into 64 bits")?;
        for spikes in neurons.counts() {
            share.merge(Ratio::new(*spikes, 0));
        }
        share.merge(Ratio::new(0, outputs));
    }
    share.finish().map_err(|_| MetricError::undefined("no spiking neuron ran"))
}

/// The distribution of the neurons' firing rates, for each layer of spiking neurons: minimum, quartiles, maximum, mean and
/// standard deviation over the layer's neurons.
///
/// Of each neuron `steps with a spike / steps`; see `neuron_spikes`.
#[accumulated_metric(
    of = NeuronSpikes,
    alias = "spike_rate_by_layer",
    unit = "spikes/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn firing_rate_by_layer(layers: &PerLayer<PerNeuron>) -> Result<LayerMap<Distribution>, MetricError> {
    rates(layers, 1.0)
}

/// The distribution of the neurons' firing rates in hertz, for each layer of spiking neurons.
///
/// Of each neuron `steps with a spike / (steps · time_step)`. A network does not know how long its steps are: without
/// `time_step` this is an error, and `firing_rate_by_layer` has the rates by steps.
#[accumulated_metric(
    of = NeuronSpikes,
    unit = "Hz",
    bounds = 0.0..,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn firing_rate_in_hertz(
    layers: &PerLayer<PerNeuron>,
    /// The seconds of data that one time step stands for.
    #[param]
    time_step: Option<Seconds>,
) -> Result<LayerMap<Distribution>, MetricError> {
    let not_set =
        || MetricError::Missing("`time_step` is not set: the seconds that one time step stands for".to_owned());
    rates(layers, time_step.ok_or_else(not_set)?.get())
}

/// The distribution of each layer's rates, by steps of this length.
fn rates(layers: &PerLayer<PerNeuron>, time_step: f64) -> Result<LayerMap<Distribution>, MetricError> {
    let summary = |(path, neurons): (&str, &PerNeuron)| {
        let rates: Vec<f64> = neurons.rates()?.into_iter().map(|rate| rate / time_step).collect();
        Ok((path.to_owned(), Distribution::of(&rates)?))
    };
    layers.iter().map(summary).collect()
}

/// How many neurons of a layer are of some kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct NeuronShare {
    /// How many.
    #[value(unit = "neurons", higher_is_better = false)]
    pub neurons: u64,
    /// Their share of the layer's neurons.
    #[value(unit = "fraction", higher_is_better = false)]
    pub fraction: f64,
}

/// Neurons that never spiked during the run, for each layer of spiking neurons.
///
/// Of each layer the neurons whose `Σ spikes = 0` over all samples, and their share `dead / neurons`. A run over few samples
/// finds more of them than there are. The units are those of the fields. The count is this project's: no package has one to compare it
/// with (elephant 1.2.1, snnTorch 1.0.0, SpikingJelly 2.0.0).
#[accumulated_metric(
    of = NeuronSpikes,
    alias = "silent_neurons",
    cite = "Eshraghian et al. 2023, Proceedings of the IEEE 111(9):1016-1054, doi 10.1109/JPROC.2023.3308088: the dead neuron problem"
)]
pub fn dead_neurons(layers: &PerLayer<PerNeuron>) -> Result<LayerMap<NeuronShare>, MetricError> {
    share_of(layers, |rate| rate == 0.0)
}

/// Neurons that spiked at every step of the run, or nearly so, for each layer of spiking neurons.
///
/// Of each layer the neurons with `steps with a spike / steps ≥ from`, and their share of the layer's neurons. What such a
/// neuron says does not depend on its input. The units are those of the fields. The count is this project's: no package has one to
/// compare it with (elephant 1.2.1, snnTorch 1.0.0, SpikingJelly 2.0.0).
#[accumulated_metric(
    of = NeuronSpikes,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn saturated_neurons(
    layers: &PerLayer<PerNeuron>,
    /// The rate in spikes per step from which on a neuron is saturated.
    #[param(default = 1.0, range = 0.0..=1.0)]
    from: f64,
) -> Result<LayerMap<NeuronShare>, MetricError> {
    share_of(layers, |rate| rate >= from)
}

fn share_of(layers: &PerLayer<PerNeuron>, holds: impl Fn(f64) -> bool) -> Result<LayerMap<NeuronShare>, MetricError> {
    let share = |(path, neurons): (&str, &PerNeuron)| {
        let share = Ratio::of(neurons.rates()?.into_iter().map(&holds));
        Ok((path.to_owned(), NeuronShare { neurons: share.part, fraction: share.finish()? }))
    };
    layers.iter().map(share).collect()
}
