use neurobench::prelude::*;

/// Lacks everything.
struct Nothing;

/// Lacks `Deserialize`.
#[derive(Clone, Debug, Serialize)]
struct WriteOnly;

/// Lacks `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Hidden;

#[preprocessor]
fn lacks_everything(#[param] nothing: Nothing) -> impl Preprocessor {
    let _ = nothing;
    |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
}

#[accumulated_metric]
fn lacks_debug(samples: SampleCount, #[param] hidden: Hidden) -> Count {
    let _ = hidden;
    Count(samples.0)
}

#[workload_metric]
fn lacks_reading(samples: SampleCount, #[param(default = WriteOnly)] write_only: WriteOnly) -> f64 {
    let _ = write_only;
    samples.0 as f64
}

#[postprocessor(variant("loud", volume = 11))]
fn out_of_range(#[param(default = 0, range = 1..=10)] volume: u32, #[param] text: &'static str) -> impl Postprocessor {
    let _ = (volume, text);
    |outputs: &Tensor| Ok(outputs.clone())
}

#[postprocessor]
fn wrong_default(#[param(default = 1.5)] volume: u32) -> impl Postprocessor {
    let _ = volume;
    |outputs: &Tensor| Ok(outputs.clone())
}

#[derive(Clone, Debug, Settings)]
struct WithField {
    #[param(default = 2000, range = 1..=1000)]
    length: usize,
}

#[derive(Clone, Debug, Settings)]
struct WithWriteOnly {
    field: WriteOnly,
}

fn main() {}
