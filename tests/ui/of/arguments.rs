use neurobench::prelude::*;

#[accumulated_metric]
fn confusion(predicted: Classes<'_>, #[param] ignore: Option<i64>) -> ConfusionMatrix {
    let _ = (predicted, ignore);
    ConfusionMatrix::default()
}

#[accumulated_metric]
fn error(predictions: Predictions<'_>) -> Mean {
    Mean::from_values(predictions.iter().copied())
}

#[accumulated_metric(of = Confusion, hooks)]
fn sees_batches(matrix: &ConfusionMatrix, predictions: Predictions<'_>) -> f64 {
    let _ = (matrix, predictions);
    0.0
}

#[accumulated_metric(of = (Confusion, Error))]
fn takes_one(matrix: &ConfusionMatrix) -> f64 {
    let _ = matrix;
    0.0
}

#[accumulated_metric(of = Confusion)]
fn takes_none(#[param] k: u64) -> u64 {
    k
}

#[accumulated_metric(of = Confusion)]
fn by_value(matrix: ConfusionMatrix) -> f64 {
    let _ = matrix;
    0.0
}

#[accumulated_metric(of = Confusion)]
fn changes(matrix: &mut ConfusionMatrix) -> f64 {
    *matrix = ConfusionMatrix::default();
    0.0
}

#[accumulated_metric(of = (Confusion, Confusion))]
fn twice(matrix: &ConfusionMatrix, again: &ConfusionMatrix) -> f64 {
    let _ = (matrix, again);
    0.0
}

#[accumulated_metric(of = ())]
fn of_nothing() -> f64 {
    0.0
}

fn main() {}
