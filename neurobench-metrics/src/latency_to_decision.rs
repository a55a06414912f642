//! Time until the prediction is final.

use ndarray::{ArrayView2, Axis};

use neurobench_core::accumulate::MergeSum;
use neurobench_core::inputs::first_maximum;
use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// Basis of the prediction at a time step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Sum of the outputs so far, such as numbers of spikes.
    #[default]
    Sum,
    /// Outputs of that step only, such as membrane potentials.
    Latest,
}

/// Numbers of steps until the samples of a run were decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct DecisionTimes {
    /// Number of samples by the number of steps until their decision.
    #[merge]
    pub steps: Histogram,
    /// Number of samples without a decision.
    #[merge(sum)]
    pub undecided: u64,
}

/// Summary of the number of steps until the prediction is final.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct LatencySummary {
    /// Mean over the decided samples.
    #[value(unit = "steps", higher_is_better = false)]
    pub mean: f64,
    /// Smallest number of steps after which at least half of the decided samples were decided.
    #[value(unit = "steps", higher_is_better = false)]
    pub median: u64,
    /// Number of steps after which all of them were decided.
    #[value(unit = "steps", higher_is_better = false)]
    pub max: u64,
    /// Number of samples without a decision.
    #[value(unit = "samples", higher_is_better = false)]
    pub undecided: u64,
}

impl Finish for DecisionTimes {
    type Output = LatencySummary;

    fn finish(&self) -> Result<LatencySummary, MetricError> {
        let (mut mean, mut max) = (Ratio::default(), 0);
        let by_steps = || self.steps.iter().filter_map(|(steps, samples)| Some((u64::try_from(steps).ok()?, samples)));
        for (steps, samples) in by_steps() {
            let all = steps.checked_mul(samples).ok_or("the steps of all samples do not fit into 64 bits")?;
            mean.merge(Ratio::new(all, samples));
            max = max.max(steps);
        }
        let decided = mean.whole;
        let mut so_far = 0;
        let median = by_steps().find(|(_, samples)| {
            so_far += samples;
            so_far >= decided.div_ceil(2)
        });
        let Some((median, _)) = median else {
            return Err(MetricError::undefined("no sample reached a decision"));
        };
        Ok(LatencySummary { mean: mean.finish()?, median, max, undecided: self.undecided })
    }
}

/// Number of time steps after which the prediction no longer changes.
///
/// For outputs `[batch, step, class]` the prediction at a step is the class with the highest score (the first of
/// several), by the sum of the outputs so far or by the outputs of the step only; a step at which all scores are equal
/// has no prediction. The latency of a sample is `1 + the last step whose prediction is not the final one`, from 1 to
/// the number of steps: the steps seen when the decision became final. It does not matter if the decision is right.
/// Samples without a prediction at the last step are undecided and counted separately. The fields have different units.
///
/// If the final prediction is right, this is the optimal cutoff time step of Wu et al., who look for the first step
/// from which all predictions are the target. No package defines it without the target (elephant 1.2.1, snnTorch 1.0.0,
/// SpikingJelly 2.0.0).
///
/// Outputs must still have their steps: postprocessors that sum over time remove them.
#[accumulated_metric(
    alias = "time_to_decision",
    cite = "Wu, Jin, Yu, Yi & Huang 2025, Frontiers in Neuroscience 19:1522788, doi 10.3389/fnins.2025.1522788: the optimal cutoff time step",
    cite = "Diehl, Neil, Binas, Cook, Liu & Pfeiffer 2015, IJCNN, doi 10.1109/IJCNN.2015.7280696: accuracy after each time step"
)]
pub fn latency_to_decision(
    outputs: Predictions<'_, Ix3>,
    /// Basis of a prediction: the `sum` of the outputs so far, or the `latest` outputs.
    #[param]
    evidence: Evidence,
) -> Result<DecisionTimes, MetricError> {
    let mut times = DecisionTimes::default();
    for (sample, outputs) in outputs.outer_iter().enumerate() {
        if let Some(bad) = outputs.iter().find(|output| !output.is_finite()) {
            return Err(MetricError::input(InputName::Predictions, format!("{bad} is not finite")).at_sample(sample));
        }
        match latency(&outputs, evidence) {
            Some(steps) => times.steps.add(steps, 1),
            None => times.undecided.merge_sum(1),
        }
    }
    Ok(times)
}

/// Number of steps after which the prediction is final; `None` if there is no prediction at the end.
fn latency(outputs: &ArrayView2<'_, f64>, evidence: Evidence) -> Option<i64> {
    let mut sums = vec![0.0; outputs.len_of(Axis(1))];
    let (mut standing, mut since) = (None, 0);
    for (step, row) in (1..).zip(outputs.outer_iter()) {
        for (sum, output) in sums.iter_mut().zip(row) {
            *sum = if evidence == Evidence::Sum { *sum + output } else { *output };
        }
        let prediction = prediction(&sums);
        if prediction != standing {
            (standing, since) = (prediction, step);
        }
    }
    standing.map(|_| since)
}

/// Class of the highest score, the first of several; `None` if all scores are equal.
fn prediction(scores: &[f64]) -> Option<usize> {
    let (best, most) = first_maximum(scores)?;
    scores.iter().any(|score| score != most).then_some(best)
}
