//! Regularity of spike trains: intervals between spikes, and counts from sample to sample.

use crate::spike_trains::totals::{NeuronTrainTotals, SpikeTrainCounts, SpikeTrainTotals};
use neurobench_core::accumulate::Distribution;
use neurobench_core::prelude::*;

/// Distribution of a value over the neurons of a layer that have one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct NeuronDistribution {
    /// Number of neurons that have a value.
    #[value(unit = "neurons")]
    pub neurons: u64,
    /// Number of neurons that spiked too rarely to have a value.
    #[value(unit = "neurons")]
    pub left_out: u64,
    /// Distribution of the values.
    #[value(unit = "ratio")]
    pub values: Distribution,
}

/// Mean interval between a neuron's spikes in steps, for each layer of spiking neurons.
///
/// For each layer `Σ intervals / number of intervals` over all neurons and samples; an interval is the time from a
/// spike to the next one of the same neuron in the same sample. Undefined if no neuron of a layer spiked twice in a
/// sample.
#[accumulated_metric(
    of = SpikeTrainCounts,
    alias = "mean_isi",
    unit = "steps",
    bounds = 1.0..,
    cite = "Gabbiani & Koch 1998, Principles of spike train analysis, in Methods in Neuronal Modeling, 2nd edition, MIT Press"
)]
pub fn mean_interspike_interval(layers: &PerLayer<SpikeTrainTotals>) -> Result<LayerMap<f64>, MetricError> {
    let mean = |(path, totals): (&str, &SpikeTrainTotals)| {
        let mut mean = Ratio::default();
        for neuron in &totals.neurons {
            mean.merge(Ratio::new(neuron.interval_steps, neuron.intervals));
        }
        let nothing = |_| MetricError::undefined(format!("layer `{path}`: no neuron spiked twice in a sample"));
        Ok((path.to_owned(), mean.finish().map_err(nothing)?))
    };
    layers.iter().map(mean).collect()
}

/// Coefficient of variation of the intervals between a neuron's spikes: its distribution over the neurons of each layer
/// of spiking neurons.
///
/// For each neuron `CV = σ / μ` of its intervals in all samples, with `σ² = Σ (interval − μ)² / n`, as in scipy's
/// `variation` and elephant's `cv`: 0 for a clock, 1 for a Poisson process. The sums are integers. Neurons with fewer
/// than `min_intervals` intervals are left out and counted.
#[accumulated_metric(
    of = SpikeTrainCounts,
    alias = "isi_cv",
    cite = "Softky & Koch 1993, Journal of Neuroscience 13(1):334-350, doi 10.1523/JNEUROSCI.13-01-00334.1993"
)]
pub fn interspike_interval_cv(
    layers: &PerLayer<SpikeTrainTotals>,
    /// Minimum number of intervals of a neuron.
    #[param(default = 2, range = 2..)]
    min_intervals: u64,
) -> Result<LayerMap<NeuronDistribution>, MetricError> {
    across_neurons(layers, |_, neuron| {
        let (count, sum) = (u128::from(neuron.intervals), u128::from(neuron.interval_steps));
        if neuron.intervals < min_intervals || sum == 0 {
            return None;
        }
        // n²·σ², which is at least 0.
        let variance = (count * u128::from(neuron.squared_interval_steps)).checked_sub(sum * sum)?;
        Some((variance as f64).sqrt() / sum as f64)
    })
}

/// Local variation of the intervals between a neuron's spikes, CV2: its distribution over the neurons of each layer of
/// spiking neurons.
///
/// For each neuron `CV2 = mean of 2·|I[k+1] − I[k]| / (I[k+1] + I[k])` over neighboring intervals of a sample, from
/// all samples. Like `interspike_interval_cv` it is 0 for a clock and 1 for a Poisson process, but changes of the rate
/// that are slow relative to the intervals do not raise it. Neurons without three spikes in a sample are left out and
/// counted.
#[accumulated_metric(
    of = SpikeTrainCounts,
    alias = "isi_cv2",
    alias = "cv2",
    cite = "Holt, Softky, Koch & Douglas 1996, Journal of Neurophysiology 75(5):1806-1814, doi 10.1152/jn.1996.75.5.1806"
)]
pub fn interspike_interval_cv2(
    layers: &PerLayer<SpikeTrainTotals>,
) -> Result<LayerMap<NeuronDistribution>, MetricError> {
    across_neurons(layers, |_, neuron| neuron.local_variation.value())
}

/// Variability of the number of a neuron's spikes from sample to sample: the distribution of the Fano factor over the
/// neurons of each layer of spiking neurons.
///
/// For each neuron `F = σ² / μ` of its spike counts over samples, with `σ² = Σ (count − μ)² / samples`, as in
/// elephant's `fanofactor`: 0 if every sample has the same number of spikes, 1 for a Poisson process. The samples of a
/// data set are different stimuli, so F shows the neuron's response to their difference as well as noise. Neurons that
/// never spiked are left out and counted; undefined for a single sample.
#[accumulated_metric(
    of = SpikeTrainCounts,
    cite = "Fano 1947, Physical Review 72(1):26-29, doi 10.1103/PhysRev.72.26",
    cite = "Shadlen & Newsome 1998, Journal of Neuroscience 18(10):3870-3896, doi 10.1523/JNEUROSCI.18-10-03870.1998"
)]
pub fn fano_factor(layers: &PerLayer<SpikeTrainTotals>) -> Result<LayerMap<NeuronDistribution>, MetricError> {
    across_neurons(layers, |samples, neuron| {
        let (count, sum) = (u128::from(samples), u128::from(neuron.spikes));
        if samples < 2 || sum == 0 {
            return None;
        }
        let variance = (count * u128::from(neuron.squared_spikes)).checked_sub(sum * sum)?;
        Some(variance as f64 / (count * sum) as f64)
    })
}

/// Distribution over a layer's neurons of a value that only neurons with enough spikes have.
fn across_neurons(
    layers: &PerLayer<SpikeTrainTotals>,
    value: impl Fn(u64, &NeuronTrainTotals) -> Option<f64>,
) -> Result<LayerMap<NeuronDistribution>, MetricError> {
    let across = |(path, totals): (&str, &SpikeTrainTotals)| {
        let values: Vec<f64> = totals.neurons.iter().filter_map(|neuron| value(totals.samples, neuron)).collect();
        if values.is_empty() {
            return Err(MetricError::undefined(format!("layer `{path}`: no neuron has enough spikes and samples")));
        }
        let left_out = (totals.neurons.len() - values.len()) as u64;
        let values = Distribution::from_values(&values)?;
        Ok((path.to_owned(), NeuronDistribution { neurons: totals.neurons.len() as u64 - left_out, left_out, values }))
    };
    layers.iter().map(across).collect()
}
