//! States are independent of the split into batches.

use neurobench::bench::Batch;
use neurobench::metrics::MatchedBoxes;
use neurobench::testing::{assert_merges, predictions};

use super::{Sample, arrays, neurobench_boxes};

#[test]
fn every_state_merges_bit_for_bit() {
    let sample = |index: usize| {
        let place = |box_: usize| ((index * 7 + box_ * 5) % 11) as f64;
        let row = |box_: usize, by: f64| {
            let time = 250_000.0 * (1 + box_ % 3) as f64;
            vec![time, place(box_) + by, 3.0, 50.0 + place(box_), 60.0, (box_ % 2) as f64]
        };
        Sample {
            targets: (0..index % 4).map(|box_| [row(box_, 0.0), vec![0.0, 3000.0]].concat()).collect(),
            predictions: (0..index % 5).map(|box_| [row(box_, 2.0), vec![place(box_ + 1) / 8.0]].concat()).collect(),
        }
    };
    let batches: Vec<Batch> = (0..8)
        .map(|index| {
            let (boxes, targets) = arrays(&[sample(index), sample(index + 3)]);
            Batch::new(boxes, targets)
        })
        .collect();
    assert_merges(&MatchedBoxes::default(), predictions(), &batches);
    assert_merges(&neurobench_boxes(), predictions(), &batches);
}
