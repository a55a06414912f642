//! Workers, which pull batches and fold them.
//!
//! Invariant 8: targets pass the preprocessors and then go to the metrics unchanged; postprocessors see the outputs
//! only.
//!
//! Invariant 11: nothing here prints, and no panic hook is set. Panics of models, data sets, processors, metrics and
//! observers are caught where they are called ([`guard`](crate::bench::guard)).
//!
//! Invariant 12: each worker takes batches in ascending order, and after a failure no worker begins a later batch. All
//! lower batches are completed, so the lowest failing batch is the same for any number of workers.
//!
//! A run ends early if an observer requests it; every worker checks before each batch. The command needs no more than
//! that to handle a signal. The completed batches are a snapshot, as after a batch that failed.
//!
//! At a pause every worker ends between two units of work, the states of all workers merge, and all workers begin
//! again. So no state is copied while it is folded, and no session is interrupted within a sequence.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::Instant;

use crate::bench::error::{BatchFailure, RunError};
use crate::bench::guard::{caught, guarded, guarded_as, guarded_metric};
use crate::bench::observer::{BatchEvent, Observer, RunStart};
use crate::bench::origin::Origin;
use crate::bench::request::RequestedMetric;
use crate::bench::resample::{ResamplePlan, Samples};
use crate::bench::running::{FinishedBatch, NamedValues, Running};
use crate::bench::source::{Pulled, Source};
use crate::bench::totals::Totals;
use crate::bench::{Benchmark, Snapshot};
use crate::data::DataError;
use crate::data::batch::Batch;
use crate::metric::factory::AnyOutput;
use crate::metric::plan::{Core, CoreState, Reading};
use crate::metric::{BatchContext, Context, MetricError};
use crate::model::{Layer, ModelError, Needs, Probe, SequenceStart, Session, Tensor};
use crate::process::{BatchPlace, ProcessError};
use crate::value::Value;

/// Result of a run: its totals and the reason why it ended.
pub(crate) struct Outcome {
    pub(crate) totals: Totals,
    pub(crate) ended: Ended,
}

/// Reason why a run ended.
pub(crate) enum Ended {
    /// All batches were processed.
    Finished,
    /// A batch failed; this is the lowest one.
    Failed { batch: u64, failure: BatchFailure },
    /// An observer panicked.
    Observer { message: String },
    /// An observer requested the end before the last batch.
    Interrupted,
    /// Pause, not the end: an observer requested a snapshot of the completed batches.
    Paused,
}

impl Ended {
    /// Combines the results of two workers: of two failed batches, the lower one wins.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed { batch: a, failure }, Self::Failed { batch: b, .. }) if a <= b => {
                Self::Failed { batch: a, failure }
            }
            (_, failed @ Self::Failed { .. }) | (failed @ Self::Failed { .. }, _) => failed,
            (observer @ Self::Observer { .. }, _) | (_, observer @ Self::Observer { .. }) => observer,
            (Self::Interrupted, _) | (_, Self::Interrupted) => Self::Interrupted,
            (Self::Paused, _) | (_, Self::Paused) => Self::Paused,
            (Self::Finished, Self::Finished) => Self::Finished,
        }
    }
}

