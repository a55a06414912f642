//! Running a model over a data set and reading the metrics.

mod builder;
mod error;
mod guard;
mod observer;
mod ranges;
mod request;
mod runner;
mod snapshot;
mod source;
mod totals;

use std::time::{Duration, Instant};

pub use builder::BenchmarkBuilder;
pub use error::{BatchFailure, BuildError, BuildErrors, RunError, SnapshotError};
pub use observer::{BatchEvent, Observer, RunStart};
pub use ranges::BatchRanges;
pub use snapshot::Snapshot;
pub use source::Batch;

use crate::data::{DataError, Dataset};
use crate::metric::{Context, Plan};
use crate::model::Model;
use crate::process::{Postprocessor, Preprocessor};
use crate::report::{Entry, Report, RunFacts};
use request::Asked;
use runner::{Outcome, read_metric};
use snapshot::Identity;
use source::{RandomAccess, Source, Stream};
use totals::Totals;

/// A model, a data set, processors and metrics, ready to run.
pub struct Benchmark<'m> {
    model: Box<dyn Model + 'm>,
    data: Option<DataSource<'m>>,
    workers: usize,
    preprocessors: Vec<Box<dyn Preprocessor + 'm>>,
    postprocessors: Vec<Box<dyn Postprocessor + 'm>>,
    observers: Vec<Box<dyn Observer + 'm>>,
    asked: Vec<Asked>,
    plan: Plan,
}

struct DataSource<'m> {
    data: Box<dyn Dataset + 'm>,
    batch_size: usize,
}

impl DataSource<'_> {
    fn batches(&self) -> u64 {
        self.data.samples().div_ceil(self.batch_size) as u64
    }
}

