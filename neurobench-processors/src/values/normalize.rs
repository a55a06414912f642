//! Numbers with a mean of 0 and a standard deviation of 1.

use ndarray::ArcArray;
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use crate::channels::Channels;

/// Normalizes inputs: (x − mean) / std, for all inputs or for each channel.
///
/// The result is `f32` and is computed in single precision, as `torchvision.transforms.Normalize` does. The shape stays.
#[preprocessor]
pub fn normalize(
    /// Mean of all inputs, or of each channel.
    #[param]
    mean: Vec<f64>,
    /// Standard deviation of all inputs, or of each channel; not 0.
    #[param]
    std: Vec<f64>,
    /// Axis of the channels, from the sample as axis 0 on; required if a list has more than one number.
    #[param(default = None)]
    axis: Option<usize>,
) -> Result<impl Preprocessor, String> {
    if std.iter().any(|std| *std as f32 == 0.0) {
        return Err("`std` must not be 0".to_owned());
    }
    let channels = Channels::new(Normalize::ABOUT.name, axis, ("mean", &mean), ("std", &std))?;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let inputs: ArcArray<f32, _> = match inputs {
            Tensor::F32(inputs) => inputs,
            other => other.to_f32().into_shared(),
        };
        let normalized = channels.apply(inputs, |(mean, std), input| *input = (*input - mean as f32) / std as f32)?;
        Ok((normalized.into(), targets))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn normalized(mean: &[f64], std: &[f64], axis: Option<usize>, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
        let normalize = normalize(mean.to_vec(), std.to_vec(), axis)?;
        let (inputs, targets) =
            normalize.process(inputs.into(), array![7_i64].into()).map_err(|error| error.to_string())?;
        assert_eq!(targets, array![7_i64].into());
        Ok(inputs)
    }

    #[test]
    fn all_inputs_or_channels_on_any_axis_are_normalized() {
        let all = normalized(&[2.0], &[4.0], None, array![[2_u8, 10]]);
        assert_eq!(all.unwrap(), array![[0.0_f32, 2.0]].into());
        let inputs = array![[[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]];
        let last = normalized(&[1.0, 2.0], &[2.0], Some(2), inputs.clone());
        assert_eq!(last.unwrap(), array![[[0.0_f32, 0.0], [1.0, 1.0], [2.0, 2.0]]].into());
        let first = normalized(&[1.0, 3.0, 5.0], &[1.0, 0.5, 0.25], Some(1), inputs.clone());
        assert_eq!(first.unwrap(), array![[[0.0_f32, 1.0], [0.0, 2.0], [0.0, 4.0]]].into());
        let transposed = normalized(&[1.0, 2.0], &[2.0], Some(1), inputs.permuted_axes([0, 2, 1]));
        assert_eq!(transposed.unwrap(), array![[[0.0_f32, 1.0, 2.0], [0.0, 1.0, 2.0]]].into());
    }

    #[test]
    fn settings_and_shapes_that_do_not_match_are_errors() {
        let problem =
            |mean: &[f64], std: &[f64], axis| normalized(mean, std, axis, array![[1.0_f32, 2.0]]).unwrap_err();
        assert_eq!(problem(&[0.0], &[0.0], None), "`std` must not be 0");
        assert_eq!(problem(&[], &[1.0], None), "`mean` has no numbers");
        assert_eq!(problem(&[f64::NAN], &[1.0], None), "`mean` must be finite numbers");
        let lengths = "`std` has 2 numbers, expected 1 or 3 as the other list has";
        assert_eq!(problem(&[0.0; 3], &[1.0; 2], Some(1)), lengths);
        let axis = "`axis` is missing: numbers of single channels need the axis of the channels";
        assert_eq!(problem(&[0.0; 2], &[1.0], None), axis);
        let shape = "`normalize`: found shape [1, 2], expected 3 channels on axis 1";
        assert_eq!(problem(&[0.0; 3], &[1.0], Some(1)), shape);
    }
}