/// Runs all batches of a source.
///
/// A free worker pulls the next unit of work, a batch or a sequence of batches, runs its own session and folds into its
/// own states. Because states are commutative monoids, it does not matter which worker took which unit.
///
/// The outcome includes the totals from `before`. At a pause, `saved` makes a snapshot of the totals so far.
///
/// # Errors
///
/// The model panics while it lists its layers; an observer panics before the first batch; `before` already contains one
/// of the source's batches.
pub(crate) fn run(
    benchmark: &Benchmark<'_>,
    source: &dyn Source,
    before: Option<Totals>,
    saved: &dyn Fn(&Totals) -> Snapshot,
) -> Result<Outcome, RunError> {
    // Workers beyond the number of units would create sessions and then find no work.
    let most = source.units().and_then(|units| usize::try_from(units).ok()).unwrap_or(usize::MAX);
    let workers = benchmark.workers.min(most).max(1);
    let mut run = Run::new(benchmark, workers, source)?;
    let mut whole = Outcome { totals: before.unwrap_or_else(|| run.beginning()), ended: Ended::Paused };
    run.start_running_values(&whole.totals);
    while matches!(whole.ended, Ended::Paused) {
        whole.ended = Ended::Finished;
        let outcomes = if workers == 1 { vec![run.work(0, source)] } else { run.spread(workers, source) };
        for outcome in outcomes {
            whole.totals = whole.totals.merge(outcome.totals)?;
            whole.ended = whole.ended.and(outcome.ended);
        }
        if matches!(whole.ended, Ended::Paused)
            && let Err(message) = run.notify_completed(&saved(&whole.totals))
        {
            whole.ended = Ended::Observer { message };
        }
    }
    if let Some(running) = &run.running
        && let Err(message) = running.finish(|batch, totals| run.send(batch, totals))
    {
        whole.ended = whole.ended.and(Ended::Observer { message });
    }
    for observer in &benchmark.observers {
        let finished = matches!(whole.ended, Ended::Finished);
        if let Err(message) = caught(|| observer.ended(finished)) {
            whole.ended = whole.ended.and(Ended::Observer { message });
        }
    }
    Ok(whole)
}

/// A batch after its forward pass.
struct Passed {
    targets: Tensor,
    /// Inputs of the model, if a metric needs them.
    inputs: Option<Tensor>,
    /// Inputs of the data set, if a metric needs them.
    data_inputs: Option<Tensor>,
}

/// Data that the workers of a run share.
struct Run<'r> {
    benchmark: &'r Benchmark<'r>,
    layers: &'r [Layer],
    /// Union of the needs of all cores.
    needs: Needs,
    /// Plan of the data to keep for single samples, if any is requested.
    samples: Option<ResamplePlan>,
    wants_values: bool,
    wants_running_values: bool,
    /// Batches in order with running values, if an observer wants them.
    running: Option<Running>,
    /// Lowest batch so far that failed or at which an observer panicked: no worker begins a later one.
    stop: AtomicU64,
}

impl<'r> Run<'r> {
    fn new(benchmark: &'r Benchmark<'r>, workers: usize, source: &dyn Source) -> Result<Self, RunError> {
        let (batches, samples) = (source.batches(), source.samples());
        let panicked = |message| RunError::Panicked { who: "the model".to_owned(), message };
        let layers = caught(|| benchmark.model.layers()).map_err(panicked)?;
        let needs = benchmark.plan.cores().iter().fold(Needs::NONE, |all, core| all.union(core.needs));
        let (mut wants_values, mut wants_running_values) = (false, false);
        for observer in &benchmark.observers {
            let begun = caught(|| {
                observer.started(&RunStart { batches, samples, workers });
                (observer.wants_values(), observer.wants_running_values())
            });
            let panicked = |message| RunError::Panicked { who: "an observer".to_owned(), message };
            let (values, running_values) = begun.map_err(panicked)?;
            wants_values |= values;
            wants_running_values |= running_values;
        }
        let samples = benchmark.resample_plan()?;
        let stop = AtomicU64::new(u64::MAX);
        Ok(Self { benchmark, layers, needs, samples, wants_values, wants_running_values, running: None, stop })
    }

    /// Starts the running values, if an observer wants them, from the totals of earlier batches.
    fn start_running_values(&mut self, before: &Totals) {
        let cores = self.benchmark.plan.cores();
        self.running = self.wants_running_values.then(|| Running::new(before.copy(cores)));
    }

    /// Totals before any batch, with empty samples if any are to be kept.
    fn beginning(&self) -> Totals {
        let single = self.samples.as_ref().map(|plan| Samples::empty(plan, self.benchmark.plan.cores()));
        Totals { single, ..self.nothing() }
    }

