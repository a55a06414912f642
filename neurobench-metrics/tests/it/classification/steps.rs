//! Classes of samples with more axes, such as time steps, and similar shapes.

use ndarray::{Array3, arr1, arr2, arr3};
use neurobench::metrics::{Confusion, ExactMatchRatio, Task};
use neurobench::prelude::*;

use super::{class_counts, counted, exact_match};

fn error_of(outputs: impl Into<Tensor>, targets: impl Into<Tensor>, core: &Confusion) -> String {
    counted(outputs, targets, core).unwrap_err().to_string()
}

#[test]
fn predicted_classes_of_every_step_are_counted() {
    let counts = counted(arr2(&[[0_i64, 2], [1, 1]]), arr2(&[[0_i64, 1], [1, 2]]), &Confusion::default()).unwrap();
    assert_eq!(counts, class_counts(&[0, 2, 1, 1], &[0, 1, 1, 2]));
    let bytes = counted(arr2(&[[0_u8, 2], [1, 1]]), arr2(&[[0.0, 1.0], [1.0, 2.0]]), &Confusion::default()).unwrap();
    assert_eq!(bytes, counts);
    // One sample, two classes, two steps, three positions each.
    let scores =
        ndarray::Array4::from_shape_fn((1, 2, 2, 3), |(_, class, step, place)| (class * (step + place)) as f32);
    let targets = arr3(&[[[0_i64, 1, 1], [1, 1, 0]]]);
    assert_eq!(
        counted(scores, targets, &Confusion::default()).unwrap(),
        class_counts(&[0, 1, 1, 1, 1, 1], &[0, 1, 1, 1, 1, 0])
    );
}

#[test]
fn the_setting_selects_the_axis_if_classes_and_steps_are_equal_in_number() {
    // Two classes and two steps: the shape does not show which axis is which.
    let (scores, targets) = (arr3(&[[[0.0, 3.0], [1.0, 2.0]]]), arr2(&[[1_i64, 0]]));
    let count_on_axis =
        |class_axis| counted(scores.clone(), targets.clone(), &Confusion { class_axis, ..Confusion::default() });
    assert_eq!(count_on_axis(1).unwrap(), class_counts(&[1, 0], &[1, 0]));
    assert_eq!(count_on_axis(2).unwrap(), class_counts(&[1, 1], &[1, 0]));
}

#[test]
fn wrong_shapes_name_the_setting() {
    let steps_first = error_of(Array3::<f32>::zeros((2, 5, 3)), arr2(&[[0_i64; 5], [1; 5]]), &Confusion::default());
    assert!(steps_first.starts_with("predictions: shape [2, 5, 3] for targets [2, 5]: "), "{steps_first}");
    assert!(steps_first.contains("`class_axis = 1`"), "{steps_first}");
    let last = Confusion { class_axis: 2, ..Confusion::default() };
    assert!(counted(Array3::<f32>::zeros((2, 5, 3)), arr2(&[[0_i64; 5], [1; 5]]), &last).is_ok());
    let beyond = Confusion { class_axis: 7, ..Confusion::default() };
    assert!(
        error_of(Array3::<f32>::zeros((2, 5, 3)), arr2(&[[0_i64; 5], [1; 5]]), &beyond).contains("`class_axis = 7`")
    );
    // Whole floats of the targets' shape may be spike counts for one-hot targets.
    let one_hot = error_of(arr2(&[[0.0, 2.0, 1.0]]), arr2(&[[0_i64, 1, 0]]), &Confusion::default());
    assert!(one_hot.contains("`task = multilabel`"), "{one_hot}");
    let one_hot = error_of(arr1(&[1_i64]), arr2(&[[0_i64, 1, 0]]), &Confusion::default());
    assert!(one_hot.contains("save `targets.argmax(axis=1)`"), "{one_hot}");
    let column = error_of(arr2(&[[0.5, 2.0, 1.0]]), arr2(&[[1_i64]]), &Confusion::default());
    assert!(column.ends_with("save targets as [batch], without an axis of length one"), "{column}");
    let nan = error_of(arr3(&[[[0.0, f64::NAN], [1.0, 2.0]]]), arr2(&[[0_i64, 1]]), &Confusion::default());
    assert_eq!(nan, "sample 0 of the batch: predictions: NaN at [0, 1]");
    let none = error_of(Array3::<f32>::zeros((2, 0, 3)), arr2(&[[0_i64; 3], [1; 3]]), &Confusion::default());
    assert!(none.contains("has no classes"), "{none}");
    let fraction = error_of(arr2(&[[1_i64]]), arr2(&[[0.5]]), &Confusion::default());
    assert_eq!(fraction, "sample 0 of the batch: targets: 0.5 is not a class");
}

