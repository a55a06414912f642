//! Spikes of the first samples, for a picture of them.

use crate::spike_trains::raster::{Raster, refuse_carried_state};
use neurobench_core::accumulate::First;
use neurobench_core::figure::{Axis, Figure, Line, LineStyle, PlotList, Raster as RasterMark};
use neurobench_core::model::Model;
use neurobench_core::prelude::*;

/// Spikes of the layers in one sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct SampleSpikes {
    /// Number of time steps.
    #[value(unit = "steps")]
    pub steps: u64,
    /// Spikes of each layer, in the model's order.
    pub layers: Vec<LayerSpikes>,
}

/// Spikes of a layer in one sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct LayerSpikes {
    /// Full path of the layer.
    pub layer: String,
    /// Number of neurons that are shown: the first of the layer.
    #[value(unit = "neurons")]
    pub neurons: u64,
    /// Time step and neuron of each spike, both from 0, in the order of time.
    pub spikes: Vec<[u64; 2]>,
}

/// Layers above each other, with a name for each, and samples one after the other in time.
impl PlotList for SampleSpikes {
    fn plot_list(samples: &[Self]) -> Figure {
        // Every sample has the same layers.
        let layers = samples.first().map_or(&[][..], |sample| &sample.layers);
        let total: u64 = layers.iter().map(|layer| layer.neurons).sum();
        let gap = if layers.len() > 1 { (total as f64 / 40.0).max(1.0) } else { 0.0 };
        let mut top = total as f64 + gap * layers.len().saturating_sub(1) as f64;
        let mut ticks = Vec::new();
        let mut marks = Vec::new();
        for (at, layer) in layers.iter().enumerate() {
            // The first layer is at the top, and the first neuron of a layer at its lower end.
            let lowest = top - layer.neurons as f64;
            ticks.push((lowest + 0.5 * (layer.neurons as f64 - 1.0), layer.layer.clone()));
            let mut begin = 0;
            let mut events = Vec::new();
            for sample in samples {
                if let Some(layer) = sample.layers.get(at) {
                    let place = |[step, neuron]: &[u64; 2]| ((begin + step) as f64, lowest + *neuron as f64);
                    events.extend(layer.spikes.iter().map(place));
                }
                begin += sample.steps;
            }
            marks.push(RasterMark::new(events).label(&layer.layer));
            top = lowest - gap;
        }
        let steps: u64 = samples.iter().map(|sample| sample.steps).sum();
        let height = total as f64 + gap * layers.len().saturating_sub(1) as f64;
        let mut begin = 0;
        let borders = samples.iter().skip(1).zip(samples).map(|(_, before)| {
            begin += before.steps;
            let x = begin as f64 - 0.5;
            Line::new([(x, -0.5), (x, height - 0.5)]).style(LineStyle::Dashed)
        });
        let time = Axis::new("time").unit("steps").range(-0.5, steps.max(1) as f64 - 0.5);
        let neurons = Axis::new("neurons").ticks(ticks).range(-0.5, height.max(1.0) - 0.5);
        let borders: Vec<Line> = borders.collect();
        // A single color is enough where each layer has its name beside it.
        let marks =
            marks.into_iter().map(|mark| if layers.len() > MAX_COLORS { RasterMark::new(mark.events) } else { mark });
        Figure::new(time, neurons).marks(borders).marks(marks)
    }
}

/// Number of layers up to which each has its own color.
const MAX_COLORS: usize = 6;

/// Spikes of the first samples of the data set, by layer of spiking neurons: a raster plot.
///
/// For each sample and layer the pairs `[step, neuron]` for which the neuron spikes at the step (output `≠ 0`), of the
/// first `neurons` neurons of the layer. A pure list of events, without a unit. Samples are the first ones in the order
/// of the data set, for any number of workers.
///
/// Memory: O(samples × steps × neurons × layers) for the setting `samples`, whatever the data set.
#[accumulated_metric(
    hooks = traces,
    cite = "Dayan & Abbott 2001, Theoretical Neuroscience, MIT Press, section 1.2: spike trains"
)]
pub fn spike_raster(
    trains: SpikeTrains<'_>,
    samples_of_batch: SampleCount,
    model: &dyn Model,
    /// Number of samples, from the first of the data set.
    #[param(default = 1, range = 1..=1000)]
    samples: u64,
    /// Number of neurons of each layer, from its first.
    #[param(default = 100, range = 1..=10_000)]
    neurons: u64,
    /// Layers to include: a pattern of paths such as `conv*`, or conditions on path, kind and depth.
    #[param]
    layers: LayerSelection,
) -> Result<First<SampleSpikes>, MetricError> {
    refuse_carried_state(model)?;
    let count = samples.min(samples_of_batch.0);
    let mut shown = vec![SampleSpikes::default(); usize::try_from(count).unwrap_or(usize::MAX)];
    for (layer, trace) in trains.select(&layers).iter() {
        let raster = Raster::from_trace(layer, trace)?;
        let neurons = neurons.min(raster.neurons as u64);
        for sample in &mut shown {
            sample.layers.push(LayerSpikes { layer: layer.path().to_owned(), neurons, spikes: Vec::new() });
        }
        for row in raster.samples().flatten() {
            let Some(sample) = shown.get_mut(row.sample) else { continue };
            let step = row.step as u64;
            sample.steps = sample.steps.max(step + 1);
            if let Some(layer) = sample.layers.last_mut() {
                let spikes = row.spikes().map(|neuron| neuron as u64).take_while(|neuron| *neuron < neurons);
                layer.spikes.extend(spikes.map(|neuron| [step, neuron]));
            }
        }
    }
    Ok(First::from_values(samples, shown))
}
