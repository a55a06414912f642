//! States are independent of the split into batches.

use ndarray::{Array2, array};
use neurobench::bench::Batch;
use neurobench::metrics::{
    AbsoluteErrorDistribution, AbsoluteErrors, ForecastTrace, KeptPairs, Mae, Mape, MaxError, Mse, OutputErrors,
    OutputPairs, R2, Smape,
};
use neurobench::testing::{assert_merges, predictions};

use super::value;

/// Batches of different lengths, with numbers of all sizes and both signs.
fn rough() -> Vec<Batch> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let size = 2_f64.powi((state % 61) as i32 - 30);
        ((state >> 20) % 16 + 1) as f64 * if state & 64 == 0 { size } else { -size }
    };
    let mut table = |rows: usize| Array2::from_shape_simple_fn((rows, 3), &mut random);
    (0..9).map(|index| Batch::new(table(index % 4), table(index % 4))).collect()
}

#[test]
fn every_state_merges_bit_for_bit() {
    let batches = rough();
    assert_merges(&Mse, predictions(), &batches);
    assert_merges(&Mae, predictions(), &batches);
    assert_merges(&Mape::default(), predictions(), &batches);
    assert_merges(&Smape, predictions(), &batches);
    assert_merges(&MaxError, predictions(), &batches);
    assert_merges(&AbsoluteErrors, predictions(), &batches);
    assert_merges(&AbsoluteErrorDistribution, predictions(), &batches);
    assert_merges(&OutputErrors, predictions(), &batches);
    assert_merges(&OutputPairs, predictions(), &batches);
    assert_merges(&KeptPairs, predictions(), &batches);
    assert_merges(&ForecastTrace { samples: 3, output: 0 }, predictions(), &batches);
}

#[test]
fn batches_of_different_widths_merge_and_have_no_value() {
    let narrow = Batch::new(array![[1.0], [2.0]], array![[1.5], [2.5]]);
    let wide = Batch::new(array![[1.0, 4.0]], array![[1.5, 3.0]]);
    for batches in [[narrow.clone(), wide.clone(), narrow.clone()], [wide.clone(), wide, narrow]] {
        assert_merges(&OutputErrors, predictions(), &batches);
        assert_merges(&KeptPairs, predictions(), &batches);
    }
    let rows = |width| Array2::from_shape_fn((4, width), |(row, column)| (row * row + column) as f64);
    let whole = value(R2::default(), rows(2), rows(2), 4);
    assert_eq!(value(R2::default(), rows(2), rows(2), 1), whole);
    assert_eq!(whole, Ok(1.0));
}
