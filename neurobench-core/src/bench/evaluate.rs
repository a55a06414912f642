//! Evaluation of a table of predictions and targets, without a model.

use crate::bench::{Benchmark, BuildErrors, RunError};
use crate::data::{Record, Records};
use crate::report::Report;
use crate::testing::predictions;

/// Reason why records cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// No metrics, or metrics that cannot be requested.
    #[error(transparent)]
    Build(#[from] BuildErrors),
    /// Records that do not fit together, or no records.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Computes metrics over records of predictions and targets from any iterator, which is read once. The target is in the last
/// column unless [`Records::target_column`] says otherwise; the other columns are the prediction.
///
/// Metrics are requested by name, with settings or without, as in
/// [`metric_named`](crate::bench::BenchmarkBuilder::metric_named).
///
/// ```
/// use neurobench::bench::evaluate;
/// use neurobench::data::Records;
///
/// // Predicted class, target class.
/// let records = [(0_i64, 0_i64), (1, 1), (1, 0), (0, 1)];
/// let report = evaluate(Records::new(records), ["accuracy", "Hit Rate(average=macro)"])?;
/// assert_eq!(report["accuracy"].as_f64(), Some(0.5));
/// println!("{report}");
/// # Ok::<(), neurobench::bench::EvaluateError>(())
/// ```
///
/// # Errors
///
/// Unknown metrics and settings; no metrics; no records; records that differ in their columns.
pub fn evaluate<I, N>(records: Records<I>, metrics: N) -> Result<Report, EvaluateError>
where
    I: Iterator<Item: Into<Record>> + Send,
    N: IntoIterator<Item: AsRef<str>>,
{
    let builder = Benchmark::builder().model(predictions());
    let builder = metrics.into_iter().fold(builder, |builder, name| builder.metric_named(name.as_ref()));
    Ok(builder.build()?.run_stream(records)?)
}
