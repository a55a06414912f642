//! Runs a model over a data set and reads the metrics.

mod builder;
mod cut;
mod error;
mod evaluate;
mod guard;
mod merge;
mod observer;
mod origin;
mod place;
mod ranges;
mod request;
mod resample;
mod runner;
mod running;
mod snapshot;
mod source;
mod totals;
mod verbose;

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub use builder::{BenchmarkBuilder, DEFAULT_BATCH_SIZE};
pub use error::{BatchFailure, BuildError, BuildErrors, RunError, SnapshotError};
pub use evaluate::{EvaluateError, evaluate, evaluation, needs_no_model};
pub use observer::{BatchEvent, Observer, RunStart};
pub use ranges::BatchRanges;
pub use snapshot::Snapshot;
pub use verbose::Verbose;

pub use crate::data::batch::Batch;
use crate::data::{DataError, Dataset, SequenceGroup};
use crate::metric::{Context, Plan};
use crate::model::Model;
use crate::names::{listed, shown};
use crate::process::{Postprocessor, Preprocessor};
pub use crate::report::intervals::{BootstrapInterval, IntervalMethod, Intervals, ProportionInterval, SampleUnit};
use crate::report::{Entry, Report, RunFacts};
use cut::Cut;
use guard::caught;
use request::RequestedMetric;
use resample::{Reader, ResamplePlan, ResampleRequest};
use runner::{Ended, Outcome, read_metric};
use snapshot::Identity;
use source::{RandomAccess, Source, Stream};
use totals::Totals;

/// A model, a data set, processors and metrics, ready to run.
pub struct Benchmark<'m> {
    model: Box<dyn Model + 'm>,
    data: Option<DataSource<'m>>,
    workers: usize,
    /// Preprocessors with their identities, in order.
    preprocessors: Vec<(String, Box<dyn Preprocessor + 'm>)>,
    /// Postprocessors with their identities, in order.
    postprocessors: Vec<(String, Box<dyn Postprocessor + 'm>)>,
    /// Files that the settings of the processors name.
    processor_files: Vec<PathBuf>,
    observers: Vec<Box<dyn Observer + 'm>>,
    metrics: Vec<RequestedMetric>,
    plan: Plan,
    resample: ResampleRequest,
    /// Computed on first use, because it reads the whole data set.
    identity: OnceLock<Identity>,
}

struct DataSource<'m> {
    data: Box<dyn Dataset + 'm>,
    batch_size: usize,
}

