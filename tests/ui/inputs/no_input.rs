use neurobench::prelude::*;

#[workload_metric]
fn setting_without_param(predictions: Predictions<'_>, threshold: f64) -> f64 {
    predictions.len() as f64 * threshold
}

#[static_metric]
fn reference(matrix: &ConfusionMatrix) -> u64 {
    let _ = matrix;
    0
}

fn main() {}
