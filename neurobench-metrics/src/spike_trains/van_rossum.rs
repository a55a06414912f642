//! Van Rossum distance.

use ndarray::ArrayView1;

use crate::spike_trains::pairs::mean_distance;
use neurobench_core::prelude::*;

/// Van Rossum distance between predicted and target spike trains, on average over samples and neurons.
///
/// Predictions and targets are numbers of spikes `[batch, step, neuron]`. Every spike becomes an exponential
/// `√(2/τ)·e^(−t/τ)` that begins with it, and the distance of two trains is the L² norm of the difference: `D² = Σᵢ Σⱼ
/// dᵢ·dⱼ·e^(−|tᵢ − tⱼ|/τ)`, where d is 1 for a spike of the prediction and −1 for one of the target, and times are in
/// steps. A spike without a counterpart contributes 1, as in elephant's `van_rossum_distance` and Houghton & Sen
/// (2008); in van Rossum's own scale it is 1/√2. For small τ coincidences count, `D² → n + m − 2·coincidences`; for
/// large τ the numbers of spikes count, `D → |n − m|`. The value of a sample is the mean over its neurons. A pure
/// number, without a unit.
#[accumulated_metric(
    higher_is_better = false,
    bounds = 0.0..,
    cite = "van Rossum 2001, Neural Computation 13(4):751-763, doi 10.1162/089976601300014321",
    cite = "Houghton & Sen 2008, Neural Computation 20(6):1495-1511, doi 10.1162/neco.2007.10-06-350"
)]
pub fn van_rossum_distance(
    predictions: Predictions<'_, Ix3>,
    targets: Targets<'_, Ix3>,
    /// Time constant τ of the exponentials, in steps.
    #[param(default = 10.0, range = 1e-6..=1e9)]
    time_constant: f64,
) -> Result<Mean, MetricError> {
    let decay = libm::exp(-1.0 / time_constant);
    mean_distance(&predictions, &targets, |predicted, target| distance(predicted, target, decay))
}

/// Distance of two trains; `decay` is the fraction of an exponential that remains after a step.
fn distance(predicted: &ArrayView1<'_, f64>, target: &ArrayView1<'_, f64>, decay: f64) -> f64 {
    let (mut squared, mut earlier) = (0.0, 0.0);
    for (predicted, target) in predicted.iter().zip(target) {
        let difference = predicted - target;
        squared += difference * (difference + 2.0 * earlier);
        earlier = (earlier + difference) * decay;
    }
    // Rounding may give a negative number if differences cancel.
    squared.max(0.0).sqrt()
}
