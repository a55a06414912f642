//! Shards, interruptions and metrics read afterwards.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array1, Array3, array};
use neurobench::bench::{Batch, BatchEvent, BatchRanges, Intervals, Observer, RunError, Snapshot};
use neurobench::data::InMemory;
use neurobench::metrics::{ClassificationAccuracy, Mse, Rmse};
use neurobench::network::{IntegratorConfig, Network, Simulator};
use neurobench::prelude::*;

use super::{failing_from, identity, numbered};

/// Every prediction, in the order of the data set.
#[accumulated_metric]
pub(crate) fn places(predictions: Predictions<'_, Ix1>) -> Concat<f64> {
    Concat::from_values(predictions.iter().copied())
}

/// Infinite for one batch.
#[workload_metric]
pub(crate) fn breaks_at_three(targets: TargetClasses<'_>) -> f64 {
    if targets[0] == 3 { f64::INFINITY } else { 1.0 }
}

/// Keeps a state that no file can hold.
#[accumulated_metric]
pub(crate) fn infinities(targets: TargetClasses<'_>) -> Concat<f64> {
    Concat::from_values(targets.iter().map(|_| f64::INFINITY))
}

fn benchmark<'m>(samples: usize) -> Benchmark<'m> {
    Benchmark::builder()
        .model(identity())
        .data(numbered(samples))
        .batch_size(3)
        .workers(2)
        .metric(Mse)
        .metric(Places)
        .metric(ClassificationAccuracy)
        .build()
        .unwrap()
}

fn through_json(snapshot: &Snapshot) -> Snapshot {
    serde_json::from_str(&serde_json::to_string(snapshot).unwrap()).unwrap()
}

fn metrics(report: &neurobench::report::Report) -> String {
    serde_json::to_string(&report.results().metrics).unwrap()
}

#[test]
fn shards_merge_to_the_whole_in_any_order() {
    let benchmark = benchmark(50);
    let whole = benchmark.run().unwrap();
    assert_eq!(whole.samples(), 50);
    assert_eq!(whole.batches(), 17);
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let shards = [shard(9..17), shard(0..4), shard(4..9)];
    let merged = through_json(&benchmark.merge(&shards).unwrap());
    assert_eq!(merged.batches().to_string(), "0..17");
    assert_eq!(merged.samples(), 50);
    let report = benchmark.report_snapshot(&merged).unwrap();
    assert_eq!(metrics(&report), metrics(&whole));
    let places: Vec<f64> = (0..50).map(f64::from).collect();
    assert_eq!(report.get::<Places>().unwrap(), &places);
}

/// `first` spikes on sample 4 alone, which is in batch 2, and `second` never does.
#[test]
fn silent_layers_are_noted_for_merged_shards_and_after_an_interruption() {
    let neurons = |threshold: f64| IntegratorConfig::new().r(1.0).v_threshold(threshold);
    let network = Network::builder([1])
        .time_steps(true)
        .integrate_and_fire("first", 1.0, Simulator::Norse, neurons(1.0))
        .integrate_and_fire("second", 1.0, Simulator::Norse, neurons(1e6))
        .build()
        .unwrap();
    let inputs = Array3::from_shape_fn((8, 3, 1), |(sample, _, _)| if sample == 4 { 2.0 } else { 0.0 });
    let data = InMemory::new(inputs, Array1::<i64>::zeros(8)).unwrap();
    let build = || {
        let builder = Benchmark::builder().model(&network).data(&data).batch_size(2).workers(2);
        builder.metric_named("activation_sparsity")
    };
    let benchmark = build().build().unwrap();
    let silent = |report: &neurobench::report::Report| {
        let [note] = report.notes() else { panic!("{:?}", report.notes()) };
        note.split(" never spiked").next().unwrap().to_owned()
    };
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let (start, end) = (shard(0..2), shard(2..4));
    assert_eq!(silent(&benchmark.report_snapshot(&start).unwrap()), "layers `first`, `second`");
    assert_eq!(silent(&benchmark.report_snapshot(&end).unwrap()), "layer `second`");
    let merged = through_json(&benchmark.merge(&[end.clone(), start.clone()]).unwrap());
    assert_eq!(silent(&benchmark.report_snapshot(&merged).unwrap()), "layer `second`");
    assert_eq!(silent(&benchmark.resume(&start).unwrap()), "layer `second`");
    assert_eq!(silent(&benchmark.resume(&end).unwrap()), "layer `second`");

    let interrupted = build().observe(Enough { wanted: 2, done: AtomicU64::new(0) }).workers(1).build().unwrap();
    let Err(RunError::Interrupted { completed }) = interrupted.run() else { panic!("the run was not interrupted") };
    let completed = through_json(&completed);
    assert_eq!(silent(&benchmark.report_snapshot(&completed).unwrap()), "layers `first`, `second`");
    assert_eq!(silent(&benchmark.resume(&completed).unwrap()), "layer `second`");
}

