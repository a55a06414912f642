//! Models whose state flows on from sample to sample: sequences go through one session, in order.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ndarray::{Array1, array};
use neurobench::bench::{Batch, BatchEvent, BatchRanges, Observer, RunError, Snapshot};
use neurobench::data::{DataError, Dataset, InMemory};
use neurobench::metrics::{MembraneUpdates, Mse, NeuronActivity, OperationCounts, SynapticOperations};
use neurobench::model::{Call, FanOut, ModelError, Probe, Session};
use neurobench::prelude::*;
use neurobench::testing::assert_merges;
use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

use super::snapshots::Places;

/// A neuron that sums up its inputs and never forgets: its output for a sample is the sum of the sequence so far.
struct Adder {
    layers: Vec<Layer>,
    /// Input that it refuses.
    poison: f32,
    /// Events of its sessions.
    log: Mutex<Vec<String>>,
}

fn adder() -> Adder {
    let layers = vec![Layer::connection("input", "linear", FanOut::full(1, 1)), Layer::neuron("sum", "adder", 1)];
    Adder { layers, poison: f32::INFINITY, log: Mutex::new(Vec::new()) }
}

impl Model for Adder {
    fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Adding { model: self, sum: 0.0, at_rest: true })
    }

    fn carries_state(&self) -> bool {
        true
    }
}

struct Adding<'a> {
    model: &'a Adder,
    sum: f32,
    at_rest: bool,
}

impl Session for Adding<'_> {
    fn restart(&mut self) {
        self.model.log.lock().unwrap().push("restart".to_owned());
        (self.sum, self.at_rest) = (0.0, true);
    }

    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        let inputs = inputs.to_f32();
        self.model.log.lock().unwrap().push(format!("{} samples", inputs.len()));
        let mut sums = Vec::new();
        for (sample, input) in inputs.iter().enumerate() {
            if *input == self.model.poison {
                return Err(format!("{input} is too much").into());
            }
            let call = Call::in_sequence(sample, self.at_rest);
            let before = self.sum;
            probe.connection(0, call, &[*input]);
            self.sum += input;
            self.at_rest = false;
            probe.membrane(1, call, &[before], &[self.sum]);
            probe.activation(1, call, &[self.sum]);
            sums.push(self.sum);
        }
        *outputs = Array1::from(sums).into();
        Ok(())
    }
}

/// Numbers whose sums in single precision depend on the order, and on where one begins.
fn inputs(samples: usize) -> Array1<f32> {
    Array1::from_iter((0..samples).map(|place| (place as f32 + 0.1).sqrt() * if place % 3 == 0 { -1e3 } else { 1.0 }))
}

fn data(inputs: Array1<f32>, lengths: &[usize]) -> impl Dataset + Clone {
    InMemory::new(inputs.clone(), inputs).unwrap().in_sequences(lengths).unwrap()
}

/// The sums, by a plain loop over every sequence.
fn sums(inputs: &Array1<f32>, lengths: &[usize]) -> Vec<f64> {
    let mut inputs = inputs.iter();
    let sequence = |length: &usize| {
        let mut sum = 0.0_f32;
        let next = |input: &f32| {
            sum += input;
            f64::from(sum)
        };
        inputs.by_ref().take(*length).map(next).collect::<Vec<_>>()
    };
    lengths.iter().flat_map(sequence).collect()
}

fn benchmark<'m>(model: &'m Adder, data: impl Dataset + 'm, batch_size: usize, workers: usize) -> Benchmark<'m> {
    let builder = Benchmark::builder().model(model).data(data).batch_size(batch_size).workers(workers);
    let builder =
        builder.metric(Places).metric(Mse).metric(OperationCounts::default()).metric(MembraneUpdates::default());
    builder.metric(NeuronActivity::default()).build().unwrap()
}

fn metrics(report: &neurobench::report::Report) -> String {
    serde_json::to_string(&report.results().metrics).unwrap()
}

fn through_json(snapshot: &Snapshot) -> Snapshot {
    serde_json::from_str(&serde_json::to_string(snapshot).unwrap()).unwrap()
}

