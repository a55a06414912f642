//! Averages over the latest time steps.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::postprocessor;
use neurobench_core::process::{Postprocessor, ProcessError};

use super::check_steps;

const NAME: &str = MovingAverage::ABOUT.name;

/// Averages every output `[batch, step, ..]` with those of the steps before it, up to `window` steps together; the shape
/// stays.
///
/// The first steps, which have fewer before them, are averages of these. Each average is the sum of its steps in their
/// order, divided by their number, computed in double precision; the result is `f32`, or `f64` if the outputs are.
/// The window does not extend over samples. Outputs without steps are an error.
#[postprocessor]
pub fn moving_average(
    /// Number of steps in an average.
    #[param(range = 1..)]
    window: usize,
) -> impl Postprocessor {
    move |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        check_steps(outputs, NAME)?;
        let double = outputs.to_f64();
        let numbers = double.as_standard_layout();
        let mut averages = numbers.to_owned();
        let width = numbers.shape()[2..].iter().product::<usize>();
        let sample = (numbers.shape()[1] * width).max(1);
        if let (Some(numbers), Some(averages)) = (numbers.as_slice(), averages.as_slice_mut()) {
            for (numbers, averages) in numbers.chunks_exact(sample).zip(averages.chunks_exact_mut(sample)) {
                for (place, average) in averages.iter_mut().enumerate() {
                    let first = (place / width + 1).saturating_sub(window) * width + place % width;
                    let latest = numbers[first..=place].iter().step_by(width);
                    let count = latest.len();
                    *average = latest.sum::<f64>() / count as f64;
                }
            }
        }
        Ok(match outputs {
            Tensor::F64(_) => averages.into(),
            _ => averages.mapv(|average| average as f32).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_latest_steps_of_every_output_are_averaged() {
        let average = |window, outputs: Tensor| moving_average(window).process(&outputs).unwrap();
        let outputs: Tensor =
            array![[[2.0_f32, 8.0], [4.0, 0.0], [9.0, 4.0]], [[1.0, 1.0], [1.0, 1.0], [4.0, 1.0]]].into();
        let two = array![[[2.0_f32, 8.0], [3.0, 4.0], [6.5, 2.0]], [[1.0, 1.0], [1.0, 1.0], [2.5, 1.0]]];
        assert_eq!(average(2, outputs.clone()), two.into());
        assert_eq!(average(1, outputs.clone()), outputs);
        let all = array![[[2.0_f32, 8.0], [3.0, 4.0], [5.0, 4.0]], [[1.0, 1.0], [1.0, 1.0], [2.0, 1.0]]];
        assert_eq!(average(usize::MAX, outputs), all.into());
        assert_eq!(average(2, array![[0_u8, 1, 1]].into()), array![[0.0_f32, 0.5, 1.0]].into());
    }
}
