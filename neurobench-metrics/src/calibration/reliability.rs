//! Agreement between the confidence of samples and the fraction that is right.

use std::collections::BTreeMap;

use super::probabilities::{Sample, SampleForm, Scores, each_sample, labels};
use crate::classification::Task;
use neurobench_core::accumulate::{MergeSum, PerOutput};
use neurobench_core::figure::{Axis, Figure, Line, LineStyle, PlotList, Points};
use neurobench_core::inputs::first_maximum;
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// The samples whose confidence lies in one bin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
struct Bin {
    #[merge]
    confidences: Mean,
    #[merge(sum)]
    right: u64,
}

/// Samples of a run by confidence. Memory: O(bins), whatever the data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceBins {
    bins: BTreeMap<u64, Bin>,
}

/// One bin of confidences that holds samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct ConfidenceBin {
    /// Index of the bin, 0 for the lowest confidences.
    pub bin: u64,
    /// Number of samples in the bin.
    #[value(unit = "samples")]
    pub samples: u64,
    /// Mean confidence of the samples.
    #[value(unit = "fraction")]
    pub confidence: f64,
    /// Fraction of the samples that are right.
    #[value(unit = "fraction")]
    pub accuracy: f64,
}

/// A reliability diagram: the fraction of right samples of each bin against their mean confidence, with the number of samples as the
/// area of a point.
impl PlotList for ConfidenceBin {
    fn plot_list(bins: &[Self]) -> Figure {
        let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect();
        Figure::new(
            Axis::new("mean confidence").unit("fraction").range(0.0, 1.0),
            Axis::new("accuracy").unit("fraction").range(0.0, 1.0),
        )
        .mark(Line::new([(0.0, 0.0), (1.0, 1.0)]).style(LineStyle::Dashed).label("calibrated"))
        .mark(Line::new(points.iter().copied()).label(BINS))
        .mark(Points::new(points).sizes(bins.iter().map(|bin| bin.samples as f64)).label(BINS))
    }
}

const BINS: &str = "bins, area by samples";

impl Finish for Bin {
    type Output = (f64, f64);

    fn finish(&self) -> Result<(f64, f64), MetricError> {
        Ok((self.confidences.finish()?, Ratio::new(self.right, self.confidences.weight()).finish()?))
    }
}

impl Accumulator for ConfidenceBins {
    fn merge(&mut self, other: Self) {
        for (at, bin) in other.bins {
            self.bins.entry(at).or_default().merge(bin);
        }
    }
}

impl Finish for ConfidenceBins {
    type Output = Vec<ConfidenceBin>;

    fn finish(&self) -> Result<Vec<ConfidenceBin>, MetricError> {
        let record = |(&bin, state): (&u64, &Bin)| {
            let (confidence, accuracy) = state.finish()?;
            Ok(ConfidenceBin { bin, samples: state.confidences.weight(), confidence, accuracy })
        };
        self.bins.iter().map(record).collect()
    }
}

/// Samples by confidence: their number in each bin, their mean confidence and the fraction that is right. These are the
/// data of a reliability diagram, and `expected_calibration_error` reads them.
///
/// Bins are of equal width, `(0, 1/bins]`, `(1/bins, 2/bins]` and so on, with 0 in the first; empty bins are left out.
/// For `[samples, classes]` the confidence is the highest probability of a row, and a sample is right if its target is
/// the first class with that probability. For one probability a sample, that of class 1, the confidence is the
/// probability itself, and a sample is right if its target is 1; the same holds for each label of each sample with
/// `task = multilabel` and `[samples, labels]` for both. With `task = multiclass` targets `[samples, classes]` are
/// one-hot. If both have one shape with several columns, `task` is required. With targets `[samples, ..]` and the classes of predictions along
/// one axis more, every position counts as a sample.
#[accumulated_metric(
    alias = "reliability_diagram",
    cite = "Guo et al. 2017, On calibration of modern neural networks, ICML, arXiv:1706.04599"
)]
pub fn reliability(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Form of the targets: `multiclass`, `binary` or `multilabel`; if not set, the shapes determine it. Required for
    /// predictions and targets `[samples, columns]`, which are one-hot classes or labels.
    #[param]
    task: Option<Task>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Number of bins of equal width between 0 and 1.
    #[param(default = 15, range = 1..=1_000_000)]
    bins: u64,
    /// Target value to leave out; with several labels, only that label of the sample is left out.
    #[param]
    ignore_index: Option<i64>,
    /// Axis of the classes in predictions when targets have more axes than `[samples]`: 1 for `[samples, classes, ..]`.
    #[param(default = 1, range = 1..)]
    class_axis: usize,
) -> Result<ConfidenceBins, MetricError> {
    let form = SampleForm { task, scores, class_axis, ignore_index };
    let mut state = ConfidenceBins::default();
    each_sample(&predictions, &targets, form, |sample| {
        state.add(sample, bins);
        Ok(())
    })?;
    Ok(state)
}

