//! Decisions by a threshold.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

const NAME: &str = Threshold::ABOUT.name;

/// 1 for outputs above a threshold and 0 for all others, as `i64` of the same shape.
///
/// An output equal to the threshold becomes 0, as with scikit-learn's `binarize`. Outputs are compared in double precision.
/// NaN is an error.
#[postprocessor]
pub fn threshold(
    /// Threshold, such as 0.5 for probabilities.
    #[param]
    threshold: f64,
) -> impl Postprocessor {
    move |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        let outputs = outputs.to_f64();
        if let Some(place) = outputs.iter().position(|output| output.is_nan()) {
            let sample = place / outputs.shape().iter().skip(1).product::<usize>().max(1);
            let problem = "an output is NaN".to_owned();
            return Err(ProcessError::Sample { processor: NAME, sample, problem });
        }
        Ok(outputs.mapv(|output| i64::from(output > threshold)).into())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn only_outputs_above_the_threshold_are_one() {
        let decided = |outputs: Tensor| threshold(0.5).process(&outputs);
        assert_eq!(decided(array![[0.25_f32, 0.5], [0.75, 1.0]].into()).unwrap(), array![[0_i64, 0], [1, 1]].into());
        assert_eq!(decided(array![0_u8, 1].into()).unwrap(), array![0_i64, 1].into());
        let error = decided(array![[0.0_f64, 1.0], [0.0, f64::NAN]].into()).unwrap_err();
        assert_eq!(error.to_string(), "`threshold`: sample 1: an output is NaN");
    }
}
