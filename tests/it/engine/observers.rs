//! Values of metrics within a run, from observers.

use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use neurobench::bench::{BatchEvent, Observer};
use neurobench::metric::MetricError;
use neurobench::metrics::{Footprint, Mse, Rmse};
use neurobench::model::{FnModel, ModelError, Probe};
use neurobench::prelude::*;

use super::numbered;

/// Index, values of the batch alone, and running values.
type Event = (u64, Vec<String>, Vec<String>);

/// Every batch, in the order in which they came.
#[derive(Default)]
struct Curve(Mutex<Vec<Event>>);

impl Observer for &Curve {
    fn wants_values(&self) -> bool {
        true
    }

    fn wants_running_values(&self) -> bool {
        true
    }

    fn batch(&self, event: &BatchEvent<'_>) {
        let texts = |values: &[(String, Result<neurobench::Value, MetricError>)]| {
            let text = |(name, value): &(String, Result<neurobench::Value, MetricError>)| match value {
                Ok(value) => format!("{name} {value}"),
                Err(error) => format!("{name}: {error}"),
            };
            values.iter().map(text).collect()
        };
        self.0.lock().unwrap().push((event.index, texts(event.values), texts(event.running)));
    }
}

/// A model whose predictions are 0, and which takes longest for the first batch.
fn slow_start() -> impl Model {
    FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| -> Result<Tensor, ModelError> {
        let places = inputs.to_f64();
        if places.iter().any(|place| *place == 0.0) {
            sleep(Duration::from_millis(30));
        }
        if places.iter().any(|place| *place == 100.0) {
            return Err("too far".into());
        }
        Ok(Tensor::from(places.mapv(|_| 0.0)))
    })
}

/// Targets that are not above a limit.
#[accumulated_metric]
pub(crate) fn up_to_limit(
    targets: TargetClasses<'_>,
    #[param(default = 100)] limit: i64,
) -> Result<Count, MetricError> {
    match targets.iter().find(|target| **target > limit) {
        Some(target) => Err(format!("{target} is too large").into()),
        None => Ok(Count(targets.len() as u64)),
    }
}

fn expected() -> Vec<Event> {
    // Squares of the targets 0 1, 2 3, 4 and their running means; the last metric ends at 2.
    let row = |index: u64, alone: [&str; 2], running: [&str; 2]| {
        let names = ["mse", "up_to_limit(limit=2)"];
        let named = |values: [&str; 2]| {
            let text = |(name, value): (&str, &str)| {
                let colon = if value.contains(' ') { ": " } else { " " };
                format!("{name}{colon}{value}")
            };
            names.into_iter().zip(values).map(text).collect()
        };
        (index, named(alone), named(running))
    };
    vec![
        row(0, ["0.5", "2"], ["0.5", "2"]),
        row(1, ["6.5", "failed in batch 1: 3 is too large"], ["3.5", "failed in batch 1: 3 is too large"]),
        row(2, ["16.0", "failed in batch 2: 4 is too large"], ["6.0", "failed in batch 1: 3 is too large"]),
    ]
}

fn builder<'m>(workers: usize, curve: &'m Curve) -> neurobench::bench::BenchmarkBuilder<'m> {
    let builder = Benchmark::builder().model(slow_start()).batch_size(2).workers(workers);
    builder.metric(Mse).metric(UpToLimit { limit: 2 }).metric(Footprint::default()).observe(curve)
}

#[test]
fn running_values_come_in_order_for_any_number_of_workers() {
    for workers in [1, 2, 3] {
        let curve = Curve::default();
        let report = builder(workers, &curve).data(numbered(5)).build().unwrap().run().unwrap();
        assert_eq!(*report.get::<Mse>().unwrap(), 6.0);
        assert_eq!(curve.0.into_inner().unwrap(), expected(), "{workers} workers");
    }
}

#[test]
fn running_values_of_a_resumed_run_include_what_was_completed() {
    let curve = Curve::default();
    let benchmark = builder(2, &curve).data(numbered(5)).build().unwrap();
    let first = benchmark.run_batches(&(0..1).into()).unwrap();
    benchmark.resume(&first).unwrap();
    drop(benchmark);
    assert_eq!(curve.0.into_inner().unwrap(), expected());
}

#[test]
fn running_values_of_a_stream_come_in_order() {
    let curve = Curve::default();
    let rows = (0..5).map(|place| [f64::from(place); 2]);
    let benchmark =
        Benchmark::builder().model(slow_start()).workers(3).metric(Rmse::default()).observe(&curve).build().unwrap();
    benchmark.run_stream(neurobench::data::Records::new(rows).batch_size(1)).unwrap();
    drop(benchmark);
    let events = curve.0.into_inner().unwrap();
    let running: Vec<_> = events.iter().map(|(_, _, running)| running[0].clone()).collect();
    let means =
        [0.0, 0.5, 5.0 / 3.0, 3.5, 6.0].map(|mean: f64| format!("rmse {}", neurobench::Value::Float(mean.sqrt())));
    assert_eq!(running, means);
}

/// Batches above one that failed are passed on at the end.
#[test]
fn no_batch_is_lost_when_a_lower_one_fails() {
    let curve = Curve::default();
    let benchmark = Benchmark::builder().model(slow_start()).data(numbered(102)).batch_size(1).workers(2);
    let benchmark = benchmark.metric(Mse).observe(&curve).build().unwrap();
    let error = benchmark.run().unwrap_err();
    let neurobench::bench::RunError::Batch { batch: 100, completed, .. } = error else { panic!("{error}") };
    drop(benchmark);
    let seen: Vec<u64> = curve.0.into_inner().unwrap().into_iter().map(|(index, ..)| index).collect();
    assert_eq!(seen, completed.batches().iter().collect::<Vec<_>>());
}
