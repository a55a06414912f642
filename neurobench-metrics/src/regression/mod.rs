//! Predicted numbers against their targets.
//!
//! Errors pool all elements of all samples. Metrics that compare variances (R², explained variance, correlations) have
//! a value for each output, which is an element of the last axis: `[samples]` has one output; in `[samples, outputs]`
//! and `[samples, steps, outputs]` the length of the last axis is the number of outputs, over all samples and steps.

mod correlation;
pub use correlation::*;
mod errors;
pub use errors::*;
mod median;
pub use median::*;
mod relative;
pub use relative::*;
mod trace;
pub use trace::*;
mod variance;
pub use variance::*;

use ndarray::{ArrayView1, ArrayViewD, Axis, CowArray};

use crate::shapes::same_shape;
use neurobench_core::accumulate::PerOutput;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Predictions and targets, element by element.
fn elements(
    predictions: &Predictions<'_>,
    targets: &Targets<'_>,
) -> Result<impl Iterator<Item = (f64, f64)>, MetricError> {
    same_shape(predictions.shape(), targets.shape())?;
    Ok(predictions.iter().copied().zip(targets.iter().copied()))
}

/// Number of elements in a sample, at least 1.
fn elements_per_sample(targets: &Targets<'_>) -> usize {
    targets.shape().iter().skip(1).product::<usize>().max(1)
}

/// State of every output, from its predictions and targets.
fn each_output<A>(
    predictions: &Predictions<'_>,
    targets: &Targets<'_>,
    of: impl Fn(ArrayView1<'_, f64>, ArrayView1<'_, f64>) -> A,
) -> Result<PerOutput<A>, MetricError> {
    same_shape(predictions.shape(), targets.shape())?;
    let (predictions, targets) = (table(InputName::Predictions, predictions)?, table(InputName::Targets, targets)?);
    Ok(PerOutput::from_states(predictions.axis_iter(Axis(1)).zip(targets.axis_iter(Axis(1))).map(|(p, t)| of(p, t))))
}

/// Rows of outputs `[.., outputs]`; a single axis has one output.
fn table<'a>(what: InputName, array: &'a ArrayViewD<'_, f64>) -> Result<CowArray<'a, f64, Ix2>, MetricError> {
    let (&outputs, before) = match array.shape() {
        [] | [_] => (&1, array.shape()),
        [before @ .., outputs] => (outputs, before),
    };
    let rows = before.iter().product::<usize>();
    array.to_shape((rows, outputs)).map_err(|problem| MetricError::input(what, problem.to_string()))
}
