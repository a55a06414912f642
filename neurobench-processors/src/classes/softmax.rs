//! Probabilities from scores.

use ndarray::{ArcArray, ArrayD, ArrayViewMut1, Axis, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

const NAME: &str = Softmax::ABOUT.name;

/// Softmax over the last axis, `[batch, .., class]`: exp(x − max) / Σ exp(x − max).
///
/// It is computed in double precision, sums in ascending order of the classes, so that it has the same bits everywhere. The
/// result is `f32`, or `f64` if the outputs are. An output of −∞ gives 0. NaN, ∞ and a row of −∞ alone are errors.
#[postprocessor]
pub fn softmax() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        if !matches!(outputs.shape(), [_, .., 1..=usize::MAX]) {
            let expected = "[batch, .., class] with at least one class";
            return Err(ProcessError::Shape { processor: NAME, found: outputs.shape().to_vec(), expected });
        }
        Ok(match outputs {
            Tensor::F64(outputs) => probabilities(outputs.clone())?.into(),
            other => probabilities(other.to_f64().into_shared())?.mapv(|probability| probability as f32).into(),
        })
    }
}

fn probabilities(outputs: ArcArray<f64, IxDyn>) -> Result<ArrayD<f64>, ProcessError> {
    let mut probabilities = outputs.into_owned();
    let last = probabilities.ndim() - 1;
    let per_sample = probabilities.shape()[1..last].iter().product::<usize>().max(1);
    for (place, row) in probabilities.lanes_mut(Axis(last)).into_iter().enumerate() {
        let sample = place / per_sample;
        of_row(row).map_err(|problem| ProcessError::Sample { processor: NAME, sample, problem })?;
    }
    Ok(probabilities)
}

fn of_row(mut row: ArrayViewMut1<'_, f64>) -> Result<(), String> {
    if let Some(class) = row.iter().position(|score| score.is_nan() || *score == f64::INFINITY) {
        return Err(format!("the output of class {class} is {}", row[class]));
    }
    let maximum = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if maximum == f64::NEG_INFINITY {
        return Err("the outputs of all classes are -inf".to_owned());
    }
    row.mapv_inplace(|score| libm::exp(score - maximum));
    let sum = row.iter().fold(0.0, |sum, power| sum + power);
    row.mapv_inplace(|power| power / sum);
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn probabilities_are_those_of_scipy() {
        // scipy.special.softmax([1, 2, 3]) and ([1000, 0, -inf]), SciPy 1.17.1
        let outputs = array![[1.0, 2.0, 3.0], [1000.0, 0.0, f64::NEG_INFINITY]];
        let expected = [[0.090_030_573_170_380_46, 0.244_728_471_054_797_64, 0.665_240_955_774_821_9], [1.0, 0.0, 0.0]];
        let Tensor::F64(found) = softmax().process(&outputs.into()).unwrap() else { unreachable!("double") };
        for (found, expected) in found.iter().zip(expected.as_flattened()) {
            // One rounding of each of exp, sum and quotient.
            assert!((found - expected).abs() <= 4.0 * f64::EPSILON * expected, "{found} {expected}");
        }
        assert_eq!(softmax().process(&array![[0_i64, 0]].into()).unwrap(), array![[0.5_f32, 0.5]].into());
    }

    #[test]
    fn outputs_without_probabilities_are_errors() {
        let problem = |outputs: Tensor| softmax().process(&outputs).unwrap_err().to_string();
        assert_eq!(problem(array![[0.0_f32], [f32::NAN]].into()), "`softmax`: sample 1: the output of class 0 is NaN");
        assert_eq!(problem(array![[0.0, f64::INFINITY]].into()), "`softmax`: sample 0: the output of class 1 is inf");
        let all = problem(array![[f64::NEG_INFINITY]].into());
        assert_eq!(all, "`softmax`: sample 0: the outputs of all classes are -inf");
        let none = problem(ndarray::Array2::<f32>::zeros((1, 0)).into());
        assert_eq!(none, "`softmax`: found shape [1, 0], expected [batch, .., class] with at least one class");
    }
}
