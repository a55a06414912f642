//! Predictions in the units of the targets.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

use crate::channels::Channels;

/// Reverses a normalization of regression targets: x · std + mean, for all outputs or for each channel.
///
/// Outputs keep their precision and shape; integers become `f32`. It undoes `normalize` with the same
/// settings, up to rounding, as `inverse_transform` of scikit-learn's `StandardScaler` does.
#[postprocessor]
pub fn inverse_scale(
    /// Mean of all targets, or of each channel.
    #[param]
    mean: Vec<f64>,
    /// Standard deviation of all targets, or of each channel.
    #[param]
    std: Vec<f64>,
    /// Axis of the channels, from the sample as axis 0 on; required if a list has more than one number.
    #[param(default = None)]
    axis: Option<usize>,
) -> Result<impl Postprocessor, String> {
    let channels = Channels::new(InverseScale::ABOUT.name, axis, ("mean", &mean), ("std", &std))?;
    Ok(move |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        let single = |(mean, std): (f64, f64), output: &mut f32| *output = *output * std as f32 + mean as f32;
        Ok(match outputs {
            Tensor::F64(outputs) => {
                channels.apply(outputs.clone(), |(mean, std), output| *output = *output * std + mean)?.into()
            }
            Tensor::F32(outputs) => channels.apply(outputs.clone(), single)?.into(),
            other => channels.apply(other.to_f32().into_shared(), single)?.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn outputs_return_to_the_units_of_the_targets() {
        let scale = inverse_scale(vec![1.0, -2.0], vec![2.0, 0.5], Some(1)).unwrap();
        let outputs = array![[0.0_f32, 0.0], [1.0, 1.0]];
        assert_eq!(scale.process(&outputs.clone().into()).unwrap(), array![[1.0_f32, -2.0], [3.0, -1.5]].into());
        let double = scale.process(&outputs.mapv(f64::from).into()).unwrap();
        assert_eq!(double, array![[1.0_f64, -2.0], [3.0, -1.5]].into());
        let error = scale.process(&array![1.0_f32].into()).unwrap_err();
        assert_eq!(error.to_string(), "`inverse_scale`: found shape [1], expected 2 channels on axis 1");
    }
}
