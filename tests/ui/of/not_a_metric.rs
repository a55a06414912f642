use neurobench::prelude::*;

#[accumulated_metric]
fn confusion(predicted: Classes<'_>, #[param] ignore: Option<i64>) -> ConfusionMatrix {
    let _ = (predicted, ignore);
    ConfusionMatrix::default()
}

#[accumulated_metric(of = ConfusionMatrix)]
fn of_a_state(matrix: &ConfusionMatrix) -> f64 {
    let _ = matrix;
    0.0
}

#[accumulated_metric(of = Confusion)]
fn precision(matrix: &ConfusionMatrix) -> f64 {
    let _ = matrix;
    0.0
}

#[accumulated_metric(of = Precision)]
fn of_a_metric_of_another(precision: &f64) -> f64 {
    *precision
}

fn main() {}
