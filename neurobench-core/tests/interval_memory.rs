//! Memory of intervals of counts: it depends on the observed cells, not on replicates times tables.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod memory;

use memory::peak_of;
use ndarray::{Array1, Array2};
use neurobench::bench::{BenchmarkBuilder, Intervals};
use neurobench::data::InMemory;
use neurobench::metrics::{Auroc, BinnedAuroc, CohensKappa, F1Score, ZeroDivision};
use neurobench::prelude::*;
use neurobench::testing::predictions;

/// Pseudo-random numbers.
fn number(seed: usize) -> usize {
    (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) as usize
}

/// Data of `classes` classes, with one prediction in eight at random.
fn classes(samples: usize, classes: usize) -> InMemory {
    let target = |sample: usize| (number(sample) % classes) as i64;
    let random = |sample: usize| (number(sample + samples) % classes) as i64;
    let predicted = |sample: usize| if number(sample).is_multiple_of(8) { random(sample) } else { target(sample) };
    InMemory::new(Array1::from_shape_fn(samples, predicted), Array1::from_shape_fn(samples, target)).unwrap()
}

/// Maximum number of bytes that a run holds; checks that its metrics have intervals.
fn peak(data: InMemory, add_metrics: impl Fn(BenchmarkBuilder<'static>) -> BenchmarkBuilder<'static>) -> usize {
    let intervals = Intervals { replicates: 100, ..Intervals::default() };
    let builder = add_metrics(Benchmark::builder().model(predictions()).data(data).batch_size(64)).intervals(intervals);
    let benchmark = builder.build().unwrap();
    let (report, peak) = peak_of(|| benchmark.run().unwrap());
    for entry in report.entries() {
        assert_eq!((entry.no_interval(), entry.intervals().len()), (None, 1), "{}", entry.name());
    }
    peak
}

#[test]
fn tables_of_classes_take_what_was_observed() {
    let add_metrics = |builder: BenchmarkBuilder<'static>| {
        builder
            .metric(F1Score { zero_division: ZeroDivision::Zero, ..F1Score::default() })
            .metric(CohensKappa::default())
    };
    // A table of 128² cells takes 131 kB: one for each of 100 replicates and 200 groups would be 39 MB.
    let hundred = peak(classes(3000, 100), add_metrics);
    assert!(hundred < 2_000_000, "{hundred} bytes");
    // A table of 1024² cells takes 8.4 MB.
    let thousand = peak(classes(3000, 1000), add_metrics);
    assert!(thousand < 3_000_000, "{thousand} bytes");
}

/// User-defined state around a table.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
struct PairTable {
    #[merge]
    pairs: ConfusionMatrix,
    #[merge(sum)]
    samples: u64,
}

impl Finish for PairTable {
    type Output = f64;

    fn finish(&self) -> Result<f64, MetricError> {
        let right = self.pairs.iter().filter(|(target, predicted, _)| target == predicted);
        Ok(right.map(|(.., count)| count as f64).sum::<f64>().sqrt() / self.samples as f64)
    }
}

/// Pairs of predicted and target classes.
#[accumulated_metric(type = SeenPairs)]
fn seen_pairs(predicted: Classes<'_>, targets: TargetClasses<'_>) -> PairTable {
    let pairs = ConfusionMatrix::from_pairs(targets.iter().copied().zip(predicted.iter().copied()));
    PairTable { pairs, samples: targets.len() as u64 }
}

#[test]
fn a_derived_state_takes_what_its_fields_take() {
    let bytes = peak(classes(3000, 100), |builder| builder.metric(SeenPairs));
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

#[test]
fn exact_rankings_grow_with_samples_and_binned_ones_with_bins() {
    let data = |samples| {
        let scores = Array2::from_shape_fn((samples, 1), |(sample, _)| number(sample) as f64 / usize::MAX as f64);
        let targets = Array1::from_shape_fn(samples, |sample| i64::from(number(sample + 7).is_multiple_of(3)));
        InMemory::new(scores, targets).unwrap()
    };
    // For 2000 samples, 24 bytes for each of 100 replicates and 200 groups would be at least 5 MB.
    let exact = peak(data(2000), |builder| builder.metric(Auroc::default()));
    assert!(exact < 1_500_000, "{exact} bytes");
    let binned = |samples| peak(data(samples), |builder| builder.metric(BinnedAuroc::default()));
    let (few, many) = (binned(2000), binned(8000));
    assert!(many < few + 1_000_000, "{few} and {many} bytes");
}
