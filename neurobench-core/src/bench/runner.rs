//! Workers pull batches and fold them.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::bench::Benchmark;
use crate::bench::error::BatchFailure;
use crate::bench::guard::{guarded, guarded_metric};
use crate::bench::observer::{BatchEvent, RunStart};
use crate::bench::request::Asked;
use crate::bench::source::{Batch, Source};
use crate::bench::totals::Totals;
use crate::metric::plan::{Core, CoreState, Reading};
use crate::metric::{BatchContext, Context, MetricError, Value};
use crate::model::{Probe, Session, Tensor};

/// A run that is over: what was folded and, if a batch failed, the lowest one that did.
pub(crate) struct Outcome {
    pub(crate) totals: Totals,
    pub(crate) failure: Option<(u64, BatchFailure)>,
}

/// Runs everything that a source hands out.
///
/// Nothing is pushed: a worker takes the next batch when it is free, runs its own session and folds into its own
/// states. Because states are commutative monoids, it does not matter which worker took what.
pub(crate) fn run(benchmark: &Benchmark<'_>, source: &dyn Source, batches: Option<u64>) -> Outcome {
    let workers = benchmark.workers;
    // The lowest batch that failed so far: nobody begins a later one.
    let stop = AtomicU64::new(u64::MAX);
    for observer in &benchmark.observers {
        observer.started(&RunStart { batches, workers });
    }
    let outcomes: Vec<Outcome> = if workers == 1 {
        vec![Worker::new(benchmark, 0, &stop).work(source)]
    } else {
        std::thread::scope(|scope| {
            let stop = &stop;
            let handles: Vec<_> = (0..workers)
                .map(|number| scope.spawn(move || Worker::new(benchmark, number, stop).work(source)))
                .collect();
            // What panics of the user's is caught inside; a panic here is the engine's own and goes on.
            handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    };
    let cores = benchmark.plan.cores();
    let mut whole = Outcome { totals: Totals::empty(cores), failure: None };
    for outcome in outcomes {
        whole.totals = match whole.totals.merge(outcome.totals, cores) {
            Ok(totals) => totals,
            Err(batch) => unreachable!("batch {batch} was handed out twice"),
        };
        whole.failure = match (whole.failure, outcome.failure) {
            (Some(a), Some(b)) => Some(if a.0 <= b.0 { a } else { b }),
            (a, b) => a.or(b),
        };
    }
    for observer in &benchmark.observers {
        observer.ended(whole.failure.is_none());
    }
    whole
}

struct Worker<'r> {
    benchmark: &'r Benchmark<'r>,
    number: usize,
    stop: &'r AtomicU64,
    wants_values: bool,
}

impl<'r> Worker<'r> {
    fn new(benchmark: &'r Benchmark<'r>, number: usize, stop: &'r AtomicU64) -> Self {
        let wants_values = benchmark.observers.iter().any(|observer| observer.wants_values());
        Self { benchmark, number, stop, wants_values }
    }

    fn work(&self, source: &dyn Source) -> Outcome {
        let cores = self.benchmark.plan.cores();
        let model = &*self.benchmark.model;
        let mut totals = Totals::empty(cores);
        let mut probe = Probe::new(self.benchmark.plan.needs(), model.layers());
        let mut outputs = Tensor::default();
        let mut session = match guarded("the model", || Ok(model.session())) {
            Ok(session) => session,
            Err(failure) => return self.fail_first(totals, source, failure),
        };
        while let Some((index, batch)) = source.pull() {
            // Indices ascend: every later one lies beyond the failure, too.
            if index > self.stop.load(Ordering::Relaxed) {
                break;
            }
            let passed = batch.and_then(|batch| {
                probe.clear();
                self.pass(&mut totals, batch, index, &mut *session, &mut probe, &mut outputs)
            });
            if let Err(failure) = passed {
                self.stop.fetch_min(index, Ordering::Relaxed);
                return Outcome { totals, failure: Some((index, failure)) };
            }
        }
        Outcome { totals, failure: None }
    }

    /// No session could be had: the first batch that this worker would have run fails.
    fn fail_first(&self, totals: Totals, source: &dyn Source, failure: BatchFailure) -> Outcome {
        let failure = source.pull().map(|(index, _)| {
            self.stop.fetch_min(index, Ordering::Relaxed);
            (index, failure)
        });
        Outcome { totals, failure }
    }

    /// One batch, from the data to the states.
    fn pass(
        &self,
        totals: &mut Totals,
        batch: Batch,
        index: u64,
        session: &mut dyn Session,
        probe: &mut Probe,
        outputs: &mut Tensor,
    ) -> Result<(), BatchFailure> {
        let benchmark = self.benchmark;
        let Batch { inputs, targets } = self.preprocess(batch)?;
        let begun = Instant::now();
        guarded("the model", || session.forward(&inputs, probe, outputs).map_err(BatchFailure::Model))?;
        totals.forward += begun.elapsed();
        let processed = self.postprocess(outputs)?;
        let outputs = processed.as_ref().unwrap_or(outputs);
        let samples = targets.samples();
        if outputs.samples() != samples {
            let shape = outputs.shape();
            return Err(BatchFailure::Samples(format!("the outputs have shape {shape:?} for {samples} samples")));
        }
        let context = Context::of_batch(&*benchmark.model, BatchContext::new(index, outputs, &targets, probe.record()));
        totals.fold(benchmark.plan.cores(), &context, index, samples);
        if !benchmark.observers.is_empty() {
            self.tell(&context, index, samples)?;
        }
        Ok(())
    }

    fn preprocess(&self, batch: Batch) -> Result<Batch, BatchFailure> {
        let Batch { mut inputs, mut targets } = batch;
        for processor in &self.benchmark.preprocessors {
            let name = processor.name();
            (inputs, targets) = guarded(&format!("processor `{name}`"), || {
                let refused = |error| BatchFailure::Processor { name: name.clone(), error };
                processor.process(inputs, targets).map_err(refused)
            })?;
        }
        if inputs.samples() == targets.samples() {
            Ok(Batch { inputs, targets })
        } else {
            let (inputs, targets) = (inputs.samples(), targets.samples());
            Err(BatchFailure::Samples(format!("there are {inputs} inputs and {targets} targets")))
        }
    }

    /// The outputs after the postprocessors; none if there are no postprocessors.
    fn postprocess(&self, outputs: &Tensor) -> Result<Option<Tensor>, BatchFailure> {
        let mut processed: Option<Tensor> = None;
        for processor in &self.benchmark.postprocessors {
            let name = processor.name();
            let next = guarded(&format!("processor `{name}`"), || {
                let refused = |error| BatchFailure::Processor { name: name.clone(), error };
                processor.process(processed.as_ref().unwrap_or(outputs)).map_err(refused)
            })?;
            processed = Some(next);
        }
        Ok(processed)
    }

    fn tell(&self, context: &Context<'_>, index: u64, samples: usize) -> Result<(), BatchFailure> {
        let values = if self.wants_values { batch_values(self.benchmark, context, index) } else { Vec::new() };
        let event = BatchEvent { index, samples, worker: self.number, values: &values };
        for observer in &self.benchmark.observers {
            guarded("an observer", || {
                observer.batch(&event);
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Every metric's value for one batch alone, by folding it into empty states.
fn batch_values(
    benchmark: &Benchmark<'_>,
    context: &Context<'_>,
    index: u64,
) -> Vec<(String, Result<Value, MetricError>)> {
    let cores = benchmark.plan.cores();
    let mut alone = Totals::empty(cores);
    alone.fold(cores, context, index, 0);
    let read = |asked: &Asked| {
        let value = read_metric(asked, cores, &alone.states, context).map(|(_, value)| value);
        (asked.names[0].clone(), value)
    };
    // What looks at the model alone is the same for every batch.
    benchmark.asked.iter().filter(|asked| !asked.cores.is_empty()).map(read).collect()
}

/// A metric's value, from the states of its cores.
pub(crate) fn read_metric(
    asked: &Asked,
    cores: &[Core],
    states: &[CoreState],
    context: &Context<'_>,
) -> Result<(crate::metric::factory::AnyOutput, Value), MetricError> {
    let reading = Reading { context, cores: asked.cores.iter().map(|at| (&cores[*at], &states[*at])).collect() };
    guarded_metric(|| asked.requested.metric.read(&reading))
}
