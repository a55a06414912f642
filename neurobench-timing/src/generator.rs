//! The load generator: it issues queries by a scenario and records their latencies.

use std::iter::Peekable;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::Duration;

use neurobench_core::data::Dataset;
use neurobench_core::report::Scenario;
use neurobench_core::stats::random::{hashed, nth};

use crate::clock::{nanoseconds, seconds};
use crate::pipeline::{Pass, Stages, Worker};
use crate::samples::{Division, LoadedBatch, LoadedSamples};
use crate::{Clock, Latencies, Pipeline, PoissonArrivals, SystemClock, TimingError};

/// Issues queries to a [`Pipeline`] by a scenario of MLPerf LoadGen, and records their latencies.
///
/// A run issues queries until **both** the minimum duration and the minimum numbers of queries and samples are reached. It
/// stops before if it reaches a maximum; the run is then not valid. A warm-up in the same pattern comes first and is not
/// counted.
///
/// ```
/// use std::time::Duration;
/// use ndarray::{Array1, Array2};
/// use neurobench::data::InMemory;
/// use neurobench::model::FnModel;
/// use neurobench_timing::{LoadGenerator, Pipeline, Scenario};
///
/// let identity = FnModel::new(Vec::new(), |inputs, _| Ok(inputs.clone()));
/// let data = InMemory::new(Array2::<f32>::zeros((8, 4)), Array1::<f32>::zeros(8))?;
/// let generator = LoadGenerator {
///     min_duration: Duration::from_millis(1),
///     warmup: Duration::ZERO,
///     ..LoadGenerator::new(Scenario::SingleStream)
/// };
/// let timing = generator.run(&Pipeline::new(identity), &data)?;
/// assert!(timing.queries >= 100 && timing.latencies.percentile(50.0) <= timing.latencies.percentile(99.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LoadGenerator {
    /// Pattern in which queries arrive.
    pub scenario: Scenario,
    /// Maximum number of samples in a forward pass. In the server scenario a free worker takes up to this number of queries that
    /// have arrived, without waiting for more.
    pub batch_size: usize,
    /// Number of workers on each copy of the model.
    pub workers: usize,
    /// Duration of the warm-up; none if it is zero.
    pub warmup: Duration,
    /// Minimum duration of a valid run.
    pub min_duration: Duration,
    /// Minimum number of queries of a valid run.
    pub min_queries: u64,
    /// Minimum number of samples of a valid run.
    pub min_samples: u64,
    /// Duration after which no query is issued.
    pub max_duration: Option<Duration>,
    /// Number of queries after which none is issued.
    pub max_queries: Option<u64>,
    /// Maximum number of samples that are loaded before the clock starts.
    pub load: usize,
    /// Seed of the order of samples and of the arrivals.
    pub seed: u64,
}

/// Default batch size of the offline scenario.
const OFFLINE_BATCH: usize = 64;

