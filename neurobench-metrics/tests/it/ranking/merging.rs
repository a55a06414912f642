//! States are independent of the split into batches.

use ndarray::{Array1, Array2, Array3, array};
use neurobench::bench::Batch;
use neurobench::metrics::{BinnedScores, RankedScores, TopKAccuracy};
use neurobench::testing::{assert_merges, predictions};

#[test]
fn every_state_merges_bit_for_bit() {
    let score = |row: usize, class: usize| f64::from(((row * 7 + class * 5) % 11) as u32) / 8.0 - 0.5;
    let batches: Vec<Batch> = (0..8)
        .map(|index| {
            let samples = index % 4;
            let scores = Array2::from_shape_fn((samples, 3), |(row, class)| score(row + index, class));
            Batch::new(scores, Array1::from_shape_fn(samples, |row| ((row * index) % 3) as i64))
        })
        .collect();
    assert_merges(&RankedScores::default(), predictions(), &batches);
    assert_merges(&BinnedScores::default(), predictions(), &batches);
    let places: Vec<Batch> = (0..4)
        .map(|index| {
            let scores = Array3::from_shape_fn((2, 2, 3), |(row, step, class)| score(row + index + step, class));
            Batch::new(scores, Array2::from_shape_fn((2, 2), |(row, step)| ((row * index + step) % 3) as i64))
        })
        .collect();
    assert_merges(&RankedScores { class_axis: 2, ..RankedScores::default() }, predictions(), &places);
    assert_merges(&BinnedScores { class_axis: 2, ..BinnedScores::default() }, predictions(), &places);
    assert_merges(&TopKAccuracy { k: 2, class_axis: 2, ..TopKAccuracy::default() }, predictions(), &places);
    let infinite = [
        Batch::new(array![f64::NEG_INFINITY, 0.0], array![0_i64, 1]),
        Batch::new(array![f64::INFINITY, -0.0], array![1_i64, 0]),
        Batch::new(array![f64::NEG_INFINITY], array![1_i64]),
    ];
    assert_merges(&RankedScores::default(), predictions(), &infinite);
}
