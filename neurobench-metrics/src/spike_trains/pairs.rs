//! Predicted spike trains with their targets.

use ndarray::{ArrayView1, Axis, Zip};

use crate::shapes::same_shape;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Rejects different shapes, and numbers that are not spike counts.
pub(super) fn check(predictions: &Predictions<'_, Ix3>, targets: &Targets<'_, Ix3>) -> Result<(), MetricError> {
    same_shape(predictions.shape(), targets.shape())?;
    check_counts(InputName::Predictions, predictions)?;
    check_counts(InputName::Targets, targets)
}

fn check_counts(what: InputName, trains: &ndarray::ArrayView3<'_, f64>) -> Result<(), MetricError> {
    // Sums and products of such counts are exact.
    let counts = |number: f64| (0.0..=65_536.0).contains(&number) && number.fract() == 0.0;
    match trains.indexed_iter().find(|(_, number)| !counts(**number)) {
        Some(((sample, step, neuron), number)) => {
            let problem = format!(
                "{number} at [{step}, {neuron}] is not a spike count: it must be a whole number from 0 to 65536"
            );
            Err(MetricError::input(what, problem).at_sample(sample))
        }
        None => Ok(()),
    }
}

/// Mean over all samples and neurons of a distance between the predicted and the target train.
pub(super) fn mean_distance(
    predictions: &Predictions<'_, Ix3>,
    targets: &Targets<'_, Ix3>,
    distance: impl Fn(&ArrayView1<'_, f64>, &ArrayView1<'_, f64>) -> f64,
) -> Result<Mean, MetricError> {
    check(predictions, targets)?;
    let mut mean = Mean::default();
    Zip::from(predictions.lanes(Axis(1))).and(targets.lanes(Axis(1))).for_each(|predicted, target| {
        mean.add(distance(&predicted, &target));
    });
    Ok(mean)
}
