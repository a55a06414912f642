use neurobench::prelude::*;

#[accumulated_metric]
fn confusion(predicted: Classes<'_>, #[param] ignore: Option<i64>) -> ConfusionMatrix {
    let _ = (predicted, ignore);
    ConfusionMatrix::default()
}

#[accumulated_metric]
fn error(predictions: Predictions<'_>, #[param] ignore: Option<i64>) -> Mean {
    let _ = ignore;
    Mean::from_values(predictions.iter().copied())
}

#[accumulated_metric(of = Confusion)]
fn precision(matrix: &ConfusionMatrix, #[param] ignore: Option<i64>) -> f64 {
    let _ = (matrix, ignore);
    0.0
}

#[accumulated_metric(of = (Confusion, Error))]
fn both(matrix: &ConfusionMatrix, error: &Mean) -> f64 {
    let _ = (matrix, error);
    0.0
}

fn main() {}
