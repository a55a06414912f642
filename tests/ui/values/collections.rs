use neurobench::prelude::*;
use std::collections::HashMap;

#[static_metric]
fn map(layers: Layers<'_>) -> HashMap<String, f64> {
    HashMap::from([("layers".to_owned(), layers.len() as f64)])
}

#[static_metric]
fn small(layers: Layers<'_>) -> Result<f32, MetricError> {
    Ok(layers.len() as f32)
}

#[static_metric]
fn nested(layers: Layers<'_>) -> (Option<Vec<f32>>, [i32; 2]) {
    (Some(vec![layers.len() as f32]), [0, 1])
}

#[workload_metric]
fn batch(samples: SampleCount) -> f32 {
    samples.0 as f32
}

#[workload_metric]
fn list(samples: SampleCount) -> Vec<f64> {
    vec![samples.0 as f64]
}

#[workload_metric]
fn count(samples: SampleCount) -> u64 {
    samples.0
}

#[derive(Clone, Serialize, MetricValue)]
struct Report {
    value: f32,
    by_name: HashMap<String, f64>,
}

fn main() {}
