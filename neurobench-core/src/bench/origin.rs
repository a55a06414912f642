//! The sample of the data that caused an error.
//!
//! A metric names a sample by its index in the batch, and the engine reports its index in the data. If the metric names
//! none, the sample is found after the batch was rejected, by folding its samples one by one, so no metric has to keep
//! track of places.

use crate::bench::error::BatchFailure;
use crate::bench::guard::{caught, guarded_metric};
use crate::bench::place::Place;
use crate::bench::source::{Source, WHOLE};
use crate::metric::plan::Core;
use crate::metric::{Context, InputName, MetricError};
use crate::model::{ModelError, Needs, Record};
use crate::process::ProcessError;

/// Origin of the samples of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    place: Place,
    source: &'a dyn Source,
}

/// The part of the data that an error is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inputs,
    Targets,
    /// Computed from a sample rather than contained in it.
    Either,
}

impl<'a> Origin<'a> {
    pub(crate) fn new(place: Place, source: &'a dyn Source) -> Self {
        Self { place, source }
    }

    /// The place of the batch in the data.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The same batch with this number of earlier samples at its beginning.
    pub(crate) fn with_history(&self, history: usize) -> Self {
        let first_sample = self.place.first_sample - history as u64;
        Self { place: Place { first_sample, samples: self.place.samples + history, ..self.place }, ..*self }
    }

    /// The source of the batch.
    pub(crate) fn source(&self) -> &'a dyn Source {
        self.source
    }

    /// The index in the data and the container of a sample, by its index in the batch.
    fn sample(&self, at: usize, side: Side) -> (u64, String) {
        // The data set may be the user's, and panic.
        let of = match (side, caught(|| self.source.names())) {
            (Side::Inputs, Ok((inputs, _))) => inputs,
            (Side::Targets, Ok((_, targets))) => targets,
            _ => WHOLE.to_owned(),
        };
        (self.place.first_sample.saturating_add(at as u64), of)
    }

    /// An error of the model, with the sample that it is about; `samples` is the number of inputs.
    pub(crate) fn locate_model_error(&self, error: ModelError, samples: usize) -> BatchFailure {
        match error {
            // A preprocessor that drops samples, or makes more, leaves none where it was.
            ModelError::NotFinite { value, index } if samples == self.place.samples && !index.is_empty() => {
                let error = ModelError::NotFinite { value, index: index[1..].to_vec() };
                self.wrapped(index[0], Side::Inputs, BatchFailure::Model(error))
            }
            ModelError::LayerNotFinite { layer, part, index, value, sample: Some(sample), step }
                if samples == self.place.samples =>
            {
                let error = ModelError::LayerNotFinite { layer, part, index, value, sample: None, step };
                self.wrapped(sample, Side::Either, BatchFailure::Model(error))
            }
            error => BatchFailure::Model(error),
        }
    }

    /// An error of the processor of this name, with the sample that it is about; `samples` is the number of its samples.
    pub(crate) fn locate_processor_error(&self, name: &str, error: ProcessError, samples: usize) -> BatchFailure {
        let name = name.to_owned();
        match error {
            ProcessError::Sample { processor, sample, problem } if samples == self.place.samples => {
                let failure = BatchFailure::Processor { name: processor.to_owned(), error: problem.into() };
                self.wrapped(sample, Side::Either, failure)
            }
            error => BatchFailure::Processor { name, error },
        }
    }

    fn wrapped(&self, at: usize, side: Side, failure: BatchFailure) -> BatchFailure {
        let (sample, of) = self.sample(at, side);
        BatchFailure::Sample { sample, of, failure: Box::new(failure) }
    }

    /// An error of a core, with the sample that it is about. That is the sample that the error names or, for an error about predictions
    /// or targets, the first sample on which folding it alone fails in the same way. An error on every sample, such as a wrong shape,
    /// is about none of them. After a panic or any other error the metric is not run again: the samples of the batch are named.
    pub(crate) fn locate_metric_error(&self, core: &Core, context: &Context<'_>, error: MetricError) -> MetricError {
        if let (MetricError::Panicked(_) | MetricError::Other(_), count @ 1..) = (&error, self.place.samples as u64) {
            return MetricError::Samples { first: self.place.first_sample, count, cause: Box::new(error) };
        }
        let Ok(batch) = context.batch() else { return error };
        let samples = batch.samples();
        if samples != self.place.samples {
            return error;
        }
        if let Some((at, cause)) = error.in_batch().filter(|(at, _)| *at < samples) {
            return self.with_sample(at, cause.clone());
        }
        let MetricError::Input { what, .. } = &error else { return error };
        if core.needs.intersects(Needs::HOOKS) {
            return error;
        }
        let none = Record::default();
        let refused = |at: usize| {
            let alone = batch.sample(at);
            let alone = Context::for_batch(context.model(), alone.batch(batch.index(), &none));
            let folded = guarded_metric(|| core.fold.fold(&mut core.fold.empty(), &alone, batch.index()));
            matches!(folded, Err(MetricError::Input { what: also, .. }) if also == *what)
        };
        let Some(first) = (0..samples).find(|at| refused(*at)) else { return error };
        // Of a batch of one sample, those before it say whether it is alone: none of them was refused.
        let others = if samples == 1 { self.place.first_sample > 0 } else { !(0..samples).all(refused) };
        if !others {
            return error;
        }
        self.with_sample(first, error)
    }

    fn with_sample(&self, at: usize, error: MetricError) -> MetricError {
        let side = match &error {
            MetricError::Input { what: InputName::Targets, .. } => Side::Targets,
            MetricError::Input { what: InputName::DataInputs, .. } => Side::Inputs,
            _ => Side::Either,
        };
        let (sample, of) = self.sample(at, side);
        MetricError::Sample { sample, data: Some(of), cause: Box::new(error) }
    }
}
