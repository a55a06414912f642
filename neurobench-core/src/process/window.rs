//! Windows over samples.

use ndarray::{ArrayD, ArrayRefD, IxDyn};

use crate::component::Settings;
use crate::model::Tensor;
use crate::preprocessor;
use crate::process::{Preprocessor, ProcessError};

const NAME: &str = Window::ABOUT.name;

/// Replaces every sample by the window of samples that ends with it, `[batch, ..]` to `[batch, step, ..]`.
///
/// The oldest sample of a window is its first step. Samples before the beginning of a
/// [sequence](crate::data::Dataset::sequences) are zeros. Targets stay.
#[preprocessor]
pub fn window(
    /// Number of samples in a window.
    #[param(range = 1..)]
    length: usize,
) -> impl Preprocessor {
    Windows { length }
}

struct Windows {
    length: usize,
}

impl Preprocessor for Windows {
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        let inputs = match inputs {
            Tensor::F32(array) => windows(&array, self.length)?.into(),
            Tensor::F64(array) => windows(&array, self.length)?.into(),
            Tensor::I64(array) => windows(&array, self.length)?.into(),
            Tensor::U8(array) => windows(&array, self.length)?.into(),
        };
        Ok((inputs, targets))
    }

    fn history(&self) -> usize {
        self.length - 1
    }
}

fn windows<T: Copy + Default>(inputs: &ArrayRefD<T>, length: usize) -> Result<ArrayD<T>, ProcessError> {
    let [batch, rest @ ..] = inputs.shape() else {
        return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
    };
    let shape = [&[*batch, length], rest].concat();
    let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
    let width: usize = rest.iter().product();
    let elements = inputs.len().checked_mul(length).ok_or_else(memory)?;
    let mut windows = Vec::new();
    windows.try_reserve_exact(elements).map_err(|_| memory())?;
    // In memory order, samples are one slice, and so is every window.
    let inputs = inputs.as_standard_layout();
    let numbers = inputs.as_slice().unwrap_or_default();
    for end in 1..=*batch {
        let steps = end.min(length);
        windows.resize(windows.len() + (length - steps) * width, T::default());
        windows.extend_from_slice(&numbers[(end - steps) * width..end * width]);
    }
    ArrayD::from_shape_vec(IxDyn(&shape), windows).map_err(|_| memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_with_their_sample_and_begin_with_zeros_at_the_beginning() {
        let inputs: Tensor = ndarray::array![[1_i64, 2], [3, 4], [5, 6]].into();
        let (windowed, _) = Windows { length: 2 }.process(inputs, ndarray::array![0_i64, 1, 2].into()).unwrap();
        assert_eq!(windowed, ndarray::array![[[0_i64, 0], [1, 2]], [[1, 2], [3, 4]], [[3, 4], [5, 6]]].into());
    }

    #[test]
    fn too_long_windows_are_errors() {
        let inputs: Tensor = ndarray::array![1.0_f32, 2.0].into();
        let error = Windows { length: usize::MAX }.process(inputs, Tensor::default()).unwrap_err().to_string();
        assert!(error.starts_with("`window`: not enough memory for shape [2, "), "{error}");
    }
}