impl LoadGenerator {
    /// Creates a generator with the limits of LoadGen: 10 s and 100 queries by its default settings; 662 queries for the
    /// scenarios that are judged by the 99th percentile, which cannot be estimated from fewer; one query of 24576 samples for
    /// the offline scenario by the MLPerf rules.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let (batch_size, min_queries, min_samples) = match scenario {
            Scenario::SingleStream => (1, 100, 0),
            Scenario::MultiStream { samples_per_query } => (samples_per_query, 662, 0),
            Scenario::Server { .. } => (1, 662, 0),
            Scenario::Offline => (OFFLINE_BATCH, 1, 24_576),
        };
        Self {
            scenario,
            batch_size,
            workers: 1,
            warmup: Duration::from_secs(1),
            min_duration: Duration::from_secs(10),
            min_queries,
            min_samples,
            max_duration: None,
            max_queries: None,
            load: 1024,
            seed: 0,
        }
    }

    /// Loads samples, warms up and measures once, on the clock of the system.
    ///
    /// # Errors
    ///
    /// As [`run_with`](Self::run_with); samples that cannot be read.
    pub fn run(&self, pipeline: &Pipeline<'_>, data: &dyn Dataset) -> Result<Timing, TimingError> {
        let samples = self.load_samples(pipeline, data)?;
        self.run_with(pipeline, &samples, &Environment { clock: &SystemClock::new(), interrupted: &|| false })
    }

    /// Loads the samples of a pipeline.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other or the model; samples that cannot be read; fewer samples than the batch size.
    pub fn load_samples<'d>(
        &self,
        pipeline: &Pipeline<'_>,
        data: &'d dyn Dataset,
    ) -> Result<LoadedSamples<'d>, TimingError> {
        self.check(pipeline.copies(), pipeline.carries_state())?;
        let in_sequences = pipeline.carries_state();
        let division = Division { batch_size: self.batch_size, history: pipeline.history(), in_sequences };
        LoadedSamples::load(data, self.load, division)
    }

    /// Warms up and measures once.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other or the model; a model or processor that fails; an interruption.
    pub fn run_with(
        &self,
        pipeline: &Pipeline<'_>,
        samples: &LoadedSamples<'_>,
        environment: &Environment<'_>,
    ) -> Result<Timing, TimingError> {
        self.check(pipeline.copies(), pipeline.carries_state())?;
        let mut workers = pipeline.workers(self.workers)?;
        self.warm_up(&mut workers, samples, environment)?;
        self.measure(&mut workers, samples, environment)
    }

    /// Checks that the settings fit each other, and a number of copies of a model that carries state or does not.
    ///
    /// # Errors
    ///
    /// [`TimingError::Settings`].
    pub fn check(&self, copies: usize, carries_state: bool) -> Result<(), TimingError> {
        let refuse = |message: String| Err(TimingError::Settings(message));
        let Self { batch_size, workers, .. } = *self;
        if batch_size == 0 || workers == 0 || copies == 0 {
            return refuse("the batch size and the numbers of workers and copies must be at least 1".to_owned());
        }
        let threads = workers.saturating_mul(copies);
        match self.scenario {
            Scenario::SingleStream if batch_size > 1 => {
                return refuse(format!(
                    "the single-stream scenario has one sample per query, so that its batch size is 1, not {batch_size}: use \
                     the multi-stream or offline scenario for batches"
                ));
            }
            Scenario::SingleStream if threads > 1 => {
                return refuse(format!(
                    "the single-stream scenario has one query at a time, which {threads} workers cannot share: use one worker \
                     and one copy, or another scenario"
                ));
            }
            Scenario::MultiStream { samples_per_query }
                if samples_per_query == 0 || samples_per_query % batch_size > 0 =>
            {
                return refuse(format!(
                    "a query of {samples_per_query} samples cannot be divided into batches of {batch_size}: the number of \
                     samples per query must be a multiple of the batch size"
                ));
            }
            Scenario::Offline if self.min_queries > 1 => {
                return refuse(format!(
                    "the offline scenario has one query, so that {} cannot be reached: set the minimum number of samples",
                    self.min_queries
                ));
            }
            Scenario::Server { rate } if !(rate.is_finite() && rate > 0.0) => {
                return refuse(format!("the rate of queries is {rate} per second; it must be above 0"));
            }
            Scenario::Server { .. } if carries_state => {
                return refuse(
                    "the server scenario has independent queries, but the model carries state from sample to sample: use \
                     another scenario"
                        .to_owned(),
                );
            }
            _ => {}
        }
        if carries_state && threads > 1 {
            return refuse(format!(
                "the model carries state from sample to sample, so that {threads} workers cannot share its samples: use one \
                 worker and one copy"
            ));
        }
        Ok(())
    }

    /// Runs queries that are not counted.
    pub(crate) fn warm_up(
        &self,
        workers: &mut [Worker<'_>],
        samples: &LoadedSamples<'_>,
        environment: &Environment<'_>,
    ) -> Result<(), TimingError> {
        if self.warmup.is_zero() {
            return Ok(());
        }
        // Arrivals would leave an overloaded system with a queue.
        let scenario = match self.scenario {
            Scenario::Server { .. } => Scenario::Offline,
            other => other,
        };
        let limits = Limits { min_duration: nanoseconds(self.warmup), min_queries: 1, ..Limits::default() };
        Phase::new(self, scenario, limits, samples, environment).run(workers).map(|_| ())
    }

    /// Runs the queries of a measurement.
    pub(crate) fn measure(
        &self,
        workers: &mut [Worker<'_>],
        samples: &LoadedSamples<'_>,
        environment: &Environment<'_>,
    ) -> Result<Timing, TimingError> {
        let limits = Limits {
            min_duration: nanoseconds(self.min_duration),
            min_queries: self.min_queries,
            min_samples: self.min_samples,
            max_duration: self.max_duration.map_or(u64::MAX, nanoseconds),
            max_queries: match self.scenario {
                // All samples are one query.
                Scenario::Offline => u64::MAX,
                _ => self.max_queries.unwrap_or(u64::MAX),
            },
        };
        Phase::new(self, self.scenario, limits, samples, environment).run(workers)
    }
}

/// The clock of a measurement, and an answer to the question if it should end.
#[derive(Clone, Copy)]
pub struct Environment<'e> {
    /// Clock that the measurement reads.
    pub clock: &'e dyn Clock,
    /// Returns true if the measurement should end early. It is called before every query.
    pub interrupted: &'e (dyn Fn() -> bool + Sync),
}