    /// Totals before any batch, without samples.
    fn nothing(&self) -> Totals {
        Totals::empty(self.benchmark.plan.cores())
    }

    /// Runs this number of workers, each on its own thread, or fewer if the system does not provide enough threads.
    fn spread(&self, workers: usize, source: &dyn Source) -> Vec<Outcome> {
        std::thread::scope(|scope| {
            let spawn = |number| {
                let name = format!("neurobench worker {number}");
                Builder::new().name(name).spawn_scoped(scope, move || self.work(number, source)).ok()
            };
            let others: Vec<_> = (1..workers).map_while(spawn).collect();
            let mut outcomes = vec![self.work(0, source)];
            // Panics of the user's code are caught inside; a panic here is the engine's own and continues.
            outcomes.extend(others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
            outcomes
        })
    }

    fn work(&self, number: usize, source: &dyn Source) -> Outcome {
        let mut totals = self.beginning();
        let mut session = None;
        let ended = self.pull_all(&mut totals, number, source, &mut session);
        // After a failure a session is not used again. Interruptions come between batches.
        if let (Some(session), Ended::Finished | Ended::Paused | Ended::Interrupted) = (&session, &ended) {
            totals.silent = caught(|| session.silent_layers()).unwrap_or_default();
        }
        Outcome { totals, ended }
    }

    fn pull_all<'s>(
        &'s self,
        totals: &mut Totals,
        number: usize,
        source: &dyn Source,
        session: &mut Option<Box<dyn Session + 's>>,
    ) -> Ended {
        let mut probe = Probe::new(self.needs, self.layers);
        let mut outputs = Tensor::default();
        let mut unit = 0..0;
        // A stream can be read only once, so a partial run cannot be resumed.
        let mut pauses = false;
        loop {
            // Pauses are between units, so that no model state is lost, and after at least one batch, so that the run
            // progresses.
            match self.any_observer(|observer| pauses && unit.is_empty() && observer.wants_completed()) {
                Ok(false) => {}
                Ok(true) => return Ended::Paused,
                Err(message) => return Ended::Observer { message },
            }
            let Some(Pulled { place, counts, batch }) = source.pull(&mut unit) else { break };
            let index = place.batch;
            // Indices ascend, so every later batch is also beyond the failure.
            if index > self.stop.load(Ordering::Relaxed) {
                break;
            }
            match self.any_observer(|observer| observer.interrupts()) {
                Ok(false) => {}
                Ok(true) => return Ended::Interrupted,
                Err(message) => return self.stopped_at(index, Ended::Observer { message }),
            }
            let passed = batch.and_then(|batch| {
                let session = match &mut *session {
                    Some(session) => session,
                    none => none.insert(guarded("the model", || Ok(self.benchmark.model.session()))?),
                };
                if place.begins_sequence {
                    let unreadable = |error: DataError| ModelError::Other(error.to_string());
                    let training = || source.training(place.sequence).map_err(unreadable);
                    let start = SequenceStart::new(place.sequence, &training);
                    guarded("the model", || session.start_sequence(&start).map_err(BatchFailure::Model))?;
                }
                probe.clear();
                let origin = Origin::new(place, source);
                let passed = self.forward(totals, batch, &origin, &mut **session, &mut probe, &mut outputs)?;
                match counts {
                    true => self.fold(totals, &origin, number, &outputs, &passed, &mut probe),
                    false => Ok(Ok(())),
                }
            });
            match passed {
                Ok(Ok(())) => pauses = source.batches().is_some(),
                Ok(Err(message)) => return self.stopped_at(index, Ended::Observer { message }),
                Err(failure) => return self.stopped_at(index, Ended::Failed { batch: index, failure }),
            }
        }
        Ended::Finished
    }

    /// Prevents workers from starting batches after this one.
    fn stopped_at(&self, index: u64, ended: Ended) -> Ended {
        self.stop.fetch_min(index, Ordering::Relaxed);
        ended
    }

