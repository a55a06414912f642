//! The system under test: a model with its processors.

use std::any::Any;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};

use neurobench_core::data::Dataset;
use neurobench_core::model::{Model, ModelError, Needs, Probe, SequenceStart, Session, Tensor};
use neurobench_core::process::{BatchPlace, Postprocessor, Preprocessor};

use crate::samples::LoadedBatch;
use crate::{Clock, TimingError};

/// A model with its processors: what happens to a sample between its arrival and its prediction.
///
/// ```
/// use neurobench::model::{FnModel, Tensor};
/// use neurobench_timing::Pipeline;
/// let identity = FnModel::new(Vec::new(), |inputs, _| Ok(inputs.clone()));
/// let pipeline = Pipeline::new(identity).postprocess_as("negate", |outputs: &Tensor| Ok((-outputs.to_f32()).into()));
/// assert_eq!(pipeline.copies(), 1);
/// ```
pub struct Pipeline<'p> {
    copies: Vec<Box<dyn Model + 'p>>,
    preprocessors: Vec<(String, Box<dyn Preprocessor + 'p>)>,
    postprocessors: Vec<(String, Box<dyn Postprocessor + 'p>)>,
}

impl<'p> Pipeline<'p> {
    /// Creates a pipeline of a model alone.
    #[must_use]
    pub fn new(model: impl Model + 'p) -> Self {
        Self { copies: vec![Box::new(model)], preprocessors: Vec::new(), postprocessors: Vec::new() }
    }

    /// Adds another copy of the model, with its own weights in memory and its own workers.
    #[must_use]
    pub fn add_copy(mut self, model: impl Model + 'p) -> Self {
        self.copies.push(Box::new(model));
        self
    }

    /// Adds a preprocessor under its identity, to run after those already added.
    #[must_use]
    pub fn preprocess_as(mut self, identity: &str, processor: impl Preprocessor + 'p) -> Self {
        self.preprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Adds a postprocessor under its identity, to run after those already added.
    #[must_use]
    pub fn postprocess_as(mut self, identity: &str, processor: impl Postprocessor + 'p) -> Self {
        self.postprocessors.push((identity.to_owned(), Box::new(processor)));
        self
    }

    /// Returns the number of copies of the model.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.copies.len()
    }

    /// Returns the digest of the model, if it has one.
    #[must_use]
    pub fn digest(&self) -> Option<String> {
        self.copies[0].fingerprint()
    }

    pub(crate) fn carries_state(&self) -> bool {
        self.copies[0].carries_state()
    }

    /// Number of earlier samples that the preprocessors need with each batch.
    pub(crate) fn history(&self) -> usize {
        self.history_from(0)
    }

    fn history_from(&self, index: usize) -> usize {
        let later = self.preprocessors[index..].iter().map(|(_, processor)| processor.history());
        later.fold(0, usize::saturating_add)
    }

    /// Creates the workers: this number on each copy of the model.
    pub(crate) fn workers(&self, on_each: usize) -> Result<Vec<Worker<'_>>, TimingError> {
        let worker = |number: usize| {
            let model = &self.copies[number % self.copies.len()];
            guarded("the model", || Worker {
                pipeline: self,
                session: model.session(),
                probe: Probe::new(Needs::NONE, model.layers()),
                outputs: Tensor::default(),
            })
        };
        (0..on_each * self.copies.len()).map(worker).collect()
    }

    /// Runs the preprocessors, and drops the earlier samples as soon as no preprocessor needs them.
    fn preprocess(&self, batch: &LoadedBatch, samples: usize) -> Result<Tensor, TimingError> {
        let mut history = batch.history;
        let all = history + samples;
        let (mut inputs, mut targets) = (batch.inputs.rows(0, all), batch.targets.rows(0, all));
        for (index, (name, processor)) in self.preprocessors.iter().enumerate() {
            let place = BatchPlace::new(batch.first_sample - history as u64);
            let processed = guarded("a preprocessor", || processor.process_at(place, inputs, targets))?;
            (inputs, targets) = processed.map_err(|error| TimingError::Processor { name: name.clone(), error })?;
            let needed = self.history_from(index + 1).min(history);
            if needed < history {
                let dropped = history - needed;
                let rows = |tensor: &Tensor| tensor.rows(dropped.min(tensor.samples()), tensor.samples());
                (inputs, targets) = (rows(&inputs), rows(&targets));
                history = needed;
            }
        }
        Ok(inputs)
    }
}

/// One thread's session with a copy of the model.
pub(crate) struct Worker<'p> {
    pipeline: &'p Pipeline<'p>,
    session: Box<dyn Session + 'p>,
    probe: Probe,
    outputs: Tensor,
}

/// Times of one pass through the pipeline, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) stages: Stages,
}

/// Times by stage, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stages {
    /// Time in preprocessors.
    pub preprocess: u64,
    /// Time in forward passes.
    pub forward: u64,
    /// Time in postprocessors.
    pub postprocess: u64,
}

impl Stages {
    pub(crate) fn add(&mut self, other: Self) {
        self.preprocess += other.preprocess;
        self.forward += other.forward;
        self.postprocess += other.postprocess;
    }
}

impl Worker<'_> {
    /// Prepares the session for the beginning of a sequence.
    pub(crate) fn start_sequence(&mut self, sequence: u64, data: &dyn Dataset) -> Result<(), TimingError> {
        let training = || data.training(sequence).map_err(|error| ModelError::Other(error.to_string()));
        let start = SequenceStart::new(sequence, &training);
        let started = guarded("the model", || self.session.start_sequence(&start))?;
        started.map_err(|error| TimingError::Model { first_sample: 0, error })
    }

    /// Runs the first samples of a batch through the pipeline. The clock is read only where a stage begins that exists.
    pub(crate) fn pass(&mut self, batch: &LoadedBatch, samples: usize, clock: &dyn Clock) -> Result<Pass, TimingError> {
        let Self { pipeline, session, probe, outputs } = self;
        let start = clock.now();
        let is_plain = pipeline.preprocessors.is_empty() && samples == batch.samples;
        let prepared = if is_plain { None } else { Some(pipeline.preprocess(batch, samples)?) };
        let ready = if is_plain { start } else { clock.now() };
        let inputs = prepared.as_ref().unwrap_or(&batch.inputs);
        let passed = guarded("the model", || session.forward(inputs, probe, outputs))?;
        passed.map_err(|error| TimingError::Model { first_sample: batch.first_sample, error })?;
        let forward = clock.now();
        let mut end = forward;
        if !pipeline.postprocessors.is_empty() {
            let mut last: Option<Tensor> = None;
            for (name, processor) in &pipeline.postprocessors {
                let processed = guarded("a postprocessor", || processor.process(last.as_ref().unwrap_or(outputs)))?;
                last = Some(processed.map_err(|error| TimingError::Processor { name: name.clone(), error })?);
            }
            black_box(&last);
            end = clock.now();
        }
        black_box(&*outputs);
        let stages = Stages { preprocess: ready - start, forward: forward - ready, postprocess: end - forward };
        Ok(Pass { start, end, stages })
    }
}

/// Runs code of the user that may panic. A worker is not used again after a panic.
fn guarded<T>(who: &'static str, run: impl FnOnce() -> T) -> Result<T, TimingError> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| TimingError::Panicked { who, message: message(&*payload) })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message").to_owned()
}
