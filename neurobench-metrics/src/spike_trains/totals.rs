//! Sums over spike trains for each neuron, whatever the number of samples.

use crate::spike_trains::raster::{Raster, Row, refuse_carried_state};
use neurobench_core::accumulate::MergeSum;
use neurobench_core::metric::{Resampling, ResamplingForm};
use neurobench_core::model::Model;
use neurobench_core::prelude::*;

/// Spike trains of one layer over a run, in sums. Memory: O(neurons).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpikeTrainTotals {
    /// Number of samples, each of which is a spike train of each neuron.
    pub samples: u64,
    /// Totals by neuron, in memory order.
    pub neurons: Vec<NeuronTrainTotals>,
}

/// Spike trains of one neuron over a run, in sums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NeuronTrainTotals {
    /// Number of spikes.
    pub spikes: u64,
    /// Sum over samples of the square of the number of spikes.
    pub squared_spikes: u64,
    /// Number of intervals between spikes: in each sample one fewer than spikes.
    pub intervals: u64,
    /// Sum of the intervals, in steps.
    pub interval_steps: u64,
    /// Sum of the squared intervals.
    pub squared_interval_steps: u64,
    /// Mean of `2·|b − a| / (a + b)` over each interval `a` and the next interval `b` of the same sample.
    pub local_variation: Mean,
}

impl Accumulator for SpikeTrainTotals {
    fn merge(&mut self, other: Self) {
        self.samples.merge_sum(other.samples);
        if self.neurons.len() < other.neurons.len() {
            self.neurons.resize_with(other.neurons.len(), NeuronTrainTotals::default);
        }
        for (own, other) in self.neurons.iter_mut().zip(other.neurons) {
            own.spikes.merge_sum(other.spikes);
            own.squared_spikes.merge_sum(other.squared_spikes);
            own.intervals.merge_sum(other.intervals);
            own.interval_steps.merge_sum(other.interval_steps);
            own.squared_interval_steps.merge_sum(other.squared_interval_steps);
            own.local_variation.merge(other.local_variation);
        }
    }

    fn resampling() -> Resampling<Self> {
        Resampling::states().with_form(ResamplingForm::States { bytes_per_neuron: size_of::<NeuronTrainTotals>() })
    }
}

/// Number of spike trains, spikes and intervals between spikes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, MetricValue)]
pub struct TrainCounts {
    /// Number of samples times neurons.
    #[value(unit = "spike trains")]
    pub trains: u64,
    /// Number of spikes; several spikes of a neuron in one step count once.
    #[value(unit = "spikes")]
    pub spikes: u64,
    /// Number of pairs of a spike and the next one of the same neuron in the same sample.
    #[value(unit = "intervals")]
    pub intervals: u64,
}

impl Finish for SpikeTrainTotals {
    type Output = TrainCounts;

    fn finish(&self) -> Result<TrainCounts, MetricError> {
        let trains =
            self.samples.checked_mul(self.neurons.len() as u64).ok_or("the spike trains do not fit into 64 bits")?;
        let mut counts = TrainCounts { trains, spikes: 0, intervals: 0 };
        for neuron in &self.neurons {
            counts.spikes.merge_sum(neuron.spikes);
            counts.intervals.merge_sum(neuron.intervals);
        }
        Ok(counts)
    }
}

/// Spike trains, spikes and intervals between spikes over the run, by layer of spiking neurons: the sums that the
/// metrics of intervals and of spike counts read.
///
/// A spike train is one neuron's spikes in one sample. An interval is `t[k+1] − t[k]`, in steps, between a spike and
/// the next one of the same train; no interval extends from one sample into another.
///
/// Memory: O(neurons), plus the traces of a batch. The fields have different units.
#[accumulated_metric(
    hooks = traces,
    type = SpikeTrainCounts,
    cite = "Gabbiani & Koch 1998, Principles of spike train analysis, in Methods in Neuronal Modeling, 2nd edition, MIT Press"
)]
pub fn spike_train_totals(
    trains: SpikeTrains<'_>,
    model: &dyn Model,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<PerLayer<SpikeTrainTotals>, MetricError> {
    refuse_carried_state(model)?;
    trains.select(&layers).try_per_layer(|layer, trace| {
        let raster = Raster::from_trace(layer, trace)?;
        let mut totals = SpikeTrainTotals { samples: 0, neurons: vec![NeuronTrainTotals::default(); raster.neurons] };
        for sample in raster.samples() {
            totals.add(sample)?;
        }
        Ok(totals)
    })
}

/// State of a neuron's train.
#[derive(Clone, Copy, Default)]
struct Train {
    spikes: u64,
    last: Option<usize>,
    interval: Option<u64>,
}

impl SpikeTrainTotals {
    fn add(&mut self, sample: &[Row<'_>]) -> Result<(), MetricError> {
        let squared = |number: u64| number.checked_mul(number).ok_or("a square does not fit into 64 bits");
        let mut trains = vec![Train::default(); self.neurons.len()];
        for row in sample {
            for neuron in row.spikes() {
                let (train, totals) = (&mut trains[neuron], &mut self.neurons[neuron]);
                train.spikes += 1;
                let Some(last) = train.last.replace(row.step) else { continue };
                let interval = (row.step - last) as u64;
                totals.intervals.merge_sum(1);
                totals.interval_steps.merge_sum(interval);
                totals.squared_interval_steps.merge_sum(squared(interval)?);
                if let Some(before) = train.interval.replace(interval) {
                    let (difference, sum) = (interval.abs_diff(before), interval + before);
                    totals.local_variation.add(2.0 * difference as f64 / sum as f64);
                }
            }
        }
        for (totals, train) in self.neurons.iter_mut().zip(trains) {
            totals.spikes.merge_sum(train.spikes);
            totals.squared_spikes.merge_sum(squared(train.spikes)?);
        }
        self.samples.merge_sum(1);
        Ok(())
    }
}
