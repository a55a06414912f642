//! Evaluates a function that classifies points, on records from an iterator with the target in the first column. Shows
//! a custom metric whose parts are merged across two workers, a variant of it, recall by class, and the list of all
//! metrics.
//!
//! ```text
//! cargo run --release --example evaluate_records
//! ```

use ndarray::{Array2, arr1};
use neurobench::data::Records;
use neurobench::metric::Registry;
use neurobench::model::{FnModel, Probe};
use neurobench::prelude::*;

/// Fraction of the records of each class that are found among the classes with the `k` highest scores; of equal scores,
/// the first comes first.
#[accumulated_metric(unit = "fraction", higher_is_better = true, bounds = 0.0..=1.0)]
pub fn found_by_class(
    scores: Predictions<'_, Ix2>,
    targets: TargetClasses<'_>,
    /// Number of highest scores that count.
    #[param(default = 1, range = 1..=100)]
    k: usize,
) -> std::collections::BTreeMap<String, Ratio> {
    let mut found = std::collections::BTreeMap::<String, Ratio>::new();
    for (row, target) in scores.rows().into_iter().zip(targets.iter()) {
        let (class, own) = (*target as usize, row[*target as usize]);
        let before = |(other, score): &(usize, &f64)| **score > own || (**score == own && *other < class);
        let rank = row.iter().enumerate().filter(before).count();
        found.entry(format!("class {target}")).or_default().merge(Ratio::from_bools([rank < k]));
    }
    found
}

// The same metric with a different setting, under its own name.
variant!("found_by_class_top_2", FoundByClass { k: 2 });

/// Classes, and points in the plane.
pub const RECORDS: [(i64, f32, f32); 8] = [
    (0, 0.1, 0.0),
    (0, 0.4, 0.1),
    (0, 0.9, 0.2),
    (1, 1.0, 0.1),
    (1, 0.8, 0.0),
    (2, 0.1, 0.9),
    (2, 0.6, 0.4),
    (2, 0.0, 0.4),
];

/// Scores each point by how near it is to the center of each class.
fn nearest_center(points: &Tensor) -> Array2<f32> {
    let centers = [arr1(&[0.0, 0.0]), arr1(&[1.0, 0.0]), arr1(&[0.0, 1.0])];
    let points = points.to_f32();
    Array2::from_shape_fn((points.shape()[0], centers.len()), |(point, class)| {
        let (x, y) = (points[[point, 0]] - centers[class][0], points[[point, 1]] - centers[class][1]);
        -(x * x + y * y)
    })
}

/// Runs the benchmark.
pub fn report() -> Result<neurobench::report::Report, Box<dyn std::error::Error>> {
    let model = FnModel::new(Vec::new(), |points: &Tensor, _: &mut Probe| Ok(nearest_center(points).into()));
    let benchmark = Benchmark::builder()
        .model(model)
        .workers(2)
        .metric(FoundByClass::default())
        .metric_named("found_by_class_top_2")
        .metric_named("Accuracy")
        .metric_named("HitRate(average=none)")
        .build()?;
    // The iterator is read only once. At most one batch per worker is in memory at a time.
    Ok(benchmark.run_stream(Records::new(RECORDS).target_column(0).batch_size(3))?)
}

/// Prints the results and the list of all metrics.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    for entry in report()?.entries() {
        match entry.value() {
            Ok(value) => println!("{}: {value}", entry.name()),
            Err(error) => println!("{} has no value: {error}", entry.name()),
        }
    }
    println!();
    for metric in Registry::global().iter() {
        println!("{:<32} {}", metric.name, metric.about.summary());
    }
    Ok(())
}
