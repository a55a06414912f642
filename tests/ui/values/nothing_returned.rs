use neurobench::prelude::*;

#[static_metric]
fn of_the_model(layers: Layers<'_>) {
    let _ = layers;
}

#[workload_metric]
fn of_a_batch(samples: SampleCount) -> () {
    let _ = samples;
}

#[accumulated_metric]
fn of_a_run(samples: SampleCount) -> Result<(), MetricError> {
    let _ = samples;
    Ok(())
}

#[accumulated_metric]
fn count(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[accumulated_metric(of = CountMetric)]
fn of_another(count: &Count) {
    let _ = count;
}

fn main() {}
