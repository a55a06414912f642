//! Distances of spike trains: comparison with elephant and scipy, and the axioms of a distance.

use ndarray::{Array3, arr1};
use neurobench::bench::Batch;
use neurobench::data::InMemory;
use neurobench::metric::Metric;
use neurobench::metrics::{SilencePolicy, SpikeTrainCosineSimilarity, VanRossumDistance, VictorPurpuraDistance};
use neurobench::testing::{assert_merges, predictions};
use proptest::prelude::*;
use serde::Deserialize;

use super::{close, model_value, recorded};

#[derive(Deserialize)]
struct Recorded {
    time_constants: Vec<f64>,
    costs: Vec<f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    steps: usize,
    times: [Vec<usize>; 2],
    van_rossum: Vec<f64>,
    victor_purpura: Vec<f64>,
    cosine: Option<f64>,
}

/// Numbers of spikes by step.
fn counts(steps: usize, times: &[usize]) -> Vec<f64> {
    let mut counts = vec![0.0; steps];
    times.iter().for_each(|time| counts[*time] += 1.0);
    counts
}

/// A metric of one train of predictions and one of targets.
fn pair_value<M: Metric<Output = f64>>(predicted: &[f64], target: &[f64], metric: M) -> Result<f64, String> {
    let train = |counts: &[f64]| arr1(counts).into_shape_with_order((1, counts.len(), 1)).unwrap();
    model_value(predictions(), InMemory::new(train(predicted), train(target)).unwrap(), metric)
}

fn van_rossum(predicted: &[f64], target: &[f64], time_constant: f64) -> f64 {
    pair_value(predicted, target, VanRossumDistance { time_constant }).unwrap()
}

fn victor_purpura(predicted: &[f64], target: &[f64], cost: f64) -> f64 {
    pair_value(predicted, target, VictorPurpuraDistance { cost }).unwrap()
}

#[test]
fn distances_are_elephants() {
    let Recorded { time_constants, costs, cases } = recorded("spike_train_pairs.json");
    assert!(cases.len() > 100);
    for Case { steps, times, van_rossum: expected, victor_purpura: moved, cosine } in cases {
        let [first, second] = times.map(|times| counts(steps, &times));
        for (time_constant, expected) in time_constants.iter().zip(expected) {
            let found = van_rossum(&first, &second, *time_constant);
            // Roots of sums that cancel in different orders.
            assert!(close(found, expected, 1e-11) || (found - expected).abs() < 1e-7, "{found} for {expected}");
        }
        for (cost, expected) in costs.iter().zip(moved) {
            let found = victor_purpura(&first, &second, *cost);
            assert!(close(found, expected, 1e-12), "{found} for {expected} at {cost}");
        }
        match (pair_value(&first, &second, SpikeTrainCosineSimilarity::default()), cosine) {
            (Ok(found), Some(expected)) => assert!(close(found, expected, 1e-13), "{found} for {expected}"),
            (Err(error), None) => assert!(error.contains("have no spikes"), "{error}"),
            (found, expected) => panic!("{found:?} for {expected:?}"),
        }
    }
}

#[test]
fn values_are_means_over_samples_and_neurons() {
    // Distances of 1 and 0 in the first sample, 2 and 1 in the second.
    let mut predicted = Array3::<f32>::zeros((2, 5, 2));
    predicted[[0, 0, 0]] = 1.0;
    predicted[[1, 0, 0]] = 1.0;
    predicted[[1, 4, 0]] = 1.0;
    predicted[[1, 2, 1]] = 1.0;
    let data = || InMemory::new(predicted.clone(), Array3::<f32>::zeros((2, 5, 2))).unwrap();
    let metric = VictorPurpuraDistance { cost: 0.3 };
    assert_eq!(model_value(predictions(), data(), metric), Ok(1.0));
}

#[test]
fn the_setting_decides_on_samples_without_spikes() {
    let spikes = [1.0, 0.0, 1.0];
    let silent = [0.0; 3];
    let with = |when_silent| SpikeTrainCosineSimilarity { when_silent };
    let error = pair_value(&spikes, &silent, with(SilencePolicy::Undefined)).unwrap_err();
    assert!(error.contains("sample 0 of the data set: undefined: the targets have no spikes"), "{error}");
    assert_eq!(pair_value(&spikes, &silent, with(SilencePolicy::Compare)), Ok(0.0));
    assert_eq!(pair_value(&silent, &silent, with(SilencePolicy::Compare)), Ok(1.0));
    assert!(pair_value(&silent, &silent, with(SilencePolicy::LeaveOut)).unwrap_err().contains("the mean of no values"));
}

