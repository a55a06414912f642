//! Means over time steps.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

use super::{check_steps, fold_steps};

const NAME: &str = MeanOverTime::ABOUT.name;

/// Means over time steps, `[batch, step, ..]` to `[batch, ..]`, such as firing rates of spikes.
///
/// A mean is the sum of the steps in their order, divided by their number, in the precision of the outputs. Integers are
/// summed in `f64`, which is exact up to 2⁵³, and give `f64`. Outputs without steps are an error.
#[postprocessor]
pub fn mean_over_time() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        check_steps(outputs, NAME)?;
        let steps = outputs.shape()[1];
        Ok(match outputs {
            Tensor::F32(outputs) => (fold_steps(outputs, |sum: &mut f32, output| *sum += output) / steps as f32).into(),
            other => (fold_steps(&other.to_f64(), |sum: &mut f64, output| *sum += output) / steps as f64).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, array};

    use super::*;

    #[test]
    fn steps_are_averaged() {
        let mean = |outputs: Tensor| mean_over_time().process(&outputs).unwrap();
        let outputs = array![[[1.0_f32, 2.0], [2.0, 4.0], [6.0, 0.0]]];
        assert_eq!(mean(outputs.clone().into()), array![[3.0_f32, 2.0]].into());
        assert_eq!(mean(outputs.permuted_axes([0, 2, 1]).into()), array![[1.5_f32, 3.0, 3.0]].into());
        assert_eq!(mean(array![[1_u8, 0], [0, 0]].into()), array![0.5_f64, 0.0].into());
        assert_eq!(mean(Array3::<f32>::zeros((0, 3, 2)).into()).shape(), [0, 2]);
        assert_eq!(mean(Array3::<f32>::zeros((2, 3, 0)).into()).shape(), [2, 0]);
    }

    #[test]
    fn no_steps_are_errors() {
        let error = mean_over_time().process(&Array3::<f32>::zeros((2, 0, 3)).into()).unwrap_err();
        let expected = "`mean_over_time`: found shape [2, 0, 3], expected [batch, step, ..] with at least one step";
        assert_eq!(error.to_string(), expected);
    }
}
