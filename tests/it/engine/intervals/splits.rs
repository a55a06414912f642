//! However a run is split, the same bits.

use ndarray::arr1;
use neurobench::bench::{Batch, BatchRanges, Intervals, Snapshot};
use neurobench::data::Dataset;
use neurobench::metric::{ResamplingForm, ThingCounts};
use neurobench::metrics::Mse;
use neurobench::model::{ModelError, Probe, Session};
use neurobench::prelude::*;
use neurobench::report::IntervalKind;
use neurobench::testing::{assert_merges, predictions};

use super::{ALL, QUICK, benchmark, benchmark_with, classes, entry, metrics, noise, numbers, only};
use crate::engine::identity;

#[test]
fn bits_depend_neither_on_workers_nor_on_batches() {
    let expected = metrics(&benchmark(numbers(60), &ALL, 60, 1).run().unwrap());
    assert!(expected.contains("\"kind\":\"bca\"") && expected.contains("\"kind\":\"student_t\""));
    for (batch_size, workers) in [(1, 1), (1, 4), (7, 3), (13, 1), (60, 2)] {
        assert_eq!(metrics(&benchmark(numbers(60), &ALL, batch_size, workers).run().unwrap()), expected);
    }
    let stream = (0..6).map(|batch| {
        let (inputs, targets) = numbers(60).batch(batch * 10..batch * 10 + 10).unwrap();
        Ok(Batch { inputs, targets })
    });
    assert_eq!(metrics(&benchmark(numbers(60), &ALL, 4, 3).run_stream(stream).unwrap()), expected);
    let other = benchmark_with(numbers(60), &ALL, 60, 1, Intervals { seed: 12, ..QUICK });
    assert_ne!(metrics(&other.run().unwrap()), expected);
}

const OF_COUNTS: [&str; 6] = [
    "f1_score",
    "cohens_kappa",
    "accuracy",
    "auroc",
    "binned_average_precision",
    "precision(average=\"none\", zero_division=\"zero\")",
];

/// A thing that more than 150 samples have is then kept as sums: of 1200 samples in 3 classes those that are right.
const HUNDRED: Intervals = Intervals { replicates: 100, ..QUICK };

#[test]
fn bits_of_counts_depend_on_no_split_either() {
    let run = |batch_size, workers| benchmark_with(classes(1200), &OF_COUNTS, batch_size, workers, HUNDRED);
    let whole = run(1200, 1).run().unwrap();
    let expected = metrics(&whole);
    for name in OF_COUNTS {
        assert!(!entry(&whole, name).intervals().is_empty(), "{name}: {:?}", entry(&whole, name).no_interval());
    }
    for (batch_size, workers) in [(1, 1), (7, 3), (100, 2)] {
        assert_eq!(metrics(&run(batch_size, workers).run().unwrap()), expected);
    }
    let benchmark = run(100, 2);
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let merged = through_json(&benchmark.merge(&[shard(6..12), shard(0..1), shard(1..6)]).unwrap());
    assert_eq!(metrics(&benchmark.report_snapshot(&merged).unwrap()), expected);
    assert_eq!(metrics(&benchmark.resume(&shard(3..5)).unwrap()), expected);
    // Draws that do not fit are none.
    let text = serde_json::to_string(&shard(0..6)).unwrap();
    let fewer = text.replace("\"replicates\":100,\"several\"", "\"replicates\":99,\"several\"");
    assert_ne!(fewer, text);
    let error = benchmark.resume(&serde_json::from_str(&fewer).unwrap()).unwrap_err().to_string();
    assert!(
        error.contains("the counts of its samples were drawn with another seed or number of replicates"),
        "{error}"
    );
}

/// The same state as a confusion, which does not say that it is nothing but counts: so there is a state for each replicate.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub(crate) struct HiddenPairs {
    #[merge(with = Accumulator::merge)]
    pairs: ConfusionMatrix,
}

impl Finish for HiddenPairs {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.pairs.total())
    }
}

/// A derived state around one that counts, with a sum beside it: it counts, too.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub(crate) struct PairsAndSamples {
    #[merge]
    pairs: ConfusionMatrix,
    #[merge(sum)]
    samples: u32,
}

impl Finish for PairsAndSamples {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.pairs.total())
    }
}

/// The same pairs, and their number.
#[accumulated_metric(type = PairsAndSamplesMetric)]
pub(crate) fn pairs_and_samples(predicted: Classes<'_>, targets: TargetClasses<'_>) -> PairsAndSamples {
    let pairs = ConfusionMatrix::from_pairs(targets.iter().copied().zip(predicted.iter().copied()));
    PairsAndSamples { pairs, samples: targets.len() as u32 }
}

