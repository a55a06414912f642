use neurobench::prelude::*;

#[derive(Clone, Serialize, MetricValue)]
struct Report {
    value: f64,
    name: char,
}

fn main() {}
