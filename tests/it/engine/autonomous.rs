//! Autonomous forecasts, and the beginnings of sequences.

use std::ops::Range;

use ndarray::{Array2, array};
use neurobench::Value;
use neurobench::data::{DataError, Dataset, InMemory};
use neurobench::metrics::{Mse, Smape, SynapticOperations};
use neurobench::model::{Autonomous, FnModel, ModelError, Probe, SequenceData, SequenceStart, Session};
use neurobench::network::Network;
use neurobench::prelude::*;

/// The sums of all inputs so far.
fn running_sum() -> Network {
    Network::builder([1])
        .carrying_state()
        .double_precision()
        .linear("sum", array![[1.0]], None)
        .with_inputs(&["input", "sum"])
        .build()
        .unwrap()
}

/// Two sequences, which training samples precede.
struct WithTraining(InMemory);

impl Dataset for WithTraining {
    fn samples(&self) -> usize {
        self.0.samples()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        self.0.batch(range)
    }

    fn sequences(&self) -> Vec<usize> {
        vec![3, 2]
    }

    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> {
        let inputs = if sequence == 0 { array![[1.0], [2.0]] } else { array![[10.0], [20.0]] };
        Ok(Some((inputs.clone().into(), inputs.into())))
    }
}

#[test]
fn a_forecast_starts_from_its_warmed_up_state_and_the_first_input_alone() {
    // Sequence 0: the state is 1 + 2 = 3; 3 + 4 = 7, 7 + 7 = 14, 14 + 14 = 28. Sequence 1: 30; 30 + 5 = 35, 70.
    let inputs: Array2<f64> = array![[4.0], [-1.0], [-1.0], [5.0], [-1.0]];
    let targets: Array2<f64> = array![[7.0], [14.0], [28.0], [35.0], [70.0]];
    for (batch_size, workers) in [(1, 1), (2, 2), (5, 1), (64, 3)] {
        let report = Benchmark::builder()
            .model(Autonomous::new(running_sum()))
            .data(WithTraining(InMemory::new(inputs.clone(), targets.clone()).unwrap()))
            .batch_size(batch_size)
            .workers(workers)
            .metric(Mse)
            .metric(SynapticOperations { per_call: true, ..SynapticOperations::default() })
            .build()
            .unwrap()
            .run()
            .unwrap();
        assert_eq!(*report.get::<Mse>().unwrap(), 0.0, "batch size {batch_size}, {workers} workers");
        // The warm-up is not measured: one operation for each of five samples.
        let operations = &report["synaptic_operations(per_call=true)"];
        assert_eq!(operations.get("effective_macs").and_then(Value::as_f64), Some(1.0));
    }
}

#[test]
fn a_forecast_that_diverges_goes_on_with_the_largest_error() {
    // Outside of a network, whose sums must be finite.
    let square = |inputs: &Tensor, _: &mut Probe| -> Result<Tensor, ModelError> {
        Ok(inputs.to_f64().mapv(|input| -input * input * 1e200).into())
    };
    struct Carrying<M>(M);
    impl<M: Model> Model for Carrying<M> {
        fn layers(&self) -> &[Layer] {
            self.0.layers()
        }
        fn session(&self) -> Box<dyn Session + '_> {
            self.0.session()
        }
        fn carries_state(&self) -> bool {
            true
        }
    }
    let model = Carrying(FnModel::new(Vec::new(), square));
    let data = InMemory::new(array![[1.0], [1.0], [1.0], [1.0]], array![[-1e200], [1.0], [1.0], [1.0]]).unwrap();
    let benchmark = Benchmark::builder().model(Autonomous::new(model)).data(data).metric(Smape);
    let report = benchmark.build().unwrap().run().unwrap();
    assert_eq!(*report.get::<Smape>().unwrap(), 150.0);
}

#[test]
fn runs_of_the_samples_of_a_forecast_are_told_apart() {
    /// Steps and samples of the recorded runs.
    #[accumulated_metric(hooks = traces)]
    fn places_of_calls(traces: Connections<'_>) -> Sum {
        let calls = traces.iter().flat_map(|(_, trace)| trace.calls().map(|(call, _)| call));
        Sum::from_values(calls.map(|call| (call.sample * 10 + call.step) as f64))
    }

    let inputs: Array2<f64> = array![[4.0], [0.0], [0.0], [5.0], [0.0]];
    let report = Benchmark::builder()
        .model(Autonomous::new(running_sum()))
        .data(WithTraining(InMemory::new(inputs.clone(), inputs).unwrap()))
        .metric(PlacesOfCalls)
        .build()
        .unwrap()
        .run()
        .unwrap();
    // Samples 0, 1, 2 of the first batch and 0, 1 of the second, each of which is a step.
    assert_eq!(*report.get::<PlacesOfCalls>().unwrap(), 44.0);
}

#[test]
fn a_model_without_state_cannot_forecast_and_neither_can_one_whose_predictions_are_no_inputs() {
    let problem = |network: Network| {
        let data = InMemory::new(array![[1.0_f32, 1.0], [0.0, 0.0]], array![[0.0_f32], [0.0]]).unwrap();
        let benchmark = Benchmark::builder().model(Autonomous::new(network)).data(data).metric(Mse);
        benchmark.build().unwrap().run().unwrap_err().to_string()
    };
    let stateless = Network::builder([2]).linear("l", array![[1.0, 1.0]], None).build().unwrap();
    let found = problem(stateless);
    assert!(found.contains("an autonomous forecast needs a model that carries state"), "{found}");
    let narrower = Network::builder([2]).carrying_state().linear("l", array![[1.0, 1.0]], None).build().unwrap();
    let found = problem(narrower);
    assert!(found.contains("a prediction of shape [1, 1] cannot be the next input, of shape [1, 2]"), "{found}");
}

/// A model that is fitted on the mean of the training targets of each sequence, and predicts that mean.
struct Mean;

impl Model for Mean {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Fitted(0.0))
    }

    fn carries_state(&self) -> bool {
        true
    }
}

struct Fitted(f64);

impl Session for Fitted {
    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        *outputs = Array2::from_elem((inputs.samples(), 1), self.0).into();
        Ok(())
    }

    fn start_sequence(&mut self, start: &SequenceStart<'_>) -> Result<(), ModelError> {
        let (_, targets) = start.training()?.ok_or("there is nothing to fit on")?;
        self.0 = targets.to_f64().mean().unwrap_or_default() + start.index() as f64;
        Ok(())
    }
}

#[test]
fn a_model_is_fitted_before_each_sequence_or_says_why_not() {
    let targets: Array2<f64> = array![[1.5], [1.5], [1.5], [16.0], [16.0]];
    let run = |data: Box<dyn Dataset>| {
        let benchmark = Benchmark::builder().model(Mean).data(data).workers(2).metric(Mse);
        benchmark.build().unwrap().run()
    };
    let data = InMemory::new(targets.clone(), targets).unwrap();
    assert_eq!(*run(Box::new(WithTraining(data.clone()))).unwrap().get::<Mse>().unwrap(), 0.0);
    let error = run(Box::new(data)).unwrap_err().to_string();
    assert!(error.contains("there is nothing to fit on"), "{error}");
}
