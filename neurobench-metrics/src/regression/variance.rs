//! Share of the targets' variance that is explained.

use super::each_output;
use crate::weighing::weighing;
use neurobench_core::accumulate::PerOutput;
use neurobench_core::metric::Answer;
use neurobench_core::prelude::*;

/// Errors and targets of one output, as exact sums of the numbers and of their squares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
pub struct ErrorMoments {
    /// Sums of target − prediction, each rounded.
    #[merge]
    pub errors: Moments,
    /// Sums of the targets.
    #[merge]
    pub targets: Moments,
}

/// Summary of the errors and the targets of one output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, MetricValue)]
pub struct OutputErrorSummary {
    /// Number of predicted elements.
    #[value(unit = "elements")]
    pub elements: u64,
    /// Mean of target − prediction.
    pub mean_error: f64,
    /// Mean of (target − prediction)².
    #[value(higher_is_better = false)]
    pub mean_squared_error: f64,
    /// Variance of the targets (divided by n).
    pub target_variance: f64,
}

impl Finish for ErrorMoments {
    type Output = OutputErrorSummary;

    fn finish(&self) -> Result<OutputErrorSummary, MetricError> {
        let none = || MetricError::undefined("there are no elements");
        Ok(OutputErrorSummary {
            elements: self.targets.count(),
            mean_error: self.errors.mean().ok_or_else(none)?,
            mean_squared_error: self.errors.mean_of_squares().ok_or_else(none)?,
            target_variance: self.targets.population_variance().ok_or_else(none)?,
        })
    }
}

/// Errors of every output and variance of its targets: the core of `r2` and `explained_variance`.
///
/// An output is an element of the last axis. Sums are exact, so neither the order of the samples nor the targets' mean
/// changes a digit.
#[accumulated_metric(cite = "Draper & Smith 1998, Applied Regression Analysis, 3rd edition, doi 10.1002/9781118625590")]
pub fn output_errors(
    predictions: Predictions<'_>,
    targets: Targets<'_>,
) -> Result<PerOutput<ErrorMoments>, MetricError> {
    each_output(&predictions, &targets, |predictions, targets| ErrorMoments {
        errors: Moments::from_values(targets.iter().zip(predictions).map(|(target, prediction)| target - prediction)),
        targets: Moments::from_values(targets.iter().copied()),
    })
}

/// Average over the scores of several outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputAverage {
    /// Mean of the scores.
    #[default]
    Uniform,
    /// Mean weighted by the variance of each output's targets: the share of the summed variances that is explained. An
    /// output with constant targets has the weight 0 and needs no value; if all are constant, all count equally, as in
    /// scikit-learn.
    VarianceWeighted,
}

/// R², the coefficient of determination: the share of the targets' variance that predictions explain.
///
/// For each output `1 − Σ (target − prediction)² / Σ (target − mean target)²`: 1 for perfect predictions, 0 for
/// predictions no better than the targets' mean, and negative for worse ones. Any number of outputs (the last axis) are
/// averaged; `r2_by_output` reports them separately. Undefined for fewer than two elements, and if the targets of an
/// output with a positive weight are constant, unless `force_finite` is set. It equals scikit-learn's `r2_score`, which
/// sets `force_finite` by default. (NeuroBench 2.3.0 reads only the first two outputs and reports 0.0 for one.)
#[accumulated_metric(
    unit = "fraction of variance",
    of = OutputErrors,
    alias = "r2_score",
    alias = "coefficient_of_determination",
    higher_is_better = true,
    bounds = ..=1.0,
    cite = "Draper & Smith 1998, Applied Regression Analysis, 3rd edition, doi 10.1002/9781118625590"
)]
pub fn r2(
    outputs: &PerOutput<ErrorMoments>,
    /// Average over several outputs: `uniform` or `variance_weighted`.
    #[param]
    multioutput: OutputAverage,
    /// Score of an output with constant targets: 1 if it is predicted without an error, else 0. Without this setting it
    /// is undefined.
    #[param(default = false)]
    force_finite: bool,
) -> Result<f64, MetricError> {
    averaged(outputs, multioutput, |at, output| output.r2(at, force_finite))
}