#[test]
fn state_flows_on_from_batch_to_batch_and_stops_where_a_sequence_ends() {
    let model = adder();
    for lengths in [&[20][..], &[1, 1, 1, 7, 10], &[13, 7], &[4, 4, 4, 4, 4]] {
        let expected = sums(&inputs(20), lengths);
        for batch_size in [1, 3, 4, 64] {
            for workers in [1, 2, 8] {
                let report = benchmark(&model, data(inputs(20), lengths), batch_size, workers).run().unwrap();
                assert_eq!(report.get::<Places>().unwrap(), &expected, "{lengths:?}, {batch_size}, {workers}");
            }
        }
    }
}

#[test]
fn all_samples_are_one_sequence_by_default() {
    let model = adder();
    let whole = InMemory::new(inputs(20), inputs(20)).unwrap();
    let report = benchmark(&model, &whole, 3, 4).run().unwrap();
    assert_eq!(report.get::<Places>().unwrap(), &sums(&inputs(20), &[20]));
    // Saying so changes nothing, not even the fingerprint.
    let declared = data(inputs(20), &[20]);
    assert_eq!(declared.fingerprint().unwrap(), whole.fingerprint().unwrap());
    assert_ne!(data(inputs(20), &[10, 10]).fingerprint().unwrap(), whole.fingerprint().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn workers_interruptions_and_shards_leave_the_same_bits(
        lengths in prop::collection::vec(1_usize..9, 1..6),
        batch_size in 1_usize..5,
        workers in 1_usize..5,
        shards in prop::collection::vec(0_usize..3, 60),
    ) {
        let (model, samples) = (adder(), lengths.iter().sum());
        let one = benchmark(&model, data(inputs(samples), &lengths), batch_size, 1);
        let whole = one.run().unwrap();
        prop_assert_eq!(whole.get::<Places>().unwrap(), &sums(&inputs(samples), &lengths));

        let several = benchmark(&model, data(inputs(samples), &lengths), batch_size, workers);
        prop_assert_eq!(metrics(&several.run().unwrap()), metrics(&whole));
        // Shards of any batches, also from the middle of a sequence.
        let batches = several.batches().unwrap();
        let shard = |number| (0..batches).filter(|batch| shards[*batch as usize] == number).collect::<BatchRanges>();
        let shards: Vec<Snapshot> = (0..3)
            .map(|number| through_json(&several.run_batches(&shard(number)).unwrap()))
            .collect();
        let merged = several.merge(&shards).unwrap();
        prop_assert_eq!(merged.samples(), samples as u64);
        prop_assert_eq!(metrics(&several.report_snapshot(&merged).unwrap()), metrics(&whole));
        let resumed = several.resume(&shards[0]).unwrap();
        prop_assert_eq!((resumed.samples(), resumed.batches()), (samples as u64, batches));
        prop_assert_eq!(metrics(&resumed), metrics(&whole));
    }
}

/// Number of samples of each batch that the observer received.
#[derive(Default)]
struct ObservedBatches(Mutex<BTreeMap<u64, usize>>);

impl Observer for &ObservedBatches {
    fn batch(&self, event: &BatchEvent<'_>) {
        assert_eq!(self.0.lock().unwrap().insert(event.index, event.samples), None);
    }
}

#[test]
fn no_batch_reaches_from_one_sequence_into_the_next() {
    let (model, observed) = (adder(), ObservedBatches::default());
    let builder = Benchmark::builder().model(&model).data(data(inputs(9), &[5, 1, 3])).batch_size(2);
    let benchmark = builder.metric(Mse).observe(&observed).build().unwrap();
    assert_eq!(benchmark.batches(), Some(6));
    benchmark.run().unwrap();
    assert_eq!(observed.0.lock().unwrap().values().copied().collect::<Vec<_>>(), [2, 2, 1, 1, 2, 1]);
    let log = std::mem::take(&mut *model.log.lock().unwrap());
    let calls = ["restart", "2 samples", "2 samples", "1 samples", "restart", "1 samples", "restart", "2 samples"];
    assert_eq!(log, [&calls[..], &["1 samples"]].concat());
}

/// A model that starts every sample from rest, and must not receive a restart.
struct Forgetful;

impl Model for Forgetful {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Self)
    }
}

impl Session for Forgetful {
    fn restart(&mut self) {
        panic!("it was never awake");
    }

    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        outputs.clone_from(inputs);
        Ok(())
    }
}

