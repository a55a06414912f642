//! Preprocessors that depend on earlier samples.

use ndarray::{Array1, array};
use neurobench::bench::{Batch, RunError};
use neurobench::data::{Dataset, InMemory};
use neurobench::metrics::Mse;
use neurobench::model::{FnModel, Probe};
use neurobench::prelude::*;
use neurobench::process::{BatchPlace, ProcessError, Window};

/// A model that sums each sample, as steps of a window.
fn sums() -> impl Model {
    FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| {
        let inputs = inputs.to_f64();
        let samples = inputs.shape()[0];
        Ok(Tensor::from(Array1::from_iter(
            (0..samples).map(|sample| inputs.index_axis(ndarray::Axis(0), sample).sum()),
        )))
    })
}

/// Samples 0, 1, .., 11, whose targets are the sums of the last three of their sequence: one of 7 and one of 5 samples.
fn data() -> impl Dataset {
    let starts = |sample: usize| if sample < 7 { 0 } else { 7 };
    let sum = |sample: usize| (sample.saturating_sub(2).max(starts(sample))..=sample).sum::<usize>() as f64;
    let inputs = Array1::from_iter((0..12).map(|sample| sample as f64));
    let targets = Array1::from_iter((0..12).map(sum));
    InMemory::new(inputs, targets).unwrap().in_sequences([7, 5]).unwrap()
}

#[test]
fn windows_are_the_same_for_any_batch_size_and_number_of_workers_and_end_at_sequences() {
    for (batch_size, workers) in [(1, 1), (1, 3), (2, 2), (5, 1), (12, 4), (64, 1)] {
        let benchmark = Benchmark::builder()
            .model(sums())
            .data(data())
            .batch_size(batch_size)
            .workers(workers)
            .preprocess(Window { length: 3 })
            .metric(Mse)
            .build()
            .unwrap();
        let report = benchmark.run().unwrap();
        assert_eq!(*report.get::<Mse>().unwrap(), 0.0, "batch size {batch_size}, {workers} workers");
        assert_eq!(report.samples(), 12);
    }
}

#[test]
fn two_windows_see_the_history_of_both() {
    // Windows of 2 over windows of 2 contain the middle sample twice.
    let weighted = |sample: usize| {
        let at = |back: usize| sample.checked_sub(back).map_or(0, |sample| sample + 1) as f64;
        at(0) + 2.0 * at(1) + at(2)
    };
    let inputs = Array1::from_iter((0..9).map(|sample| sample as f64 + 1.0));
    let targets = Array1::from_iter((0..9).map(weighted));
    for batch_size in [1, 2, 4, 9] {
        let benchmark = Benchmark::builder()
            .model(sums())
            .data(InMemory::new(inputs.clone(), targets.clone()).unwrap())
            .batch_size(batch_size)
            .preprocess(Window { length: 2 })
            .preprocess(Window { length: 2 })
            .metric(Mse)
            .build()
            .unwrap();
        assert_eq!(*benchmark.run().unwrap().get::<Mse>().unwrap(), 0.0, "batch size {batch_size}");
    }
}

/// Adds the index of the first sample that it receives.
struct AddPlace;

impl Preprocessor for AddPlace {
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        self.process_at(BatchPlace::default(), inputs, targets)
    }

    fn process_at(&self, place: BatchPlace, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        let mut numbers = inputs.to_f64();
        for (mut number, index) in numbers.outer_iter_mut().zip(place.first_sample..) {
            number += index as f64;
        }
        Ok((numbers.into(), targets))
    }
}

#[test]
fn a_preprocessor_knows_the_place_of_its_samples_also_before_a_window() {
    let inputs = Array1::<f64>::zeros(10);
    // Sums of the indices of the last two samples.
    let targets = Array1::from_iter((0..10).map(|sample: i32| f64::from(sample + (sample - 1).max(0))));
    for batch_size in [1, 3, 10] {
        let benchmark = Benchmark::builder()
            .model(sums())
            .data(InMemory::new(inputs.clone(), targets.clone()).unwrap())
            .batch_size(batch_size)
            .preprocess_as("add_place", AddPlace)
            .preprocess(Window { length: 2 })
            .metric(Mse)
            .build()
            .unwrap();
        assert_eq!(*benchmark.run().unwrap().get::<Mse>().unwrap(), 0.0, "batch size {batch_size}");
    }
}

#[test]
fn a_preprocessor_that_drops_samples_cannot_stand_before_a_window() {
    let drop_first = |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let samples = inputs.samples();
        Ok((inputs.rows(1, samples), targets.rows(1, samples)))
    };
    let benchmark = Benchmark::builder()
        .model(sums())
        .data(data())
        .batch_size(4)
        .preprocess_as("drop_first", drop_first)
        .preprocess(Window { length: 3 })
        .metric(Mse)
        .build()
        .unwrap();
    let error = benchmark.run().unwrap_err().to_string();
    let expected = "preprocessor `drop_first` returned 4 inputs and 4 targets for 5 samples: place it behind the \
                    preprocessors with windows over samples";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn errors_name_the_sample_in_the_data_set_also_with_history() {
    let refuse = |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        match inputs.to_f64().iter().position(|input| *input == 5.0) {
            Some(sample) => Err(ProcessError::Sample { processor: "refuse", sample, problem: "is 5".to_owned() }),
            None => Ok((inputs, targets)),
        }
    };
    let benchmark = Benchmark::builder()
        .model(sums())
        .data(data())
        .batch_size(4)
        .preprocess_as("refuse", refuse)
        .preprocess(Window { length: 3 })
        .metric(Mse)
        .build()
        .unwrap();
    let error = benchmark.run().unwrap_err().to_string();
    assert!(error.contains("sample 5 of the data set"), "{error}");
}

#[test]
fn a_stream_has_no_history() {
    let benchmark = Benchmark::builder().model(sums()).preprocess(Window { length: 3 }).metric(Mse).build().unwrap();
    let batches = [Ok(Batch::new(array![1.0_f64, 2.0], array![1.0_f64, 2.0]))];
    let error = benchmark.run_stream(batches.into_iter()).unwrap_err();
    assert!(matches!(error, RunError::StreamHistory { .. }));
    let expected = "preprocessor `window(length=3)` needs the samples before a batch, which a stream does not keep: run a \
                    data set";
    assert_eq!(error.to_string(), expected);
}
