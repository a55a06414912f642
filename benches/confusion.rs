//! A hundred million predicted classes against their targets: metrics of a confusion matrix, in records a second.
//!
//! ```text
//! cargo bench --bench confusion
//! ```
//!
//! Targets and predictions are handed out in batches, go through the engine on one worker and on two, and six metrics read what
//! was counted: precision, recall, F1, Matthews' coefficient, Cohen's kappa and accuracy. Each line is the best of several rounds,
//! in which all lines take turns; the last line is the most memory that the process ever had. `benches/confusion_reference.py`
//! runs this, and torchmetrics, scikit-learn and numpy on the same machine.

use std::ops::Range;
use std::time::Instant;

use neurobench::data::{DataError, Dataset};
use neurobench::prelude::*;
use neurobench::testing::predictions;

const RECORDS: usize = 100_000_000;
const BATCH: usize = 1 << 14;
const ROUNDS: usize = 5;
const METRICS: [&str; 6] =
    ["precision", "recall", "f1_score", "matthews_correlation_coefficient", "cohens_kappa", "accuracy"];

/// The same stretch of records over and over, as many as are wanted: a data set that takes little memory.
struct Repeated {
    predicted: Tensor,
    targets: Tensor,
}

impl Repeated {
    /// Four of five predictions are right.
    fn new(classes: u64, sorted: bool) -> Self {
        let mut random = Random(classes);
        let mut records: Vec<(i64, i64)> = (0..1 << 22)
            .map(|_| {
                let (target, other) = (random.below(classes), random.below(classes));
                (target, if random.below(5) == 0 { other } else { target })
            })
            .collect();
        if sorted {
            records.sort_unstable();
        }
        let (targets, predicted): (Vec<i64>, Vec<i64>) = records.into_iter().unzip();
        Self { predicted: ndarray::Array1::from(predicted).into(), targets: ndarray::Array1::from(targets).into() }
    }
}

impl Dataset for Repeated {
    fn samples(&self) -> usize {
        RECORDS
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        // The stretch is a multiple of the batch.
        let start = range.start % self.targets.samples();
        let end = start + range.len();
        Ok((self.predicted.rows(start, end), self.targets.rows(start, end)))
    }
}

/// Numbers that are the same on every machine: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound) as i64
    }
}

/// Peak memory of this process, on systems that report it.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |size| size.trim().to_owned())
}

fn main() {
    let cases = [
        ("35 classes", Repeated::new(35, false), ""),
        ("35 classes in order", Repeated::new(35, true), ""),
        ("35 classes, -1 ignored", Repeated::new(35, false), "(ignore_index=-1)"),
        ("1000 classes", Repeated::new(1000, false), ""),
    ];
    let mut best = [[f64::INFINITY; 2]; 4];
    for _ in 0..ROUNDS {
        for (place, (name, data, settings)) in cases.iter().enumerate() {
            for workers in [1, 2] {
                let builder = Benchmark::builder().model(predictions()).data(data).batch_size(BATCH).workers(workers);
                let builder = METRICS
                    .iter()
                    .fold(builder, |builder, metric| builder.metric_named(&format!("{metric}{settings}")));
                let Ok(benchmark) = builder.build() else { panic!("the benchmark is not built") };
                let begun = Instant::now();
                let Ok(report) = benchmark.run() else { panic!("the benchmark does not run") };
                let seconds = begun.elapsed().as_secs_f64();
                assert!(report.entries().iter().all(|entry| entry.value().is_ok()), "{name} has no values");
                best[place][workers - 1] = seconds.min(best[place][workers - 1]);
            }
        }
    }
    for ((name, ..), times) in cases.iter().zip(best) {
        for (workers, seconds) in (1..).zip(times) {
            let rate = RECORDS as f64 / seconds / 1e6;
            println!("{name:<24} {workers} workers {seconds:>7.3} s {rate:>7.0} million records/s");
        }
    }
    println!("{RECORDS} records each in batches of {BATCH}; most memory: {}", most_memory());
}
