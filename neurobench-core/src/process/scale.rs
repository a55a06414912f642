//! Inputs times a factor.

use crate::model::Tensor;
use crate::preprocessor;
use crate::process::{Preprocessor, ProcessError};

/// Multiplies every input: `x as f32 * factor as f32`. The result is `f32`, whatever the inputs are.
#[preprocessor]
pub fn scale(
    /// Factor, such as 1/255 for the pixels of an image.
    #[param]
    factor: f64,
) -> impl Preprocessor {
    let factor = factor as f32;
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let mut inputs = match inputs {
            Tensor::F32(array) => array,
            other => other.to_f32().into_shared(),
        };
        inputs.mapv_inplace(|input| input * factor);
        Ok((Tensor::F32(inputs), targets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_every_kind_become_scaled_singles() {
        let expected: Tensor = ndarray::array![[0.5_f32, 1.0]].into();
        let kinds: [Tensor; 4] = [
            ndarray::array![[8_u8, 16]].into(),
            ndarray::array![[8_i64, 16]].into(),
            ndarray::array![[8.0_f32, 16.0]].into(),
            ndarray::array![[8.0_f64, 16.0]].into(),
        ];
        for inputs in kinds {
            let targets: Tensor = ndarray::array![3_i64].into();
            let (scaled, kept) = scale(0.0625).process(inputs, targets.clone()).unwrap();
            assert_eq!((scaled, kept), (expected.clone(), targets));
        }
    }
}