    /// Returns true if the predicate holds for any observer. The error is the message of a panic.
    fn any_observer(&self, predicate: impl Fn(&dyn Observer) -> bool) -> Result<bool, String> {
        let observers = &self.benchmark.observers;
        observers.iter().try_fold(false, |so_far, observer| Ok(so_far || caught(|| predicate(&**observer))?))
    }

    /// Passes a snapshot to the observers at a pause.
    fn notify_completed(&self, snapshot: &Snapshot) -> Result<(), String> {
        let observers = &self.benchmark.observers;
        observers.iter().try_for_each(|observer| caught(|| observer.completed(snapshot)))
    }

    /// Runs the preprocessors and the model on a batch, and returns its targets, with the inputs that metrics need.
    fn forward(
        &self,
        totals: &mut Totals,
        batch: Batch,
        origin: &Origin<'_>,
        session: &mut dyn Session,
        probe: &mut Probe,
        outputs: &mut Tensor,
    ) -> Result<Passed, BatchFailure> {
        let history = origin.place().history;
        let data_inputs = || batch.inputs.rows(history, batch.inputs.samples());
        let data_inputs = self.needs.contains(Needs::DATA_INPUTS).then(data_inputs);
        let Batch { inputs, targets } = self.preprocess(batch, origin)?;
        let begun = Instant::now();
        guarded("the model", || {
            let passed = session.forward(&inputs, probe, outputs);
            passed.map_err(|error| origin.locate_model_error(error, inputs.samples()))
        })?;
        totals.forward += begun.elapsed();
        let inputs = self.needs.contains(Needs::INPUTS).then_some(inputs);
        Ok(Passed { targets, inputs, data_inputs })
    }

    /// Runs the postprocessors and folds the batch into the states. The inner error is the message of an observer's
    /// panic after the batch.
    fn fold(
        &self,
        totals: &mut Totals,
        origin: &Origin<'_>,
        number: usize,
        outputs: &Tensor,
        passed: &Passed,
        probe: &mut Probe,
    ) -> Result<Result<(), String>, BatchFailure> {
        let Passed { targets, inputs, data_inputs } = passed;
        let (benchmark, place) = (self.benchmark, origin.place());
        let index = place.batch;
        let processed = self.postprocess(outputs, origin)?;
        let outputs = processed.as_ref().unwrap_or(outputs);
        let samples = targets.samples();
        if outputs.samples() != samples {
            let shape = outputs.shape();
            return Err(BatchFailure::Samples(format!("the outputs have shape {shape:?} for {samples} samples")));
        }
        let batch = BatchContext::new(index, outputs, targets, probe.record())
            .with_inputs(inputs.as_ref())
            .with_data_inputs(data_inputs.as_ref());
        let context = Context::for_batch(&*benchmark.model, batch);
        totals.fold(benchmark.plan.cores(), &context, index, samples, Some(origin));
        if let (Some(plan), Some(single)) = (&self.samples, &mut totals.single) {
            single.fold(plan, benchmark.plan.cores(), &context, place);
        }
        Ok(self.notify(&context, number, origin))
    }

    /// Runs the preprocessors, and drops the earlier samples as soon as no preprocessor needs them.
    fn preprocess(&self, batch: Batch, origin: &Origin<'_>) -> Result<Batch, BatchFailure> {
        let Batch { mut inputs, mut targets } = batch;
        let place = origin.place();
        let mut history = place.history;
        for (index, (name, processor)) in self.benchmark.preprocessors.iter().enumerate() {
            let samples = inputs.samples();
            let before = BatchPlace::new(place.first_sample - history as u64);
            let located = origin.with_history(history);
            (inputs, targets) = processed(name, (&located, samples), || processor.process_at(before, inputs, targets))?;
            if history == 0 {
                continue;
            }
            let found = (inputs.samples(), targets.samples());
            if found != (samples, samples) {
                return Err(BatchFailure::Samples(format!(
                    "preprocessor `{name}` returned {} inputs and {} targets for {samples} samples: place it behind the \
                     preprocessors with windows over samples",
                    found.0, found.1
                )));
            }
            let later = self.benchmark.preprocessors[index + 1..].iter().map(|(_, processor)| processor.history());
            let needed = later.fold(0_usize, usize::saturating_add).min(history);
            (inputs, targets) = (inputs.rows(history - needed, samples), targets.rows(history - needed, samples));
            history = needed;
        }
        if inputs.samples() == targets.samples() {
            Ok(Batch { inputs, targets })
        } else {
            let (inputs, targets) = (inputs.samples(), targets.samples());
            Err(BatchFailure::Samples(format!("found {inputs} inputs, but {targets} targets")))
        }
    }