/// Samples by confidence for each label separately: the data that `expected_calibration_error_by_label` reads.
///
/// Predictions and targets are `[samples, labels]`. The confidence is the probability of the label, and a sample is
/// right if its target is 1. Bins are `(0, 1/bins]`, `(1/bins, 2/bins]` and so on; see `reliability`.
#[accumulated_metric(cite = "Guo et al. 2017, On calibration of modern neural networks, ICML, arXiv:1706.04599")]
pub fn reliability_by_label(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
    /// Form of the predictions: `probabilities`, `logits` or `log_probabilities`.
    #[param]
    scores: Scores,
    /// Number of bins of equal width between 0 and 1.
    #[param(default = 15, range = 1..=1_000_000)]
    bins: u64,
    /// Target value to leave out.
    #[param]
    ignore_index: Option<i64>,
) -> Result<PerOutput<ConfidenceBins>, MetricError> {
    let mut states = vec![ConfidenceBins::default(); labels(&predictions, &targets)?];
    each_sample(&predictions, &targets, SampleForm::for_labels(scores, ignore_index), |sample| {
        states[sample.label].add(sample, bins);
        Ok(())
    })?;
    Ok(PerOutput::from_states(states))
}

impl ConfidenceBins {
    fn add(&mut self, sample: &Sample<'_>, bins: u64) {
        let Some((class, confidence)) = first_maximum(sample.probabilities()) else { return };
        let right = if sample.is_binary() { sample.target == 1 } else { sample.target == class };
        let bin = self.bins.entry(bin_for(confidence, bins)).or_default();
        bin.confidences.add(confidence);
        bin.right.merge_sum(u64::from(right));
    }

    /// Mean over samples of the distance between the confidence and the accuracy of their bin.
    fn expected_error(&self) -> Result<f64, MetricError> {
        let mut mean = Mean::default();
        for bin in self.finish()? {
            mean.merge(Mean::weighted((bin.accuracy - bin.confidence).abs(), bin.samples));
        }
        mean.finish()
    }
}

/// Bin of a confidence: the lowest one whose upper end `(bin + 1) / bins` it does not exceed.
fn bin_for(confidence: f64, bins: u64) -> u64 {
    let end = |bin: u64| (bin + 1) as f64 / bins as f64;
    // A product rounds differently from a quotient, so its bin may be off by one.
    let mut bin = ((confidence * bins as f64) as u64).min(bins - 1);
    while bin > 0 && confidence <= end(bin - 1) {
        bin -= 1;
    }
    while bin < bins - 1 && confidence > end(bin) {
        bin += 1;
    }
    bin
}

/// Expected calibration error: the mean distance between confidence and accuracy, over samples.
///
/// `Σ over bins (samples in the bin / samples · |accuracy − mean confidence|)`, with the bins of `reliability`. They
/// are closed above, as in the paper; the bins of torchmetrics are closed below, and there a confidence of exactly 1
/// has a separate bin.
#[accumulated_metric(
    of = Reliability,
    alias = "ece",
    alias = "calibration_error",
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Naeini, Cooper & Hauskrecht 2015, AAAI, doi 10.1609/aaai.v29i1.9602",
    cite = "Guo et al. 2017, On calibration of modern neural networks, ICML, arXiv:1706.04599"
)]
pub fn expected_calibration_error(bins: &ConfidenceBins) -> Result<f64, MetricError> {
    bins.expected_error()
}

/// Expected calibration error of each label separately, in order.
///
/// See `expected_calibration_error`; predictions and targets are `[samples, labels]`. A label without samples is
/// undefined and does not affect the others.
#[accumulated_metric(
    of = ReliabilityByLabel,
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Naeini, Cooper & Hauskrecht 2015, AAAI, doi 10.1609/aaai.v29i1.9602"
)]
pub fn expected_calibration_error_by_label(
    labels: &PerOutput<ConfidenceBins>,
) -> Result<Vec<Answer<f64>>, MetricError> {
    let label_error = |(label, bins): (usize, &ConfidenceBins)| {
        bins.expected_error().map_err(|_| MetricError::undefined(format!("there are no samples for label {label}")))
    };
    Answer::all(labels.outputs()?.iter().enumerate().map(label_error))
}

/// Maximum calibration error: the distance between confidence and accuracy in the worst bin.
///
/// `max over bins |accuracy − mean confidence|`, with the bins of `reliability` that hold samples.
#[accumulated_metric(
    of = Reliability,
    alias = "mce",
    extreme,
    unit = "fraction",
    higher_is_better = false,
    bounds = 0.0..=1.0,
    cite = "Naeini, Cooper & Hauskrecht 2015, AAAI, doi 10.1609/aaai.v29i1.9602"
)]
pub fn maximum_calibration_error(bins: &ConfidenceBins) -> Result<f64, MetricError> {
    Max::from_values(bins.finish()?.into_iter().map(|bin| (bin.accuracy - bin.confidence).abs())).finish()
}
