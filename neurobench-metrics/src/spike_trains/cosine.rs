//! Angle between rasters of spikes.

use crate::spike_trains::pairs::check;
use neurobench_core::prelude::*;

/// Treatment of samples whose predictions or targets have no spikes, so that there is no angle between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilencePolicy {
    /// The metric is undefined.
    #[default]
    Undefined,
    /// The similarity is 0 if one raster is silent, and 1 if both are.
    Compare,
    /// The sample is left out.
    LeaveOut,
}

/// The cosine similarity of predicted and target spikes, on average over samples.
///
/// Predictions and targets are numbers of spikes `[batch, step, neuron]`. The value of a sample is `Σ p·t / √(Σ p² · Σ
/// t²)` over all its steps and neurons: 1 for the same spikes, 0 if no spikes coincide. A spike that is one step late
/// does not coincide; `van_rossum_distance` and `victor_purpura_distance` are lenient there. A pure number, without a
/// unit.
#[accumulated_metric(
    higher_is_better = true,
    bounds = 0.0..=1.0,
    cite = "Schreiber, Fellous, Whitmer, Tiesinga & Sejnowski 2003, Neurocomputing 52-54:925-931, doi 10.1016/S0925-2312(02)00838-X (there after smoothing)"
)]
pub fn spike_train_cosine_similarity(
    predictions: Predictions<'_, Ix3>,
    targets: Targets<'_, Ix3>,
    /// Treatment of a sample whose predictions or targets have no spike: `undefined`, `compare` (0, or 1 if both have
    /// none) or `leave_out`.
    #[param]
    when_silent: SilencePolicy,
) -> Result<Mean, MetricError> {
    check(&predictions, &targets)?;
    let mut mean = Mean::default();
    for (sample, (predicted, target)) in predictions.outer_iter().zip(targets.outer_iter()).enumerate() {
        let sum = |products: &mut dyn Iterator<Item = f64>| products.sum::<f64>();
        let both = sum(&mut predicted.iter().zip(&target).map(|(predicted, target)| predicted * target));
        let norm = |raster: &ndarray::ArrayView2<'_, f64>| sum(&mut raster.iter().map(|spikes| spikes * spikes));
        let (predicted, target) = (norm(&predicted), norm(&target));
        if predicted > 0.0 && target > 0.0 {
            mean.add((both / (predicted * target).sqrt()).min(1.0));
            continue;
        }
        match when_silent {
            SilencePolicy::Undefined => {
                let which = if predicted > 0.0 { "targets" } else { "predictions" };
                return Err(MetricError::undefined(format!("the {which} have no spikes")).at_sample(sample));
            }
            SilencePolicy::Compare => mean.add(if predicted == target { 1.0 } else { 0.0 }),
            SilencePolicy::LeaveOut => {}
        }
    }
    Ok(mean)
}