    /// Returns the outputs after the postprocessors; none if there are no postprocessors.
    fn postprocess(&self, outputs: &Tensor, origin: &Origin<'_>) -> Result<Option<Tensor>, BatchFailure> {
        let mut last: Option<Tensor> = None;
        for (name, processor) in &self.benchmark.postprocessors {
            let input = last.as_ref().unwrap_or(outputs);
            last = Some(processed(name, (origin, input.samples()), || processor.process(input))?);
        }
        Ok(last)
    }

    /// Notifies the observers of a completed batch.
    fn notify(&self, context: &Context<'_>, worker: usize, origin: &Origin<'_>) -> Result<(), String> {
        let Ok(batch) = context.batch() else { return Ok(()) };
        if self.benchmark.observers.is_empty() {
            return Ok(());
        }
        let (index, samples) = (batch.index(), batch.samples());
        let alone = if self.wants_values || self.running.is_some() {
            let mut alone = self.nothing();
            alone.fold(self.benchmark.plan.cores(), context, index, samples, None);
            alone
        } else {
            Totals::empty(&[])
        };
        let values = if self.wants_values { self.values(&alone, context) } else { NamedValues::new() };
        let batch = FinishedBatch { index, samples, worker, values };
        match &self.running {
            Some(running) => running.add(batch, alone, origin.source(), |batch, totals| self.send(batch, totals)),
            None => self.send(&batch, &alone),
        }
    }

    /// Calls the observers with a batch and, if they want running values, the totals so far.
    fn send(&self, batch: &FinishedBatch, totals: &Totals) -> Result<(), String> {
        let model = Context::for_model(&*self.benchmark.model);
        let running = if self.running.is_some() { self.values(totals, &model) } else { NamedValues::new() };
        let FinishedBatch { index, samples, worker, ref values } = *batch;
        let event = BatchEvent { index, samples, worker, values, running: &running };
        self.benchmark.observers.iter().try_for_each(|observer| caught(|| observer.batch(&event)))
    }

    /// Reads every metric from states. Metrics that read only the model have the same value at any time, and are left out.
    fn values(&self, totals: &Totals, context: &Context<'_>) -> NamedValues {
        let read = |metric: &RequestedMetric| {
            let value = read_metric(metric, self.benchmark.plan.cores(), &totals.states, context);
            (metric.names[0].clone(), value.map(|(_, value)| value))
        };
        self.benchmark.metrics.iter().filter(|metric| !metric.cores.is_empty()).map(read).collect()
    }
}

/// Runs a processor on this number of samples.
fn processed<T>(
    name: &str,
    (origin, samples): (&Origin<'_>, usize),
    process: impl FnOnce() -> Result<T, ProcessError>,
) -> Result<T, BatchFailure> {
    let refused = |error| origin.locate_processor_error(name, error, samples);
    guarded_as(|| format!("processor `{name}`"), || process().map_err(refused))
}

/// Computes a metric's value from the states of its cores.
pub(crate) fn read_metric(
    metric: &RequestedMetric,
    cores: &[Core],
    states: &[CoreState],
    context: &Context<'_>,
) -> Result<(AnyOutput, Value), MetricError> {
    let reading = Reading { context, cores: metric.cores.iter().map(|at| (&cores[*at], &states[*at])).collect() };
    guarded_metric(|| metric.requested.metric.read(&reading))
}
