//! An error is never a value: the failure is reported, and the rest of the run continues.

use std::sync::Mutex;

use ndarray::{Array1, array};
use neurobench::bench::{Batch, BatchEvent, BatchFailure, Observer, RunError};
use neurobench::data::{DataError, Dataset, InMemory};
use neurobench::metrics::{ActivationSparsity, ClassificationAccuracy, Mse, NeuronActivity, OperationCounts, Rmse};
use neurobench::model::{Call, FnModel, LayerKind, Probe};
use neurobench::prelude::*;

use super::{failing_from, identity, numbered};

/// Fails from some batch on, by an error or by a panic.
#[accumulated_metric]
pub(crate) fn stumbles(
    targets: TargetClasses<'_>,
    #[param(default = 3)] from: i64,
    #[param(default = false)] panics: bool,
) -> Result<Count, MetricError> {
    if targets[0] >= from {
        assert!(!panics, "no further than {from}");
        return Err(format!("no further than {from}").into());
    }
    Ok(Count(targets.len() as u64))
}

/// Its count.
#[accumulated_metric(of = Stumbles)]
pub(crate) fn steps(count: &Count) -> u64 {
    count.0
}

/// Panics while it reads.
#[accumulated_metric(of = Mse)]
pub(crate) fn careless_reader(_squared: &Mean) -> f64 {
    panic!("it did not look")
}

/// Not a number at all.
#[accumulated_metric(of = Mse)]
pub(crate) fn quotient_of_nothing(_squared: &Mean) -> f64 {
    f64::NAN
}

/// Outside its bounds.
#[accumulated_metric(of = Mse, bounds = 0.0..=1.0)]
pub(crate) fn too_much(_squared: &Mean) -> f64 {
    2.0
}

/// A value that only some batches have, and one that is no number.
#[workload_metric]
pub(crate) fn odd_batches(targets: TargetClasses<'_>) -> Option<f64> {
    match targets[0] {
        place if place % 2 == 1 => Some(place as f64),
        _ => None,
    }
}

/// Infinite for one batch.
#[workload_metric]
pub(crate) fn breaks_at_two(targets: TargetClasses<'_>) -> f64 {
    if targets[0] == 2 { f64::INFINITY } else { 1.0 }
}

#[test]
fn a_failing_core_is_named_with_its_lowest_batch_and_the_others_go_on() {
    for workers in [1, 2, 8] {
        for _ in 0..10 {
            let benchmark = Benchmark::builder()
                .model(identity())
                .data(numbered(97))
                .batch_size(1)
                .workers(workers)
                .metric(Steps { core: Stumbles { from: 40, panics: false } })
                .metric_as("panicking", Steps { core: Stumbles { from: 41, panics: true } })
                .metric(ClassificationAccuracy)
                .build()
                .unwrap();
            let report = benchmark.run().unwrap();
            assert_eq!(*report.get::<ClassificationAccuracy>().unwrap(), 1.0);
            assert_eq!(
                report.value("steps(from=40)").unwrap_err().to_string(),
                "metric `steps(from=40)`: its core `stumbles(from=40)` failed in batch 40: sample 40: no further than 40"
            );
            assert_eq!(
                report.value("panicking").unwrap_err().to_string(),
                "metric `panicking`: its core `stumbles(from=41, panics=true)` failed in batch 41: sample 41: panicked: no further than 41"
            );
            assert!(!report.is_complete());
        }
    }
}

#[test]
fn a_metric_that_panics_on_batch_3_is_an_error_and_not_zero() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(6))
        .batch_size(1)
        .metric(Stumbles { from: 3, panics: true })
        .metric(Mse)
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    let error = report.get::<Stumbles>().unwrap_err().to_string();
    assert!(error.ends_with("failed in batch 3: sample 3: panicked: no further than 3"), "{error}");
    assert_eq!(*report.get::<Mse>().unwrap(), 0.0);
    let results = serde_json::to_value(report.results()).unwrap();
    assert_eq!(results["metrics"][0]["status"], "failed");
    assert!(results["metrics"][0].get("value").is_none());
}

