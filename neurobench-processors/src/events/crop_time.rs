//! Part of the time.

use neurobench_core::component::Settings as _;
use neurobench_core::data::events::Event;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::recordings;

const NAME: &str = CropTime::ABOUT.name;

/// Keeps the events of a span of time: `start` ≤ time < `end`. Times are not changed.
///
/// Inputs and outputs are event tensors `[batch, event, 4]`. The first n µs of every recording are
/// `crop_time(end=n, from_first_event=true)`. The same as `tonic.transforms.CropTime` with `min = start` and
/// `max = end - 1`.
#[preprocessor]
pub fn crop_time(
    /// First time in µs that is kept.
    #[param(default = 0, range = 0..)]
    start: i64,
    /// First time in µs that is not kept any more; by default all later events are kept.
    #[param(default = None)]
    end: Option<i64>,
    /// If true, `start` and `end` count from the first event of each recording.
    #[param(default = false)]
    from_first_event: bool,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let inputs = recordings::map(NAME, &inputs, |recording| {
            let zero = match recording.first() {
                Some(Event { time, .. }) if from_first_event => *time,
                _ => 0,
            };
            recording.retain(|event| {
                let time = event.time - zero;
                time >= start && end.is_none_or(|end| time < end)
            });
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
    fn events_from_start_to_before_end_are_kept() {
        let inputs: Tensor =
            array![[[10_i64, 0, 0, 1], [20, 1, 0, 0], [30, 2, 0, 0]], [[12, 3, 0, 0], [21, 4, 0, 0], [22, 5, 0, 0]]]
                .into();
        let x = |start, end, from_first_event| {
            let crop = crop_time(start, end, from_first_event);
            let Tensor::I64(rows) = crop.process(inputs.clone(), Tensor::default()).unwrap().0 else { unreachable!() };
            rows.outer_iter()
                .map(|rows| rows.index_axis(ndarray::Axis(1), 1).iter().copied().collect())
                .collect::<Vec<Vec<i64>>>()
        };
        let all = |rows: &[&[i64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        assert_eq!(x(0, None, false), all(&[&[0, 1, 2], &[3, 4, 5]]));
        assert_eq!(x(12, Some(21), false), all(&[&[1], &[3]]));
        assert_eq!(x(0, Some(10), true), all(&[&[0, -1], &[3, 4]]));
    }
}
