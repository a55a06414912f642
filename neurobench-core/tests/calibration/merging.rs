//! States do not mind how batches are split.

use ndarray::{Array1, Array2};
use neurobench_core::bench::Batch;
use neurobench_core::metrics::{BrierScore, LogLoss, Reliability, Scores};
use neurobench_core::testing::{assert_merges, predictions};

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
