//! Classes as vectors.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

use super::whole_numbers;

const NAME: &str = OneHot::ABOUT.name;

/// Part of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchPart {
    /// Inputs of the model.
    Inputs,
    /// Targets of the metrics.
    #[default]
    Targets,
}

/// Encodes classes as vectors with 1 at the index of the class, `[batch, ..]` to `f32` `[batch, .., class]`.
///
/// A number that is not the index of a class is an error.
#[preprocessor]
pub fn one_hot(
    /// Number of classes.
    #[param(range = 1..)]
    classes: usize,
    /// Part of the batch that is encoded: `inputs` or `targets`.
    #[param(default = BatchPart::Targets)]
    part: BatchPart,
    /// Value at the index of the class.
    #[param(default = 1.0)]
    on: f64,
    /// Value at all other indices.
    #[param(default = 0.0)]
    off: f64,
) -> impl Preprocessor {
    let encode = Encoding { classes, on: on as f32, off: off as f32 };
    move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        Ok(match part {
            BatchPart::Inputs => (encode.encoded(&inputs)?, targets),
            BatchPart::Targets => (inputs, encode.encoded(&targets)?),
        })
    }
}

struct Encoding {
    classes: usize,
    on: f32,
    off: f32,
}

impl Encoding {
    fn encoded(&self, tensor: &Tensor) -> Result<Tensor, ProcessError> {
        if tensor.shape().is_empty() {
            return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
        }
        let numbers = whole_numbers(tensor, NAME)?;
        let shape = [numbers.shape(), &[self.classes]].concat();
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let elements = numbers.len().checked_mul(self.classes).ok_or_else(memory)?;
        let mut encoded = Vec::new();
        encoded.try_reserve_exact(elements).map_err(|_| memory())?;
        encoded.resize(elements, self.off);
        let per_sample = numbers.shape().iter().skip(1).product::<usize>().max(1);
        for (place, (number, vector)) in numbers.iter().zip(encoded.chunks_exact_mut(self.classes)).enumerate() {
            let index = usize::try_from(*number).ok().and_then(|index| vector.get_mut(index));
            let value = index.ok_or_else(|| ProcessError::Sample {
                processor: NAME,
                sample: place / per_sample,
                problem: format!("{number} is not one of the {} classes", self.classes),
            })?;
            *value = self.on;
        }
        ArrayD::from_shape_vec(IxDyn(&shape), encoded).map(Tensor::from).map_err(|_| memory())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn targets_or_inputs_become_vectors() {
        let classes: Tensor = array![2_i64, 0].into();
        let (inputs, targets) =
            one_hot(3, BatchPart::Targets, 1.0, 0.0).process(classes.clone(), classes.clone()).unwrap();
        assert_eq!((inputs, targets), (classes.clone(), array![[0.0_f32, 0.0, 1.0], [1.0, 0.0, 0.0]].into()));
        let (inputs, _) = one_hot(2, BatchPart::Inputs, 0.9, 0.1).process(array![[1_u8, 0]].into(), classes).unwrap();
        assert_eq!(inputs, array![[[0.1_f32, 0.9], [0.9, 0.1]]].into());
    }

    #[test]
    fn numbers_that_are_not_classes_are_errors() {
        let problem = |targets: Tensor, classes| {
            one_hot(classes, BatchPart::Targets, 1.0, 0.0).process(Tensor::default(), targets).unwrap_err().to_string()
        };
        assert_eq!(problem(array![0_i64, 3].into(), 3), "`one_hot`: sample 1: 3 is not one of the 3 classes");
        assert_eq!(problem(array![-1.0_f32].into(), 3), "`one_hot`: sample 0: -1 is not one of the 3 classes");
        assert!(
            problem(array![0_i64, 0].into(), usize::MAX).starts_with("`one_hot`: not enough memory for shape [2, ")
        );
    }
}
