use neurobench::prelude::*;

#[accumulated_metric]
fn confusion(predicted: Classes<'_>, #[param] ignore: Option<i64>) -> ConfusionMatrix {
    let _ = (predicted, ignore);
    ConfusionMatrix::default()
}

#[accumulated_metric(of = confusion)]
fn precision(matrix: &ConfusionMatrix) -> f64 {
    let _ = matrix;
    0.0
}

fn main() {}
