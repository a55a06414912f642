//! However a run is split, the bits are the same.

use neurobench::bench::Batch;
use neurobench::metrics::{
    ClassificationAccuracy, MembraneUpdateCounts, Mse, NeuronActivity, OperationCounts, ZeroActivations,
};
use neurobench::prelude::*;
use neurobench::process::{ChooseMaxCount, Preprocessor, RepeatOverTime, Scale, repeat_over_time, scale};
use neurobench::testing::{assert_merges, predictions};

use super::{digits, rough_batches};

/// Every state there is, in one.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub(crate) struct Everything {
    #[merge]
    count: Count,
    #[merge]
    ratio: Ratio,
    #[merge]
    sum: Sum,
    #[merge]
    mean: Mean,
    #[merge]
    moments: Moments,
    #[merge]
    smallest: Min,
    #[merge]
    largest: Max,
    #[merge]
    all: Concat<f64>,
    #[merge]
    histogram: Histogram,
    #[merge]
    confusion: ConfusionMatrix,
    #[merge]
    quantiles: Quantiles,
    #[merge]
    by_class: std::collections::BTreeMap<String, Mean>,
    #[merge]
    pair: (Mean, [Ratio; 2]),
    #[merge(sum)]
    samples: u64,
    #[merge(max)]
    peak: Option<f64>,
    #[merge(min)]
    trough: Option<f64>,
    #[merge(with = longer)]
    longest: Vec<f64>,
}

