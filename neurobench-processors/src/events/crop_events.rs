//! Part of the pixels.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::recordings;

const NAME: &str = CropEvents::ABOUT.name;

/// Keeps the events of a rectangle of pixels, whose upper left pixel becomes (0, 0).
///
/// Keeps an event if `x` ≤ its x < `x + width` and `y` ≤ its y < `y + height`. Inputs and outputs are event tensors
/// `[batch, event, 4]`. The same as `tonic.transforms.CenterCrop` for the rectangle in the middle of the sensor:
/// `x = (sensor_width - width) / 2`, rounded down, and `y` in the same way.
#[preprocessor]
pub fn crop_events(
    /// Number of columns.
    #[param(range = 1..=65536)]
    width: usize,
    /// Number of rows.
    #[param(range = 1..=65536)]
    height: usize,
    /// First column.
    #[param(default = 0, range = 0..=65535)]
    x: usize,
    /// First row.
    #[param(default = 0, range = 0..=65535)]
    y: usize,
) -> impl Preprocessor {
    // Ranges keep both in 16 bits.
    let (left, upper) = (x as u16, y as u16);
    let inside = move |pixel: u16, first: u16, length: usize| {
        pixel.checked_sub(first).is_some_and(|pixel| usize::from(pixel) < length)
    };
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let inputs = recordings::map(NAME, &inputs, |recording| {
            recording.retain(|event| inside(event.x, left, width) && inside(event.y, upper, height));
            for event in recording {
                (event.x, event.y) = (event.x - left, event.y - upper);
            }
            Ok(())
        })?;
        Ok((inputs, targets))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn events_of_the_rectangle_are_kept_and_moved() {
        let inputs: Tensor =
            array![[[5_i64, 2, 3, 1], [6, 1, 3, 0], [7, 3, 4, 0], [8, 4, 3, 0], [9, 2, 2, 0], [9, 2, 5, 0]]].into();
        let (outputs, _) = crop_events(2, 2, 2, 3).process(inputs, Tensor::default()).unwrap();
        assert_eq!(outputs, array![[[5_i64, 0, 0, 1], [7, 1, 1, 0]]].into());
    }
}
