//! The source of the inputs of a metric.

use std::cell::OnceCell;

use ndarray::ArrayD;

use crate::metric::{MetricError, Needs};
use crate::model::{Model, Record, Tensor};

/// Source of the inputs of a metric: the model and, during a run, one batch.
pub struct Context<'r> {
    model: &'r dyn Model,
    batch: Option<BatchContext<'r>>,
}

impl<'r> Context<'r> {
    /// The model alone: what a static metric sees.
    #[must_use]
    pub fn for_model(model: &'r dyn Model) -> Self {
        Self { model, batch: None }
    }

    /// A batch, after the model and the postprocessors.
    #[must_use]
    pub fn for_batch(model: &'r dyn Model, batch: BatchContext<'r>) -> Self {
        Self { model, batch: Some(batch) }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'r dyn Model {
        self.model
    }

    /// The batch.
    ///
    /// # Errors
    ///
    /// [`MetricError::Missing`] outside a run.
    pub fn batch(&self) -> Result<&BatchContext<'r>, MetricError> {
        self.batch.as_ref().ok_or_else(|| MetricError::Missing("there is no batch outside a run".to_owned()))
    }
}

/// A batch: its tensors, the record of the probe, and values that metrics share.
pub struct BatchContext<'r> {
    index: u64,
    samples: usize,
    outputs: &'r Tensor,
    targets: &'r Tensor,
    record: &'r Record,
    /// Inputs of the model, if a metric needs them.
    inputs: Option<&'r Tensor>,
    /// Inputs of the data set, if a metric needs them.
    data_inputs: Option<&'r Tensor>,
    pub(crate) predictions: OnceCell<Result<ArrayD<f64>, MetricError>>,
    pub(crate) real_targets: OnceCell<Result<ArrayD<f64>, MetricError>>,
    pub(crate) real_inputs: OnceCell<Result<ArrayD<f64>, MetricError>>,
    pub(crate) real_data_inputs: OnceCell<Result<ArrayD<f64>, MetricError>>,
    pub(crate) classes: OnceCell<Result<Vec<i64>, MetricError>>,
    pub(crate) target_classes: OnceCell<Result<Vec<i64>, MetricError>>,
}

impl<'r> BatchContext<'r> {
    /// A batch. The number of samples is the length of the targets' first axis.
    #[must_use]
    pub fn new(index: u64, outputs: &'r Tensor, targets: &'r Tensor, record: &'r Record) -> Self {
        Self {
            index,
            samples: targets.samples(),
            outputs,
            targets,
            record,
            inputs: None,
            data_inputs: None,
            predictions: OnceCell::new(),
            real_targets: OnceCell::new(),
            real_inputs: OnceCell::new(),
            real_data_inputs: OnceCell::new(),
            classes: OnceCell::new(),
            target_classes: OnceCell::new(),
        }
    }

    /// Adds the inputs of the model, after the preprocessors.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Option<&'r Tensor>) -> Self {
        self.inputs = inputs;
        self
    }

    /// Adds the inputs of the data set, before the preprocessors.
    #[must_use]
    pub fn with_data_inputs(mut self, inputs: Option<&'r Tensor>) -> Self {
        self.data_inputs = inputs;
        self
    }

    /// Its zero-based index in the data set.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Number of samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Outputs of the model, after the postprocessors.
    #[must_use]
    pub fn outputs(&self) -> &'r Tensor {
        self.outputs
    }

    /// The targets, as the preprocessors left them.
    #[must_use]
    pub fn targets(&self) -> &'r Tensor {
        self.targets
    }

    /// Inputs of the model, after the preprocessors.
    ///
    /// # Errors
    ///
    /// [`MetricError::Missing`] if the run does not keep them.
    pub fn inputs(&self) -> Result<&'r Tensor, MetricError> {
        self.inputs.ok_or_else(|| MetricError::Missing("the run does not keep the inputs of the model".to_owned()))
    }

    /// Inputs of the data set, before the preprocessors.
    ///
    /// # Errors
    ///
    /// [`MetricError::Missing`] if the run does not keep them.
    pub fn data_inputs(&self) -> Result<&'r Tensor, MetricError> {
        self.data_inputs
            .ok_or_else(|| MetricError::Missing("the run does not keep the inputs of the data set".to_owned()))
    }

    /// Returns the tensors of one sample, by its index in the batch, without a record. Inputs of the data set are those of the
    /// sample only if the preprocessors kept the number of samples; otherwise there are none.
    pub(crate) fn sample(&self, at: usize) -> SampleTensors {
        let row = |tensor: &Tensor| tensor.rows(at, at + 1);
        let of_samples = |tensor: &&Tensor| !tensor.shape().is_empty() && tensor.samples() == self.samples;
        SampleTensors {
            outputs: row(self.outputs),
            targets: row(self.targets),
            inputs: self.inputs.filter(of_samples).map(row),
            data_inputs: self.data_inputs.filter(of_samples).map(row),
        }
    }

    /// Record of the probe.
    ///
    /// # Errors
    ///
    /// [`MetricError::Missing`] if the run does not record the requested data.
    pub fn record(&self, needs: Needs) -> Result<&'r Record, MetricError> {
        if self.record.needs().contains(needs) {
            Ok(self.record)
        } else {
            Err(MetricError::Missing("the run does not record this hook".to_owned()))
        }
    }
}

/// The tensors of one sample of a batch.
pub(crate) struct SampleTensors {
    outputs: Tensor,
    targets: Tensor,
    inputs: Option<Tensor>,
    data_inputs: Option<Tensor>,
}

impl SampleTensors {
    /// The sample as a batch of its own.
    pub(crate) fn batch<'s>(&'s self, index: u64, record: &'s Record) -> BatchContext<'s> {
        BatchContext::new(index, &self.outputs, &self.targets, record)
            .with_inputs(self.inputs.as_ref())
            .with_data_inputs(self.data_inputs.as_ref())
    }
}
