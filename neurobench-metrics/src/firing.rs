//! Spikes of neurons, and neurons that never or always spike.

use crate::Seconds;
use neurobench_core::accumulate::Distribution;
use neurobench_core::prelude::*;

/// Spikes of each neuron per time step, by layer of spiking neurons: the counts that the firing rates read.
///
/// For each neuron `steps with a spike / steps` over all samples of the run. A step in which a neuron spikes several
/// times counts once (`spike_totals` counts each spike), and if a layer runs several times in a step, each run counts as
/// a step. For neurons that output their membranes, the spikes are counted; integrators that never spike are left out.
///
/// Memory: O(neurons).
#[accumulated_metric(
    hooks,
    unit = "spikes/step",
    bounds = 0.0..=1.0,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn neuron_spikes(
    spikes: SpikeCounts<'_>,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> PerLayer<PerNeuron> {
    spikes.select(&layers).per_layer(PerNeuron::from)
}

/// Spikes of a neuron in a time step, on average over all spiking neurons, samples and steps of the run.
///
/// `Σ spikes / Σ (neurons · steps)`, one quotient of two totals. `neuron_spikes` defines the counts.
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

/// Distribution of the neurons' firing rates, for each layer of spiking neurons: minimum, quartiles, maximum, mean and
/// standard deviation over the layer's neurons.
///
/// For each neuron `steps with a spike / steps`; see `neuron_spikes`.
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

/// Distribution of the neurons' firing rates in hertz, for each layer of spiking neurons.
///
/// For each neuron `steps with a spike / (steps · time_step)`. A network does not contain the length of its steps:
/// `time_step` is required. `firing_rate_by_layer` has the rates per step.
#[accumulated_metric(
    of = NeuronSpikes,
    unit = "Hz",
    bounds = 0.0..,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn firing_rate_in_hertz(
    layers: &PerLayer<PerNeuron>,
    /// Duration of one time step, in seconds of data.
    #[param]
    time_step: Option<Seconds>,
) -> Result<LayerMap<Distribution>, MetricError> {
    let not_set =
        || MetricError::Missing("`time_step` is not set; give the duration of one time step in seconds".to_owned());
    rates(layers, time_step.ok_or_else(not_set)?.get())
}

/// Distribution of each layer's rates, for steps of this length.
fn rates(layers: &PerLayer<PerNeuron>, time_step: f64) -> Result<LayerMap<Distribution>, MetricError> {
    let summary = |(path, neurons): (&str, &PerNeuron)| {
        let rates: Vec<f64> = neurons.rates()?.into_iter().map(|rate| rate / time_step).collect();
        Ok((path.to_owned(), Distribution::from_values(&rates)?))
    };
    layers.iter().map(summary).collect()
}

/// Number and share of some neurons of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct NeuronShare {
    /// Number of neurons.
    #[value(unit = "neurons", higher_is_better = false)]
    pub neurons: u64,
    /// Share of the layer's neurons.
    #[value(unit = "fraction", higher_is_better = false)]
    pub fraction: f64,
}

/// Neurons that never spiked during the run, for each layer of spiking neurons.
///
/// For each layer the neurons whose `Σ spikes = 0` over all samples, and their share `dead / neurons`. A run over few
/// samples overestimates them. The fields have different units. The definition is this project's: no package has one to
/// compare it with (elephant 1.2.1, snnTorch 1.0.0, SpikingJelly 2.0.0).
#[accumulated_metric(
    of = NeuronSpikes,
    alias = "silent_neurons",
    cite = "Eshraghian et al. 2023, Proceedings of the IEEE 111(9):1016-1054, doi 10.1109/JPROC.2023.3308088: the dead neuron problem"
)]
pub fn dead_neurons(layers: &PerLayer<PerNeuron>) -> Result<LayerMap<NeuronShare>, MetricError> {
    share_where(layers, |rate| rate == 0.0)
}

/// Neurons that spiked at every step of the run, or nearly every step, for each layer of spiking neurons.
///
/// For each layer the neurons with `steps with a spike / steps ≥ from`, and their share of the layer's neurons. The
/// output of such a neuron does not depend on its input. The fields have different units. The definition is this
/// project's: no package has one to compare it with (elephant 1.2.1, snnTorch 1.0.0, SpikingJelly 2.0.0).
#[accumulated_metric(
    of = NeuronSpikes,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
pub fn saturated_neurons(
    layers: &PerLayer<PerNeuron>,
    /// Lowest rate of a saturated neuron, in spikes per step.
    #[param(default = 1.0, range = 0.0..=1.0)]
    from: f64,
) -> Result<LayerMap<NeuronShare>, MetricError> {
    share_where(layers, |rate| rate >= from)
}

fn share_where(
    layers: &PerLayer<PerNeuron>,
    holds: impl Fn(f64) -> bool,
) -> Result<LayerMap<NeuronShare>, MetricError> {
    let share = |(path, neurons): (&str, &PerNeuron)| {
        let share = Ratio::from_bools(neurons.rates()?.into_iter().map(&holds));
        Ok((path.to_owned(), NeuronShare { neurons: share.part, fraction: share.finish()? }))
    };
    layers.iter().map(share).collect()
}

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
#[accumulated_metric(
    hooks,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: the spike-count rate"
)]
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
