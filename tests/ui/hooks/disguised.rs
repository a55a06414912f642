use neurobench::prelude::*;

use neurobench::{Context, Needs};

type Sparse<'a> = ActivationCounts<'a>;

#[workload_metric]
fn through_an_alias(activations: Sparse<'_>) -> f64 {
    activations.iter().count() as f64
}

#[workload_metric]
fn inside_a_tuple(both: (Classes<'_>, ConnectionCounts<'_>)) -> f64 {
    both.1.iter().count() as f64
}

#[workload_metric]
fn inside_an_option(membranes: Option<MembraneCounts<'_>>) -> Option<f64> {
    membranes.map(|membranes| membranes.iter().count() as f64)
}

struct Own(usize);

impl<'a> Input<'a> for Own {
    const NEEDS: Needs = ActivationCounts::<'a>::NEEDS;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(Own(ActivationCounts::get(context)?.iter().count()))
    }
}

#[workload_metric]
fn in_an_input_of_ones_own(own: Own) -> f64 {
    own.0 as f64
}

fn main() {}