impl<'m> Benchmark<'m> {
    /// Puts a benchmark together.
    pub fn builder() -> BenchmarkBuilder<'m> {
        BenchmarkBuilder::new()
    }

    /// How many batches the data set has; none without a data set.
    #[must_use]
    pub fn batches(&self) -> Option<u64> {
        self.data.as_ref().map(DataSource::batches)
    }

    /// How many states a run keeps: one for each core of distinct type and settings.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.plan.cores().len()
    }

    /// Runs the whole data set.
    ///
    /// A metric that fails is reported as failed, and the others go on.
    ///
    /// # Errors
    ///
    /// [`RunError::Batch`] if the data, a processor or the model fails, at the lowest such batch, with all that was
    /// completed; [`RunError::EmptyData`] and [`RunError::NoData`] if there is nothing to run.
    pub fn run(&self) -> Result<Report, RunError> {
        // What looks at the model alone needs no data.
        if self.data.is_none() && self.plan.cores().is_empty() {
            return Ok(self.report(&Totals::empty(&[]), Duration::ZERO, self.identity()?));
        }
        let data = self.data.as_ref().ok_or(RunError::NoData)?;
        self.finish(&BatchRanges::from(0..data.batches()), None)
    }

    /// Runs the batches that a snapshot lacks, and reports on all.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and a snapshot that belongs to another run.
    pub fn resume(&self, snapshot: &Snapshot) -> Result<Report, RunError> {
        let data = self.data.as_ref().ok_or(RunError::NoData)?;
        let before = snapshot.restore(self.plan.cores(), &self.identity()?)?;
        self.finish(&before.batches.complement(data.batches()), Some(before))
    }

    fn finish(&self, todo: &BatchRanges, before: Option<Totals>) -> Result<Report, RunError> {
        let begun = Instant::now();
        let totals = self.run_part(todo, before)?;
        Ok(self.report(&totals, begun.elapsed(), self.identity()?))
    }

    /// Runs some batches of the data set: a shard, or the rest of a run that was cut off.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_batches(&self, batches: &BatchRanges) -> Result<Snapshot, RunError> {
        let totals = self.run_part(batches, None)?;
        Ok(Snapshot::save(&totals, self.plan.cores(), self.identity()?)?)
    }

    /// Runs batches from an iterator, once, in its order.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_stream<I>(&self, batches: I) -> Result<Report, RunError>
    where
        I: Iterator<Item = Result<Batch, DataError>> + Send,
    {
        let begun = Instant::now();
        let identity = Identity { data: None, batch_size: None, ..self.identity()? };
        let totals = self.run_source(&Stream::new(batches), None, None, &identity)?;
        if totals.batches.is_empty() {
            return Err(RunError::EmptyData);
        }
        Ok(self.report(&totals, begun.elapsed(), identity))
    }

    fn run_part(&self, todo: &BatchRanges, before: Option<Totals>) -> Result<Totals, RunError> {
        let DataSource { data, batch_size } = self.data.as_ref().ok_or(RunError::NoData)?;
        if data.samples() == 0 {
            return Err(RunError::EmptyData);
        }
        self.run_source(&RandomAccess::new(&**data, *batch_size, todo), Some(todo.len()), before, &self.identity()?)
    }

    fn run_source(
        &self,
        source: &dyn Source,
        batches: Option<u64>,
        before: Option<Totals>,
        identity: &Identity,
    ) -> Result<Totals, RunError> {
        let cores = self.plan.cores();
        let Outcome { totals, failure } = runner::run(self, source, batches);
        let totals = match before {
            None => totals,
            Some(before) => before.merge(totals, cores).map_err(SnapshotError::Overlap)?,
        };
        match failure {
            None => Ok(totals),
            Some((batch, failure)) => {
                let completed = Box::new(Snapshot::save(&totals, cores, identity.clone())?);
                Err(RunError::Batch { batch, failure: Box::new(failure), completed })
            }
        }
    }

    /// Makes one snapshot of several that share no batch.
    ///
    /// # Errors
    ///
    /// Snapshots of another run, or with a batch in common.
    pub fn merge(&self, snapshots: &[Snapshot]) -> Result<Snapshot, SnapshotError> {
        let (cores, identity) = (self.plan.cores(), self.identity()?);
        let mut merged: Option<Totals> = None;
        for snapshot in snapshots {
            let totals = snapshot.restore(cores, &identity)?;
            merged = Some(match merged {
                None => totals,
                Some(merged) => merged.merge(totals, cores).map_err(SnapshotError::Overlap)?,
            });
        }
        Snapshot::save(&merged.ok_or(SnapshotError::Nothing)?, cores, identity)
    }

    /// Reads the metrics from a snapshot, without running anything.
    ///
    /// # Errors
    ///
    /// A snapshot of another run, or without a core that a metric reads.
    pub fn report_snapshot(&self, snapshot: &Snapshot) -> Result<Report, SnapshotError> {
        let identity = self.identity()?;
        let totals = snapshot.restore(self.plan.cores(), &identity)?;
        Ok(self.report(&totals, Duration::ZERO, identity))
    }

    fn report(&self, totals: &Totals, total: Duration, identity: Identity) -> Report {
        let context = Context::of_model(&*self.model);
        let entry = |asked: &Asked| {
            let output = read_metric(asked, self.plan.cores(), &totals.states, &context);
            let requested = &asked.requested;
            Entry::new(asked.names.clone(), requested, output)
        };
        let facts = RunFacts {
            model: identity.model,
            data: identity.data,
            batch_size: identity.batch_size,
            preprocessors: identity.preprocessors,
            postprocessors: identity.postprocessors,
            samples: totals.samples,
            batches: totals.batches.len(),
            workers: self.workers,
            total,
            forward: totals.forward,
        };
        Report::new(self.asked.iter().map(entry).collect(), facts)
    }

    fn identity(&self) -> Result<Identity, DataError> {
        Ok(Identity {
            model: self.model.fingerprint(),
            data: match &self.data {
                Some(source) => source.data.fingerprint()?,
                None => None,
            },
            batch_size: self.data.as_ref().map(|source| source.batch_size),
            preprocessors: self.preprocessors.iter().map(Preprocessor::name).collect(),
            postprocessors: self.postprocessors.iter().map(Postprocessor::name).collect(),
        })
    }
}

impl From<DataError> for RunError {
    fn from(error: DataError) -> Self {
        SnapshotError::Data(error).into()
    }
}
