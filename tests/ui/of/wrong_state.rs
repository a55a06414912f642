use neurobench::prelude::*;

#[accumulated_metric]
fn confusion(predicted: Classes<'_>, #[param] ignore: Option<i64>) -> ConfusionMatrix {
    let _ = (predicted, ignore);
    ConfusionMatrix::default()
}

#[accumulated_metric(of = Confusion)]
fn precision(matrix: &Mean, #[param] k: u64) -> f64 {
    matrix.value().unwrap_or_default() * k as f64
}

fn main() {}
