//! The class with the most spikes.

use ndarray::{Array1, ArrayRefD, ArrayViewD, Axis};

use crate::component::Settings;
use crate::first_maximum::first_maximum;
use crate::model::Tensor;
use crate::postprocessor;
use crate::process::aggregate::over_steps;
use crate::process::{Postprocessor, ProcessError};

const NAME: &str = ChooseMaxCount::ABOUT.name;

/// The class whose outputs have the largest sum over time, `[batch, step, class]` to `i64` `[batch]`; of several, the first.
///
/// Sums as in [`Aggregate`](crate::process::Aggregate). A sum that is NaN is an error.
#[postprocessor]
pub fn choose_max_count() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        if !matches!(outputs.shape(), [_, _, classes] if *classes > 0) {
            let expected = match outputs.shape() {
                [_, _] => "[batch, step, class]; outputs without steps need no such postprocessor",
                _ => "[batch, step, class] with at least one class",
            };
            return Err(ProcessError::Shape { processor: NAME, found: outputs.shape().to_vec(), expected });
        }
        let classes = match over_steps(outputs, NAME)? {
            Tensor::F32(counts) => first_maxima(&counts),
            Tensor::F64(counts) => first_maxima(&counts),
            Tensor::I64(counts) => first_maxima(&counts),
            Tensor::U8(counts) => first_maxima(&counts),
        };
        classes.map(Tensor::from)
    }
}

/// Index of the first maximum of each row.
fn first_maxima<T: PartialOrd>(counts: &ArrayRefD<T>) -> Result<Array1<i64>, ProcessError> {
    let maximum = |(sample, counts): (usize, ArrayViewD<'_, T>)| {
        if let Some(class) = counts.iter().position(|count| count.partial_cmp(count).is_none()) {
            let problem = format!("the sum of class {class} is NaN");
            return Err(ProcessError::Sample { processor: NAME, sample, problem });
        }
        Ok(first_maximum(&counts).map_or(0, |(class, _)| class as i64))
    };
    counts.axis_iter(Axis(0)).enumerate().map(maximum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(outputs: impl Into<Tensor>) -> Result<Tensor, ProcessError> {
        choose_max_count().process(&outputs.into())
    }

    #[test]
    fn the_first_of_several_maxima_is_chosen() {
        let outputs = ndarray::array![[[0.0_f32, 1.0, 1.0], [0.0, 1.0, 1.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]];
        assert_eq!(choose(outputs).unwrap(), ndarray::array![1_i64, 0].into());
    }

    #[test]
    fn other_ranks_no_classes_and_nan_are_errors() {
        let problem = |outputs: Tensor| choose(outputs).unwrap_err().to_string();
        let rank = problem(ndarray::array![[1.0_f32]].into());
        assert_eq!(
            rank,
            "`choose_max_count`: found shape [1, 1], expected [batch, step, class]; outputs without steps need no such postprocessor"
        );
        assert!(
            problem(ndarray::Array3::<f32>::zeros((1, 2, 0)).into())
                .starts_with("`choose_max_count`: found shape [1, 2, 0]")
        );
        let nan = problem(ndarray::array![[[0.0_f32, f32::NAN]]].into());
        assert_eq!(nan, "`choose_max_count`: sample 0: the sum of class 1 is NaN");
    }
}
