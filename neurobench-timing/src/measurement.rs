//! Repeated measurements of one configuration, with CPU time, memory, cost and energy.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use neurobench_core::report::{Conditions, DomainEnergy, MeasuredEnergy, MeasuredRun, Quantity, Scenario};

use crate::clock::{nanoseconds, seconds};
use crate::energy::{EnergyCounter, MeterLog, Powercap};
use crate::pipeline::Worker;
use crate::{
    EnergyError, Environment, Latencies, LoadGenerator, LoadedSamples, Pipeline, Timing, TimingError, least_latencies,
    process,
};

/// Repeated measurement of one configuration.
///
/// ```
/// use std::time::Duration;
/// use ndarray::{Array1, Array2};
/// use neurobench::data::InMemory;
/// use neurobench::model::FnModel;
/// use neurobench_timing::{Environment, LoadGenerator, Measurement, Pipeline, Scenario, SystemClock};
///
/// let model = || FnModel::new(Vec::new(), |inputs, _| Ok(inputs.clone()));
/// let data = InMemory::new(Array2::<f32>::zeros((8, 4)), Array1::<f32>::zeros(8))?;
/// let generator = LoadGenerator {
///     min_duration: Duration::from_millis(1),
///     warmup: Duration::ZERO,
///     ..LoadGenerator::new(Scenario::SingleStream)
/// };
/// let pipeline = Pipeline::new(model());
/// let samples = generator.load_samples(&pipeline, &data)?;
/// let environment = Environment { clock: &SystemClock::new(), interrupted: &|| false };
/// let measurement = Measurement { repeats: 2, ..Measurement::new("identity", generator) };
/// let run = measurement.run(&pipeline, &samples, &environment)?;
/// assert!(run.valid);
/// assert_eq!(run.quantity("throughput").map(|throughput| throughput.values.len()), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Measurement {
    /// Name of the model in results.
    pub model: String,
    /// Generator of the queries.
    pub generator: LoadGenerator,
    /// Number of repeats, each with its own warm-up.
    pub repeats: usize,
    /// Price of an hour on the machine, for the cost of inferences.
    pub price_per_hour: Option<f64>,
    /// Upper bound in seconds of the latency at the [percentile of the scenario](Scenario::percentile), for a valid run.
    pub latency_bound: Option<f64>,
    /// Meter of the energy, if it is to be measured.
    pub energy: Option<EnergySource>,
    /// Duration for which the idle level of the energy is measured before the repeats; it is not subtracted if this is zero.
    pub idle: Duration,
}

/// Meter of the energy of a measurement.
#[derive(Clone, Debug)]
pub enum EnergySource {
    /// Counters of the system.
    Powercap(Powercap),
    /// CSV file of a power meter, read after the repeats.
    Meter(PathBuf),
}

/// Percentiles of the latency in results, with their names.
const PERCENTILES: [(f64, &str); 7] = [
    (0.0, "latency_p0"),
    (50.0, "latency_p50"),
    (90.0, "latency_p90"),
    (95.0, "latency_p95"),
    (99.0, "latency_p99"),
    (99.9, "latency_p99.9"),
    (100.0, "latency_p100"),
];

/// Interval at which energy counters are read, so that none goes round twice in between.
const POLL: Duration = Duration::from_secs(20);

/// One repeat.
struct Repeat {
    timing: Timing,
    cpu_seconds: Option<f64>,
    peak_memory: Option<u64>,
    /// Beginning and end in unix time, in seconds.
    unix: (f64, f64),
    /// Energy of each domain of powercap in joules.
    joules: Option<Result<Vec<f64>, EnergyError>>,
}

impl Measurement {
    /// Creates a measurement of three repeats, without energy and cost.
    #[must_use]
    pub fn new(model: &str, generator: LoadGenerator) -> Self {
        Self {
            model: model.to_owned(),
            generator,
            repeats: 3,
            price_per_hour: None,
            latency_bound: None,
            energy: None,
            idle: Duration::ZERO,
        }
    }

