//! Worked cases, undefined values, and mistakes.

use ndarray::{Array3, array};
use neurobench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metrics::{MatchedBoxes, MeanAveragePrecision};
use neurobench::testing::predictions;

use super::{Sample, arrays, neurobench_boxes, value};
use crate::one_metric;

fn map(core: MatchedBoxes) -> MeanAveragePrecision {
    MeanAveragePrecision { core }
}

fn sample(targets: &[[f64; 6]], predictions: &[[f64; 7]]) -> Sample {
    Sample {
        targets: targets.iter().map(|row| [&row[..], &[0.0, row[3] * row[4]]].concat()).collect(),
        predictions: predictions.iter().map(|row| row.to_vec()).collect(),
    }
}

/// Among two objects one is found first, then comes a wrong detection, then the other: the precision is 1 up to a
/// recall of 1/2, and 2/3 beyond it. 51 of 101 recalls are at most 1/2.
#[test]
fn a_worked_example() {
    let objects = [[0.0, 0.0, 0.0, 10.0, 10.0, 3.0], [0.0, 50.0, 0.0, 10.0, 10.0, 3.0]];
    let found = [
        [0.0, 0.0, 0.0, 10.0, 10.0, 3.0, 0.9],
        [0.0, 90.0, 0.0, 10.0, 10.0, 3.0, 0.8],
        [0.0, 50.0, 0.0, 10.0, 10.0, 3.0, 0.7],
    ];
    let precision = value(MeanAveragePrecision::default(), &[sample(&objects, &found)], 1).unwrap();
    let expected = (51.0 + 50.0 * 2.0 / 3.0) / 101.0;
    assert!((precision - expected).abs() < 1e-15, "{precision} {expected}");
}

/// Only images from half a second on and boxes with a diagonal of at least 60 pixels count; 36 × 48 has 60.
#[test]
fn the_beginning_and_small_boxes_are_left_out() {
    let early = 499_999.0;
    let objects = [
        [early, 0.0, 0.0, 36.0, 48.0, 0.0],
        [500_000.0, 0.0, 0.0, 36.0, 48.0, 0.0],
        [500_000.0, 200.0, 0.0, 36.0, 47.0, 0.0],
    ];
    let found = [[500_000.0, 0.0, 0.0, 36.0, 48.0, 0.0, 0.5], [500_000.0, 400.0, 0.0, 36.0, 47.0, 0.0, 0.9]];
    let samples = [sample(&objects, &found)];
    assert_eq!(value(map(neurobench_boxes()), &samples, 1), Ok(1.0));
    let keep = MatchedBoxes { keep_small_detections: true, ..neurobench_boxes() };
    assert_eq!(value(map(keep), &samples, 1), Ok(0.5));
    let whole = value(MeanAveragePrecision::default(), &samples, 1).unwrap();
    assert!(whole < 0.2, "{whole}");
    // Uses the name that NeuroBench's users know.
    let (boxes, targets) = arrays(&samples);
    let data = InMemory::new(boxes, targets).unwrap();
    let builder = Benchmark::builder().model(predictions()).data(data).metric_named("CocoMap");
    let report = builder.build().unwrap().run().unwrap();
    assert_eq!(report.entries()[0].value().unwrap().as_f64(), Some(1.0));
}

#[test]
fn targets_name_the_images() {
    let object = [1.0, 0.0, 0.0, 10.0, 10.0, 0.0];
    let found = [1.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.5];
    let elsewhere = [2.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.9];
    let unnamed_time = sample(&[object], &[found, elsewhere]);
    assert_eq!(value(MeanAveragePrecision::default(), &[unnamed_time], 1), Ok(1.0));
    let empty_image = sample(&[object, [2.0, 0.0, 0.0, 0.0, 0.0, -1.0]], &[found, elsewhere]);
    assert_eq!(value(MeanAveragePrecision::default(), &[empty_image], 1), Ok(0.5));
    let near = MatchedBoxes { time_tolerance: 0.25, ..MatchedBoxes::default() };
    let late = [1.25, 0.0, 0.0, 10.0, 10.0, 0.0, 0.5];
    assert_eq!(value(map(near.clone()), &[sample(&[object], &[late])], 1), Ok(1.0));
    assert_eq!(value(MeanAveragePrecision::default(), &[sample(&[object], &[late])], 1), Ok(0.0));
    // The same time in another sample is another image.
    let apart = [sample(&[object], &[]), sample(&[[1.0, 0.0, 0.0, 0.0, 0.0, -1.0]], &[found])];
    assert_eq!(value(MeanAveragePrecision::default(), &apart, 2), Ok(0.0));
}

#[test]
fn crowd_and_area_are_optional() {
    let boxes = array![[[0.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.5]]];
    for columns in 6..=8 {
        let mut targets = Array3::zeros((1, 1, columns));
        for (column, value) in [0.0, 0.0, 0.0, 10.0, 10.0, 0.0].into_iter().enumerate() {
            targets[[0, 0, column]] = value;
        }
        assert_eq!(one_metric::value(MeanAveragePrecision::default(), boxes.clone(), targets, 1), Ok(1.0));
    }
}

#[test]
fn without_objects_there_is_no_value() {
    let none = sample(&[], &[[0.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.5]]);
    let error = value(MeanAveragePrecision::default(), &[none], 1).unwrap_err();
    assert!(error.contains("undefined: there are no objects to detect"), "{error}");
}

#[test]
fn mistakes_are_reported_with_their_row() {
    let object = [0.0, 0.0, 0.0, 10.0, 10.0, 0.0];
    let found = [0.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.5];
    let with = |column: usize, value: f64| {
        let mut row = found;
        row[column] = value;
        row
    };
    for (predicted, problem) in [
        (with(5, 0.5), "sample 0 of the data set: predictions: row 1: the class 0.5 is not a whole number from 0"),
        (with(5, -2.0), "the class -2 is not a whole number from 0"),
        (with(0, -1.0), "the time -1 is not a finite number of at least 0"),
        (with(3, -1.0), "width -1, height 10 is not a box"),
        (with(1, f64::INFINITY), "x inf"),
        (with(6, f64::INFINITY), "the score inf is not finite"),
    ] {
        let error = value(MeanAveragePrecision::default(), &[sample(&[object], &[found, predicted])], 1).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    let mut crowd = sample(&[object], &[found]);
    crowd.targets[0][6] = 2.0;
    let error = value(MeanAveragePrecision::default(), &[crowd.clone()], 1).unwrap_err();
    assert!(error.contains("sample 0 of the data set: targets: row 0: the crowd flag 2 is neither 0 nor 1"), "{error}");
    crowd.targets[0][6] = 1.0;
    crowd.targets[0][7] = -1.0;
    let error = value(MeanAveragePrecision::default(), &[crowd], 1).unwrap_err();
    assert!(error.contains("the area -1 is not a finite number of at least 0"), "{error}");
    let narrow = Array3::<f64>::zeros((1, 1, 5));
    let error =
        one_metric::value(MeanAveragePrecision::default(), Array3::<f64>::zeros((1, 1, 7)), narrow, 1).unwrap_err();
    assert!(error.contains("targets: expected [samples, boxes, 6 to 8], found shape [1, 1, 5]"), "{error}");
    let error = one_metric::value(
        MeanAveragePrecision::default(),
        Array3::<f64>::zeros((1, 1, 6)),
        Array3::<f64>::zeros((1, 1, 6)),
        1,
    );
    assert!(error.unwrap_err().contains("predictions: expected [samples, boxes, 7], found shape [1, 1, 6]"));
}
