//! Processors of events, on recordings that `python/fixtures/events.py` made, against what tonic makes of them.

use std::path::{Path, PathBuf};

use ndarray::{Array3, Array5};
use neurobench::model::Tensor;
use neurobench::process::preprocessors;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events").join(format!("{name}.npy"))
}

fn events(name: &str) -> Tensor {
    ndarray_npy::read_npy::<_, Array3<i32>>(file(name)).unwrap().mapv(i64::from).into()
}

/// Processes the recordings.
fn processed(processor: &str) -> Tensor {
    let processor = preprocessors().construct(&processor.parse().unwrap()).unwrap();
    processor.item.process(events("events"), Tensor::default()).unwrap().0
}

#[test]
fn filters_and_crops_keep_the_events_of_tonic() {
    for (processor, name) in [
        ("denoise_events(width=12, height=10, filter_time=1500)", "denoise"),
        ("downsample_events(factor=0.3)", "downsample"),
        ("crop_events(width=5, height=5, x=3, y=2)", "crop"),
        ("crop_time(start=5000, end=20778)", "crop_time"),
    ] {
        assert_eq!(processed(processor), events(name), "{name}");
    }
}

#[test]
fn frames_have_the_counts_of_tonic() {
    for (settings, name) in [
        ("time_window=5000", "time_window"),
        ("time_window=5000, include_incomplete=true", "time_window_incomplete"),
        ("time_window=5000, overlap=1500", "time_window_overlap"),
        ("time_window=5000, start=2000", "time_window_start"),
        ("time_bins=7", "time_bins"),
        ("event_count=150", "event_count"),
        ("event_count=150, overlap=40, include_incomplete=true", "event_count_incomplete"),
        ("event_bins=6", "event_bins"),
    ] {
        let expected: Array5<u8> = ndarray_npy::read_npy(file(name)).unwrap();
        assert!(expected.iter().any(|count| *count > 1), "{name}");
        let frames = processed(&format!("bin_events(width=12, height=10, {settings})"));
        assert_eq!(frames, expected.mapv(f32::from).into(), "{name}");
        let merged = processed(&format!("bin_events(width=12, height=10, {settings}, polarities=false)"));
        let sum = expected.mapv(f32::from).sum_axis(ndarray::Axis(2)).insert_axis(ndarray::Axis(2));
        assert_eq!(merged, sum.into(), "{name}");
        let binary = processed(&format!("bin_events(width=12, height=10, {settings}, binary=true)"));
        assert_eq!(binary, expected.mapv(|count| f32::from(count.min(1))).into(), "{name}");
    }
}
