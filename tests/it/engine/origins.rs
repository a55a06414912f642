//! Names of refused samples.

use ndarray::{Array1, Array2, Array3, array};
use neurobench::bench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metrics::{ClassificationAccuracy, Mape};
use neurobench::model::Tensor;
use neurobench::process::{ChooseMaxCount, ProcessError};

use crate::engine::errors::Stumbles;
use crate::engine::{identity, numbered};

fn error_text(data: InMemory, batch_size: usize, workers: usize) -> String {
    let benchmark = Benchmark::builder().model(identity()).data(data).batch_size(batch_size).workers(workers);
    let report = benchmark.metric(ClassificationAccuracy).build().unwrap().run().unwrap();
    report.get::<ClassificationAccuracy>().unwrap_err().to_string()
}

#[test]
fn the_first_sample_that_a_metric_refuses_is_named_for_any_batches_and_workers() {
    let data = InMemory::new(Array1::<i64>::zeros(7), array![0.0, 0.0, 0.0, 0.5, 0.0, 1.5, 0.0]).unwrap();
    for (batch_size, batch) in [(1, 3), (2, 1), (3, 1), (7, 0)] {
        for workers in 1..=3 {
            let expected = format!("failed in batch {batch}: sample 3 of the data set: targets: 0.5 is not a class");
            let error = error_text(data.clone(), batch_size, workers);
            assert!(error.ends_with(&expected), "{error}");
        }
    }
}

/// Samples that a metric names are reported by their place in the data, even where several are refused.
#[test]
fn a_sample_that_a_metric_names_is_reported_by_its_index_in_the_data() {
    let targets =
        |bad: &[usize]| Array2::from_shape_fn((7, 2), |(sample, _)| if bad.contains(&sample) { 2_i64 } else { 1 });
    for (bad, first) in [(vec![3, 5], 3), (vec![6], 6), ((0..7).collect(), 0)] {
        for batch_size in [1, 2, 3, 7] {
            let data = InMemory::new(Array2::from_elem((7, 2), 0.25), targets(&bad)).unwrap();
            let benchmark = Benchmark::builder().model(identity()).data(data).batch_size(batch_size);
            let names = ["accuracy(task=multilabel)", "exact_match_ratio", "auroc", "log_loss(task=multilabel)"];
            let benchmark = names.iter().fold(benchmark, |benchmark, name| benchmark.metric_named(name));
            for entry in benchmark.build().unwrap().run().unwrap().entries() {
                let error = entry.value().unwrap_err().to_string();
                let expected = format!("sample {first} of the data set: targets: label 0: 2 is neither 0 nor 1");
                assert!(error.ends_with(&expected), "{error}");
            }
        }
    }
    // An undefined value stays undefined, with or without a place.
    let data = InMemory::new(array![1.0, 2.0, 3.0, 4.0], array![1.0, 2.0, 0.0, 4.0]).unwrap();
    let benchmark = Benchmark::builder().model(identity()).data(data).batch_size(2).metric(Mape::default());
    let report = benchmark.build().unwrap().run().unwrap();
    let error = report.entries()[0].value().unwrap_err();
    assert!(error.is_undefined(), "{error}");
    assert!(error.to_string().contains("sample 2 of the data set: undefined: element 0 has the target 0"), "{error}");
}

#[test]
fn an_error_on_every_sample_names_no_sample() {
    let data = InMemory::new(Array3::<f64>::zeros((4, 2, 3)), Array1::<i64>::zeros(4)).unwrap();
    for batch_size in [1, 2, 4] {
        let error = error_text(data.clone(), batch_size, 1);
        assert!(
            error.contains(
                "failed in batch 0: predictions: expected classes [batch] or scores [batch, class], found shape ["
            ),
            "{error}"
        );
    }
}

#[test]
fn samples_that_a_preprocessor_moved_have_no_place() {
    let data = InMemory::new(array![0_i64, 0, 0, 0], array![0.0, 0.0, 0.0, 0.5]).unwrap();
    let drop_first = |inputs: Tensor, targets: Tensor| {
        let samples = inputs.samples();
        Ok((inputs.rows(1, samples), targets.rows(1, samples)))
    };
    let benchmark = Benchmark::builder().model(identity()).data(data).preprocess_as("drop_first", drop_first);
    let report = benchmark.metric(ClassificationAccuracy).build().unwrap().run().unwrap();
    let error = report.get::<ClassificationAccuracy>().unwrap_err().to_string();
    assert!(error.ends_with("failed in batch 0: sample 2 of the batch: targets: 0.5 is not a class"), "{error}");
}

#[test]
fn a_sample_that_a_processor_refuses_is_reported_by_its_index_in_the_data() {
    let mut outputs = Array3::<f64>::zeros((5, 2, 3));
    outputs[[3, 1, 2]] = f64::NAN;
    let data = InMemory::new(outputs, Array1::<i64>::zeros(5)).unwrap();
    let picky = |inputs: Tensor, targets: Tensor| match inputs.samples() {
        1 => Err(ProcessError::Sample { processor: "picky", sample: 0, problem: "it is alone".to_owned() }),
        _ => Ok((inputs, targets)),
    };
    let run = |benchmark: neurobench::bench::BenchmarkBuilder<'_>| {
        let benchmark = benchmark.model(identity()).data(data.clone()).metric(ClassificationAccuracy);
        benchmark.build().unwrap().run().err().unwrap().to_string()
    };
    let error = run(Benchmark::builder().batch_size(2).postprocess(ChooseMaxCount));
    let expected = "batch 1: sample 3 of the data set: processor `choose_max_count`: the sum of class 2 is NaN";
    assert_eq!(error, expected);
    let error = run(Benchmark::builder().batch_size(4).preprocess_as("picky", picky));
    assert_eq!(error, "batch 1: sample 4 of the data set: processor `picky`: it is alone");
}

#[test]
fn a_panic_and_a_metrics_own_words_are_placed_by_the_samples_of_the_batch() {
    let places = [(1, "4: sample 4"), (2, "2: samples 4 to 5"), (3, "2: sample 6"), (4, "1: samples 4 to 6")];
    for (batch_size, place) in places {
        for (panics, what) in [(false, ""), (true, "panicked: ")] {
            let benchmark = Benchmark::builder().model(identity()).data(numbered(7)).batch_size(batch_size);
            let report = benchmark.metric(Stumbles { from: 4, panics }).build().unwrap().run().unwrap();
            let error = report.get::<Stumbles>().unwrap_err().to_string();
            assert!(error.ends_with(&format!("failed in batch {place}: {what}no further than 4")), "{error}");
        }
    }
}