/// Result of one run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Timing {
    /// Number of completed queries.
    pub queries: u64,
    /// Number of completed samples.
    pub samples: u64,
    /// Duration from the first query to the last completion, in nanoseconds. Starting sequences of models that carry state is
    /// not part of it.
    pub duration: u64,
    /// Latencies of queries; in the offline scenario, of batches.
    pub latencies: Latencies,
    /// Times by stage, summed over workers.
    pub stages: Stages,
}

impl Timing {
    /// Returns the number of completed samples per second of the whole duration.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        // A clock may stand still.
        self.samples as f64 / seconds(self.duration.max(1))
    }
}

/// Limits of a phase, in nanoseconds and counts.
#[derive(Clone, Copy)]
struct Limits {
    min_duration: u64,
    min_queries: u64,
    min_samples: u64,
    max_duration: u64,
    max_queries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { min_duration: 0, min_queries: 0, min_samples: 0, max_duration: u64::MAX, max_queries: u64::MAX }
    }
}

impl Limits {
    /// Returns true if no further query is issued.
    fn reached(&self, elapsed: u64, queries: u64, samples: u64) -> bool {
        let enough = elapsed >= self.min_duration && queries >= self.min_queries && samples >= self.min_samples;
        enough || elapsed >= self.max_duration || queries >= self.max_queries
    }
}

/// Sums of one worker.
struct Tally {
    latencies: Latencies,
    queries: u64,
    samples: u64,
    stages: Stages,
    /// Time at which the last query was completed.
    end: u64,
    /// Time in the beginnings of sequences, which is not measured.
    excluded: u64,
}

impl Tally {
    fn new(start: u64) -> Self {
        let (latencies, stages) = (Latencies::new(), Stages::default());
        Self { latencies, queries: 0, samples: 0, stages, end: start, excluded: 0 }
    }

    fn merge(&mut self, other: &Self) {
        self.latencies.merge(&other.latencies);
        self.queries += other.queries;
        self.samples += other.samples;
        self.stages.add(other.stages);
        self.end = self.end.max(other.end);
        self.excluded += other.excluded;
    }

    fn add_pass(&mut self, pass: &Pass, samples: usize) {
        self.samples += samples as u64;
        self.stages.add(pass.stages);
        self.end = self.end.max(pass.end);
    }
}

/// A warm-up or a measurement.
struct Phase<'a> {
    generator: &'a LoadGenerator,
    scenario: Scenario,
    limits: Limits,
    samples: &'a LoadedSamples<'a>,
    environment: &'a Environment<'a>,
    start: u64,
    /// Start of the stream of random numbers that choose batches.
    order: u64,
    /// True after a failure of any worker: the others end.
    failed: AtomicBool,
}

/// Place of the stream of random numbers that choose batches.
const ORDER: u64 = 2;

impl<'a> Phase<'a> {
    fn new(
        generator: &'a LoadGenerator,
        scenario: Scenario,
        limits: Limits,
        samples: &'a LoadedSamples<'a>,
        environment: &'a Environment<'a>,
    ) -> Self {
        let order = hashed(generator.seed, ORDER);
        let start = environment.clock.now();
        Self { generator, scenario, limits, samples, environment, start, order, failed: AtomicBool::new(false) }
    }

    fn run(&self, workers: &mut [Worker<'_>]) -> Result<Timing, TimingError> {
        let tally = match self.scenario {
            Scenario::SingleStream => self.stream(workers, 1),
            Scenario::MultiStream { samples_per_query } => {
                self.stream(workers, (samples_per_query / self.generator.batch_size) as u64)
            }
            Scenario::Offline => {
                let next = AtomicU64::new(0);
                self.spread(workers, |worker| self.take_batches(worker, &next))
            }
            Scenario::Server { rate } => {
                let arrivals = PoissonArrivals::new(rate, self.generator.seed).peekable();
                let schedule = Mutex::new(Schedule { arrivals, issued: 0, last: 0 });
                self.spread(workers, |worker| self.serve(worker, &schedule))
            }
        }?;
        let Tally { latencies, queries, samples, stages, end, excluded } = tally;
        // All samples of the offline scenario are one query.
        let queries = if self.scenario == Scenario::Offline { 1 } else { queries };
        if samples == 0 {
            return Err(TimingError::NoQuery);
        }
        Ok(Timing { queries, samples, duration: end - self.start - excluded, latencies, stages })
    }

    /// Batch of a place in the order: random ones with replacement, as LoadGen draws samples, or consecutive parts of
    /// sequences.
    fn batch(&self, place: u64) -> &'a LoadedBatch {
        let batches = &self.samples.batches;
        let place = if self.samples.in_sequences() { place } else { nth(self.order, place) };
        &batches[(place % batches.len() as u64) as usize]
    }