#[test]
fn a_metric_that_fails_while_reading_fails_alone() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(4))
        .metric(CarelessReader::default())
        .metric(QuotientOfNothing::default())
        .metric(TooMuch::default())
        .metric(Rmse::default())
        .build()
        .unwrap();
    assert_eq!(benchmark.cores(), 1);
    let report = benchmark.run().unwrap();
    let error = |name| report.value(name).unwrap_err().to_string();
    assert_eq!(error("careless_reader"), "metric `careless_reader`: panicked: it did not look");
    assert_eq!(
        error("quotient_of_nothing"),
        "metric `quotient_of_nothing`: the value is NaN, which is not a finite number"
    );
    assert_eq!(error("too_much"), "metric `too_much`: the value 2 is outside the metric's bounds 0..=1");
    assert_eq!(*report.get::<Rmse>().unwrap(), 0.0);
    let results = serde_json::to_value(report.results()).unwrap();
    assert_eq!(results["metrics"][1]["status"], "undefined");
}

#[test]
fn a_workload_value_may_be_missing_for_a_batch_but_not_infinite() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(6))
        .batch_size(1)
        .metric(OddBatches)
        .metric(BreaksAtTwo)
        .build()
        .unwrap();
    let report = benchmark.run().unwrap();
    assert_eq!(*report.get::<OddBatches>().unwrap(), (1.0 + 3.0 + 5.0) / 3.0);
    let error = report.get::<BreaksAtTwo>().unwrap_err().to_string();
    assert!(error.contains("failed in batch 2: undefined: the value of the batch is inf"), "{error}");
}

#[test]
fn nan_predictions_are_an_error_with_their_place() {
    let data = InMemory::new(array![[0.5, 0.5], [f64::NAN, 0.0]], array![0_i64, 1]).unwrap();
    let benchmark = Benchmark::builder().model(identity()).data(data).metric(ClassificationAccuracy).build().unwrap();
    let error = benchmark.run().unwrap().get::<ClassificationAccuracy>().unwrap_err().to_string();
    assert!(error.ends_with("batch 0: sample 1 of the data set: predictions: NaN at [0]"), "{error}");
}

#[test]
fn predictions_of_another_shape_are_an_error_with_both_shapes() {
    let data = InMemory::new(array![[0.5, 0.5], [1.0, 0.0]], array![0.0, 1.0]).unwrap();
    let benchmark =
        Benchmark::builder().model(identity()).data(data).metric(Mse).metric(ClassificationAccuracy).build().unwrap();
    let report = benchmark.run().unwrap();
    let error = report.get::<Mse>().unwrap_err().to_string();
    assert!(error.ends_with("predictions: shape [2, 2], but the targets have [2]"), "{error}");
    assert_eq!(*report.get::<ClassificationAccuracy>().unwrap(), 0.5);
}

#[test]
fn a_fraction_is_not_a_class() {
    let data = InMemory::new(array![0_i64, 1], array![0.0, 0.5]).unwrap();
    let benchmark = Benchmark::builder().model(identity()).data(data).metric(ClassificationAccuracy).build().unwrap();
    let error = benchmark.run().unwrap().get::<ClassificationAccuracy>().unwrap_err().to_string();
    assert!(error.ends_with("sample 1 of the data set: targets: 0.5 is not a class"), "{error}");
}

#[test]
fn an_empty_or_missing_data_set_is_an_error() {
    let empty = InMemory::new(Array1::<i64>::zeros(0), Array1::<i64>::zeros(0)).unwrap();
    let benchmark = Benchmark::builder().model(identity()).data(empty).metric(Mse).build().unwrap();
    assert_eq!(benchmark.run().err().unwrap().to_string(), "the data set has no samples");
    let benchmark = Benchmark::builder().model(identity()).metric(Mse).build().unwrap();
    assert!(matches!(benchmark.run(), Err(RunError::NoData)));
    assert!(matches!(benchmark.run_stream(std::iter::empty()), Err(RunError::EmptyData)));
}

#[test]
fn a_model_that_fails_ends_the_run_at_its_lowest_batch() {
    let error = |place: i64| -> neurobench::model::ModelError { format!("sample {place} is too much").into() };
    let panic = |place: i64| -> neurobench::model::ModelError { panic!("sample {place} is too much") };
    for workers in [1, 2, 8] {
        for round in 0..10 {
            let metric = ClassificationAccuracy;
            let builder = Benchmark::builder().data(numbered(97)).batch_size(1).workers(workers).metric(metric);
            let benchmark = match round % 2 {
                0 => builder.model(failing_from(30, error)).build().unwrap(),
                _ => builder.model(failing_from(30, panic)).build().unwrap(),
            };
            let Err(RunError::Batch { batch, failure, completed }) = benchmark.run() else {
                panic!("the run should have failed")
            };
            assert_eq!(batch, 30);
            match (round % 2, &*failure) {
                (0, BatchFailure::Model(error)) => assert_eq!(error.to_string(), "sample 30 is too much"),
                (1, BatchFailure::Panicked { who, message }) => {
                    assert_eq!((who.as_str(), message.as_str()), ("the model", "sample 30 is too much"));
                }
                other => panic!("{other:?}"),
            }
            // Nothing that was computed is lost.
            assert!((0..30).all(|batch| completed.batches().contains(batch)));
            assert!(!completed.batches().contains(30));
        }
    }
}

