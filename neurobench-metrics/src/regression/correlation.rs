//! Correlations of predictions with targets.

use super::each_output;
use neurobench_core::accumulate::{PairMoments, PerOutput};
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Variances of the predictions (left) and the targets (right) of every output, and their covariance: the core of
/// `pearson`.
///
/// An output is an element of the last axis. Sums are exact.
#[accumulated_metric(
    cite = "Rodgers & Nicewander 1988, The American Statistician 42(1):59-66, doi 10.1080/00031305.1988.10475524"
)]
pub fn output_pairs(predictions: Predictions<'_>, targets: Targets<'_>) -> Result<PerOutput<PairMoments>, MetricError> {
    each_output(&predictions, &targets, |predictions, targets| {
        PairMoments::from_pairs(predictions.iter().copied().zip(targets.iter().copied()))
    })
}

/// Pearson's correlation coefficient of predictions and targets.
///
/// For each output `Cov(prediction, target) / √(Var(prediction) · Var(target))`, from exact sums; for several outputs
/// (the last axis) the mean, and `pearson_by_output` reports them separately. Undefined if an output's predictions or
/// targets are constant.
#[accumulated_metric(
    unit = "coefficient",
    of = OutputPairs,
    alias = "pearson_correlation",
    alias = "pearson_corrcoef",
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Pearson 1896, Philosophical Transactions of the Royal Society A 187:253-318, doi 10.1098/rsta.1896.0007"
)]
pub fn pearson(outputs: &PerOutput<PairMoments>) -> Result<f64, MetricError> {
    mean(outputs, pearson_of)
}

/// Pearson's correlation coefficient of each output separately, in the order of the last axis.
///
/// See `pearson`. An undefined output does not affect the others.
#[accumulated_metric(
    unit = "coefficient",
    of = OutputPairs,
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Pearson 1896, Philosophical Transactions of the Royal Society A 187:253-318, doi 10.1098/rsta.1896.0007"
)]
pub fn pearson_by_output(outputs: &PerOutput<PairMoments>) -> Result<Vec<Answer<f64>>, MetricError> {
    Answer::all(outputs.outputs()?.iter().enumerate().map(pearson_of))
}

fn pearson_of((at, output): (usize, &PairMoments)) -> Result<f64, MetricError> {
    let (variances, covariance) = output.scaled_variances();
    correlation(at, variances, covariance)
}

/// Mean over all outputs, each of which must have a value.
fn mean<A>(
    outputs: &PerOutput<A>,
    value: impl Fn((usize, &A)) -> Result<f64, MetricError>,
) -> Result<f64, MetricError> {
    let each: Vec<f64> = outputs.outputs()?.iter().enumerate().map(value).collect::<Result<_, _>>()?;
    Mean::from_values(each).finish()
}

/// Predictions and targets of every element, by output.
///
/// The pairs `(prediction, target)`, each in its own unit. An output is an element of the last axis. Memory grows with
/// the data set, because ranks need every value.
#[accumulated_metric(cite = "Spearman 1904, American Journal of Psychology 15(1):72-101, doi 10.2307/1412159")]
pub fn kept_pairs(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
) -> Result<PerOutput<Concat<[f64; 2]>>, MetricError> {
    each_output(&predictions, &targets, |predictions, targets| {
        Concat::from_values(predictions.iter().zip(targets).map(|(prediction, target)| [*prediction, *target]))
    })
}

/// Spearman's rank correlation coefficient of predictions and targets.
///
/// For each output, Pearson's coefficient of the ranks, where equal values share the mean of their ranks; for several
/// outputs (the last axis) the mean, and `spearman_by_output` reports them separately. Undefined if an output's
/// predictions or targets are constant. The value is exact and requires every prediction and target: memory grows with
/// the data set.
#[accumulated_metric(
    unit = "coefficient",
    of = KeptPairs,
    alias = "spearman_correlation",
    alias = "spearman_corrcoef",
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Spearman 1904, American Journal of Psychology 15(1):72-101, doi 10.2307/1412159"
)]
pub fn spearman(outputs: &PerOutput<Concat<[f64; 2]>>) -> Result<f64, MetricError> {
    mean(outputs, spearman_of)
}

/// Spearman's rank correlation coefficient of each output separately, in the order of the last axis.
///
/// See `spearman`. An undefined output does not affect the others.
#[accumulated_metric(
    unit = "coefficient",
    of = KeptPairs,
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Spearman 1904, American Journal of Psychology 15(1):72-101, doi 10.2307/1412159"
)]
pub fn spearman_by_output(outputs: &PerOutput<Concat<[f64; 2]>>) -> Result<Vec<Answer<f64>>, MetricError> {
    Answer::all(outputs.outputs()?.iter().enumerate().map(spearman_of))
}

fn spearman_of((at, output): (usize, &Concat<[f64; 2]>)) -> Result<f64, MetricError> {
    let [predictions, targets] = [0, 1].map(|side| centered_ranks(output.iter().map(|pair| pair[side])));
    let dot = |left: &[i64], right: &[i64]| -> f64 {
        left.iter().zip(right).map(|(left, right)| i128::from(*left) * i128::from(*right)).sum::<i128>() as f64
    };
    let variances = [dot(&predictions, &predictions), dot(&targets, &targets)];
    correlation(at, variances, dot(&predictions, &targets))
}

/// Twice the rank of every value minus twice the mean rank: whole numbers, even for shared ranks.
fn centered_ranks(values: impl Iterator<Item = f64>) -> Vec<i64> {
    // Adding 0 turns −0 into 0, so that the total order of floats ranks equal values equally.
    let values: Vec<f64> = values.map(|value| value + 0.0).collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| values[*left].total_cmp(&values[*right]));
    let mut ranks = vec![0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|left, right| values[*left] == values[*right]) {
        // Ranks are below + 1 ..= below + equal: twice their mean is 2·below + equal + 1, and twice the mean of all is
        // n + 1.
        let rank = 2 * below as i64 + equal.len() as i64 - values.len() as i64;
        for place in equal {
            ranks[*place] = rank;
        }
        below += equal.len();
    }
    ranks
}

/// Covariance divided by the root of the variances, all in one scale.
fn correlation(output: usize, variances: [f64; 2], covariance: f64) -> Result<f64, MetricError> {
    for (variance, what) in variances.into_iter().zip(["predictions", "targets"]) {
        if variance == 0.0 {
            return Err(MetricError::undefined(format!(
                "the {what} of output {output} are constant or fewer than two"
            )));
        }
    }
    let [left, right] = variances.map(f64::sqrt);
    // Rounding may exceed the bounds by a digit.
    Ok((covariance / (left * right)).clamp(-1.0, 1.0))
}
