//! Fewer pixels.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::recordings;

const NAME: &str = DownsampleEvents::ABOUT.name;

/// Multiplies x and y of every event by a factor and rounds them down. No event is dropped.
///
/// Inputs and outputs are event tensors `[batch, event, 4]`. A sensor of `width` columns has `ceil(width * factor)` after it.
/// The same as `tonic.transforms.Downsample` with this `spatial_factor`.
#[preprocessor]
pub fn downsample_events(
    /// Ratio of the new to the old number of columns and of rows, such as 0.25, greater than 0 and at most 1.
    #[param(range = 0.0..=1.0)]
    factor: f64,
) -> Result<impl Preprocessor, String> {
    if factor == 0.0 {
        return Err("`factor` must be greater than 0".to_owned());
    }
    let smaller = move |pixel: u16| (f64::from(pixel) * factor) as u16;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let inputs = recordings::map(NAME, &inputs, |recording| {
            for event in recording {
                (event.x, event.y) = (smaller(event.x), smaller(event.y));
            }
            Ok(())
        })?;
        Ok((inputs, targets))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn pixels_are_rounded_down_and_no_event_is_lost() {
        let inputs: Tensor = array![[[5_i64, 7, 127, 1], [6, 4, 3, 0]], [[1, 8, 0, 0], [-1, -1, -1, -1]]].into();
        let (outputs, _) = downsample_events(0.25).unwrap().process(inputs, Tensor::default()).unwrap();
        assert_eq!(outputs, array![[[5_i64, 1, 31, 1], [6, 1, 0, 0]], [[1, 2, 0, 0], [-1, -1, -1, -1]]].into());
        assert!(downsample_events(0.0).is_err());
    }
}
