use neurobench::prelude::*;

#[accumulated_metric(unit = "J", unit = "W", hooks, hooks = traces, alias = "one", alias = "two")]
fn energy(activations: ActivationCounts<'_>, #[param(default = 1, default = 2)] weight: u64) -> Count {
    Count(activations.iter().count() as u64 * weight)
}

fn main() {}
