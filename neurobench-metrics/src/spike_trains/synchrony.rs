//! Synchrony of neurons.

use crate::spike_trains::raster::{Raster, Row, refuse_carried_state};
use neurobench_core::accumulate::MergeSum;
use neurobench_core::model::Model;
use neurobench_core::prelude::*;

/// Variation in time of the activity of a layer, as a whole and of each neuron, in exact sums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct SynchronyTotals {
    /// Number of neurons of the layer.
    #[merge(max)]
    pub neurons: u64,
    /// `Σ over samples of T·Σ A² − (Σ A)²`, where `A` is the count of all neurons in each of `T` bins.
    #[merge]
    pub of_population: Sum,
    /// `Σ over samples and neurons of T·Σ x² − (Σ x)²`, where `x` is the count of a neuron in each of `T` bins.
    #[merge]
    pub of_neurons: Sum,
}

impl Finish for SynchronyTotals {
    type Output = f64;

    fn finish(&self) -> Result<f64, MetricError> {
        let (together, alone) = (self.of_population.value(), self.of_neurons.value());
        if alone == 0.0 {
            return Err(MetricError::undefined("no neuron's activity varies in time"));
        }
        // The square root of the quotient is at most 1 except for rounding.
        Ok((together / (self.neurons as f64 * alone)).sqrt().min(1.0))
    }
}

/// Golomb's synchrony χ of the neurons of each layer of spiking neurons.
///
/// `χ² = Var[mean over neurons of xᵢ(t)] / mean over neurons of Var[xᵢ(t)]`, where xᵢ(t) is the number of spikes of
/// neuron i in a bin of `bin` steps, and variances are taken over the bins of a sample. The variances of all samples
/// are summed before the division (each sample is weighted by the square of its number of bins, which is the same for
/// all if samples have one length). The value is 1 if all neurons behave identically, and about 1/√N for N independent
/// ones. Among the published measures this one takes O(neurons) memory and time, whereas the mean correlation ρ of
/// pairs takes their square and carries the same information: for neurons of equal variance `χ² = ρ + (1 − ρ)/N`. Steps
/// after the last whole bin do not count. A pure number, without a unit.
///
/// Undefined for a layer in which no neuron's activity varies.
#[accumulated_metric(
    hooks = traces,
    alias = "golomb_synchrony",
    bounds = 0.0..=1.0,
    cite = "Golomb & Rinzel 1993, Physical Review E 48(6):4810-4814, doi 10.1103/PhysRevE.48.4810",
    cite = "Golomb 2007, Neuronal synchrony measures, Scholarpedia 2(1):1347, doi 10.4249/scholarpedia.1347"
)]
pub fn synchrony(
    trains: SpikeTrains<'_>,
    model: &dyn Model,
    /// Number of steps within which spikes count as simultaneous.
    #[param(default = 1, range = 1..)]
    bin: usize,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<PerLayer<SynchronyTotals>, MetricError> {
    refuse_carried_state(model)?;
    trains.select(&layers).try_per_layer(|layer, trace| {
        let raster = Raster::from_trace(layer, trace)?;
        let mut totals = SynchronyTotals { neurons: raster.neurons as u64, ..SynchronyTotals::default() };
        for sample in raster.samples() {
            totals.add(sample, bin)?;
        }
        Ok(totals)
    })
}

impl SynchronyTotals {
    fn add(&mut self, sample: &[Row<'_>], bin: usize) -> Result<(), MetricError> {
        let bins = sample.len() / bin;
        let neurons = self.neurons as usize;
        let (mut population, mut neuron_scatters) = (Scatter::default(), vec![Scatter::default(); neurons]);
        for rows in sample.chunks_exact(bin) {
            let mut counts = vec![0_u64; neurons];
            for row in rows {
                row.spikes().for_each(|neuron| counts[neuron] += 1);
            }
            population.add(counts.iter().sum());
            neuron_scatters.iter_mut().zip(counts).for_each(|(scatter, count)| scatter.add(count));
        }
        let too_large = "the spikes of a sample are too many to be squared";
        add_exactly(&mut self.of_population, population.variance(bins).ok_or(too_large)?);
        let mut of_neurons = 0_u128;
        for scatter in neuron_scatters {
            let sum = of_neurons.checked_add(scatter.variance(bins).ok_or(too_large)?);
            of_neurons = sum.ok_or(too_large)?;
        }
        add_exactly(&mut self.of_neurons, of_neurons);
        Ok(())
    }
}

/// Sum of counts and of their squares.
#[derive(Clone, Copy, Default)]
struct Scatter {
    sum: u64,
    squares: u64,
}

impl Scatter {
    fn add(&mut self, count: u64) {
        self.sum.merge_sum(count);
        self.squares.merge_sum(count * count);
    }

    /// Returns `T·Σx² − (Σx)²`, if it fits into the exact sums.
    fn variance(self, bins: usize) -> Option<u128> {
        let (sum, squares) = (u128::from(self.sum), u128::from(self.squares));
        (bins as u128 * squares).checked_sub(sum * sum).filter(|variance| *variance >> 106 == 0)
    }
}

/// Adds an integer of up to 106 bits as two floats of half the bits.
fn add_exactly(sum: &mut Sum, integer: u128) {
    const HALF: u32 = 53;
    let low = integer & ((1 << HALF) - 1);
    sum.add(low as f64);
    sum.add((integer >> HALF) as f64 * (1_u64 << HALF) as f64);
}
