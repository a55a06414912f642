use neurobench::prelude::*;

#[workload_metric(hooks)]
fn counts_are_granted(activations: Activations<'_>) -> f64 {
    activations.iter().count() as f64
}

#[accumulated_metric]
fn nothing_is_granted(both: (Classes<'_>, Membranes<'_>)) -> Count {
    Count(both.1.iter().count() as u64)
}

#[accumulated_metric(hooks)]
fn currents_are_traces(currents: SynapticCurrents<'_>, before: Option<PreResetMembranes<'_>>) -> Count {
    Count((currents.iter().count() + before.iter().count()) as u64)
}

fn main() {}