/// A data set that panics on one batch.
struct Brittle;

impl Dataset for Brittle {
    fn samples(&self) -> usize {
        10
    }

    fn batch(&self, range: std::ops::Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        assert!(range.start != 3, "the disk is gone");
        numbered(10).batch(range)
    }
}

#[test]
fn a_data_source_that_panics_on_batch_3_ends_the_run_without_a_hang() {
    for workers in [1, 2, 8] {
        let builder = || Benchmark::builder().model(identity()).workers(workers).metric(ClassificationAccuracy);
        let benchmark = builder().data(Brittle).batch_size(1).build().unwrap();
        let error = benchmark.run().err().unwrap();
        assert_eq!(error.to_string(), "batch 3: the data set panicked: the disk is gone");

        let stream = (0..10_i64).map(|place| {
            assert!(place != 3, "the disk is gone");
            Ok(Batch::new(array![place], array![place]))
        });
        let error = builder().build().unwrap().run_stream(stream).err().unwrap();
        assert_eq!(error.to_string(), "batch 3: the data source panicked: the disk is gone");
    }
}

#[test]
fn a_processor_that_loses_samples_is_an_error() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(4))
        .preprocess_as("shorten", |inputs: Tensor, targets: Tensor| Ok((inputs.rows(0, 1), targets)))
        .metric(Mse)
        .build()
        .unwrap();
    assert_eq!(benchmark.run().err().unwrap().to_string(), "batch 0: found 1 inputs, but 4 targets");
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(4))
        .postprocess_as("shorten", |outputs: &Tensor| Ok(outputs.rows(0, 1)))
        .metric(Mse)
        .build()
        .unwrap();
    let error = benchmark.run().err().unwrap().to_string();
    assert_eq!(error, "batch 0: the outputs have shape [1] for 4 samples");
}

/// Gives more than it is asked for.
struct Generous;

impl Dataset for Generous {
    fn samples(&self) -> usize {
        10
    }

    fn batch(&self, _: std::ops::Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        numbered(10).batch(0..10)
    }
}

#[test]
fn a_data_set_that_returns_other_samples_than_requested_is_an_error() {
    let benchmark = Benchmark::builder().model(identity()).data(Generous).batch_size(4).metric(Mse).build().unwrap();
    assert_eq!(
        benchmark.run().unwrap_err().to_string(),
        "batch 0: the data set returned 10 samples, but 4 were requested"
    );
}

#[test]
fn a_model_that_does_not_declare_what_a_metric_needs_is_an_error_at_build() {
    let layers =
        vec![Layer::new("relu", LayerKind::Activation, "relu"), Layer::new("fc", LayerKind::Connection, "linear")];
    let model = FnModel::new(layers, |inputs: &Tensor, probe: &mut Probe| {
        probe.activation(0, Call::default(), &[0.0_f32, 1.0]);
        probe.connection(1, Call::default(), &[1.0_f32]);
        Ok(inputs.clone())
    });
    let builder = || Benchmark::builder().model(&model).data(numbered(3)).batch_size(1);
    let report = builder().metric(ActivationSparsity::default()).build().unwrap().run().unwrap();
    assert_eq!(*report.get::<ActivationSparsity>().unwrap(), 0.5);
    let all = builder().metric(NeuronActivity::default()).metric(OperationCounts::default());
    let errors = all.metric(ActivationSparsity::default()).build().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "2 mistakes:\n  - metric `neuron_activity`: layer `relu` does not declare its number of neurons\n  \
         - metric `operation_counts`: layer `fc` does not declare its fan-out"
    );
}

