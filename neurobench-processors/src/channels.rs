//! Numbers of single channels.

use ndarray::{ArcArray, ArrayD, IxDyn};
use neurobench_core::process::ProcessError;

/// One pair of numbers for all channels, or a pair for each channel along an axis.
pub(crate) struct Channels {
    processor: &'static str,
    /// Axis of the channels; `None` if all have the same numbers.
    axis: Option<usize>,
    numbers: Vec<(f64, f64)>,
}

impl Channels {
    /// Creates pairs from two lists. A list of one number holds for all channels; without an axis, both lists have one number.
    pub(crate) fn new(
        processor: &'static str,
        axis: Option<usize>,
        (first_name, first): (&str, &[f64]),
        (second_name, second): (&str, &[f64]),
    ) -> Result<Self, String> {
        let channels = first.len().max(second.len());
        let check = |name: &str, list: &[f64]| match list.len() {
            0 => Err(format!("`{name}` has no numbers")),
            _ if list.iter().any(|number| !number.is_finite()) => Err(format!("`{name}` must be finite numbers")),
            length if length == channels || length == 1 => Ok(()),
            length => Err(format!("`{name}` has {length} numbers, expected 1 or {channels} as the other list has")),
        };
        check(first_name, first)?;
        check(second_name, second)?;
        if channels > 1 && axis.is_none() {
            return Err("`axis` is missing: numbers of single channels need the axis of the channels".to_owned());
        }
        if axis == Some(0) {
            return Err("`axis` must not be 0, which is the sample".to_owned());
        }
        let number = |list: &[f64], channel: usize| list[channel.min(list.len() - 1)];
        let numbers = (0..channels).map(|channel| (number(first, channel), number(second, channel))).collect();
        Ok(Self { processor, axis: axis.filter(|_| channels > 1), numbers })
    }

    /// Applies a function to the numbers of every channel, in an array that is not shared.
    pub(crate) fn apply<T: Clone>(
        &self,
        array: ArcArray<T, IxDyn>,
        function: impl Fn((f64, f64), &mut T),
    ) -> Result<ArrayD<T>, ProcessError> {
        let width = match self.axis {
            None => array.len(),
            Some(axis) => self.width(axis, array.shape())?,
        };
        // In memory order, a channel of a sample is a slice; an array that is already in this order is not copied.
        let mut array =
            if array.is_standard_layout() { array.into_owned() } else { array.as_standard_layout().into_owned() };
        if let Some(numbers) = array.as_slice_mut() {
            for (slice, channel) in numbers.chunks_mut(width.max(1)).zip(self.numbers.iter().cycle()) {
                slice.iter_mut().for_each(|number| function(*channel, number));
            }
        }
        Ok(array)
    }

    /// Number of contiguous numbers of a channel.
    fn width(&self, axis: usize, shape: &[usize]) -> Result<usize, ProcessError> {
        let (processor, channels) = (self.processor, self.numbers.len());
        match shape.get(axis) {
            Some(length) if *length == channels => Ok(shape[axis + 1..].iter().product()),
            _ => Err(ProcessError::Other(format!(
                "`{processor}`: found shape {shape:?}, expected {channels} channels on axis {axis}"
            ))),
        }
    }
}
