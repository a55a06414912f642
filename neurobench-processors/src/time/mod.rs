//! Summaries over time steps, the second axis of outputs.

mod max_over_time;
pub use max_over_time::*;
mod mean_over_time;
pub use mean_over_time::*;
mod moving_average;
pub use moving_average::*;

use ndarray::{ArrayD, ArrayRefD, IxDyn};
use neurobench_core::model::Tensor;
use neurobench_core::process::ProcessError;

/// Checks that outputs have at least one time step.
fn check_steps(outputs: &Tensor, processor: &'static str) -> Result<(), ProcessError> {
    match outputs.shape() {
        [_, 1..=usize::MAX, ..] => Ok(()),
        found => {
            let expected = "[batch, step, ..] with at least one step";
            Err(ProcessError::Shape { processor, found: found.to_vec(), expected })
        }
    }
}

/// Folds the time steps of every sample into the first of them, in their order.
fn fold_steps<T: Copy>(outputs: &ArrayRefD<T>, fold: impl Fn(&mut T, T)) -> ArrayD<T> {
    let shape = [&outputs.shape()[..1], &outputs.shape()[2..]].concat();
    let width: usize = shape[1..].iter().product();
    let mut folded = Vec::with_capacity(shape[0] * width);
    // In memory order, a step is a slice; an array that is already in this order is not copied.
    let outputs = outputs.as_standard_layout();
    for sample in outputs.as_slice().unwrap_or_default().chunks_exact((outputs.shape()[1] * width).max(1)) {
        let (first, others) = sample.split_at(width);
        let start = folded.len();
        folded.extend_from_slice(first);
        for step in others.chunks_exact(width.max(1)) {
            folded[start..].iter_mut().zip(step).for_each(|(folded, output)| fold(folded, *output));
        }
    }
    // The shape has as many elements: every sample has the same width.
    ArrayD::from_shape_vec(IxDyn(&shape), folded).unwrap_or_else(|error| unreachable!("{error}"))
}
