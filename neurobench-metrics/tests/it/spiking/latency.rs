//! Latency of the decision.

use ndarray::{Array1, Array3, array};
use neurobench::bench::Batch;
use neurobench::data::InMemory;
use neurobench::metrics::{Evidence, LatencySummary, LatencyToDecision};
use neurobench::testing::{assert_merges, predictions};
use proptest::prelude::*;

use super::{model_value, recorded};

fn latency(outputs: Array3<f64>, evidence: Evidence) -> Result<LatencySummary, String> {
    let samples = outputs.dim().0;
    let data = InMemory::new(outputs, Array1::<i64>::zeros(samples)).unwrap();
    model_value(predictions(), data, LatencyToDecision { evidence })
}

#[test]
fn a_worked_example() {
    let outputs = array![
        // Class 1 from the first spike on.
        [[0.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 1.0]],
        // Class 0 first, then a draw, then class 1.
        [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]],
        // No spikes.
        [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]],
        // A draw at the end: there is no final prediction.
        [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]],
    ];
    let summary = latency(outputs.clone(), Evidence::Sum).unwrap();
    assert_eq!(summary, LatencySummary { mean: 2.5, median: 2, max: 3, undecided: 2 });
    // By the outputs of single steps, the last step of the first and the fourth sample decides, and the second step of
    // the second.
    let summary = latency(outputs, Evidence::Latest).unwrap();
    assert_eq!(summary, LatencySummary { mean: (4.0 + 2.0 + 4.0) / 3.0, median: 4, max: 4, undecided: 1 });
}

/// Outputs without ties, whose final prediction is the target.
#[test]
fn it_is_the_optimal_cutoff_time_step_if_the_final_prediction_is_right() {
    #[derive(serde::Deserialize)]
    struct Case {
        outputs: Vec<Vec<Vec<f64>>>,
        sum: Vec<u64>,
        latest: Vec<u64>,
    }
    #[derive(serde::Deserialize)]
    struct Cases {
        cases: Vec<Case>,
    }
    let mut late = 0;
    for Case { outputs, sum, latest } in recorded::<Cases>("decisions.json").cases {
        let shape = (outputs.len(), outputs[0].len(), outputs[0][0].len());
        let outputs = Array3::from_shape_vec(shape, outputs.into_iter().flatten().flatten().collect()).unwrap();
        for (evidence, mut steps) in [(Evidence::Sum, sum), (Evidence::Latest, latest)] {
            let found = latency(outputs.clone(), evidence).unwrap();
            steps.sort_unstable();
            let mean = steps.iter().sum::<u64>() as f64 / steps.len() as f64;
            let (median, max) = (steps[(steps.len() - 1) / 2], steps[steps.len() - 1]);
            assert_eq!(found, LatencySummary { mean, median, max, undecided: 0 });
            late += usize::from(max > 1);
        }
    }
    assert!(late > 60, "{late} of 120 are decided after the first step");
}

#[test]
fn without_a_decision_there_is_no_latency() {
    let error = latency(Array3::zeros((3, 4, 2)), Evidence::Sum).unwrap_err();
    assert!(error.contains("no sample reached a decision"), "{error}");
    // The score of a single class never exceeds another.
    assert!(latency(Array3::ones((3, 4, 1)), Evidence::Sum).is_err());
    let error = latency(array![[[f64::INFINITY, 0.0]]], Evidence::Sum).unwrap_err();
    assert!(error.contains("sample 0 of the data set: predictions: inf is not finite"), "{error}");
}

#[test]
fn outputs_without_steps_are_rejected() {
    let data = InMemory::new(array![[0.1, 0.9]], array![1_i64]).unwrap();
    let error = model_value(predictions(), data, LatencyToDecision::default()).unwrap_err();
    assert!(error.contains("expected rank 3"), "{error}");
}

#[test]
fn the_state_merges() {
    let batch = |samples: usize, seed: usize| {
        let outputs = Array3::from_shape_fn((samples, 6, 3), |(s, t, c)| ((s * 5 + t * 7 + c * 11 + seed) % 13) as f64);
        Batch::new(outputs, Array1::<i64>::zeros(samples))
    };
    let batches = [batch(1, 0), batch(4, 2), batch(2, 3), batch(3, 7)];
    assert_merges(&LatencyToDecision::default(), predictions(), &batches);
}

proptest! {
    /// By the definition: the first step from which every prediction is the final one.
    #[test]
    fn it_is_the_first_step_from_which_all_predictions_agree(
        scores in prop::collection::vec(0_u8..3, 7 * 3),
        latest in prop::bool::ANY,
    ) {
        let outputs = Array3::from_shape_fn((1, 7, 3), |(_, step, class)| f64::from(scores[step * 3 + class]));
        let predictions: Vec<Option<usize>> = (0..7)
            .map(|step| {
                let score = |class: usize| {
                    let from = if latest { step } else { 0 };
                    (from..=step).map(|step| outputs[[0, step, class]]).sum::<f64>()
                };
                let scores = [score(0), score(1), score(2)];
                let best = scores.iter().copied().fold(f64::MIN, f64::max);
                let known = scores.iter().any(|score| *score != scores[0]);
                known.then(|| scores.iter().position(|score| *score == best).unwrap())
            })
            .collect();
        let expected = (0..7).find(|from| predictions[*from..].iter().all(|prediction| *prediction == predictions[6]));
        let evidence = if latest { Evidence::Latest } else { Evidence::Sum };
        match latency(outputs, evidence) {
            Ok(summary) => prop_assert_eq!(summary.max, expected.unwrap() as u64 + 1),
            Err(_) => prop_assert_eq!(predictions[6], None),
        }
    }
}