/// The same unevenness.
#[accumulated_metric(of = PairsAndSamplesMetric)]
pub(crate) fn uneven_derived(state: &PairsAndSamples) -> Result<f64, MetricError> {
    match u64::from(state.samples) == state.pairs.total() {
        true => Ok(squares(&state.pairs)),
        false => Err("a resample has other samples than pairs".into()),
    }
}

#[test]
fn a_derived_state_around_counts_is_counts() {
    use neurobench::accumulate::Accumulator as _;
    assert_eq!(HiddenPairs::resampling().form(), ResamplingForm::States { bytes_per_neuron: 0 });
    let resampling = PairsAndSamples::resampling();
    assert_eq!(resampling.form(), ResamplingForm::Counts);
    let counts = |state: &PairsAndSamples| {
        let mut counts = ThingCounts::default();
        resampling.counts(state, &mut counts);
        counts.iter().map(|(thing, times)| (thing.to_owned(), times)).collect::<Vec<_>>()
    };
    assert_eq!(counts(&PairsAndSamples::default()), []);
    let state = PairsAndSamples { pairs: ConfusionMatrix::from_pairs([(3, 5), (3, 5)]), samples: 2 };
    assert_eq!(counts(&state), [(vec![0, 3, 5], 2), (vec![1], 2)]);
    let batch = |classes: [i64; 2]| Batch::new(arr1(&classes), arr1(&[1_i64, 2]));
    let batches = [batch([1, 2]), batch([2, 2]), batch([7, -1])];
    assert_merges(&PairsAndSamplesMetric, predictions(), &batches);
}

/// Pairs of classes.
#[accumulated_metric]
pub(crate) fn pairs_hidden(predicted: Classes<'_>, targets: TargetClasses<'_>) -> HiddenPairs {
    HiddenPairs { pairs: ConfusionMatrix::from_pairs(targets.iter().copied().zip(predicted.iter().copied())) }
}

/// The same pairs as counts.
#[accumulated_metric]
pub(crate) fn pairs_counted(predicted: Classes<'_>, targets: TargetClasses<'_>) -> ConfusionMatrix {
    ConfusionMatrix::from_pairs(targets.iter().copied().zip(predicted.iter().copied()))
}

fn squares(pairs: &ConfusionMatrix) -> f64 {
    pairs.iter().map(|(_, _, count)| (count * count) as f64).sum::<f64>() / (pairs.total() * pairs.total()) as f64
}

/// Unevenness of the pairs: the mean of the squares of their shares.
#[accumulated_metric(of = PairsHidden)]
pub(crate) fn uneven_states(state: &HiddenPairs) -> f64 {
    squares(&state.pairs)
}

/// The same.
#[accumulated_metric(of = PairsCounted)]
pub(crate) fn uneven_counts(pairs: &ConfusionMatrix) -> f64 {
    squares(pairs)
}

#[test]
fn counts_of_draws_are_what_a_state_for_each_replicate_would_be() {
    for samples in [40, 1200] {
        let names = ["uneven_states", "uneven_counts", "uneven_derived"];
        let report = benchmark_with(classes(samples), &names, 64, 2, HUNDRED).run().unwrap();
        let (low, high, kind) = only(&report, "uneven_states");
        assert_eq!(kind, IntervalKind::Bca);
        assert_eq!(only(&report, "uneven_counts"), (low, high, kind));
        assert_eq!(only(&report, "uneven_derived"), (low, high, kind));
    }
}

fn through_json(snapshot: &Snapshot) -> Snapshot {
    serde_json::from_str(&serde_json::to_string(snapshot).unwrap()).unwrap()
}

#[test]
fn shards_and_resumed_runs_are_the_whole() {
    let benchmark = benchmark(numbers(60), &ALL, 7, 2);
    let whole = metrics(&benchmark.run().unwrap());
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let merged = through_json(&benchmark.merge(&[shard(6..9), shard(0..2), shard(2..6)]).unwrap());
    assert_eq!(metrics(&benchmark.report_snapshot(&merged).unwrap()), whole);
    assert_eq!(metrics(&benchmark.resume(&shard(3..5)).unwrap()), whole);
}

