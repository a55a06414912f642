use neurobench::prelude::*;

struct Odd;

#[static_metric]
fn of_the_model(layers: Layers<'_>) -> Odd {
    let _ = layers;
    Odd
}

#[accumulated_metric]
fn mse(predictions: Predictions<'_>) -> Mean {
    Mean::from_values(predictions.iter().copied())
}

#[accumulated_metric(of = Mse)]
fn of_a_state(mean: &Mean) -> Result<Odd, MetricError> {
    mean.finish().map(|_| Odd)
}

fn main() {}