/// Keeps the longer, and of equally long ones the one that is later in the order of floats.
fn longer(own: &mut Vec<f64>, other: Vec<f64>) {
    let rank = |values: &[f64]| (values.len(), values.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
    if rank(&other) > rank(own) {
        *own = other;
    }
}

impl Finish for Everything {
    type Output = f64;

    fn finish(&self) -> Result<f64, MetricError> {
        self.mean.finish()
    }
}

/// Folds a batch into every state.
#[accumulated_metric(type = EveryState)]
pub(crate) fn everything(
    scores: Predictions<'_, Ix2>,
    predicted: Classes<'_>,
    targets: TargetClasses<'_>,
) -> Result<Everything, MetricError> {
    let values = || scores.iter().copied();
    let hits = || predicted.iter().zip(targets.iter()).map(|(predicted, target)| predicted == target);
    Ok(Everything {
        count: Count(targets.len() as u64),
        ratio: Ratio::from_bools(hits()),
        sum: Sum::from_values(values()),
        mean: Mean::from_values(values()),
        moments: Moments::from_values(values()),
        smallest: Min::from_values(values()),
        largest: Max::from_values(values()),
        all: Concat::from_values(values()),
        histogram: Histogram::from_values(targets.iter().copied()),
        confusion: ConfusionMatrix::from_pairs(targets.iter().copied().zip(predicted.iter().copied())),
        quantiles: Quantiles::from_values(values())?,
        by_class: targets
            .iter()
            .zip(values())
            .map(|(class, value)| (class.to_string(), Mean::from_values([value])))
            .collect(),
        pair: (Mean::weighted(scores[[0, 0]], 3), [Ratio::from_bools(hits()), Ratio::new(1, 7)]),
        samples: targets.len() as u64,
        peak: values().next(),
        trough: values().nth(1),
        longest: values().take(7).collect(),
    })
}

/// The same in place.
#[accumulated_metric]
pub(crate) fn running_mean(state: &mut Mean, scores: Predictions<'_, Ix2>) {
    state.add_slice(scores.as_slice().unwrap_or(&[]));
}

/// Everything in the order of the data set, changed in place.
#[accumulated_metric]
pub(crate) fn first_scores(state: &mut (Concat<f64>, Mean), scores: Predictions<'_, Ix2>) {
    state.0.extend(scores.column(0).iter().copied());
    state.1.add(scores[[0, 0]]);
}

/// A mean of quotients, by batch.
#[workload_metric]
pub(crate) fn mean_of_quotients(scores: Predictions<'_, Ix2>) -> std::collections::BTreeMap<String, f64> {
    let first = scores[[0, 0]];
    [("first".to_owned(), first), ("third".to_owned(), first / 3.0)].into()
}

#[test]
fn every_state_is_a_commutative_monoid() {
    assert_merges(&EveryState, predictions(), &rough_batches(23));
    assert_merges(&RunningMean, predictions(), &rough_batches(23));
    assert_merges(&FirstScores, predictions(), &rough_batches(23));
    assert_merges(&MeanOfQuotients, predictions(), &rough_batches(23));
}

#[test]
#[should_panic(expected = "depends on how batches are split")]
fn a_state_that_breaks_the_law_is_caught() {
    /// Remembers the first value: which one that is depends on the order.
    #[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
    struct First {
        #[merge(with = keep)]
        value: Option<f64>,
    }

    fn keep(own: &mut Option<f64>, other: Option<f64>) {
        *own = own.or(other);
    }

    impl Finish for First {
        type Output = Option<f64>;

        fn finish(&self) -> Result<Option<f64>, MetricError> {
            Ok(self.value)
        }
    }

    /// Not a metric to copy.
    #[accumulated_metric(type = FirstScore)]
    fn first_score(scores: Predictions<'_, Ix2>) -> First {
        First { value: scores.first().copied() }
    }

    assert_merges(&FirstScore, predictions(), &rough_batches(23));
}

/// The digits, as the network takes them.
fn digit_batches(size: usize) -> Vec<Batch> {
    let (_, data) = digits();
    (0..72 / size)
        .map(|batch| {
            let (inputs, targets) = data.batch(batch * size..(batch + 1) * size).unwrap();
            let (inputs, targets) = scale(1.0 / 16.0).process(inputs, targets).unwrap();
            let (inputs, targets) = repeat_over_time(5).process(inputs, targets).unwrap();
            Batch { inputs, targets }
        })
        .collect()
}

#[test]
fn every_built_in_core_is_a_commutative_monoid() {
    let (network, _) = digits();
    let batches = digit_batches(8);
    assert_merges(&ZeroActivations::default(), &network, &batches);
    assert_merges(&OperationCounts::default(), &network, &batches);
    assert_merges(&MembraneUpdateCounts::default(), &network, &batches);
    assert_merges(&NeuronActivity::default(), &network, &batches);
    assert_merges(&ClassificationAccuracy, predictions(), &rough_batches(23));
    let regression: Vec<Batch> = rough_batches(23)
        .into_iter()
        .map(|batch| Batch { targets: batch.inputs.to_f64().mapv(|x| x / 3.0).into(), inputs: batch.inputs })
        .collect();
    assert_merges(&Mse, predictions(), &regression);
}

#[test]
fn a_report_is_the_same_bytes_on_any_number_of_workers() {
    let (network, data) = digits();
    let run = |workers| {
        let mut builder = Benchmark::builder()
            .model(&network)
            .data(&data)
            .batch_size(17)
            .workers(workers)
            .preprocess(Scale { factor: 1.0 / 16.0 })
            .preprocess(RepeatOverTime { steps: 25 })
            .postprocess(ChooseMaxCount);
        for metric in [
            "footprint",
            "parameter_count",
            "connection_sparsity",
            "classification_accuracy",
            "activation_sparsity",
            "activation_sparsity_by_layer",
            "synaptic_operations",
            "synaptic_operations(per_call=true)",
            "operation_counts",
            "membrane_updates",
            "membrane_update_counts",
            "mse",
            "rmse",
            "average_activity",
            "neuron_activity",
            "zero_activations",
        ] {
            builder = builder.metric_named(metric);
        }
        let report = builder.build().unwrap().run().unwrap();
        assert!(report.is_complete());
        let mut results = serde_json::to_value(report.results()).unwrap();
        results.as_object_mut().unwrap().remove("timing").unwrap();
        serde_json::to_string(&results).unwrap()
    };
    let one = run(1);
    assert_eq!(run(2), one);
    assert_eq!(run(8), one);
}
