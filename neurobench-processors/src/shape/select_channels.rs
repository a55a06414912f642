//! Selections of channels.

use ndarray::{ArrayD, ArrayRefD, Axis};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

/// Selects channels of the inputs, in the order of the list; a channel may occur more than once.
///
/// Inputs keep their type. A channel that does not exist is an error.
#[preprocessor]
pub fn select_channels(
    /// Zero-based indices of the channels.
    #[param]
    channels: Vec<usize>,
    /// Axis of the channels, from the sample as axis 0 on; by default the last one.
    #[param(default = None)]
    axis: Option<usize>,
) -> Result<impl Preprocessor, String> {
    if channels.is_empty() {
        return Err("`channels` has no channels".to_owned());
    }
    if axis == Some(0) {
        return Err("`axis` must not be 0, which is the sample".to_owned());
    }
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let shape = inputs.shape();
        let axis = axis.unwrap_or(shape.len().saturating_sub(1));
        let length = shape.get(axis).filter(|_| axis > 0).copied().unwrap_or(0);
        if let Some(channel) = channels.iter().find(|channel| **channel >= length) {
            let processor = SelectChannels::ABOUT.name;
            let problem = format!("`{processor}`: found shape {shape:?}, expected channel {channel} on axis {axis}");
            return Err(ProcessError::Other(problem));
        }
        let selected = match &inputs {
            Tensor::F32(array) => select(array, axis, &channels).into(),
            Tensor::F64(array) => select(array, axis, &channels).into(),
            Tensor::I64(array) => select(array, axis, &channels).into(),
            Tensor::U8(array) => select(array, axis, &channels).into(),
        };
        Ok((selected, targets))
    })
}

fn select<T: Copy>(inputs: &ArrayRefD<T>, axis: usize, channels: &[usize]) -> ArrayD<T> {
    inputs.select(Axis(axis), channels)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn channels_are_selected_in_the_order_of_the_list() {
        let inputs: Tensor = array![[[1_u8, 2, 3], [4, 5, 6]]].into();
        let selected = |channels: &[usize], axis| {
            let processed =
                select_channels(channels.to_vec(), axis).unwrap().process(inputs.clone(), Tensor::default());
            processed.map(|(inputs, _)| inputs).map_err(|error| error.to_string())
        };
        assert_eq!(selected(&[2, 0, 2], None).unwrap(), array![[[3_u8, 1, 3], [6, 4, 6]]].into());
        assert_eq!(selected(&[1], Some(1)).unwrap(), array![[[4_u8, 5, 6]]].into());
        let missing = "`select_channels`: found shape [1, 2, 3], expected channel 2 on axis 1";
        assert_eq!(selected(&[0, 2], Some(1)).unwrap_err(), missing);
        assert_eq!(select_channels(Vec::new(), None).err().unwrap(), "`channels` has no channels");
    }
}
