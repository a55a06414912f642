//! Frames of counts.

use ndarray::array;
use neurobench::component::Spec;
use neurobench::data::events::{self, Event};
use neurobench::model::Tensor;
use neurobench::process::preprocessors;

/// Bins recordings of events at these times, on a sensor of one pixel, and returns the counts of each frame.
fn counts(settings: &str, times: &[&[i64]]) -> Vec<Vec<f32>> {
    let event = |time: &i64| Event { time: *time, x: 0, y: 0, polarity: 0 };
    let recordings: Vec<Vec<Event>> = times.iter().map(|times| times.iter().map(event).collect()).collect();
    let spec: Spec = format!("bin_events(width=1, height=1, polarities=false, {settings})").parse().unwrap();
    let bin = preprocessors().construct(&spec).unwrap().item;
    let (Tensor::F32(frames), _) = bin.process(events::tensor(&recordings), Tensor::default()).unwrap() else {
        panic!("frames are single precision")
    };
    frames.outer_iter().map(|frames| frames.iter().copied().collect()).collect()
}

fn problem(settings: &str) -> String {
    let spec: Spec = format!("bin_events(width=1, height=1{settings})").parse().unwrap();
    preprocessors().construct(&spec).err().unwrap().to_string()
}

#[test]
fn windows_begin_at_the_first_event_and_end_before_the_next() {
    let times: &[i64] = &[5, 14, 15, 24, 25, 34, 35, 36];
    assert_eq!(counts("time_window=10", &[times]), [[2.0, 2.0, 2.0]]);
    assert_eq!(counts("time_window=10, include_incomplete=true", &[times]), [[2.0, 2.0, 2.0, 2.0]]);
    assert_eq!(counts("time_window=10, overlap=5", &[times]), [[2.0, 2.0, 2.0, 2.0, 2.0]]);
    assert_eq!(counts("time_window=10, start=0", &[times]), [[1.0, 2.0, 2.0]]);
    assert_eq!(counts("time_window=100", &[times]), [[8.0]]);
    assert_eq!(counts("time_window=10, start=1000", &[times]), [[0.0]]);
}

#[test]
fn bins_have_equal_lengths_or_numbers_of_events() {
    assert_eq!(counts("time_bins=2", &[&[0, 4, 5, 9, 10, 11]]), [[2.0, 2.0]]);
    assert_eq!(counts("event_bins=2", &[&[0, 1, 2, 3, 4]]), [[2.0, 2.0]]);
    assert_eq!(counts("event_bins=3", &[&[0, 1]]), [[0.0, 0.0, 0.0]]);
}

#[test]
fn frames_of_a_number_of_events_leave_out_the_rest() {
    assert_eq!(counts("event_count=2", &[&[0, 0, 0, 0, 0]]), [[2.0, 2.0]]);
    assert_eq!(counts("event_count=2, include_incomplete=true", &[&[0, 0, 0, 0, 0]]), [[2.0, 2.0, 1.0]]);
    assert_eq!(counts("event_count=3, overlap=1", &[&[0, 0, 0, 0, 0]]), [[3.0, 3.0]]);
    assert_eq!(counts("event_count=9", &[&[0, 0]]), [[2.0]]);
}

#[test]
fn shorter_recordings_end_with_frames_of_zeros_and_steps_fix_the_number_of_frames() {
    let times: [&[i64]; 3] = [&[0, 10, 20], &[], &[7]];
    assert_eq!(counts("time_window=10", &times), [[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]);
    assert_eq!(counts("time_window=10, steps=4", &times), [[1.0, 1.0, 1.0, 0.0], [0.0; 4], [1.0, 0.0, 0.0, 0.0]]);
    assert_eq!(counts("event_count=2, steps=2", &times), [[2.0, 1.0], [0.0, 0.0], [1.0, 0.0]]);
    assert_eq!(counts("time_window=10, steps=1", &times), [[1.0], [0.0], [1.0]]);
    assert_eq!(counts("time_window=10", &[]), [[0.0; 0]; 0]);
}

#[test]
fn polarities_rows_and_columns_have_their_axes() {
    let event = |x, y, polarity| Event { time: 0, x, y, polarity };
    let inputs = events::tensor(&[[event(2, 0, 0), event(1, 1, 1), event(1, 1, 1)]]);
    for (settings, ones) in [("", 2.0), (", binary=true", 1.0)] {
        let spec: Spec = format!("bin_events(width=3, height=2, event_bins=1{settings})").parse().unwrap();
        let bin = preprocessors().construct(&spec).unwrap().item;
        let expected = array![[[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, ones, 0.0_f32]]]]];
        assert_eq!(bin.process(inputs.clone(), Tensor::default()).unwrap().0, expected.into());
    }
}

#[test]
fn settings_that_contradict_each_other_and_unsuitable_inputs_are_errors() {
    let one = "set exactly one of `time_window`, `time_bins`, `event_count` and `event_bins`";
    assert!(problem("").ends_with(one), "{}", problem(""));
    assert!(problem(", time_bins=1, event_bins=1").ends_with(one));
    assert!(problem(", time_window=5, overlap=5").ends_with("`overlap` must be less than `time_window`"));
    assert!(problem(", time_window=0").ends_with("`time_window` must be at least 1"));
    assert!(problem(", event_bins=0").ends_with("`event_bins` must be at least 1"));
    assert!(problem(", time_bins=5, steps=5").ends_with("need `time_window` or `event_count`"));
    assert!(problem(", time_bins=5, start=5").ends_with("`start` needs `time_window`"));
    let bin = preprocessors().construct(&"bin_events(width=9, height=9, time_bins=2)".parse().unwrap()).unwrap();
    let error = |inputs: Tensor| bin.item.process(inputs, Tensor::default()).unwrap_err().to_string();
    let order = error(array![[[0_i64, 0, 0, 0], [5, 0, 0, 0], [4, 0, 0, 0]]].into());
    assert_eq!(order, "`bin_events`: sample 0: event 2 is at 4 µs, before the previous event at 5 µs");
    let pixel = error(array![[[0_i64, 9, 0, 0]]].into());
    assert!(
        pixel.starts_with("`bin_events`: sample 0: event 0 is at pixel (9, 0), outside of the sensor of 9 x 9 pixels")
    );
    let shape = error(array![1.0_f32].into());
    let expected = "an event tensor: i64 [batch, event, 4] of time, x, y and polarity";
    assert_eq!(shape, format!("`bin_events`: found shape [1], expected {expected}"));
}

#[test]
fn a_sensor_and_time_that_need_too_much_memory_are_errors() {
    let spec = "bin_events(width=65536, height=65536, time_window=1)".parse().unwrap();
    let bin = preprocessors().construct(&spec).unwrap().item;
    let inputs = array![[[0_i64, 0, 0, 0], [i64::MAX, 0, 0, 0]]].into();
    let error = bin.process(inputs, Tensor::default()).unwrap_err().to_string();
    assert!(error.starts_with("`bin_events`: not enough memory for shape [1, 9223372036854775807, 2,"), "{error}");
}
