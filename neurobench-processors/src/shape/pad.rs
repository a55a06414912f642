//! Inputs of one length.

use ndarray::{ArrayD, ArrayRefD, Axis, IxDyn, Slice};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};
use serde::{Deserialize, Serialize};

const NAME: &str = Pad::ABOUT.name;

/// Side on which padding is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Before the first place.
    Start,
    /// After the last place.
    #[default]
    End,
    /// Half on either side; if the padding is odd, the end has one more.
    Both,
}

/// Pads an axis of the inputs to a length with a constant, such as recordings to the longest one.
///
/// Inputs keep their type; the value must be a number of it. An axis that is longer is an error:
/// `crop` shortens it.
#[preprocessor]
pub fn pad(
    /// Axis that is padded, from the sample as axis 0 on.
    #[param(range = 1..)]
    axis: usize,
    /// Length of the result.
    #[param(range = 1..)]
    length: usize,
    /// Value of the padding.
    #[param(default = 0.0)]
    value: f64,
    /// Side of the padding: `start`, `end` or `both`.
    #[param(default = Side::End)]
    side: Side,
) -> impl Preprocessor {
    let pad = Padding { axis, length, side };
    move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let whole = |min: f64, max: f64| match value.fract() == 0.0 && (min..=max).contains(&value) {
            true => Ok(value as i64),
            false => Err(format!("`{NAME}`: `value` = {value} is not a number of the type of the inputs")),
        };
        let padded = match &inputs {
            Tensor::F32(array) => pad.padded(array, value as f32)?.map(Tensor::from),
            Tensor::F64(array) => pad.padded(array, value)?.map(Tensor::from),
            Tensor::I64(array) => pad.padded(array, whole(i64::MIN as f64, i64::MAX as f64)?)?.map(Tensor::from),
            Tensor::U8(array) => pad.padded(array, whole(0.0, 255.0)? as u8)?.map(Tensor::from),
        };
        Ok((padded.unwrap_or(inputs), targets))
    }
}

struct Padding {
    axis: usize,
    length: usize,
    side: Side,
}

impl Padding {
    /// Returns the padded inputs; `None` if they have the length.
    fn padded<T: Copy>(&self, inputs: &ArrayRefD<T>, value: T) -> Result<Option<ArrayD<T>>, ProcessError> {
        let Self { axis, length, side } = *self;
        let mut shape = inputs.shape().to_vec();
        let found = match shape.get(axis) {
            Some(found) if *found == length => return Ok(None),
            Some(found) if *found < length => *found,
            _ => {
                let problem =
                    format!("`{NAME}`: found shape {shape:?}, expected a length of at most {length} on axis {axis}");
                return Err(ProcessError::Other(problem));
            }
        };
        let before = match side {
            Side::Start => length - found,
            Side::End => 0,
            Side::Both => (length - found) / 2,
        };
        shape[axis] = length;
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let elements = shape.iter().try_fold(1_usize, |elements, length| elements.checked_mul(*length));
        let elements = elements.ok_or_else(memory)?;
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(elements).map_err(|_| memory())?;
        numbers.resize(elements, value);
        let mut padded = ArrayD::from_shape_vec(IxDyn(&shape), numbers).map_err(|_| memory())?;
        padded.slice_axis_mut(Axis(axis), Slice::from(before..before + found)).assign(inputs);
        Ok(Some(padded))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn padded(axis: usize, length: usize, value: f64, side: Side, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
        let processed = pad(axis, length, value, side).process(inputs.into(), Tensor::default());
        processed.map(|(inputs, _)| inputs).map_err(|error| error.to_string())
    }

    #[test]
    fn padding_is_added_on_the_chosen_side() {
        let inputs = array![[1.0_f32, 2.0]];
        let side = |side| padded(1, 5, -1.0, side, inputs.clone()).unwrap();
        assert_eq!(side(Side::End), array![[1.0_f32, 2.0, -1.0, -1.0, -1.0]].into());
        assert_eq!(side(Side::Start), array![[-1.0_f32, -1.0, -1.0, 1.0, 2.0]].into());
        assert_eq!(side(Side::Both), array![[-1.0_f32, 1.0, 2.0, -1.0, -1.0]].into());
        let steps = padded(1, 2, 0.0, Side::End, array![[[1_i64, 2]], [[3, 4]]]).unwrap();
        assert_eq!(steps, array![[[1_i64, 2], [0, 0]], [[3, 4], [0, 0]]].into());
        assert_eq!(padded(1, 2, 0.0, Side::End, inputs.clone()).unwrap(), inputs.into());
    }

    #[test]
    fn longer_inputs_other_values_and_no_memory_are_errors() {
        let long = padded(1, 1, 0.0, Side::End, array![[1_u8, 2]]).unwrap_err();
        assert_eq!(long, "`pad`: found shape [1, 2], expected a length of at most 1 on axis 1");
        let value = padded(1, 3, 0.5, Side::End, array![[1_u8, 2]]).unwrap_err();
        assert_eq!(value, "`pad`: `value` = 0.5 is not a number of the type of the inputs");
        let memory = padded(1, usize::MAX, 0.0, Side::End, array![[1_u8, 2], [3, 4]]).unwrap_err();
        assert!(memory.starts_with("`pad`: not enough memory for shape [2, "), "{memory}");
    }
}