/// R² of each output separately, in the order of the last axis.
///
/// `r2` defines the value and when it is undefined. An undefined output does not affect the others.
#[accumulated_metric(
    unit = "fraction of variance",
    of = OutputErrors,
    higher_is_better = true,
    bounds = ..=1.0,
    cite = "Draper & Smith 1998, Applied Regression Analysis, 3rd edition, doi 10.1002/9781118625590"
)]
pub fn r2_by_output(
    outputs: &PerOutput<ErrorMoments>,
    /// Score of an output with constant targets: 1 if it is predicted without an error, else 0. Without this setting it
    /// is undefined.
    #[param(default = false)]
    force_finite: bool,
) -> Result<Vec<Answer<f64>>, MetricError> {
    Answer::all(outputs.outputs()?.iter().enumerate().map(|(at, output)| output.r2(at, force_finite)))
}

/// Explained variance: R² of predictions after subtracting their mean error.
///
/// For each output `1 − Var(target − prediction) / Var(target)`. Outputs are averaged and constant targets treated as
/// in `r2`.
#[accumulated_metric(
    unit = "fraction of variance",
    of = OutputErrors,
    alias = "explained_variance_score",
    higher_is_better = true,
    bounds = ..=1.0,
    cite = "scikit-learn 1.9, `explained_variance_score`, https://scikit-learn.org/stable/modules/model_evaluation.html#explained-variance-score"
)]
pub fn explained_variance(
    outputs: &PerOutput<ErrorMoments>,
    /// Average over several outputs: `uniform` or `variance_weighted`.
    #[param]
    multioutput: OutputAverage,
    /// Score of an output with constant targets: 1 if all its errors are equal, else 0. Without this setting it is
    /// undefined.
    #[param(default = false)]
    force_finite: bool,
) -> Result<f64, MetricError> {
    averaged(outputs, multioutput, |at, output| output.explained_variance(at, force_finite))
}

/// Explained variance of each output separately, in the order of the last axis.
///
/// See `explained_variance`. An undefined output does not affect the others.
#[accumulated_metric(
    unit = "fraction of variance",
    of = OutputErrors,
    higher_is_better = true,
    bounds = ..=1.0,
    cite = "scikit-learn 1.9, `explained_variance_score`, https://scikit-learn.org/stable/modules/model_evaluation.html#explained-variance-score"
)]
pub fn explained_variance_by_output(
    outputs: &PerOutput<ErrorMoments>,
    /// Score of an output with constant targets: 1 if all its errors are equal, else 0. Without this setting it is
    /// undefined.
    #[param(default = false)]
    force_finite: bool,
) -> Result<Vec<Answer<f64>>, MetricError> {
    Answer::all(outputs.outputs()?.iter().enumerate().map(|(at, output)| output.explained_variance(at, force_finite)))
}

impl ErrorMoments {
    fn r2(&self, output: usize, force_finite: bool) -> Result<f64, MetricError> {
        self.share_explained(output, force_finite, self.errors.mean_of_squares())
    }

    fn explained_variance(&self, output: usize, force_finite: bool) -> Result<f64, MetricError> {
        self.share_explained(output, force_finite, self.errors.population_variance())
    }

    /// 1 − unexplained variance / the targets' variance.
    fn share_explained(&self, output: usize, force_finite: bool, left: Option<f64>) -> Result<f64, MetricError> {
        let (Some(left), Some(variance), 2..) = (left, self.targets.population_variance(), self.targets.count()) else {
            return Err(MetricError::undefined("fewer than two elements, so there is no variance to explain"));
        };
        match (variance == 0.0, force_finite) {
            (true, true) => Ok(if left == 0.0 { 1.0 } else { 0.0 }),
            (true, false) => Err(MetricError::undefined(format!(
                "the targets of output {output} are constant, so there is no variance to explain: set `force_finite` for a convention"
            ))),
            (false, _) => Ok(1.0 - left / variance),
        }
    }
}

fn averaged(
    outputs: &PerOutput<ErrorMoments>,
    average: OutputAverage,
    score: impl Fn(usize, &ErrorMoments) -> Result<f64, MetricError>,
) -> Result<f64, MetricError> {
    let outputs = outputs.outputs()?;
    if average == OutputAverage::Uniform {
        let scores: Vec<f64> =
            outputs.iter().enumerate().map(|(at, output)| score(at, output)).collect::<Result<_, _>>()?;
        return Mean::from_values(scores).finish();
    }
    let variances: Vec<f64> =
        outputs.iter().map(|output| output.targets.population_variance().unwrap_or(0.0)).collect();
    let (mut weighted, mut all) = (Sum::default(), Sum::default());
    for (weight, score) in weighing(&variances, |at| score(at, &outputs[at]).map(Some))? {
        weighted.add(weight * score);
        all.add(weight);
    }
    Ok(weighted.value() / all.value())
}
