//! Counts are independent of the split of a run.

use ndarray::{Array1, Array2, Array3};
use neurobench::bench::Batch;
use neurobench::metrics::{ClassificationAccuracy, Confusion, ExactMatchRatio, Task, TopKAccuracy};
use neurobench::testing::{assert_merges, predictions};

/// Pseudo-random numbers.
fn number(seed: usize) -> usize {
    (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) as usize
}

/// Batches of different sizes; later batches have larger classes, so that states of several sizes are merged.
fn classes(largest: &[i64]) -> Vec<Batch> {
    let batch = |at: usize| {
        let size = 1 + number(at) % 40;
        let class = |seed| largest[number(seed) % (at % largest.len() + 1)];
        let predicted = Array1::from_shape_fn(size, |sample| class(at * 1000 + 2 * sample));
        Batch::new(predicted, Array1::from_shape_fn(size, |sample| class(at * 1000 + 2 * sample + 1)))
    };
    (0..17).map(batch).collect()
}

fn scores(labels: bool) -> Vec<Batch> {
    let batch = |at: usize| {
        let size = 1 + number(at) % 20;
        let scores = Array2::from_shape_fn((size, 4), |(row, column)| (number(at + 97 * row + column) % 100) as f64);
        let targets = Array2::from_shape_fn((size, 4), |(row, column)| (number(at + 31 * row + column) % 2) as i64);
        match labels {
            true => Batch::new(scores / 100.0, targets),
            false => Batch::new(scores, Array1::from_iter(targets.rows().into_iter().map(|row| row.sum() % 4))),
        }
    };
    (0..13).map(batch).collect()
}

#[test]
fn counts_of_small_and_large_classes_merge() {
    for largest in [&[0, 1, 2, 3][..], &[0, 5, 34, 63, 130], &[2, 127, 1024, -1, i64::MAX, i64::MIN]] {
        assert_merges(&Confusion::default(), predictions(), &classes(largest));
        let ignoring = Confusion { ignore_index: Some(largest[1]), ..Confusion::default() };
        assert_merges(&ignoring, predictions(), &classes(largest));
        assert_merges(&ClassificationAccuracy, predictions(), &classes(largest));
    }
}

#[test]
fn counts_of_scores_merge() {
    assert_merges(&Confusion::default(), predictions(), &scores(false));
    assert_merges(&TopKAccuracy { k: 2, ignore_index: Some(1), class_axis: 1 }, predictions(), &scores(false));
    let multilabel =
        Confusion { task: Task::Multilabel, threshold: 0.3, ignore_index: Some(0), ..Confusion::default() };
    assert_merges(&multilabel, predictions(), &scores(true));
    let binary = Confusion { task: Task::Binary, ..Confusion::default() };
    assert_merges(&binary, predictions(), &classes(&[0, 1]));
    assert_merges(
        &ExactMatchRatio { ignore_index: Some(0), ..ExactMatchRatio::default() },
        predictions(),
        &scores(true),
    );
}

#[test]
fn counts_of_scores_with_steps_merge() {
    let batch = |at: usize| {
        let size = 1 + number(at) % 9;
        let scores = Array3::from_shape_fn((size, 4, 3), |(row, class, step)| {
            (number(at + 97 * row + 7 * class + step) % 10) as f64
        });
        Batch::new(scores, Array2::from_shape_fn((size, 3), |(row, step)| (number(at + 31 * row + step) % 4) as i64))
    };
    let batches: Vec<Batch> = (0..13).map(batch).collect();
    assert_merges(&Confusion::default(), predictions(), &batches);
    let exact = ExactMatchRatio { task: Task::Multiclass, ignore_index: Some(2), ..ExactMatchRatio::default() };
    assert_merges(&exact, predictions(), &batches);
}
