use neurobench::prelude::*;

#[static_metric]
fn name<'a>(layers: Layers<'a>) -> Option<&'a str> {
    layers.first().map(|_| "layer")
}

#[static_metric]
fn opaque(layers: Layers<'_>) -> impl MetricValue {
    layers.len() as u64
}

fn main() {}
