//! The class with the largest score.

use ndarray::{ArrayD, ArrayRefD, Axis, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::inputs::first_maximum;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

const NAME: &str = Argmax::ABOUT.name;

/// Index of the largest output on the last axis, `[batch, .., class]` to `i64` `[batch, ..]`; of several, the first.
///
/// NaN and outputs without classes are errors.
#[postprocessor]
pub fn argmax() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        if !matches!(outputs.shape(), [_, .., 1..=usize::MAX]) {
            let expected = "[batch, .., class] with at least one class";
            return Err(ProcessError::Shape { processor: NAME, found: outputs.shape().to_vec(), expected });
        }
        let classes = match outputs {
            Tensor::F32(outputs) => first_maxima(outputs)?,
            Tensor::F64(outputs) => first_maxima(outputs)?,
            Tensor::I64(outputs) => first_maxima(outputs)?,
            Tensor::U8(outputs) => first_maxima(outputs)?,
        };
        Ok(classes.into())
    }
}

fn first_maxima<T: Copy + PartialOrd>(outputs: &ArrayRefD<T>) -> Result<ArrayD<i64>, ProcessError> {
    let (last, shape) = (outputs.ndim() - 1, &outputs.shape()[..outputs.ndim() - 1]);
    let per_sample = shape[1..].iter().product::<usize>().max(1);
    let mut classes = Vec::with_capacity(shape.iter().product());
    for (place, scores) in outputs.lanes(Axis(last)).into_iter().enumerate() {
        if let Some(class) = scores.iter().position(|score| score.partial_cmp(score).is_none()) {
            let problem = format!("the output of class {class} is NaN");
            return Err(ProcessError::Sample { processor: NAME, sample: place / per_sample, problem });
        }
        classes.push(first_maximum(scores).map_or(0, |(class, _)| class as i64));
    }
    ArrayD::from_shape_vec(IxDyn(shape), classes).map_err(|error| ProcessError::Other(format!("`{NAME}`: {error}")))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_first_of_several_maxima_is_chosen_on_the_last_axis() {
        let classes = |outputs: Tensor| argmax().process(&outputs);
        assert_eq!(classes(array![[0.0_f32, 1.0, 1.0], [-1.0, -2.0, -3.0]].into()).unwrap(), array![1_i64, 0].into());
        assert_eq!(classes(array![[[1_u8, 2], [3, 3]]].into()).unwrap(), array![[1_i64, 0]].into());
        let nan = classes(array![[[0.0_f64], [0.0]], [[0.0], [f64::NAN]]].into()).unwrap_err();
        assert_eq!(nan.to_string(), "`argmax`: sample 1: the output of class 0 is NaN");
        let rank = classes(array![1.0_f32].into()).unwrap_err();
        assert_eq!(rank.to_string(), "`argmax`: found shape [1], expected [batch, .., class] with at least one class");
    }
}