#[test]
fn a_snapshot_that_kept_nothing_or_other_draws_is_refused() {
    let plain = Benchmark::builder().model(identity()).data(numbers(20)).batch_size(7).metric(Mse).build().unwrap();
    let wanted = benchmark(numbers(20), &["mse"], 7, 1);
    let of = |benchmark: &Benchmark<'_>| benchmark.run_batches(&BatchRanges::from(0..1)).unwrap();
    let error = wanted.resume(&of(&plain)).unwrap_err().to_string();
    assert_eq!(error, "the snapshot has the states of single samples not kept, this benchmark has kept");
    let other = benchmark_with(numbers(20), &["mse"], 7, 1, Intervals { seed: 3, ..QUICK });
    let error = wanted.resume(&of(&other)).unwrap_err().to_string();
    assert_eq!(error, "the snapshot has the replicates 400 with seed 3, this benchmark has 400 with seed 11");
    // A benchmark that keeps less reads the snapshot.
    assert_eq!(
        *plain.resume(&of(&wanted)).unwrap().get::<Mse>().unwrap(),
        *wanted.run().unwrap().get::<Mse>().unwrap()
    );
    // A metric of a core that was kept is read afterwards, with its interval.
    let snapshot = of(&benchmark(numbers(20), &["mse", "rmse"], 7, 1));
    let report = benchmark(numbers(20), &["extent"], 7, 1).report_snapshot(&snapshot).unwrap();
    assert_eq!(entry(&report, "extent").intervals().len(), 2);
    // Replicates of a mean are not kept, unless all samples are.
    let lean = |metric: &str| {
        let builder = Benchmark::builder().model(identity()).data(numbers(20)).batch_size(7);
        builder.metric_named(metric).intervals(QUICK).build().unwrap()
    };
    let report = lean("rmse").report_snapshot(&of(&lean("mse"))).unwrap();
    assert_eq!(entry(&report, "rmse").no_interval(), Some("the run kept no samples to compute it from"));
}

/// A model that carries state: to it each sequence is one draw.
struct Carrying;

impl Model for Carrying {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Self)
    }

    fn carries_state(&self) -> bool {
        true
    }
}

impl Session for Carrying {
    fn restart(&mut self) {}

    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        *outputs = inputs.clone();
        Ok(())
    }
}

#[test]
fn of_a_model_that_carries_state_sequences_are_drawn() {
    let lengths = |sequences: usize| (0..sequences).map(|sequence| 2 + sequence % 4).collect::<Vec<_>>();
    let run = |sequences: usize, batch_size, workers| {
        let data = numbers(lengths(sequences).iter().sum()).in_sequences(lengths(sequences)).unwrap();
        let mut builder = Benchmark::builder().model(Carrying).data(data).batch_size(batch_size).workers(workers);
        for metric in ["mse", "rmse", "middle_absolute_error"] {
            builder = builder.metric_named(metric);
        }
        builder.intervals(QUICK).per_sample().build().unwrap()
    };
    let report = run(30, 3, 2).run().unwrap();
    for name in ["mse", "rmse", "middle_absolute_error"] {
        assert_eq!(only(&report, name).2, IntervalKind::Bca, "samples of a sequence are not independent");
    }
    // The value on each sequence, for any batch size.
    let values = entry(&report, "mse").samples().unwrap();
    assert_eq!(values.samples, (0..30).collect::<Vec<_>>());
    let (predictions, targets) = (noise(103), noise(206)[103..].to_vec());
    assert_eq!(lengths(30).iter().sum::<usize>(), 103);
    let squared = |at: usize| (predictions[at] - targets[at]) * (predictions[at] - targets[at]);
    assert_eq!(values.values[1], Mean::from_values((2..5).map(squared)).value().unwrap());
    assert_eq!(metrics(&run(30, 1, 1).run().unwrap()), metrics(&report));
    let json = serde_json::to_value(report.results()).unwrap();
    assert_eq!((&json["sample_unit"], &json["sample_units"]), (&"sequence".into(), &30.into()));
    // Half a sequence in a shard.
    let benchmark = run(30, 1, 2);
    let shard = |range| through_json(&benchmark.run_batches(&BatchRanges::from(range)).unwrap());
    let merged = benchmark.merge(&[shard(6..103), shard(0..1), shard(1..6)]).unwrap();
    let whole = benchmark.report_snapshot(&merged).unwrap();
    assert_eq!((metrics(&whole), whole.results().sample_units), (metrics(&report), Some(30)));
    let report = run(1, 3, 1).run().unwrap();
    assert!(entry(&report, "mse").no_interval().unwrap().contains("resamples have no value"));
}
