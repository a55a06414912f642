//! States are independent of the split into batches.

use ndarray::{Array1, Array2};
use neurobench::bench::Batch;
use neurobench::metrics::{
    BrierScore, BrierScoreByLabel, LogLoss, LogLossByLabel, Reliability, ReliabilityByLabel, Scores, Task,
};
use neurobench::testing::{assert_merges, predictions};

#[test]
fn every_state_merges_bit_for_bit() {
    let batches: Vec<Batch> = (0..8)
        .map(|index| {
            let samples = index % 4;
            let logit = |(row, class): (usize, usize)| ((row * 7 + class * 5 + index * 3) % 11) as f64 / 1.7;
            let targets = Array1::from_shape_fn(samples, |row| ((row * index) % 3) as i64);
            Batch::new(Array2::from_shape_fn((samples, 3), logit), targets)
        })
        .collect();
    let scores = Scores::Logits;
    assert_merges(&LogLoss { scores, ..LogLoss::default() }, predictions(), &batches);
    assert_merges(&BrierScore { scores, ..BrierScore::default() }, predictions(), &batches);
    assert_merges(&Reliability { scores, ..Reliability::default() }, predictions(), &batches);
}

#[test]
fn every_state_of_labels_merges_bit_for_bit() {
    let batches: Vec<Batch> = (0..8)
        .map(|index| {
            let number = |row: usize, label: usize| (row * 7 + label * 5 + index * 3) % 11;
            let targets = Array2::from_shape_fn((index % 4, 3), |(row, label)| (number(row, label) % 3) as i64 - 1);
            Batch::new(Array2::from_shape_fn((index % 4, 3), |(row, label)| number(row, label) as f64 / 1.7), targets)
        })
        .collect();
    let (task, scores, ignore_index) = (Some(Task::Multilabel), Scores::Logits, Some(-1));
    assert_merges(&LogLoss { task, scores, ignore_index, ..LogLoss::default() }, predictions(), &batches);
    assert_merges(&LogLossByLabel { scores, ignore_index, ..LogLossByLabel::default() }, predictions(), &batches);
    assert_merges(&BrierScoreByLabel { scores, ignore_index }, predictions(), &batches);
    assert_merges(
        &ReliabilityByLabel { scores, ignore_index, ..ReliabilityByLabel::default() },
        predictions(),
        &batches,
    );
}
