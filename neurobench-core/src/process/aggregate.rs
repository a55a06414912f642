//! Sums over time.

use std::convert::Infallible;
use std::ops::Add;

use ndarray::{ArrayD, ArrayRefD, IxDyn};

use crate::component::Settings;
use crate::model::Tensor;
use crate::postprocessor;
use crate::process::{Postprocessor, ProcessError};

const NAME: &str = Aggregate::ABOUT.name;

/// Sums over time steps, `[batch, step, ..]` to `[batch, ..]`, such as spikes to spike counts.
///
/// The sum has the type of the outputs and adds one step after the other, so that sums of floats have the same bits
/// everywhere; spike counts are exact. Bytes become `i64`, which no sum of them exceeds.
#[postprocessor]
pub fn aggregate() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        let expected = "[batch, step, ..]";
        if outputs.shape().len() < 2 {
            return Err(ProcessError::Shape { processor: NAME, found: outputs.shape().to_vec(), expected });
        }
        over_steps(outputs, NAME)
    }
}

/// Sums over the second axis, which must exist.
pub(super) fn over_steps(outputs: &Tensor, processor: &'static str) -> Result<Tensor, ProcessError> {
    let add = |sample: usize, sum: i64, addend: i64| {
        let problem = || "a sum over its steps exceeds 64 bits".to_owned();
        sum.checked_add(addend).ok_or_else(|| ProcessError::Sample { processor, sample, problem: problem() })
    };
    Ok(match outputs {
        Tensor::F32(array) => float_sums(array).into(),
        Tensor::F64(array) => float_sums(array).into(),
        Tensor::I64(array) => sums(array, add)?.into(),
        Tensor::U8(array) => sums(&array.mapv(i64::from), add)?.into(),
    })
}

fn float_sums<T: Copy + Default + Add<Output = T>>(outputs: &ArrayRefD<T>) -> ArrayD<T> {
    let Ok(totals) = sums(outputs, |_, sum, addend| Ok::<T, Infallible>(sum + addend));
    totals
}

/// Sums over the second axis in its order. `add` receives the index of the sample.
fn sums<T: Copy + Default, E>(
    outputs: &ArrayRefD<T>,
    add: impl Fn(usize, T, T) -> Result<T, E>,
) -> Result<ArrayD<T>, E> {
    let shape = [&outputs.shape()[..1], &outputs.shape()[2..]].concat();
    let width: usize = shape[1..].iter().product();
    let mut totals = ArrayD::from_elem(IxDyn(&shape), T::default());
    // In memory order, both are slices; an array that already is costs nothing.
    let outputs = outputs.as_standard_layout();
    if let (Some(numbers), Some(totals)) = (outputs.as_slice(), totals.as_slice_mut())
        && !numbers.is_empty()
    {
        let samples = numbers.chunks_exact(outputs.shape()[1] * width).zip(totals.chunks_exact_mut(width));
        for (sample, (steps, totals)) in samples.enumerate() {
            for step in steps.chunks_exact(width) {
                for (total, output) in totals.iter_mut().zip(step) {
                    *total = add(sample, *total, *output)?;
                }
            }
        }
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_their_type_and_bytes_are_widened() {
        let sum = |outputs: Tensor| aggregate().process(&outputs).unwrap();
        assert_eq!(sum(ndarray::array![[[1.0_f32, 0.0], [1.0, 1.0]]].into()), ndarray::array![[2.0_f32, 1.0]].into());
        assert_eq!(sum(ndarray::array![[0.5_f64, 0.25]].into()), ndarray::array![0.75_f64].into());
        assert_eq!(sum(ndarray::array![[3_i64, -5]].into()), ndarray::array![-2_i64].into());
        assert_eq!(sum(ndarray::array![[200_u8, 100]].into()), ndarray::array![300_i64].into());
    }

    #[test]
    fn ranks_below_two_and_overflows_are_errors() {
        let problem = |outputs: Tensor| aggregate().process(&outputs).unwrap_err().to_string();
        let rank = problem(ndarray::array![1.0_f32].into());
        assert_eq!(rank, "`aggregate`: found shape [1], expected [batch, step, ..]");
        let overflow = problem(ndarray::array![[1_i64, 1], [i64::MAX, 1]].into());
        assert_eq!(overflow, "`aggregate`: sample 1: a sum over its steps exceeds 64 bits");
    }
}
