//! The same input at every time step.

use ndarray::{ArrayD, ArrayRefD, IxDyn};
use serde::{Deserialize, Serialize};

use crate::model::Tensor;
use crate::process::{Preprocessor, ProcessError};

pub(super) const NAME: &str = "repeat_over_time";

/// Repeats every input over time, `[batch, ..]` to `[batch, step, ..]`: constant-current coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatOverTime {
    /// How many time steps; at least 1.
    pub steps: usize,
}

impl Preprocessor for RepeatOverTime {
    fn name(&self) -> String {
        format!("{NAME}(steps={})", self.steps)
    }

    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        if self.steps == 0 {
            let problem = "`steps` must be at least 1".to_owned();
            return Err(ProcessError::Settings { processor: NAME, problem });
        }
        let inputs = match inputs {
            Tensor::F32(array) => self.repeat(&array)?.into(),
            Tensor::F64(array) => self.repeat(&array)?.into(),
            Tensor::I64(array) => self.repeat(&array)?.into(),
            Tensor::U8(array) => self.repeat(&array)?.into(),
        };
        Ok((inputs, targets))
    }
}

impl RepeatOverTime {
    fn repeat<T: Copy>(&self, inputs: &ArrayRefD<T>) -> Result<ArrayD<T>, ProcessError> {
        let [batch, rest @ ..] = inputs.shape() else {
            return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
        };
        let shape = [&[*batch, self.steps], rest].concat();
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let mut repeated = Vec::new();
        let elements = inputs.len().checked_mul(self.steps).ok_or_else(memory)?;
        repeated.try_reserve_exact(elements).map_err(|_| memory())?;
        // In memory order, a sample is a slice; an array that already is costs nothing.
        let inputs = inputs.as_standard_layout();
        let width: usize = rest.iter().product();
        for sample in inputs.as_slice().unwrap_or_default().chunks_exact(width.max(1)) {
            for _ in 0..self.steps {
                repeated.extend_from_slice(sample);
            }
        }
        ArrayD::from_shape_vec(IxDyn(&shape), repeated).map_err(|_| memory())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_the_input() {
        let (inputs, targets) = (ndarray::array![[1_u8, 2], [3, 4]], ndarray::array![0_i64, 1]);
        let (repeated, kept) = RepeatOverTime { steps: 3 }.process(inputs.into(), targets.clone().into()).unwrap();
        assert_eq!(repeated, ndarray::array![[[1_u8, 2], [1, 2], [1, 2]], [[3, 4], [3, 4], [3, 4]]].into());
        assert_eq!(kept, targets.into());
    }

    #[test]
    fn no_steps_too_many_and_no_batch_are_errors() {
        let problem = |steps: usize, inputs: Tensor| {
            RepeatOverTime { steps }.process(inputs, Tensor::default()).unwrap_err().to_string()
        };
        assert_eq!(problem(0, ndarray::array![1.0_f32].into()), "`repeat_over_time`: `steps` must be at least 1");
        let memory = problem(usize::MAX, ndarray::array![1.0_f32].into());
        assert!(memory.starts_with("`repeat_over_time`: there is no memory for shape [1, "), "{memory}");
        let scalar = problem(2, ndarray::arr0(1.0_f32).into());
        assert_eq!(scalar, "`repeat_over_time` was given shape [] and takes [batch, ..]");
    }
}
