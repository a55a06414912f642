//! Generated code needs nothing to be in scope.

#![no_implicit_prelude]
#![deny(warnings)]

#[::neurobench::workload_metric(variant("two", k = 2))]
fn workload(samples: ::neurobench::prelude::SampleCount, #[param(default = 1, range = 1..9)] k: u64) -> f64 {
    (samples.0 + k) as f64
}

#[::neurobench::accumulated_metric]
fn counted(state: &mut ::neurobench::prelude::Count, samples: ::neurobench::prelude::SampleCount) {
    state.0 += samples.0;
}

#[::neurobench::accumulated_metric(of = Counted)]
fn reader(
    count: &::neurobench::prelude::Count,
    #[param] k: u64,
) -> ::std::result::Result<u64, ::neurobench::MetricError> {
    ::std::result::Result::Ok(count.0 + k)
}

#[::neurobench::static_metric]
fn layers(layers: ::neurobench::prelude::Layers<'_>) -> u64 {
    layers.len() as u64
}

#[derive(
    ::std::clone::Clone, ::std::default::Default, ::serde::Serialize, ::serde::Deserialize, ::neurobench::Accumulator,
)]
struct Tally {
    #[merge(sum)]
    hits: u64,
    #[merge]
    mean: ::neurobench::prelude::Mean,
}

impl ::neurobench::Finish for Tally {
    type Output = Value;

    fn finish(&self) -> ::std::result::Result<Value, ::neurobench::MetricError> {
        ::std::result::Result::Ok(Value { hits: self.hits })
    }
}

#[derive(::std::clone::Clone, ::serde::Serialize, ::neurobench::MetricValue)]
struct Value {
    hits: u64,
}

#[::neurobench::accumulated_metric]
fn tallies(samples: ::neurobench::prelude::SampleCount) -> Tally {
    Tally { hits: samples.0, mean: ::std::default::Default::default() }
}

::neurobench::variant!("three", Workload { k: 3 });

fn main() {
    let registry = ::neurobench::metric::Registry::global();
    ::std::assert!(registry.find("three").is_ok());
}
