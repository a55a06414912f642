use neurobench::prelude::*;

#[accumulated_metric]
fn part(predictions: Predictions<'_>) -> Vec<f64> {
    predictions.iter().copied().collect()
}

#[accumulated_metric]
fn fallible(predictions: Predictions<'_>) -> Result<f64, MetricError> {
    Ok(predictions.len() as f64)
}

struct Own;

#[accumulated_metric]
fn in_place(state: &mut Own, predictions: Predictions<'_>) {
    let _ = (state, predictions);
}

fn main() {}