    /// Measures.
    ///
    /// Energy that cannot be measured does not end the measurement: the run then has the reason.
    ///
    /// # Errors
    ///
    /// No repeats; a price or bound that is not a number above zero; settings that contradict each other or the model; a model or
    /// processor that fails; an interruption.
    pub fn run(
        &self,
        pipeline: &Pipeline<'_>,
        samples: &LoadedSamples<'_>,
        environment: &Environment<'_>,
    ) -> Result<MeasuredRun, TimingError> {
        self.check(pipeline.copies(), pipeline.carries_state())?;
        let idle = self.measure_idle(environment)?;
        let mut workers = pipeline.workers(self.generator.workers)?;
        // Without it, the peak would include the loading of models and data.
        let has_peak = process::reset_peak_memory();
        let mut repeats = Vec::with_capacity(self.repeats);
        for _ in 0..self.repeats {
            repeats.push(self.repeat(&mut workers, samples, environment)?);
        }
        let mut run = self.describe(pipeline, samples);
        run.invalid = self.problems(&repeats);
        run.valid = run.invalid.is_empty();
        run.quantities = self.quantities(&repeats);
        run.notes = self.notes(&repeats, has_peak);
        let mut latencies = Latencies::new();
        repeats.iter().for_each(|repeat| latencies.merge(&repeat.timing.latencies));
        run.latencies = latencies.buckets();
        match self.measured_energy(repeats, idle) {
            None => {}
            Some(Ok(energy)) => self.add_energy(&mut run, energy),
            Some(Err(error)) => run.no_energy = Some(error.to_string()),
        }
        Ok(run)
    }

    /// Checks that the settings fit each other, and a number of copies of a model that carries state or does not.
    ///
    /// # Errors
    ///
    /// [`TimingError::Settings`].
    pub fn check(&self, copies: usize, carries_state: bool) -> Result<(), TimingError> {
        self.generator.check(copies, carries_state)?;
        let refuse = |message: String| Err(TimingError::Settings(message));
        if self.repeats == 0 {
            return refuse("the number of repeats must be at least 1".to_owned());
        }
        for (what, number) in [("price", self.price_per_hour), ("latency bound", self.latency_bound)] {
            if let Some(number) = number.filter(|number| !(number.is_finite() && *number > 0.0)) {
                return refuse(format!("the {what} is {number}; it must be above 0"));
            }
        }
        match (self.latency_bound, self.generator.scenario) {
            (Some(_), Scenario::Offline) => refuse("the offline scenario has no latency bound".to_owned()),
            _ => Ok(()),
        }
    }

    fn describe(&self, pipeline: &Pipeline<'_>, samples: &LoadedSamples<'_>) -> MeasuredRun {
        let generator = &self.generator;
        MeasuredRun {
            model: self.model.clone(),
            digest: pipeline.digest(),
            scenario: generator.scenario,
            batch_size: generator.batch_size,
            workers: generator.workers,
            copies: pipeline.copies(),
            conditions: Conditions {
                min_seconds: generator.min_duration.as_secs_f64(),
                min_queries: generator.min_queries,
                min_samples: generator.min_samples,
                max_seconds: generator.max_duration.map(|duration| duration.as_secs_f64()),
                max_queries: generator.max_queries,
                warmup_seconds: generator.warmup.as_secs_f64(),
                repeats: self.repeats,
                seed: generator.seed,
                loaded_samples: samples.samples(),
                latency_bound: self.latency_bound,
                price_per_hour: self.price_per_hour,
            },
            valid: false,
            invalid: Vec::new(),
            quantities: Vec::new(),
            latencies: Vec::new(),
            energy: None,
            no_energy: None,
            notes: Vec::new(),
        }
    }