#[test]
fn sequences_mean_nothing_to_a_model_that_carries_no_state() {
    let data = data(inputs(9), &[5, 1, 3]);
    let benchmark = Benchmark::builder().model(Forgetful).data(data).batch_size(4).metric(Mse).build().unwrap();
    assert_eq!(benchmark.batches(), Some(3));
    assert_eq!(*benchmark.run().unwrap().get::<Mse>().unwrap(), 0.0);
}

#[test]
fn a_pointer_to_a_model_carries_what_the_model_carries() {
    fn carries(model: impl Model) -> bool {
        model.carries_state()
    }
    let model = adder();
    assert!(carries(&model) && carries(Box::new(&model)) && carries(std::sync::Arc::new(&model)));
    assert!(!carries(Forgetful));
    let pointer: &dyn Dataset = &data(inputs(3), &[1, 2]);
    assert_eq!(Box::new(pointer).sequences(), [1, 2]);
}

/// By hand: the potential is new at the first sample of either sequence, and changes wherever the input is not zero.
#[test]
fn every_membrane_counts_at_the_first_step_of_a_sequence_alone() {
    let model = adder();
    for batch_size in 1..=6 {
        let inputs = array![0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        let updates = |lengths: &[usize]| {
            let report = benchmark(&model, data(inputs.clone(), lengths), batch_size, 1).run().unwrap();
            report.get::<MembraneUpdates>().unwrap() * 6.0
        };
        assert_eq!(updates(&[6]), 1.0 + 2.0);
        assert_eq!(updates(&[4, 2]), 2.0 + 2.0);
    }
}

/// By hand: one operation for each input that is not zero; the call with the 2 is the only one of multiplications.
#[test]
fn a_call_is_one_time_step_whatever_the_batch_size() {
    for batch_size in 1..=4 {
        let metric = SynapticOperations { per_call: true, ..SynapticOperations::default() };
        let data = data(array![1.0, 2.0, 0.0, -1.0], &[4]);
        let builder = Benchmark::builder().model(adder()).data(data).batch_size(batch_size).metric(metric);
        let operations = *builder.build().unwrap().run().unwrap().get::<SynapticOperations>().unwrap();
        assert_eq!((operations.effective_macs, operations.effective_acs, operations.dense), (0.25, 0.5, 1.0));
    }
}

#[test]
fn a_run_that_failed_within_a_sequence_goes_on_and_counts_nothing_twice() {
    // Sequences of the batches 0..3, 3..7 and 7..9; sample 13 is in batch 4.
    let lengths = [8, 10, 6];
    let inputs = Array1::from_iter((0..24_u8).map(f32::from));
    let whole = metrics(&benchmark(&adder(), data(inputs.clone(), &lengths), 3, 1).run().unwrap());
    for workers in [1, 2, 3] {
        let fragile = Adder { poison: 13.0, ..adder() };
        let error = benchmark(&fragile, data(inputs.clone(), &lengths), 3, workers).run().unwrap_err();
        assert_eq!(error.to_string(), "batch 4: the model failed: 13 is too much");
        let RunError::Batch { completed, .. } = error else { panic!("it should have been a batch") };
        assert!((0..4).all(|batch| completed.batches().contains(batch)));
        assert!(!(4..7).any(|batch| completed.batches().contains(batch)));

        let (sound, observed) = (adder(), ObservedBatches::default());
        let metrics_of = |builder: neurobench::bench::BenchmarkBuilder<'_>| {
            let builder = builder
                .metric(Places)
                .metric(Mse)
                .metric(OperationCounts::default())
                .metric(MembraneUpdates::default());
            metrics(
                &builder.metric(NeuronActivity::default()).build().unwrap().resume(&through_json(&completed)).unwrap(),
            )
        };
        let builder = Benchmark::builder().model(&sound).data(data(inputs.clone(), &lengths)).batch_size(3);
        assert_eq!(metrics_of(builder.workers(workers).observe(&observed)), whole);
        // Batch 3 is run again for its state, and is neither counted nor passed to observers. The same holds for batch 7 if
        // another worker had completed it, but not batch 8, when the run ended.
        let again = |sequence: std::ops::Range<u64>| {
            let missing = sequence.clone().filter(|batch| !completed.batches().contains(*batch)).max();
            sequence.filter(|batch| completed.batches().contains(*batch) && Some(*batch) < missing).count()
        };
        let again: usize = [0..3, 3..7, 7..9].into_iter().map(again).sum();
        assert!((1..=2).contains(&again));
        let batches: Vec<u64> = observed.0.lock().unwrap().keys().copied().collect();
        assert_eq!(batches, completed.batches().complement(9).iter().collect::<Vec<_>>());
        let log = sound.log.lock().unwrap();
        assert_eq!(log.iter().filter(|line| *line != "restart").count(), batches.len() + again);
    }
}

