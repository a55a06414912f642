use neurobench::prelude::*;

#[static_metric]
fn size(layers: Layers<'_>, predictions: Predictions<'_>, (_, counts): (&dyn Model, ActivationCounts<'_>)) -> u64 {
    (layers.len() + predictions.len() + counts.iter().count()) as u64
}

#[static_metric]
fn shape(inputs: Inputs<'_>, data: RawDataInputs<'_>) -> u64 {
    (inputs.len() + data.samples()) as u64
}

fn main() {}
