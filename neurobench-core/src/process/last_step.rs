//! The outputs of the last time step.

use ndarray::{ArrayD, ArrayRefD, Axis};

use crate::component::Settings;
use crate::model::Tensor;
use crate::postprocessor;
use crate::process::{Postprocessor, ProcessError};

const NAME: &str = LastStep::ABOUT.name;

/// The outputs of the last time step, `[batch, step, ..]` to `[batch, ..]`: the usual readout of a recurrent network.
///
/// They keep their type. Outputs without steps are an error.
#[postprocessor]
pub fn last_step() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        let found = outputs.shape();
        let Some(last) = found.get(1).and_then(|steps| steps.checked_sub(1)) else {
            let expected = "[batch, step, ..] with at least one step";
            return Err(ProcessError::Shape { processor: NAME, found: found.to_vec(), expected });
        };
        Ok(match outputs {
            Tensor::F32(array) => step(array, last).into(),
            Tensor::F64(array) => step(array, last).into(),
            Tensor::I64(array) => step(array, last).into(),
            Tensor::U8(array) => step(array, last).into(),
        })
    }
}

/// One step of all samples.
fn step<T: Clone>(outputs: &ArrayRefD<T>, step: usize) -> ArrayD<T> {
    outputs.index_axis(Axis(1), step).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_of_every_sample_keeps_its_kind() {
        let last = |outputs: Tensor| last_step().process(&outputs).unwrap();
        let scores = ndarray::array![[[1.0_f32, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]];
        assert_eq!(last(scores.into()), ndarray::array![[3.0_f32, 4.0], [7.0, 8.0]].into());
        assert_eq!(last(ndarray::array![[0.5_f64, 0.25]].into()), ndarray::array![0.25_f64].into());
        assert_eq!(last(ndarray::array![[3_i64, -5]].into()), ndarray::array![-5_i64].into());
        assert_eq!(last(ndarray::array![[200_u8, 100]].into()), ndarray::array![100_u8].into());
        assert_eq!(last(ndarray::Array3::<f32>::zeros((0, 3, 2)).into()).shape(), [0, 2]);
    }

    #[test]
    fn no_steps_are_errors() {
        let problem = |outputs: Tensor| last_step().process(&outputs).unwrap_err().to_string();
        let rank = problem(ndarray::array![1.0_f32].into());
        assert_eq!(rank, "`last_step`: found shape [1], expected [batch, step, ..] with at least one step");
        let none = problem(ndarray::Array3::<f32>::zeros((2, 0, 3)).into());
        assert_eq!(none, "`last_step`: found shape [2, 0, 3], expected [batch, step, ..] with at least one step");
    }
}
