//! The same input at every time step.

use ndarray::{ArrayD, ArrayRefD, IxDyn};

use crate::component::Settings;
use crate::model::Tensor;
use crate::preprocessor;
use crate::process::{Preprocessor, ProcessError};

const NAME: &str = RepeatOverTime::ABOUT.name;

/// Repeats every input over time, `[batch, ..]` to `[batch, step, ..]`: constant-current coding.
#[preprocessor]
pub fn repeat_over_time(
    /// Number of time steps.
    #[param(range = 1..)]
    steps: usize,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let inputs = match inputs {
            Tensor::F32(array) => repeated(&array, steps)?.into(),
            Tensor::F64(array) => repeated(&array, steps)?.into(),
            Tensor::I64(array) => repeated(&array, steps)?.into(),
            Tensor::U8(array) => repeated(&array, steps)?.into(),
        };
        Ok((inputs, targets))
    }
}

fn repeated<T: Copy>(inputs: &ArrayRefD<T>, steps: usize) -> Result<ArrayD<T>, ProcessError> {
    let [batch, rest @ ..] = inputs.shape() else {
        return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
    };
    let shape = [&[*batch, steps], rest].concat();
    let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
    let mut repeated = Vec::new();
    let elements = inputs.len().checked_mul(steps).ok_or_else(memory)?;
    repeated.try_reserve_exact(elements).map_err(|_| memory())?;
    // In memory order, a sample is a slice; an array that is already in this order is not copied.
    let inputs = inputs.as_standard_layout();
    let width: usize = rest.iter().product();
    for sample in inputs.as_slice().unwrap_or_default().chunks_exact(width.max(1)) {
        for _ in 0..steps {
            repeated.extend_from_slice(sample);
        }
    }
    ArrayD::from_shape_vec(IxDyn(&shape), repeated).map_err(|_| memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_the_input() {
        let (inputs, targets) = (ndarray::array![[1_u8, 2], [3, 4]], ndarray::array![0_i64, 1]);
        let (repeated, kept) = repeat_over_time(3).process(inputs.into(), targets.clone().into()).unwrap();
        assert_eq!(repeated, ndarray::array![[[1_u8, 2], [1, 2], [1, 2]], [[3, 4], [3, 4], [3, 4]]].into());
        assert_eq!(kept, targets.into());
    }

    #[test]
    fn too_many_steps_and_no_batch_are_errors() {
        let problem = |steps: usize, inputs: Tensor| {
            repeat_over_time(steps).process(inputs, Tensor::default()).unwrap_err().to_string()
        };
        let memory = problem(usize::MAX, ndarray::array![1.0_f32].into());
        assert!(memory.starts_with("`repeat_over_time`: not enough memory for shape [1, "), "{memory}");
        let scalar = problem(2, ndarray::arr0(1.0_f32).into());
        assert_eq!(scalar, "`repeat_over_time`: found shape [], expected [batch, ..]");
    }
}