    fn check_interruption(&self) -> Result<(), TimingError> {
        if (self.environment.interrupted)() { Err(TimingError::Interrupted) } else { Ok(()) }
    }

    /// Prepares a session for a batch that begins a sequence. Returns the time that this took, which is not measured.
    fn start_sequence(&self, worker: &mut Worker<'_>, batch: &LoadedBatch) -> Result<u64, TimingError> {
        let Some(sequence) = batch.starts_sequence else { return Ok(0) };
        let before = self.environment.clock.now();
        worker.start_sequence(sequence, self.samples.data)?;
        Ok(self.environment.clock.now() - before)
    }

    /// Issues a query of this number of batches as soon as the one before it is completed.
    fn stream(&self, workers: &mut [Worker<'_>], batches: u64) -> Result<Tally, TimingError> {
        match workers {
            [only] => self.stream_alone(only, batches),
            several => self.stream_shared(several, batches),
        }
    }

    fn stream_alone(&self, worker: &mut Worker<'_>, batches: u64) -> Result<Tally, TimingError> {
        let mut tally = Tally::new(self.start);
        let mut next = 0;
        while !self.limits.reached(tally.end - self.start - tally.excluded, tally.queries, tally.samples) {
            self.check_interruption()?;
            let mut latency = 0;
            let mut last_end = None;
            for _ in 0..batches {
                let batch = self.batch(next);
                next += 1;
                let excluded = self.start_sequence(worker, batch)?;
                tally.excluded += excluded;
                let pass = worker.pass(batch, batch.samples, self.environment.clock)?;
                // From the end of the batch before, so that time between batches of a query counts.
                latency += pass.end - last_end.map_or(pass.start, |end| end + excluded);
                last_end = Some(pass.end);
                tally.add_pass(&pass, batch.samples);
            }
            tally.latencies.record(latency);
            tally.queries += 1;
        }
        Ok(tally)
    }

    /// Divides the batches of each query among workers. The first worker also issues the queries.
    fn stream_shared(&self, workers: &mut [Worker<'_>], batches: u64) -> Result<Tally, TimingError> {
        let mut tally = Tally::new(self.start);
        let clock = self.environment.clock;
        let shares = workers.len();
        let Some((first, others)) = workers.split_first_mut() else { return Ok(tally) };
        std::thread::scope(|scope| {
            let (results, passes) = mpsc::channel();
            let mut orders = Vec::new();
            for worker in others {
                let (order, places) = mpsc::channel::<u64>();
                let results = results.clone();
                self.spawn(scope, move || {
                    for place in places {
                        let batch = self.batch(place);
                        let pass = worker.pass(batch, batch.samples, clock).map(|pass| (pass, batch.samples));
                        if results.send(pass).is_err() {
                            break;
                        }
                    }
                })?;
                orders.push(order);
            }
            drop(results);
            while !self.limits.reached(tally.end - self.start, tally.queries, tally.samples) {
                self.check_interruption()?;
                let begun = clock.now();
                let first_place = tally.queries * batches;
                let (mut own, mut sent) = (Vec::new(), 0);
                for share in 0..batches {
                    let place = first_place + share;
                    let receiver = (share as usize % shares).checked_sub(1).and_then(|other| orders.get(other));
                    match receiver.map(|order| order.send(place)) {
                        Some(Ok(())) => sent += 1,
                        // The first worker takes over for a thread that has ended.
                        _ => own.push(place),
                    }
                }
                for place in own {
                    let batch = self.batch(place);
                    tally.add_pass(&first.pass(batch, batch.samples, clock)?, batch.samples);
                }
                for (pass, samples) in passes.iter().take(sent).collect::<Result<Vec<_>, TimingError>>()? {
                    tally.add_pass(&pass, samples);
                }
                tally.end = clock.now();
                tally.latencies.record(tally.end - begun);
                tally.queries += 1;
            }
            Ok(tally)
        })
    }

    /// Runs the same code on each worker, on threads of their own but for the first, and merges the sums.
    fn spread<'w>(
        &self,
        workers: &mut [Worker<'w>],
        run: impl Fn(&mut Worker<'w>) -> Result<Tally, TimingError> + Sync,
    ) -> Result<Tally, TimingError> {
        let run = |worker: &mut Worker<'w>| run(worker).inspect_err(|_| self.failed.store(true, Ordering::Relaxed));
        let mut whole = Tally::new(self.start);
        let Some((first, others)) = workers.split_first_mut() else { return Ok(whole) };
        std::thread::scope(|scope| {
            let run = &run;
            let spawned: Result<Vec<_>, TimingError> =
                others.iter_mut().map(|worker| self.spawn(scope, move || run(worker))).collect();
            let spawned = spawned.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))?;
            let own = run(first);
            // A panic of the user's code is caught where it is called; one here is the engine's own and continues.
            let join = |handle: ScopedJoinHandle<'_, _>| handle.join().unwrap_or_else(|panic| resume_unwind(panic));
            let tallies: Vec<_> = std::iter::once(own).chain(spawned.into_iter().map(join)).collect();
            for tally in tallies {
                whole.merge(&tally?);
            }
            Ok(whole)
        })
    }

    fn spawn<'scope, T: Send + 'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        run: impl FnOnce() -> T + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, T>, TimingError> {
        Builder::new().name("neurobench timing".to_owned()).spawn_scoped(scope, run).map_err(TimingError::Thread)
    }

    /// Takes batches of the one query of the offline scenario until there are enough.
    fn take_batches(&self, worker: &mut Worker<'_>, next: &AtomicU64) -> Result<Tally, TimingError> {
        let mut tally = Tally::new(self.start);
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let issued = place.saturating_mul(self.generator.batch_size as u64);
            let elapsed = tally.end - self.start - tally.excluded;
            if self.failed.load(Ordering::Relaxed) || self.limits.reached(elapsed, 1.min(place), issued) {
                return Ok(tally);
            }
            self.check_interruption()?;
            let batch = self.batch(place);
            tally.excluded += self.start_sequence(worker, batch)?;
            let pass = worker.pass(batch, batch.samples, self.environment.clock)?;
            tally.add_pass(&pass, batch.samples);
            tally.latencies.record(pass.end - pass.start);
        }
    }