#[test]
fn a_batch_counted_twice_is_an_error() {
    let benchmark = benchmark(20);
    let shard = |range| benchmark.run_batches(&BatchRanges::from(range)).unwrap();
    let error = benchmark.merge(&[shard(0..3), shard(2..5)]).unwrap_err();
    assert_eq!(error.to_string(), "batch 2 is in both snapshots");
    assert_eq!(benchmark.merge(&[]).unwrap_err().to_string(), "there are no snapshots to merge: pass at least one");
}

#[test]
fn resuming_runs_the_rest() {
    let benchmark = benchmark(50);
    let part = through_json(&benchmark.run_batches(&BatchRanges::from(5..9)).unwrap());
    let resumed = benchmark.resume(&part).unwrap();
    assert_eq!(metrics(&resumed), metrics(&benchmark.run().unwrap()));
    assert_eq!((resumed.samples(), resumed.batches()), (50, 17));
}

#[test]
fn a_run_that_failed_goes_on_from_what_it_completed() {
    let build = |first| {
        Benchmark::builder()
            .model(failing_from(first, |_| "out of memory".into()))
            .data(numbered(50))
            .batch_size(3)
            .workers(2)
            .metric(Places)
            .build()
            .unwrap()
    };
    let Err(RunError::Batch { batch, completed, .. }) = build(20).run() else { panic!("it should have failed") };
    assert_eq!(batch, 6);
    let report = build(i64::MAX).resume(&through_json(&completed)).unwrap();
    assert_eq!(report.get::<Places>().unwrap().len(), 50);
}

/// Ends a run after this number of batches.
#[derive(Default)]
struct Enough {
    wanted: u64,
    done: AtomicU64,
}

impl Observer for Enough {
    fn batch(&self, _: &BatchEvent<'_>) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn interrupts(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.wanted
    }
}

/// Seventeen batches, with intervals and values of single samples.
fn observed(workers: usize, observer: impl Observer + 'static) -> Benchmark<'static> {
    Benchmark::builder()
        .model(identity())
        .data(numbered(50))
        .batch_size(3)
        .workers(workers)
        .metric(Places)
        .metric(Mse)
        .metric(Rmse::default())
        .intervals(Intervals { replicates: 100, ..Intervals::default() })
        .per_sample()
        .observe(observer)
        .build()
        .unwrap()
}

#[test]
fn a_run_that_was_interrupted_goes_on_to_the_same_bits() {
    let build = |workers, wanted| observed(workers, Enough { wanted, ..Enough::default() });
    let whole = metrics(&build(1, u64::MAX).run().unwrap());
    for workers in [1, 3] {
        for wanted in 0..18 - workers as u64 {
            let error = build(workers, wanted).run().unwrap_err();
            assert_eq!(error.to_string(), "the run was interrupted");
            let RunError::Interrupted { completed } = error else { panic!("it should have been interrupted") };
            let batches = completed.batches().len();
            // Batches that others have under way are completed, too.
            assert!((wanted..wanted + workers as u64).contains(&batches), "{batches} of {wanted}");
            let resumed = build(workers, u64::MAX).resume(&through_json(&completed)).unwrap();
            assert_eq!(metrics(&resumed), whole);
        }
        // Nothing is left that could be interrupted.
        assert_eq!(metrics(&build(workers, 17).run().unwrap()), whole);
    }
}

/// Keeps a snapshot each time this number of batches is done.
struct Kept {
    every: u64,
    done: AtomicU64,
    kept: Arc<Mutex<Vec<Snapshot>>>,
}

impl Observer for Kept {
    fn batch(&self, _: &BatchEvent<'_>) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn wants_completed(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.every
    }

    fn completed(&self, snapshot: &Snapshot) {
        self.done.store(0, Ordering::Relaxed);
        self.kept.lock().unwrap().push(snapshot.clone());
    }
}

#[test]
fn a_snapshot_of_the_completed_batches_can_be_saved_during_a_run() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let build = |workers, every| observed(workers, Kept { every, done: AtomicU64::new(0), kept: Arc::clone(&kept) });
    let whole = metrics(&build(1, u64::MAX).run().unwrap());
    assert!(kept.lock().unwrap().is_empty());
    for workers in [1, 3] {
        for every in [1, 4, 17] {
            assert_eq!(metrics(&build(workers, every).run().unwrap()), whole);
            let snapshots = std::mem::take(&mut *kept.lock().unwrap());
            let batches: Vec<u64> = snapshots.iter().map(|snapshot| snapshot.batches().len()).collect();
            assert!(batches.is_sorted() && batches[0] >= every, "{batches:?}");
            if workers == 1 {
                assert_eq!(batches, (1..=17 / every).map(|n| n * every).collect::<Vec<_>>());
            }
            for snapshot in &snapshots {
                let resumed = build(workers, u64::MAX).resume(&through_json(snapshot)).unwrap();
                assert_eq!(metrics(&resumed), whole);
            }
            // A stream is not there a second time.
            let batch = || Ok(Batch::new(array![1.0], array![1.0]));
            build(workers, 1).run_stream((0..5).map(|_| batch())).unwrap();
            assert!(kept.lock().unwrap().is_empty());
            // The snapshot that a run continues is part of the snapshot that it writes.
            build(workers, 4).resume(&snapshots[0]).unwrap();
            for later in std::mem::take(&mut *kept.lock().unwrap()) {
                assert!(snapshots[0].batches().iter().all(|batch| later.batches().contains(batch)));
            }
        }
    }
}

