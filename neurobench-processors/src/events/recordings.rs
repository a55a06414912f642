//! Access to the recordings of an event tensor.

use neurobench_core::data::events::{self, Event};
use neurobench_core::model::Tensor;
use neurobench_core::process::ProcessError;

/// Shape that all processors of events accept.
const EXPECTED: &str = "an event tensor: i64 [batch, event, 4] of time, x, y and polarity";

/// Calls a function with each recording of a batch and its index.
pub(super) fn each(
    processor: &'static str,
    inputs: &Tensor,
    mut use_recording: impl FnMut(usize, Vec<Event>) -> Result<(), String>,
) -> Result<(), ProcessError> {
    let Some(recordings) = events::recordings(inputs) else {
        return Err(ProcessError::Shape { processor, found: inputs.shape().to_vec(), expected: EXPECTED });
    };
    for (sample, recording) in recordings.enumerate() {
        let used = recording.and_then(|recording| use_recording(sample, recording));
        used.map_err(|problem| ProcessError::Sample { processor, sample, problem })?;
    }
    Ok(())
}

/// Returns a batch of changed recordings.
pub(super) fn map(
    processor: &'static str,
    inputs: &Tensor,
    mut change: impl FnMut(&mut Vec<Event>) -> Result<(), String>,
) -> Result<Tensor, ProcessError> {
    let mut recordings = Vec::with_capacity(inputs.samples());
    each(processor, inputs, |_, mut recording| {
        change(&mut recording)?;
        recordings.push(recording);
        Ok(())
    })?;
    Ok(events::tensor(&recordings))
}

/// Checks that all events are on a sensor of this size.
pub(super) fn check_pixels(recording: &[Event], width: usize, height: usize) -> Result<(), String> {
    let outside = |event: &Event| usize::from(event.x) >= width || usize::from(event.y) >= height;
    match recording.iter().position(outside) {
        None => Ok(()),
        Some(index) => {
            let Event { x, y, .. } = recording[index];
            Err(format!(
                "event {index} is at pixel ({x}, {y}), outside of the sensor of {width} x {height} pixels; \
                 set `width` and `height` to its size"
            ))
        }
    }
}

/// Checks that times do not decrease.
pub(super) fn check_order(recording: &[Event]) -> Result<(), String> {
    match recording.windows(2).position(|pair| pair[0].time > pair[1].time) {
        None => Ok(()),
        Some(index) => {
            let (before, time) = (recording[index].time, recording[index + 1].time);
            Err(format!("event {} is at {time} µs, before the previous event at {before} µs", index + 1))
        }
    }
}