    /// Serves queries in the order in which they arrive. Latency counts from the scheduled arrival, so that the time in the queue
    /// is part of it: a slow query delays the later ones, and does not hide them.
    fn serve(&self, worker: &mut Worker<'_>, schedule: &Mutex<Schedule>) -> Result<Tally, TimingError> {
        let clock = self.environment.clock;
        let mut tally = Tally::new(self.start);
        let mut arrivals = Vec::with_capacity(self.generator.batch_size);
        loop {
            arrivals.clear();
            let elapsed = clock.now() - self.start;
            let first = {
                // Nothing panics while the lock is held.
                let mut schedule = schedule.lock().unwrap_or_else(PoisonError::into_inner);
                schedule.take(elapsed, self.generator.batch_size, &self.limits, &mut arrivals)
            };
            let (Some(place), Some(first)) = (first, arrivals.first()) else { return Ok(tally) };
            if self.failed.load(Ordering::Relaxed) {
                return Ok(tally);
            }
            self.check_interruption()?;
            clock.wait_until(self.start + first);
            let pass = worker.pass(self.batch(place), arrivals.len(), clock)?;
            tally.add_pass(&pass, arrivals.len());
            tally.queries += arrivals.len() as u64;
            for arrival in &arrivals {
                tally.latencies.record(pass.end - self.start - arrival);
            }
        }
    }
}

/// Arrivals that no worker has taken.
struct Schedule {
    arrivals: Peekable<PoissonArrivals>,
    issued: u64,
    /// Last arrival that was taken, in nanoseconds since the start.
    last: u64,
}

impl Schedule {
    /// Takes the next arrival and those behind it that have arrived by then, up to a number. Returns the zero-based index of the
    /// first; `None` at the end of the schedule.
    fn take(&mut self, elapsed: u64, most: usize, limits: &Limits, arrivals: &mut Vec<u64>) -> Option<u64> {
        let first = self.issued;
        while arrivals.len() < most {
            let next = *self.arrivals.peek()?;
            let is_late = arrivals.first().is_some_and(|first| next > elapsed.max(*first));
            if is_late || next > limits.max_duration || limits.reached(self.last, self.issued, self.issued) {
                break;
            }
            self.arrivals.next();
            arrivals.push(next);
            (self.last, self.issued) = (next, self.issued + 1);
        }
        (!arrivals.is_empty()).then_some(first)
    }
}
