//! Evaluation of a table of predictions and targets, without a model.

use crate::bench::{Benchmark, BenchmarkBuilder, BuildErrors, RunError};
use crate::component::{Registration, RegistryError};
use crate::data::{Dataset, Record, Records};
use crate::metric::Metrics;
use crate::model::{Layer, Model, ModelError, Needs, Probe, Session, Tensor};
use crate::report::Report;

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
    let builder = Benchmark::builder().model(StoredPredictions { fingerprint: None });
    let builder = metrics.into_iter().fold(builder, |builder, name| builder.metric_named(name.as_ref()));
    Ok(builder.build()?.run_stream(records)?)
}

/// Starts the evaluation of a data set whose inputs are predictions, which all workers read. Metrics, workers and intervals
/// are set on the builder.
///
/// `fingerprint` is a digest of the predictions, which stands for the model in reports.
///
/// ```
/// use ndarray::array;
/// use neurobench::bench::evaluation;
/// use neurobench::data::InMemory;
/// use neurobench::metrics::Mae;
///
/// let data = InMemory::new(array![1.0, 2.0, 4.0], array![1.0, 2.5, 3.0])?;
/// let report = evaluation(data, None).workers(2).batch_size(2).metric(Mae::default()).build()?.run()?;
/// assert_eq!(report["mae"].as_f64(), Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluation<'m>(data: impl Dataset + 'm, fingerprint: Option<String>) -> BenchmarkBuilder<'m> {
    Benchmark::builder().model(StoredPredictions { fingerprint }).data(data)
}

/// Returns true if a metric can be computed from predictions and targets alone: it reads batches, and neither the hooks of a
/// model nor its inputs.
///
/// ```
/// use neurobench::bench::needs_no_model;
/// use neurobench::metric::Registry;
/// let needs_no_model = |name: &str| needs_no_model(Registry::global().find(name)?);
/// assert!(needs_no_model("accuracy")? && needs_no_model("rmse")?);
/// assert!(!needs_no_model("footprint")? && !needs_no_model("synaptic_operations")?);
/// # Ok::<(), neurobench::component::RegistryError>(())
/// ```
///
/// # Errors
///
/// A metric with a default that is out of its own range.
pub fn needs_no_model(metric: &'static Registration<Metrics>) -> Result<bool, RegistryError> {
    let of_a_model = Needs::HOOKS.union(Needs::INPUTS).union(Needs::DATA_INPUTS);
    let cores = metric.cores()?;
    Ok(!cores.is_empty() && cores.iter().all(|core| !core.needs.intersects(of_a_model)))
}

/// Stands for the model whose predictions are the inputs of the data: its outputs are its inputs.
struct StoredPredictions {
    fingerprint: Option<String>,
}

struct Copy;

impl Model for StoredPredictions {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Copy)
    }

    fn fingerprint(&self) -> Option<String> {
        self.fingerprint.clone()
    }
}

impl Session for Copy {
    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        outputs.clone_from(inputs);
        Ok(())
    }
}
