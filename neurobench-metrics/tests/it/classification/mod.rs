//! Metrics of classes against scikit-learn, their identities, and their names.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod identities;
mod merging;
mod names;
mod recorded;
mod settings;
mod steps;

use ndarray::ArrayD;
use neurobench::metric::{BatchContext, Context, Input};
use neurobench::metrics::{Average, AverageValue, Confusion, ConfusionCounts, TopKAccuracy, ZeroDivision};
use neurobench::model::Probe;
use neurobench::prelude::*;
use neurobench::testing::predictions;

/// Metric with averages, as a function of the counts.
type Rate = fn(&ConfusionCounts, Average, ZeroDivision) -> Result<AverageValue, MetricError>;

/// Passes a batch to a function.
fn with_batch<T>(outputs: &Tensor, targets: &Tensor, act: impl FnOnce(&Context<'_>) -> T) -> T {
    let (model, mut probe) = (predictions(), Probe::new(neurobench::Needs::NONE, &[]));
    act(&Context::for_batch(&model, BatchContext::new(0, outputs, targets, probe.record())))
}

/// Counts of the core, a few samples at a time.
fn counted(
    outputs: impl Into<Tensor>,
    targets: impl Into<Tensor>,
    core: &Confusion,
) -> Result<ConfusionCounts, MetricError> {
    let (outputs, targets) = (outputs.into(), targets.into());
    let mut counts = ConfusionCounts::default();
    for start in (0..targets.samples()).step_by(7) {
        let end = targets.samples().min(start + 7);
        with_batch(&outputs.rows(start, end), &targets.rows(start, end), |context| {
            let batch = Input::get(context)?;
            let Confusion { task, threshold, ignore_index, class_axis } = *core;
            neurobench::metrics::confusion(&mut counts, batch, task, threshold, ignore_index, class_axis)
        })?;
    }
    Ok(counts)
}

/// Samples whose decisions are all right, a few samples at a time.
fn exact_match(outputs: impl Into<Tensor>, targets: impl Into<Tensor>, core: &Confusion) -> Result<Ratio, MetricError> {
    let (outputs, targets) = (outputs.into(), targets.into());
    let mut share = Ratio::default();
    for start in (0..targets.samples()).step_by(3) {
        let end = targets.samples().min(start + 3);
        share.merge(with_batch(&outputs.rows(start, end), &targets.rows(start, end), |context| {
            let (batch, samples) = (Input::get(context)?, Input::get(context)?);
            let Confusion { task, threshold, ignore_index, class_axis } = *core;
            neurobench::metrics::exact_match_ratio(batch, samples, task, threshold, ignore_index, class_axis)
        })?);
    }
    Ok(share)
}

/// Targets among the highest scores.
fn top_k(scores: &ArrayD<f64>, targets: &ArrayD<f64>, settings: &TopKAccuracy) -> Result<Ratio, MetricError> {
    let TopKAccuracy { k, ignore_index, class_axis } = *settings;
    let (scores, targets) = (Predictions::new(scores.view()), Targets::new(targets.view()));
    neurobench::metrics::top_k_accuracy(scores, targets, k, ignore_index, class_axis)
}

/// Counts for predicted classes.
fn class_counts(predicted: &[i64], targets: &[i64]) -> ConfusionCounts {
    let (predicted, targets) = (ndarray::arr1(predicted), ndarray::arr1(targets));
    counted(predicted, targets, &Confusion::default()).unwrap()
}
