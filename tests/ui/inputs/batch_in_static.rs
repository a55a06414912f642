use neurobench::prelude::*;

#[static_metric]
fn size(layers: Layers<'_>, predictions: Predictions<'_>, (_, counts): (&dyn Model, ActivationCounts<'_>)) -> u64 {
    (layers.len() + predictions.len() + counts.iter().count()) as u64
}

fn main() {}