impl<'m> Benchmark<'m> {
    /// Starts a benchmark.
    pub fn builder() -> BenchmarkBuilder<'m> {
        BenchmarkBuilder::new()
    }

    /// Returns the number of batches in the data set; none if there is no data set that can be run.
    #[must_use]
    pub fn batches(&self) -> Option<u64> {
        self.cut().ok().map(|cut| cut.batches())
    }

    /// Returns the files that a run reads: those of the settings of processors, and those that the model and the data set report.
    #[must_use]
    pub fn input_files(&self) -> Vec<PathBuf> {
        let data = self.data.iter().flat_map(|source| source.data.files());
        self.model.files().into_iter().chain(data).chain(self.processor_files.iter().cloned()).collect()
    }

    /// Returns every name under which a metric was requested.
    pub fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().flat_map(|metric| &metric.names).map(String::as_str)
    }

    /// Returns the number of states that a run keeps: one for each distinct core, by type and settings.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.plan.cores().len()
    }

    /// Runs the whole data set.
    ///
    /// A metric that fails is reported as failed; the other metrics continue.
    ///
    /// # Errors
    ///
    /// [`RunError::Batch`] if the data, a processor or the model fails: the lowest batch that failed, with a snapshot
    /// of the completed ones; [`RunError::Interrupted`] if an observer requests it; [`RunError::EmptyData`] and
    /// [`RunError::NoData`] if there is nothing to run.
    pub fn run(&self) -> Result<Report, RunError> {
        // Metrics of the model alone need no data.
        if self.data.is_none() && self.plan.cores().is_empty() {
            return self.report(&Totals::empty(&[]), Duration::ZERO, self.identity()?.clone());
        }
        let cut = self.cut()?;
        self.finish(&cut, &BatchRanges::from(0..cut.batches()), None)
    }

    /// Runs the batches that a snapshot lacks, and reports on all batches. Durations cover only the batches that ran
    /// now.
    ///
    /// For a model that carries state, the preceding batches of the same sequences run again to restore the model's
    /// state; they are not counted again.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run); [`RunError::Snapshot`] or [`RunError::NoSuchBatch`] if the snapshot is from a
    /// different run.
    pub fn resume(&self, snapshot: &Snapshot) -> Result<Report, RunError> {
        let cut = self.cut()?;
        check_range(snapshot.batches(), cut.batches())?;
        let before = snapshot.restore(self.plan.cores(), self.identity()?, self.resample_plan()?.as_ref())?;
        self.finish(&cut, &before.batches.complement(cut.batches()), Some(before))
    }

    fn finish(&self, cut: &Cut, todo: &BatchRanges, before: Option<Totals>) -> Result<Report, RunError> {
        let identity = self.identity()?;
        let begun = Instant::now();
        let totals = self.run_part(cut, todo, before, identity)?;
        self.report(&totals, begun.elapsed(), identity.clone())
    }

    /// Runs some batches of the data set: a shard, or the rest of an interrupted run.
    ///
    /// For a model that carries state, the preceding batches of the same sequences run as well to restore the model's
    /// state; they are not counted. Shards that begin at the start of a sequence avoid this extra work.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run); [`RunError::NoSuchBatch`] if a batch is not in the data set.
    pub fn run_batches(&self, batches: &BatchRanges) -> Result<Snapshot, RunError> {
        let identity = self.identity()?;
        let totals = self.run_part(&self.cut()?, batches, None, identity)?;
        Ok(Snapshot::save(&totals, self.plan.cores(), identity.clone(), self.resample_plan()?.as_ref()))
    }

    /// Runs batches from an iterator, once, in its order. [`Records`](crate::data::Records) makes batches from any
    /// iterator of records.
    ///
    /// For a model that carries state, the batches are one sequence, which one worker runs.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn run_stream<I>(&self, batches: I) -> Result<Report, RunError>
    where
        I: Iterator<Item = Result<Batch, DataError>> + Send,
    {
        let identity = Identity { data: None, batch_size: None, ..self.identity()?.clone() };
        if let Some((name, _)) = self.preprocessors.iter().find(|(_, processor)| processor.history() > 0) {
            return Err(RunError::StreamHistory { preprocessor: name.clone() });
        }
        let begun = Instant::now();
        let totals = self.run_source(&Stream::new(batches, self.carries_state()?), None, &identity)?;
        if totals.batches.is_empty() {
            return Err(RunError::EmptyData);
        }
        self.report(&totals, begun.elapsed(), identity)
    }

    fn run_part(
        &self,
        cut: &Cut,
        todo: &BatchRanges,
        before: Option<Totals>,
        identity: &Identity,
    ) -> Result<Totals, RunError> {
        let DataSource { data, .. } = self.data.as_ref().ok_or(RunError::NoData)?;
        check_range(todo, cut.batches())?;
        self.run_source(&RandomAccess::new(&**data, cut, todo), before, identity)
    }

    fn run_source(&self, source: &dyn Source, before: Option<Totals>, identity: &Identity) -> Result<Totals, RunError> {
        let (cores, plan) = (self.plan.cores(), self.resample_plan()?);
        let saved = |totals: &Totals| Snapshot::save(totals, cores, identity.clone(), plan.as_ref());
        let Outcome { totals, ended } = runner::run(self, source, before, &saved)?;
        let completed = || Box::new(saved(&totals));
        match ended {
            Ended::Finished | Ended::Paused => Ok(totals),
            Ended::Failed { batch, failure } => {
                Err(RunError::Batch { batch, failure: Box::new(failure), completed: completed() })
            }
            Ended::Observer { message } => Err(RunError::Observer { message, completed: completed() }),
            Ended::Interrupted => Err(RunError::Interrupted { completed: completed() }),
        }
    }

    /// Cuts the data set into batches for this model.
    fn cut(&self) -> Result<Cut, RunError> {
        let DataSource { data, batch_size } = self.data.as_ref().ok_or(RunError::NoData)?;
        let carries_state = self.carries_state()?;
        let history = self.history()?;
        let cut = caught(|| Cut::new(&**data, *batch_size, carries_state, history));
        let cut = cut.map_err(|message| RunError::Panicked { who: "the data set".to_owned(), message })??;
        match cut.batches() {
            0 => Err(RunError::EmptyData),
            _ => Ok(cut),
        }
    }

    /// Number of samples before a batch that the preprocessors need.
    fn history(&self) -> Result<usize, RunError> {
        let mut history = 0_usize;
        for (name, processor) in &self.preprocessors {
            let one = caught(|| processor.history());
            let who = || format!("preprocessor `{name}`");
            let one = one.map_err(|message| RunError::Panicked { who: who(), message })?;
            history = history.saturating_add(one);
        }
        Ok(history)
    }

    fn carries_state(&self) -> Result<bool, RunError> {
        let carries_state = caught(|| self.model.carries_state());
        carries_state.map_err(|message| RunError::Panicked { who: "the model".to_owned(), message })
    }

    /// Plans the data to keep for single samples; none if neither intervals nor per-sample values are requested.
    fn resample_plan(&self) -> Result<Option<ResamplePlan>, RunError> {
        if self.resample.is_empty() {
            return Ok(None);
        }
        let layers = caught(|| self.model.layers());
        let layers = layers.map_err(|message| RunError::Panicked { who: "the model".to_owned(), message })?;
        Ok(ResamplePlan::new(self.resample, &self.metrics, self.plan.cores(), layers, self.carries_state()?))
    }

    /// Reads the metrics from a snapshot, without running anything.
    ///
    /// # Errors
    ///
    /// A snapshot from a different run, or one that lacks a core that a metric reads.
    pub fn report_snapshot(&self, snapshot: &Snapshot) -> Result<Report, RunError> {
        let identity = self.identity()?;
        let totals = snapshot.restore(self.plan.cores(), identity, self.resample_plan()?.as_ref())?;
        self.report(&totals, Duration::ZERO, identity.clone())
    }

    fn report(&self, totals: &Totals, total: Duration, identity: Identity) -> Result<Report, RunError> {
        let context = Context::for_model(&*self.model);
        let cores = self.plan.cores();
        let entry = |metric: &RequestedMetric| {
            let output = read_metric(metric, cores, &totals.states, &context);
            Entry::new(metric.names.clone(), &metric.requested, output)
        };
        let mut entries: Vec<Entry> = self.metrics.iter().map(entry).collect();
        let plan = self.resample_plan()?;
        if let (Some(plan), Some(samples)) = (&plan, &totals.single) {
            let reader = Reader { plan, cores, samples, context: &context };
            let values: Vec<_> = self.metrics.iter().zip(entries.iter().map(|entry| entry.value().ok())).collect();
            let found = resample::read(&reader, &values, &totals.states);
            for (entry, found) in entries.iter_mut().zip(found) {
                entry.uncertainty = found;
            }
        }
        let facts = RunFacts {
            model: identity.model,
            data: identity.data,
            batch_size: identity.batch_size,
            preprocessors: identity.preprocessors,
            postprocessors: identity.postprocessors,
            resampled: plan.zip(totals.single.as_ref()).map(|(plan, single)| (plan.unit(), single.units())),
            intervals: self.resample.intervals,
            samples: totals.samples,
            batches: totals.batches.len(),
            workers: self.workers,
            total,
            forward: totals.forward,
            notes: self.notes(totals)?,
            groups: self.groups()?,
        };
        Ok(Report::new(entries, facts))
    }

    /// Groups of the data set.
    fn groups(&self) -> Result<Vec<SequenceGroup>, RunError> {
        let Some(source) = &self.data else { return Ok(Vec::new()) };
        let panicked = |message| RunError::Panicked { who: "the data set".to_owned(), message };
        caught(|| source.data.groups()).map_err(panicked)
    }

    /// Notes of the model and of the data set, and of layers that never spiked.
    fn notes(&self, totals: &Totals) -> Result<Vec<String>, RunError> {
        let panicked = |who: &str| {
            let who = who.to_owned();
            |message| RunError::Panicked { who, message }
        };
        let mut notes = caught(|| self.model.notes()).map_err(panicked("the model"))?;
        if let Some(source) = &self.data {
            notes.extend(caught(|| source.data.notes()).map_err(panicked("the data set"))?);
        }
        if let Some(silent) = totals.silent.as_ref().filter(|silent| !silent.is_empty()) {
            let layers = listed(silent.iter().map(|layer| format!("`{}`", shown(layer))));
            let noun = if silent.len() == 1 { "layer" } else { "layers" };
            notes.push(format!(
                "{noun} {layers} never spiked: check the scale of the inputs, the thresholds and, for a NIR graph, `dt` and \
                 `dynamics`"
            ));
        }
        Ok(notes)
    }

    fn identity(&self) -> Result<&Identity, RunError> {
        if let Some(identity) = self.identity.get() {
            return Ok(identity);
        }
        let panicked = |who: &str| {
            let who = who.to_owned();
            |message| RunError::Panicked { who, message }
        };
        let names = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect();
        let identity = Identity {
            model: caught(|| self.model.fingerprint()).map_err(panicked("the model"))?,
            data: match &self.data {
                Some(source) => caught(|| source.data.fingerprint()).map_err(panicked("the data set"))??,
                None => None,
            },
            batch_size: self.data.as_ref().map(|source| source.batch_size),
            preprocessors: names(&mut self.preprocessors.iter().map(|(name, _)| name)),
            postprocessors: names(&mut self.postprocessors.iter().map(|(name, _)| name)),
        };
        Ok(self.identity.get_or_init(|| identity))
    }
}

/// Checks that every batch is in the data set.
fn check_range(wanted: &BatchRanges, batches: u64) -> Result<(), RunError> {
    match wanted.end() {
        Some(end) if end > batches => Err(RunError::NoSuchBatch { batch: batches.max(end - 1), batches }),
        _ => Ok(()),
    }
}

impl fmt::Debug for Benchmark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metrics: Vec<&str> = self.metric_names().collect();
        f.debug_struct("Benchmark").field("metrics", &metrics).field("workers", &self.workers).finish_non_exhaustive()
    }
}
