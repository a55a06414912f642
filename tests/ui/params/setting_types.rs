use neurobench::prelude::*;
use std::rc::Rc;

#[derive(Clone, Debug, Default)]
enum WithoutSerde {
    #[default]
    Macro,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct WithoutClone;

#[derive(Clone, Default, Serialize, Deserialize)]
struct WithoutDebug;

struct WithoutAny;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] &'a str);

#[accumulated_metric]
fn one(samples: SampleCount, #[param] average: WithoutSerde, #[param] clone: WithoutClone) -> Count {
    let _ = (average, clone);
    Count(samples.0)
}

#[workload_metric]
fn two(samples: SampleCount, #[param] debug: WithoutDebug, #[param] any: WithoutAny) -> f64 {
    let _ = (debug, any);
    samples.0 as f64
}

#[static_metric]
fn three(layers: Layers<'_>, #[param(default = WithoutAny)] any: WithoutAny, #[param] shared: Rc<u64>) -> u64 {
    let _ = (any, shared);
    layers.len() as u64
}

#[static_metric]
fn four(layers: Layers<'_>, #[param(default = "a")] name: &'static str, #[param] borrowed: Borrowed<'static>) -> u64 {
    let _ = (name, borrowed);
    layers.len() as u64
}

fn main() {}
