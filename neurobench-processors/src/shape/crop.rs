//! Parts of an axis.

use ndarray::{Axis, Slice};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

const NAME: &str = Crop::ABOUT.name;

/// Takes `length` places of an axis of the inputs from `start` on, such as the middle of a recording or of an image.
///
/// Inputs keep their type. Numbers are shared, not copied. An axis that is too short is an error.
#[preprocessor]
pub fn crop(
    /// Axis that is cropped, from the sample as axis 0 on.
    #[param(range = 1..)]
    axis: usize,
    /// Length of the result.
    #[param(range = 1..)]
    length: usize,
    /// Zero-based first place.
    #[param(default = 0)]
    start: usize,
) -> Result<impl Preprocessor, String> {
    let end = start.checked_add(length).filter(|end| isize::try_from(*end).is_ok());
    let end = end.ok_or("`start` and `length` are too large")?;
    Ok(move |mut inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let shape = inputs.shape();
        if shape.get(axis).is_none_or(|length| *length < end) {
            let problem =
                format!("`{NAME}`: found shape {shape:?}, expected a length of at least {end} on axis {axis}");
            return Err(ProcessError::Other(problem));
        }
        let part = Slice::from(start..end);
        match &mut inputs {
            Tensor::F32(array) => array.slice_axis_inplace(Axis(axis), part),
            Tensor::F64(array) => array.slice_axis_inplace(Axis(axis), part),
            Tensor::I64(array) => array.slice_axis_inplace(Axis(axis), part),
            Tensor::U8(array) => array.slice_axis_inplace(Axis(axis), part),
        }
        Ok((inputs, targets))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_part_of_an_axis_is_taken() {
        let inputs: Tensor = array![[[1_u8, 2, 3], [4, 5, 6]]].into();
        let cropped = |axis, length, start| {
            let processed = crop(axis, length, start).unwrap().process(inputs.clone(), Tensor::default());
            processed.map(|(inputs, _)| inputs).map_err(|error| error.to_string())
        };
        assert_eq!(cropped(2, 2, 1).unwrap(), array![[[2_u8, 3], [5, 6]]].into());
        assert_eq!(cropped(1, 1, 1).unwrap(), array![[[4_u8, 5, 6]]].into());
        let short = "`crop`: found shape [1, 2, 3], expected a length of at least 4 on axis 2";
        assert_eq!(cropped(2, 2, 2).unwrap_err(), short);
        assert!(cropped(3, 1, 0).unwrap_err().ends_with("expected a length of at least 1 on axis 3"));
        assert_eq!(crop(1, usize::MAX, 1).err().unwrap(), "`start` and `length` are too large");
    }
}
