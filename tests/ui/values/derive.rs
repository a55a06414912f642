use neurobench::prelude::*;

#[derive(Clone, Serialize, MetricValue)]
enum Choice {
    This,
}

#[derive(Clone, Serialize, MetricValue)]
struct Pair(f64, f64);

#[derive(Clone, Serialize, MetricValue)]
struct Options {
    #[value(units = "J")]
    misspelt: f64,
    #[value(unit = 5)]
    no_text: f64,
    #[value(colour = "red")]
    unknown: f64,
}

#[derive(Clone, Serialize, MetricValue)]
struct Flat {
    #[serde(flatten)]
    inner: Pair,
}

#[derive(Clone, Serialize, MetricValue)]
struct Borrowed<'a> {
    name: &'a str,
}

fn main() {}
