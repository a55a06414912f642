//! Numbers in a fixed range.

use ndarray::Axis;
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

/// Maps the range of the inputs linearly to another range: low + (x − min) · (high − low) / (max − min).
///
/// `min` and `max` are those of the settings, such as 0 and 255 for the pixels of an image, or by default those of each
/// sample; all numbers of a sample that does not vary become `low`. The result is `f32` and is computed in single
/// precision. The shape stays. Inputs outside `min` and `max` lie outside the new range.
#[preprocessor]
pub fn min_max(
    /// Smallest input; by default that of each sample.
    #[param(default = None)]
    min: Option<f64>,
    /// Largest input; by default that of each sample.
    #[param(default = None)]
    max: Option<f64>,
    /// Result for the smallest input.
    #[param(default = 0.0)]
    low: f64,
    /// Result for the largest input.
    #[param(default = 1.0)]
    high: f64,
) -> Result<impl Preprocessor, String> {
    if let (Some(min), Some(max)) = (min, max)
        && (min.is_nan() || max.is_nan() || min >= max)
    {
        return Err(format!("`min` must be below `max`, but {min} is not below {max}"));
    }
    let (low, width) = (low as f32, (high - low) as f32);
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let mut inputs = match inputs {
            Tensor::F32(inputs) => inputs,
            other => other.to_f32().into_shared(),
        };
        if inputs.ndim() == 0 {
            return Err(ProcessError::Shape {
                processor: MinMax::ABOUT.name,
                found: Vec::new(),
                expected: "[batch, ..]",
            });
        }
        for mut sample in inputs.axis_iter_mut(Axis(0)) {
            let extreme = |fixed: Option<f64>, start: f32, choose: fn(f32, f32) -> f32| match fixed {
                Some(fixed) => fixed as f32,
                None => sample.iter().fold(start, |extreme, number| choose(extreme, *number)),
            };
            let min = extreme(min, f32::INFINITY, f32::min);
            let max = extreme(max, f32::NEG_INFINITY, f32::max);
            let factor = if max > min { width / (max - min) } else { 0.0 };
            sample.mapv_inplace(|number| low + (number - min) * factor);
        }
        Ok((inputs.into(), targets))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn scaled(range: (Option<f64>, Option<f64>), to: (f64, f64), inputs: impl Into<Tensor>) -> Tensor {
        let min_max = min_max(range.0, range.1, to.0, to.1).unwrap();
        min_max.process(inputs.into(), Tensor::default()).unwrap().0
    }

    #[test]
    fn fixed_ranges_hold_for_all_samples_and_others_for_each() {
        let inputs = array![[0_u8, 5], [10, 20]];
        let fixed = scaled((Some(0.0), Some(20.0)), (-1.0, 1.0), inputs.clone());
        assert_eq!(fixed, array![[-1.0_f32, -0.5], [0.0, 1.0]].into());
        assert_eq!(scaled((None, None), (0.0, 1.0), inputs), array![[0.0_f32, 1.0], [0.0, 1.0]].into());
        assert_eq!(scaled((None, None), (0.5, 1.0), array![[3.0_f32, 3.0]]), array![[0.5_f32, 0.5]].into());
    }

    #[test]
    fn an_empty_range_is_an_error() {
        let error = min_max(Some(1.0), Some(1.0), 0.0, 1.0).err().unwrap();
        assert_eq!(error, "`min` must be below `max`, but 1 is not below 1");
    }
}
