//! Victor–Purpura distance.

use ndarray::ArrayView1;

use crate::spike_trains::pairs::mean_distance;
use neurobench_core::prelude::*;

/// Victor–Purpura distance between predicted and target spike trains, on average over samples and neurons.
///
/// Predictions and targets are numbers of spikes `[batch, step, neuron]`. The distance of two trains is the lowest cost
/// of turning one into the other: 1 for adding or removing a spike, `cost·|Δt|` for moving one by Δt steps. At cost 0
/// it is the difference of the numbers of spikes; if moving is never cheaper, it is `n + m − 2·coincidences`. The value
/// of a sample is the mean over its neurons. A pure number, without a unit.
#[accumulated_metric(
    higher_is_better = false,
    bounds = 0.0..,
    cite = "Victor & Purpura 1996, Journal of Neurophysiology 76(2):1310-1326, doi 10.1152/jn.1996.76.2.1310"
)]
pub fn victor_purpura_distance(
    predictions: Predictions<'_, Ix3>,
    targets: Targets<'_, Ix3>,
    /// Cost of moving a spike by a step; moving is worthwhile up to 2/cost steps.
    #[param(default = 0.1, range = 0.0..=1e9)]
    cost: f64,
) -> Result<Mean, MetricError> {
    mean_distance(&predictions, &targets, |predicted, target| distance(&times(predicted), &times(target), cost))
}

/// Steps of the spikes; a step is repeated for each of its spikes.
fn times(train: &ArrayView1<'_, f64>) -> Vec<f64> {
    let steps = (0_u32..).zip(train);
    steps.flat_map(|(step, spikes)| std::iter::repeat_n(f64::from(step), *spikes as usize)).collect()
}

/// Lowest cost, by dynamic programming over the spikes of the first train and prefixes of the second.
fn distance(first: &[f64], second: &[f64], cost: f64) -> f64 {
    let mut costs: Vec<f64> = (0..=second.len()).map(|spikes| spikes as f64).collect();
    for (earlier, spike) in first.iter().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = (earlier + 1) as f64;
        for (at, other) in second.iter().enumerate() {
            let moved = diagonal + cost * (spike - other).abs();
            diagonal = costs[at + 1];
            costs[at + 1] = moved.min(diagonal + 1.0).min(costs[at] + 1.0);
        }
    }
    costs[second.len()]
}