#[test]
fn invalid_spike_counts_are_rejected_with_their_place() {
    for bad in [0.5, -1.0, 1e9] {
        let error = pair_value(&[0.0, 1.0], &[bad, 0.0], VanRossumDistance::default()).unwrap_err();
        assert!(error.contains("targets") && error.contains("at [0, 0] is not a spike count"), "{error}");
    }
    let data = InMemory::new(Array3::<f32>::zeros((2, 3, 1)), Array3::<f32>::zeros((2, 4, 1))).unwrap();
    let error = model_value(predictions(), data, VictorPurpuraDistance::default()).unwrap_err();
    assert!(error.contains("but the targets have [2, 4, 1]"), "{error}");
}

#[test]
fn the_states_merge() {
    let batch = |samples: usize, seed: usize| {
        let raster = |offset: usize| {
            Array3::from_shape_fn((samples, 12, 3), |(s, t, n)| {
                f64::from(u8::from((s * 7 + t * 5 + n * 3 + seed + offset).is_multiple_of(4)))
            })
        };
        Batch::new(raster(0), raster(1))
    };
    let batches = [batch(1, 0), batch(3, 5), batch(2, 9), batch(1, 14)];
    assert_merges(&SpikeTrainCosineSimilarity::default(), predictions(), &batches);
    assert_merges(&VanRossumDistance::default(), predictions(), &batches);
    assert_merges(&VictorPurpuraDistance::default(), predictions(), &batches);
}

fn train() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![4 => Just(0.0), 2 => Just(1.0), 1 => Just(2.0)], 16)
}

fn spikes(train: &[f64]) -> f64 {
    train.iter().sum()
}

proptest! {
    #[test]
    fn both_are_metrics(first in train(), second in train(), third in train(), scale in 0.05_f64..3.0) {
        for distance in [van_rossum, victor_purpura] {
            let between = |a: &[f64], b: &[f64]| distance(a, b, scale);
            prop_assert_eq!(between(&first, &first), 0.0);
            prop_assert_eq!(between(&first, &second) > 0.0, first != second);
            prop_assert!((between(&first, &second) - between(&second, &first)).abs() < 1e-12);
            let around = between(&first, &third) + between(&third, &second);
            prop_assert!(between(&first, &second) <= around + 1e-12);
        }
    }

    #[test]
    fn the_limits_are_the_published_ones(first in train(), second in train()) {
        let difference = (spikes(&first) - spikes(&second)).abs();
        prop_assert_eq!(victor_purpura(&first, &second, 0.0), difference);
        prop_assert!((van_rossum(&first, &second, 1e9) - difference).abs() < 1e-3);
        // Without moves or coincidences, only spikes of the same step cancel.
        let unmatched: f64 = first.iter().zip(&second).map(|(a, b)| (a - b).abs()).sum();
        prop_assert_eq!(victor_purpura(&first, &second, 1e9), unmatched);
        let squared: f64 = first.iter().zip(&second).map(|(a, b)| (a - b) * (a - b)).sum();
        prop_assert!((van_rossum(&first, &second, 1e-6) - squared.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn moving_pays_up_to_two_over_the_cost(shift in 0_usize..15, cost in 0.01_f64..4.0) {
        let (first, second) = (counts(16, &[0]), counts(16, &[shift]));
        prop_assert!((victor_purpura(&first, &second, cost) - (cost * shift as f64).min(2.0)).abs() < 1e-12);
    }

    #[test]
    fn two_spikes_are_as_far_apart_as_the_closed_form_says(shift in 0_usize..15, tau in 0.1_f64..50.0) {
        let (first, second) = (counts(16, &[0]), counts(16, &[shift]));
        let expected = (2.0 - 2.0 * (-(shift as f64) / tau).exp()).sqrt();
        prop_assert!((van_rossum(&first, &second, tau) - expected).abs() < 1e-7);
    }

    #[test]
    fn cosines_are_within_their_bounds(first in train(), second in train()) {
        prop_assume!(spikes(&first) > 0.0 && spikes(&second) > 0.0);
        let cosine = pair_value(&first, &second, SpikeTrainCosineSimilarity::default()).unwrap();
        prop_assert!((0.0..=1.0).contains(&cosine));
        prop_assert_eq!(pair_value(&first, &first, SpikeTrainCosineSimilarity::default()), Ok(1.0));
    }
}