    /// Measures the idle level: its beginning and end in unix time, its duration in seconds and the energy of each domain.
    fn measure_idle(&self, environment: &Environment<'_>) -> Result<Option<Idle>, TimingError> {
        let Some(source) = self.energy.as_ref().filter(|_| !self.idle.is_zero()) else { return Ok(None) };
        let start = environment.clock.now();
        let from = unix_now();
        let counter = match source {
            EnergySource::Powercap(powercap) => Some(EnergyCounter::start(powercap)),
            EnergySource::Meter(_) => None,
        };
        let end = start.saturating_add(nanoseconds(self.idle));
        let mut now = start;
        while now < end {
            if (environment.interrupted)() {
                return Err(TimingError::Interrupted);
            }
            now = end.min(now.saturating_add(nanoseconds(INTERRUPTIBLE)));
            environment.clock.wait_until(now);
        }
        let joules = counter.map(|counter| counter.and_then(finished));
        let duration = seconds(environment.clock.now() - start);
        Ok(Some(Idle { unix: (from, unix_now()), seconds: duration, joules }))
    }

    fn repeat(
        &self,
        workers: &mut [Worker<'_>],
        samples: &LoadedSamples<'_>,
        environment: &Environment<'_>,
    ) -> Result<Repeat, TimingError> {
        self.generator.warm_up(workers, samples, environment)?;
        let from = unix_now();
        let cpu = process::cpu_seconds();
        let (timing, joules) = match &self.energy {
            Some(EnergySource::Powercap(powercap)) => {
                let (timing, joules) = metered(powercap, || self.generator.measure(workers, samples, environment));
                (timing, Some(joules))
            }
            _ => (self.generator.measure(workers, samples, environment), None),
        };
        let cpu_seconds = process::cpu_seconds().zip(cpu).map(|(after, before)| after - before);
        Ok(Repeat {
            timing: timing?,
            cpu_seconds,
            peak_memory: process::peak_memory(),
            unix: (from, unix_now()),
            joules,
        })
    }

    /// Reasons why the measurement is not valid.
    fn problems(&self, repeats: &[Repeat]) -> Vec<String> {
        let generator = &self.generator;
        let mut problems = Vec::new();
        for (number, Repeat { timing, .. }) in (1..).zip(repeats) {
            let Timing { queries, samples, duration, ref latencies, .. } = *timing;
            let mut add = |problem: String| problems.push(format!("repeat {number}: {problem}"));
            if duration < nanoseconds(generator.min_duration) {
                add(format!("{:.3} s, minimum {} s", seconds(duration), generator.min_duration.as_secs_f64()));
            }
            for (what, found, least) in
                [("queries", queries, generator.min_queries), ("samples", samples, generator.min_samples)]
            {
                if found < least {
                    add(format!("{found} {what}, minimum {least}"));
                }
            }
            let (Some(bound), Some(percentile)) = (self.latency_bound, generator.scenario.percentile()) else {
                continue;
            };
            match latencies.estimate(percentile).map(seconds) {
                Some(estimate) if estimate <= bound => {}
                Some(estimate) => add(format!("p{percentile} of the latency is {estimate:.6} s, bound {bound} s")),
                None => add(format!("p{percentile} of the latency cannot be estimated from {queries} queries")),
            }
        }
        problems
    }

    fn quantities(&self, repeats: &[Repeat]) -> Vec<Quantity> {
        let mut quantities = Vec::new();
        // A quantity that one repeat lacks has no median of all.
        let mut add = |name: &str, unit: &str, higher_is_better, value: &dyn Fn(&Repeat) -> Option<f64>| {
            let values: Option<Vec<f64>> = repeats.iter().map(value).collect();
            quantities.extend(values.and_then(|values| Quantity::new(name, unit, higher_is_better, values)));
        };
        add("throughput", "samples/s", Some(true), &|repeat| Some(repeat.timing.throughput()));
        for (percentile, name) in PERCENTILES {
            add(name, "s", Some(false), &|repeat| repeat.timing.latencies.percentile(percentile).map(seconds));
        }
        if self.generator.scenario != Scenario::Offline {
            for (percentile, name) in [(90, "latency_p90_estimate"), (99, "latency_p99_estimate")] {
                add(name, "s", Some(false), &|repeat| repeat.timing.latencies.estimate(percentile).map(seconds));
            }
        }
        let per_sample = |timing: &Timing, total: f64| Some(total / timing.samples as f64);
        add("preprocess_time", "s/sample", Some(false), &|Repeat { timing, .. }| {
            per_sample(timing, seconds(timing.stages.preprocess))
        });
        add("forward_time", "s/sample", Some(false), &|Repeat { timing, .. }| {
            per_sample(timing, seconds(timing.stages.forward))
        });
        add("postprocess_time", "s/sample", Some(false), &|Repeat { timing, .. }| {
            per_sample(timing, seconds(timing.stages.postprocess))
        });
        add("cpu_time", "s/sample", Some(false), &|repeat| per_sample(&repeat.timing, repeat.cpu_seconds?));
        add("cpu_load", "processors", None, &|repeat| {
            Some(repeat.cpu_seconds? / seconds(repeat.timing.duration.max(1)))
        });
        add("peak_memory", "B", Some(false), &|repeat| repeat.peak_memory.map(|bytes| bytes as f64));
        if let Some(price) = self.price_per_hour {
            add("cost_per_million", "price/1e6 samples", Some(false), &|repeat| {
                Some(price * 1e6 / (3600.0 * repeat.timing.throughput()))
            });
        }
        add("duration", "s", None, &|repeat| Some(seconds(repeat.timing.duration)));
        add("queries", "queries", None, &|repeat| Some(repeat.timing.queries as f64));
        add("samples", "samples", None, &|repeat| Some(repeat.timing.samples as f64));
        quantities
    }

    fn notes(&self, repeats: &[Repeat], has_peak: bool) -> Vec<String> {
        let mut notes = Vec::new();
        let lacks = |value: fn(&Repeat) -> bool| repeats.iter().any(value);
        match (lacks(|repeat| repeat.cpu_seconds.is_none()), lacks(|repeat| repeat.peak_memory.is_none())) {
            (true, _) | (_, true) => notes.push(
                "CPU time and peak memory are read from /proc, which this system does not provide completely"
                    .to_owned(),
            ),
            _ if !has_peak => notes.push(
                "the peak of the memory is that since the start of the program: the system does not let it start again"
                    .to_owned(),
            ),
            _ => {}
        }
        if let Some(percentile) = self.generator.scenario.percentile() {
            let least = least_latencies(f64::from(percentile) / 100.0);
            if let Some(queries) =
                repeats.iter().map(|repeat| repeat.timing.queries).filter(|found| *found < least).min()
            {
                notes.push(format!(
                    "{queries} queries are too few for an estimate of p{percentile} of the latency, which needs {least}"
                ));
            }
        }
        notes
    }

    /// Energy of the repeats, if it was requested.
    fn measured_energy(&self, repeats: Vec<Repeat>, idle: Option<Idle>) -> Option<Result<MeasuredEnergy, EnergyError>> {
        Some(match self.energy.as_ref()? {
            EnergySource::Powercap(powercap) => powercap_energy(powercap, repeats, idle),
            EnergySource::Meter(file) => meter_energy(file, &repeats, idle.as_ref()),
        })
    }

    /// Adds the energy, and the quantities per sample without the idle level.
    fn add_energy(&self, run: &mut MeasuredRun, energy: MeasuredEnergy) {
        let samples = run.quantity("samples").map(|samples| samples.values.clone()).unwrap_or_default();
        let per_sample = |domain: &DomainEnergy| -> Vec<f64> {
            let net = domain.joules.iter().zip(&domain.seconds);
            let net = net.map(|(joules, seconds)| joules - domain.idle_watts.unwrap_or(0.0) * seconds);
            net.zip(&samples).map(|(joules, samples)| joules / samples).collect()
        };
        let in_total = energy.domains.iter().filter(|domain| is_in_total(&energy, domain)).map(per_sample);
        let total = in_total.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
        let named = energy.domains.iter().filter(|_| energy.domains.len() > 1);
        let named = named.map(|domain| (format!("measured_energy.{}", domain.name), per_sample(domain)));
        let all = total.map(|total| ("measured_energy".to_owned(), total)).into_iter().chain(named);
        let quantities: Vec<Quantity> =
            all.filter_map(|(name, values)| Quantity::new(&name, "J/sample", Some(false), values)).collect();
        run.quantities.extend(quantities);
        run.energy = Some(energy);
    }
}

/// Interval at which a wait checks for an interruption.
const INTERRUPTIBLE: Duration = Duration::from_millis(50);

/// Idle level before a measurement.
struct Idle {
    unix: (f64, f64),
    seconds: f64,
    /// Energy of each domain of powercap in joules.
    joules: Option<Result<Vec<f64>, EnergyError>>,
}

/// Source of counters in results.
const POWERCAP: &str = "powercap";

fn is_in_total(energy: &MeasuredEnergy, domain: &DomainEnergy) -> bool {
    energy.source != POWERCAP || Powercap::is_in_total(&domain.name)
}

/// Runs with the energy of each domain. The counters are also read in between.
fn metered<T>(powercap: &Powercap, run: impl FnOnce() -> T) -> (T, Result<Vec<f64>, EnergyError>) {
    let mut counter = match EnergyCounter::start(powercap) {
        Ok(counter) => counter,
        Err(error) => return (run(), Err(error)),
    };
    std::thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel::<()>();
        let polled = scope.spawn(move || {
            while stopped.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
                counter.update()?;
            }
            finished(counter)
        });
        let result = run();
        drop(stop);
        (result, polled.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Energy of each domain until now.
fn finished(mut counter: EnergyCounter) -> Result<Vec<f64>, EnergyError> {
    counter.update()?;
    Ok(counter.joules())
}

fn powercap_energy(
    powercap: &Powercap,
    repeats: Vec<Repeat>,
    idle: Option<Idle>,
) -> Result<MeasuredEnergy, EnergyError> {
    let idle_seconds = idle.as_ref().map_or(0.0, |idle| idle.seconds);
    let idle = idle.and_then(|idle| idle.joules).transpose()?;
    let seconds_of_repeats: Vec<f64> = repeats.iter().map(|repeat| repeat.unix.1 - repeat.unix.0).collect();
    let joules: Vec<Vec<f64>> = repeats.into_iter().filter_map(|repeat| repeat.joules).collect::<Result<_, _>>()?;
    let domain = |(index, name): (usize, &str)| DomainEnergy {
        name: name.to_owned(),
        idle_watts: idle.as_ref().map(|joules| joules[index] / idle_seconds),
        joules: joules.iter().map(|repeat| repeat[index]).collect(),
        seconds: seconds_of_repeats.clone(),
    };
    let total: Vec<&str> = powercap.domains().filter(|name| Powercap::is_in_total(name)).collect();
    Ok(MeasuredEnergy {
        source: POWERCAP.to_owned(),
        boundary: if total.is_empty() { "each domain alone".to_owned() } else { total.join(" + ") },
        idle_seconds,
        domains: powercap.domains().enumerate().map(domain).collect(),
    })
}

fn meter_energy(
    file: &std::path::Path,
    repeats: &[Repeat],
    idle: Option<&Idle>,
) -> Result<MeasuredEnergy, EnergyError> {
    let log = MeterLog::read(file)?;
    let idle_watts = match idle {
        Some(Idle { unix: (from, to), .. }) if to > from => Some(log.joules(*from, *to)? / (to - from)),
        _ => None,
    };
    let joules = repeats.iter().map(|Repeat { unix: (from, to), .. }| log.joules(*from, *to));
    let domain = DomainEnergy {
        name: "meter".to_owned(),
        idle_watts,
        joules: joules.collect::<Result<_, _>>()?,
        seconds: repeats.iter().map(|Repeat { unix: (from, to), .. }| to - from).collect(),
    };
    Ok(MeasuredEnergy {
        source: file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned(),
        boundary: "everything behind the meter".to_owned(),
        idle_seconds: idle.map_or(0.0, |idle| idle.seconds),
        domains: vec![domain],
    })
}

/// Unix time in seconds.
fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |duration| duration.as_secs_f64())
}