#[test]
fn the_lowest_batch_that_fails_is_reported_in_any_sequence() {
    let inputs = Array1::from_iter((0..60_u8).map(|place| f32::from(place % 10)));
    for workers in [1, 2, 8] {
        for _ in 0..10 {
            let model = Adder { poison: 9.0, ..adder() };
            let data = data(inputs.clone(), &[10; 6]);
            let error = benchmark(&model, data, 1, workers).run().unwrap_err();
            assert_eq!(error.to_string(), "batch 9: the model failed: 9 is too much");
            let RunError::Batch { completed, .. } = error else { panic!("it should have been a batch") };
            assert!((0..9).all(|batch| completed.batches().contains(batch)));
        }
    }
}

#[test]
fn a_stream_is_one_sequence() {
    for workers in [1, 8] {
        let model = adder();
        let builder = Benchmark::builder().model(&model).workers(workers).metric(Places);
        let batches = inputs(20).to_vec();
        let batches =
            batches.chunks(3).map(|part| Ok(Batch::new(Array1::from(part.to_vec()), Array1::from(part.to_vec()))));
        let report = builder.build().unwrap().run_stream(batches).unwrap();
        assert_eq!(report.get::<Places>().unwrap(), &sums(&inputs(20), &[20]));
        assert_eq!(model.log.lock().unwrap().iter().filter(|line| *line == "restart").count(), 1);
    }
}

/// A data set with any sequences, right or wrong.
struct Boastful(Vec<usize>);

impl Dataset for Boastful {
    fn samples(&self) -> usize {
        10
    }

    fn batch(&self, range: std::ops::Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        InMemory::new(inputs(10), inputs(10))?.batch(range)
    }

    fn sequences(&self) -> Vec<usize> {
        self.0.clone()
    }
}

#[test]
fn sequences_that_are_not_all_of_the_data_are_an_error() {
    let model = adder();
    for (lengths, message) in [
        (vec![5, 4], "the sequences have 9 samples in total, but the data set has 10"),
        (vec![5, 6], "the sequences have 11 samples in total, but the data set has 10"),
        (vec![], "the sequences have 0 samples in total, but the data set has 10"),
        (vec![5, 0, 5], "sequence 1 has no samples"),
    ] {
        let declared = InMemory::new(inputs(10), inputs(10)).unwrap().in_sequences(lengths.clone());
        assert_eq!(declared.err().unwrap().to_string(), message);
        let benchmark = benchmark(&model, Boastful(lengths), 3, 1);
        assert_eq!(benchmark.run().unwrap_err().to_string(), message);
        assert_eq!(benchmark.batches(), None);
    }
}

#[test]
fn a_snapshot_of_other_sequences_is_refused() {
    let model = adder();
    let snapshot = benchmark(&model, data(inputs(10), &[4, 6]), 2, 1).run_batches(&BatchRanges::from(0..1)).unwrap();
    let error = benchmark(&model, data(inputs(10), &[6, 4]), 2, 1).resume(&snapshot).unwrap_err().to_string();
    assert!(error.contains("the snapshot has the data sha256:"), "{error}");
}

/// Cannot be put to rest.
struct Restless;

impl Model for Restless {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Forgetful)
    }

    fn carries_state(&self) -> bool {
        true
    }
}

#[test]
fn a_session_that_panics_while_it_restarts_is_an_error() {
    let builder = Benchmark::builder().model(Restless).data(data(inputs(10), &[4, 6])).metric(Mse);
    let error = builder.build().unwrap().run().unwrap_err();
    assert_eq!(error.to_string(), "batch 0: the model panicked: it was never awake");
}

#[test]
fn states_of_a_model_that_carries_state_are_checked_as_others() {
    let batch = |from: usize| Batch::new(inputs(20).slice_move(ndarray::s![from..from + 4]), inputs(4));
    assert_merges(&MembraneUpdates::default().core, adder(), &[batch(0), batch(3), batch(9), batch(16)]);
}
