//! Background activity filter.

use ndarray::Array2;
use neurobench_core::component::Settings as _;
use neurobench_core::data::events::Event;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::recordings;

const NAME: &str = DenoiseEvents::ABOUT.name;

/// Keeps the events near which another event has just occurred, and drops the rest as background activity.
///
/// An event at time t is kept if the last event of one of its four neighbors (left, right, above, below), of any polarity,
/// was later than t − `filter_time`. Every pixel counts as having fired at time 0, so events before `filter_time` are kept.
/// Inputs and outputs are event tensors `[batch, event, 4]`. The same as `tonic.transforms.Denoise`.
///
/// Source: Delbruck 2008, Frame-free dynamic digital vision.
#[preprocessor(alias = "background_activity_filter")]
pub fn denoise_events(
    /// Number of columns of the sensor.
    #[param(range = 1..=65536)]
    width: usize,
    /// Number of rows of the sensor.
    #[param(range = 1..=65536)]
    height: usize,
    /// Largest time between an event and that of a neighbor, in µs, exclusive.
    #[param(default = 10_000, range = 1..)]
    filter_time: i64,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let mut last = last_times(width, height)?;
        let filtered = recordings::map(NAME, &inputs, |recording| {
            recordings::check_pixels(recording, width, height)?;
            last.fill(0);
            recording.retain(|event| is_connected(&mut last, event, filter_time));
            Ok(())
        })?;
        Ok((filtered, targets))
    }
}

/// Time of the last event of each pixel, `[x, y]`.
fn last_times(width: usize, height: usize) -> Result<Array2<i64>, ProcessError> {
    let memory = || ProcessError::Memory { processor: NAME, shape: vec![width, height] };
    let (pixels, mut times) = (width * height, Vec::new());
    times.try_reserve_exact(pixels).map_err(|_| memory())?;
    times.resize(pixels, 0);
    Array2::from_shape_vec((width, height), times).map_err(|_| memory())
}

fn is_connected(last: &mut Array2<i64>, event: &Event, filter_time: i64) -> bool {
    let (x, y) = (usize::from(event.x), usize::from(event.y));
    last[[x, y]] = event.time;
    let earliest = event.time.saturating_sub(filter_time);
    let recent = |x: usize, y: usize| last.get([x, y]).is_some_and(|time| *time > earliest);
    // Beyond the left and upper border, the index wraps to one that is not on the sensor.
    recent(x.wrapping_sub(1), y) || recent(x + 1, y) || recent(x, y.wrapping_sub(1)) || recent(x, y + 1)
}

#[cfg(test)]
mod tests {
    use neurobench_core::data::events;

    use super::*;

    fn denoised(width: usize, height: usize, recording: &[Event]) -> Result<Vec<Event>, ProcessError> {
        let inputs = events::tensor(&[recording]);
        let (outputs, _) = denoise_events(width, height, 100).process(inputs, Tensor::default())?;
        Ok(events::recordings(&outputs).unwrap().next().unwrap().unwrap())
    }

    fn event(time: i64, x: u16, y: u16) -> Event {
        Event { time, x, y, polarity: 1 }
    }

    #[test]
    fn events_need_a_recent_event_of_a_direct_neighbor() {
        let recording = [
            event(1000, 1, 1), // alone
            event(1050, 2, 2), // a diagonal neighbor
            event(1099, 2, 1), // right of the first, 99 µs later, and above the second
            event(1199, 3, 1), // 100 µs after the third
            event(1200, 3, 1), // the same pixel
            event(1201, 3, 2), // below
        ];
        assert_eq!(denoised(4, 4, &recording).unwrap(), [recording[2], recording[5]]);
    }

    #[test]
    fn every_pixel_counts_as_having_fired_at_time_zero() {
        let recording = [event(99, 0, 0), event(100, 3, 0)];
        assert_eq!(denoised(4, 1, &recording).unwrap(), [recording[0]]);
        assert_eq!(denoised(1, 1, &recording[..1]).unwrap(), [], "no neighbor");
    }

    #[test]
    fn events_outside_of_the_sensor_are_errors() {
        let error = denoised(4, 4, &[event(0, 0, 0), event(0, 1, 4)]).unwrap_err().to_string();
        let expected = "`denoise_events`: sample 0: event 1 is at pixel (1, 4), outside of the sensor of 4 x 4 pixels; set \
                        `width` and `height` to its size";
        assert_eq!(error, expected);
    }
}
