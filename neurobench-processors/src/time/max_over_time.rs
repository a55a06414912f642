//! Maxima over time steps.

use ndarray::ArrayRefD;
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

use super::{check_steps, fold_steps};

const NAME: &str = MaxOverTime::ABOUT.name;

/// Maxima over time steps, `[batch, step, ..]` to `[batch, ..]`, such as the highest membrane potential of each output.
///
/// Outputs keep their type. NaN and outputs without steps are errors.
#[postprocessor]
pub fn max_over_time() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        check_steps(outputs, NAME)?;
        Ok(match outputs {
            Tensor::F32(outputs) => maxima(outputs)?.into(),
            Tensor::F64(outputs) => maxima(outputs)?.into(),
            Tensor::I64(outputs) => maxima(outputs)?.into(),
            Tensor::U8(outputs) => maxima(outputs)?.into(),
        })
    }
}

fn maxima<T: Copy + PartialOrd>(outputs: &ArrayRefD<T>) -> Result<ndarray::ArrayD<T>, ProcessError> {
    if let Some(place) = outputs.iter().position(|output| output.partial_cmp(output).is_none()) {
        let sample = place / outputs.shape()[1..].iter().product::<usize>().max(1);
        return Err(ProcessError::Sample { processor: NAME, sample, problem: "an output is NaN".to_owned() });
    }
    Ok(fold_steps(outputs, |maximum, output| {
        if output > *maximum {
            *maximum = output;
        }
    }))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_largest_step_of_every_output_is_taken() {
        let maximum = |outputs: Tensor| max_over_time().process(&outputs);
        let outputs = array![[[1.0_f32, -2.0], [0.5, -1.0]], [[-3.0, 0.0], [-4.0, 7.0]]];
        assert_eq!(maximum(outputs.into()).unwrap(), array![[1.0_f32, -1.0], [-3.0, 7.0]].into());
        assert_eq!(maximum(array![[3_i64, 5, 4]].into()).unwrap(), array![5_i64].into());
        let error = maximum(array![[[0.0_f64], [0.0]], [[f64::NAN], [0.0]]].into()).unwrap_err();
        assert_eq!(error.to_string(), "`max_over_time`: sample 1: an output is NaN");
    }
}