/// The maximum of one score is always class 0, whatever the score.
#[test]
fn a_column_of_scores_does_not_predict_classes() {
    let column = arr2(&[[0.1], [0.9]]);
    let error = error_of(column.clone(), arr1(&[0_i64, 1]), &Confusion::default());
    assert!(error.starts_with("predictions: shape [2, 1] has one score"), "{error}");
    assert!(error.contains("`task = binary`"), "{error}");
    let binary = Confusion { task: Task::Binary, ..Confusion::default() };
    assert!(counted(column, arr1(&[0_i64, 1]), &binary).is_ok());
    let integers = error_of(arr2(&[[3_i64], [1]]), arr1(&[3_i64, 1]), &Confusion::default());
    assert!(integers.contains("shape [2, 1] has one score"), "{integers}");
    let data = neurobench::data::InMemory::new(arr2(&[[3_i64], [1]]), arr1(&[3_i64, 1])).unwrap();
    let run = Benchmark::builder().model(neurobench::testing::predictions()).data(data);
    let report = run.metric(neurobench::metrics::ClassificationAccuracy).build().unwrap().run().unwrap();
    let error = report.get::<neurobench::metrics::ClassificationAccuracy>().unwrap_err().to_string();
    assert!(error.contains("shape [2, 1] has one score"), "{error}");
    // For targets in a column, predictions in a column are classes.
    assert_eq!(
        counted(arr2(&[[3_i64], [1]]), arr2(&[[3_i64], [2]]), &Confusion::default()).unwrap(),
        class_counts(&[3, 1], &[3, 2])
    );
}

/// Scores show the number of classes; a target beyond them could never be right.
#[test]
fn targets_without_a_score_are_rejected() {
    let scores = arr2(&[[0.1, 0.9], [0.8, 0.2]]);
    for target in [2, -1] {
        let error = error_of(scores.clone(), arr1(&[1, target]), &Confusion::default());
        assert_eq!(error, format!("sample 1 of the batch: targets: {target} is not one of 2 classes"));
        let left_out = Confusion { ignore_index: Some(target), ..Confusion::default() };
        assert_eq!(counted(scores.clone(), arr1(&[1, target]), &left_out).unwrap(), class_counts(&[1], &[1]));
    }
    // [batch, class, step]
    let steps = arr3(&[[[0.1, 0.9, 0.2], [0.8, 0.2, 0.3]], [[0.1, 0.9, 0.2], [0.8, 0.2, 0.3]]]);
    let error = error_of(steps, arr2(&[[0_i64, 1, 1], [0, 3, 1]]), &Confusion::default());
    assert_eq!(error, "sample 1 of the batch: targets: position 1: 3 is not one of 2 classes");
}

#[test]
fn a_sample_matches_if_all_its_remaining_decisions_are_right() {
    let confusion = |task, ignore_index| Confusion { task, ignore_index, ..Confusion::default() };
    let (scores, targets) = (arr2(&[[0.9, 0.2], [0.9, 0.2], [0.1, 0.9]]), arr2(&[[1_i64, 0], [1, 1], [-1, -1]]));
    let labels = confusion(Task::Multilabel, Some(-1));
    assert_eq!(exact_match(scores.clone(), targets.clone(), &labels).unwrap(), Ratio::new(1, 2));
    let error = exact_match(scores.clone(), targets, &confusion(Task::Multilabel, None)).unwrap_err().to_string();
    assert_eq!(error, "sample 2 of the batch: targets: label 0: -1 is neither 0 nor 1");
    let error = exact_match(scores, arr2(&[[1_i64], [0], [1]]), &labels).unwrap_err().to_string();
    assert_eq!(error, "predictions: shape [3, 2], but the targets have [3, 1]");
    // With one decision per sample, it is the share that is right.
    let binary = confusion(Task::Binary, None);
    assert_eq!(exact_match(arr1(&[0.9, 0.1, 0.5]), arr1(&[1_i64, 1, 0]), &binary).unwrap(), Ratio::new(2, 3));
    assert_eq!(exact_match(arr2(&[[0.9], [0.1]]), arr1(&[1_i64, 1]), &binary).unwrap(), Ratio::new(1, 2));
    let classes = confusion(Task::Multiclass, Some(7));
    assert_eq!(exact_match(arr1(&[4_i64, 5, 6]), arr1(&[4_i64, 7, 5]), &classes).unwrap(), Ratio::new(1, 2));
    let error = exact_match(arr2(&[[0.1, 0.9], [0.2, 0.3]]), arr1(&[0_i64, 1]), &binary).unwrap_err().to_string();
    assert_eq!(error, "predictions: 4 predictions for 2 targets");
    assert_eq!(ExactMatchRatio::default().task, Task::Multilabel);
}