#[test]
fn two_layers_of_one_path_are_refused() {
    let layers = vec![Layer::activation("relu", "relu", 1), Layer::activation("relu", "relu", 1)];
    let model = FnModel::new(layers, |inputs: &Tensor, _: &mut Probe| Ok(inputs.clone()));
    let errors = Benchmark::builder().model(model).metric(Mse).build().unwrap_err();
    assert_eq!(errors.to_string(), "the model has two layers with the path `relu`");
}

#[test]
fn integer_scores_are_scores() {
    let data = InMemory::new(array![[0_i64, 3, 3], [2, 1, 0]], array![1_i64, 2]).unwrap();
    let benchmark = Benchmark::builder().model(identity()).data(data).metric(ClassificationAccuracy).build().unwrap();
    assert_eq!(*benchmark.run().unwrap().get::<ClassificationAccuracy>().unwrap(), 0.5);
}

#[test]
fn a_batch_that_a_preprocessor_empties_weighs_nothing() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(4))
        .batch_size(1)
        .preprocess_as("shorten", |inputs: Tensor, targets: Tensor| match inputs {
            Tensor::I64(places) if places[0] == 2 => Ok((Tensor::I64(places).rows(0, 0), targets.rows(0, 0))),
            inputs => Ok((inputs, targets)),
        })
        .metric(FirstPlace)
        .build()
        .unwrap();
    assert_eq!(*benchmark.run().unwrap().get::<FirstPlace>().unwrap(), (0.0 + 1.0 + 3.0) / 3.0);
}

/// The first target of a batch.
#[workload_metric]
pub(crate) fn first_place(targets: TargetClasses<'_>) -> f64 {
    targets[0] as f64
}

/// Panics at a batch, or before the first.
struct Clumsy(Option<u64>);

impl Observer for Clumsy {
    fn started(&self, _: &neurobench::bench::RunStart) {
        assert!(self.0.is_some(), "it stumbled");
    }

    fn batch(&self, event: &BatchEvent<'_>) {
        assert!(Some(event.index) != self.0, "it stumbled");
    }
}

#[test]
fn an_observer_that_panics_ends_the_run_and_loses_nothing() {
    for workers in [1, 8] {
        let run = |at| {
            let builder = Benchmark::builder().model(identity()).data(numbered(9)).batch_size(1).workers(workers);
            builder.metric(Mse).observe(Clumsy(at)).build().unwrap().run().unwrap_err()
        };
        let RunError::Observer { message, completed } = run(Some(3)) else {
            panic!("it should have been the observer")
        };
        assert_eq!(message, "it stumbled");
        assert!((0..=3).all(|batch| completed.batches().contains(batch)));
        assert_eq!(run(None).to_string(), "an observer panicked: it stumbled");
    }
}

#[test]
fn workers_beyond_the_batches_are_not_made() {
    let benchmark =
        Benchmark::builder().model(identity()).data(numbered(3)).batch_size(1).workers(1_000_000).metric(Mse);
    assert_eq!(*benchmark.build().unwrap().run().unwrap().get::<Mse>().unwrap(), 0.0);
}

/// Remembers every event.
#[derive(Default)]
struct Diary(Mutex<Vec<(u64, usize, String)>>);

impl Observer for &Diary {
    fn wants_values(&self) -> bool {
        true
    }

    fn batch(&self, event: &BatchEvent<'_>) {
        let values: Vec<String> = event
            .values
            .iter()
            .map(|(name, value)| match value {
                Ok(value) => format!("{name} {value}"),
                Err(error) => format!("{name}: {error}"),
            })
            .collect();
        self.0.lock().unwrap().push((event.index, event.samples, values.join(", ")));
    }
}

#[test]
fn an_observer_sees_every_batch_with_its_own_values() {
    let diary = Diary::default();
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(5))
        .batch_size(2)
        .metric(ClassificationAccuracy)
        .metric(Stumbles { from: 2, panics: false })
        .observe(&diary)
        .build()
        .unwrap();
    benchmark.run().unwrap();
    drop(benchmark);
    let events = diary.0.into_inner().unwrap();
    assert_eq!(
        events,
        [
            (0, 2, "classification_accuracy 1.0, stumbles(from=2) 2".to_owned()),
            (1, 2, "classification_accuracy 1.0, stumbles(from=2): failed in batch 1: no further than 2".to_owned()),
            (2, 1, "classification_accuracy 1.0, stumbles(from=2): failed in batch 2: no further than 2".to_owned()),
        ]
    );
}