#[test]
fn a_failure_survives_a_snapshot() {
    let benchmark = Benchmark::builder()
        .model(identity())
        .data(numbered(20))
        .batch_size(3)
        .metric(BreaksAtThree)
        .metric(Mse)
        .build()
        .unwrap();
    let whole = benchmark.run().unwrap();
    let text = metrics(&whole);
    assert!(text.contains("\"status\":\"undefined\",\"error\":\"failed in batch 1: undefined"), "{text}");
    let part = through_json(&benchmark.run_batches(&BatchRanges::from(0..4)).unwrap());
    assert_eq!(metrics(&benchmark.resume(&part).unwrap()), text);
}

#[test]
fn a_state_that_cannot_be_written_takes_nothing_with_it() {
    let build = |first| {
        Benchmark::builder()
            .model(failing_from(first, |_| "out of memory".into()))
            .data(numbered(20))
            .batch_size(3)
            .metric(Infinities)
            .metric(Mse)
            .build()
            .unwrap()
    };
    // The failure of the model is reported, not that of the snapshot.
    let error = build(12).run().unwrap_err();
    assert_eq!(error.to_string(), "batch 4: the model failed: out of memory");
    let RunError::Batch { completed, .. } = error else { panic!("it should have been a batch") };
    let report = build(i64::MAX).resume(&through_json(&completed)).unwrap();
    assert_eq!(*report.get::<Mse>().unwrap(), 0.0);
    let error = report.get::<Infinities>().unwrap_err().to_string();
    assert!(error.contains("its state cannot be written: `parts.0[0]` is inf"), "{error}");
}

#[test]
fn batches_that_are_not_there_are_an_error() {
    let error = benchmark(50).run_batches(&BatchRanges::from(10..30)).unwrap_err();
    assert_eq!(error.to_string(), "there is no batch 29: the data set has 17");
}

#[test]
fn a_metric_of_a_core_can_be_read_afterwards() {
    let snapshot = benchmark(10).run_batches(&BatchRanges::from(0..4)).unwrap();
    let later = Benchmark::builder()
        .model(identity())
        .data(numbered(10))
        .batch_size(3)
        .metric(Rmse::default())
        .build()
        .unwrap();
    let report = later.report_snapshot(&through_json(&snapshot)).unwrap();
    assert_eq!(*report.get::<Rmse>().unwrap(), 0.0);
}

#[test]
fn a_snapshot_of_another_run_is_refused_with_the_difference() {
    let snapshot = benchmark(10).run_batches(&BatchRanges::from(0..1)).unwrap();
    let error = benchmark(11).report_snapshot(&snapshot).err().unwrap().to_string();
    assert!(error.contains("the snapshot has the data sha256:"), "{error}");
    let other = Benchmark::builder().model(identity()).data(numbered(10)).batch_size(4).metric(Mse).build().unwrap();
    let error = other.report_snapshot(&snapshot).err().unwrap().to_string();
    assert_eq!(error, "the snapshot has the batch size 3, this benchmark has 4");
    let other =
        Benchmark::builder().model(identity()).data(numbered(10)).batch_size(3).metric_named("confused").build();
    assert!(other.is_err());
    let mut json = serde_json::to_value(&snapshot).unwrap();
    json["cores"][0]["version"] = 7.into();
    let changed: Snapshot = serde_json::from_value(json.clone()).unwrap();
    let error = benchmark(10).report_snapshot(&changed).err().unwrap().to_string();
    assert_eq!(error, "the snapshot holds version 7 of `mse`, this program has version 1");
    json["cores"][0]["metric"] = "elsewhere::mse".into();
    let changed: Snapshot = serde_json::from_value(json.clone()).unwrap();
    let error = benchmark(10).report_snapshot(&changed).err().unwrap().to_string();
    assert!(error.starts_with("the snapshot does not contain `mse`; it contains elsewhere::mse, "), "{error}");
    json["schema"] = 99.into();
    let changed: Snapshot = serde_json::from_value(json).unwrap();
    let error = benchmark(10).report_snapshot(&changed).err().unwrap().to_string();
    assert_eq!(error, "the snapshot has schema 99, this version reads 2");
}

#[test]
fn a_state_that_was_tampered_with_is_an_error() {
    let snapshot = benchmark(10).run_batches(&BatchRanges::from(0..1)).unwrap();
    let mut json = serde_json::to_value(&snapshot).unwrap();
    json["cores"][0]["state"] = serde_json::json!({ "sum": { "first": 100_000, "limbs": [1] }, "weight": 1 });
    let changed: Snapshot = serde_json::from_value(json).unwrap();
    let error = benchmark(10).report_snapshot(&changed).err().unwrap().to_string();
    assert!(error.starts_with("the state of `mse`: "), "{error}");
}
