//! Measurements of models that take a known time, on a virtual clock.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ndarray::{Array1, Array2};
use neurobench_core::data::{Dataset, InMemory};
use neurobench_core::model::{Layer, Model, ModelError, Probe, SequenceStart, Session, Tensor};
use neurobench_core::report::MeasuredRun;
use neurobench_timing::{
    Environment, LoadGenerator, Measurement, Pipeline, PoissonArrivals, Scenario, SystemClock, Timing, TimingError,
    VirtualClock,
};

/// Model whose passes take a known time of the virtual clock, and possibly its beginnings of sequences.
struct Sleeper {
    clock: Arc<VirtualClock>,
    pass: Duration,
    start: Duration,
    carries_state: bool,
    restarts: AtomicU64,
}

impl Sleeper {
    fn new(clock: &Arc<VirtualClock>, pass: Duration) -> Self {
        let restarts = AtomicU64::new(0);
        Self { clock: Arc::clone(clock), pass, start: Duration::ZERO, carries_state: false, restarts }
    }
}

impl Model for Sleeper {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Sleeping(self))
    }

    fn carries_state(&self) -> bool {
        self.carries_state
    }
}

struct Sleeping<'s>(&'s Sleeper);

impl Session for Sleeping<'_> {
    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        self.0.clock.advance(self.0.pass);
        *outputs = inputs.clone();
        Ok(())
    }

    fn start_sequence(&mut self, _: &SequenceStart<'_>) -> Result<(), ModelError> {
        self.0.clock.advance(self.0.start);
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn data(samples: usize) -> InMemory {
    InMemory::new(Array2::<f32>::zeros((samples, 3)), Array1::<f32>::zeros(samples)).unwrap()
}

const SCENARIOS: [Scenario; 4] = [
    Scenario::SingleStream,
    Scenario::MultiStream { samples_per_query: 8 },
    Scenario::Offline,
    // One query in ten thousand seconds on average: the queue is empty.
    Scenario::Server { rate: 0.000_1 },
];

fn measure(generator: &LoadGenerator, pipeline: &Pipeline<'_>, clock: &VirtualClock) -> Result<Timing, TimingError> {
    let data = data(64);
    let samples = generator.load_samples(pipeline, &data)?;
    generator.run_with(pipeline, &samples, &Environment { clock, interrupted: &|| false })
}

#[test]
fn a_model_that_takes_a_known_time_reads_that_time_at_every_percentile_in_every_scenario() {
    for pass in [Duration::from_nanos(1), Duration::from_micros(1537), Duration::from_secs(5)] {
        for scenario in SCENARIOS {
            let clock = Arc::new(VirtualClock::new());
            let pipeline = Pipeline::new(Sleeper::new(&clock, pass));
            // A minimum of time that every model reaches with the minimum of queries.
            let generator = LoadGenerator { min_duration: Duration::from_nanos(1), ..LoadGenerator::new(scenario) };
            let generator = LoadGenerator { warmup: pass, ..generator };
            let timing = measure(&generator, &pipeline, &clock).unwrap();
            for percentile in [0.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0] {
                let found = timing.latencies.percentile(percentile).map(u128::from);
                assert_eq!(found, Some(pass.as_nanos()), "{scenario:?} {percentile}");
            }
            let passes = timing.samples / generator.batch_size as u64;
            assert_eq!(u128::from(timing.stages.forward), pass.as_nanos() * u128::from(passes));
            assert_eq!((timing.stages.preprocess, timing.stages.postprocess), (0, 0));
            if !matches!(scenario, Scenario::Server { .. }) {
                assert_eq!(timing.duration, timing.stages.forward);
            }
        }
    }
}

#[test]
fn one_inference_in_five_seconds_reads_a_fifth_of_a_sample_per_second() {
    for scenario in [Scenario::SingleStream, Scenario::Offline] {
        let clock = Arc::new(VirtualClock::new());
        let pipeline = Pipeline::new(Sleeper::new(&clock, Duration::from_secs(5)));
        let generator = LoadGenerator { batch_size: 1, ..LoadGenerator::new(scenario) };
        let timing = measure(&generator, &pipeline, &clock).unwrap();
        assert!((timing.throughput() - 0.2).abs() < 1e-12, "{}", timing.throughput());
    }
}

#[test]
fn a_run_ends_when_both_the_minimum_duration_and_the_minimum_of_queries_are_reached() {
    let queries = |pass: Duration, min_seconds: u64, min_queries: u64| {
        let clock = Arc::new(VirtualClock::new());
        let pipeline = Pipeline::new(Sleeper::new(&clock, pass));
        let generator = LoadGenerator {
            min_duration: Duration::from_secs(min_seconds),
            min_queries,
            warmup: Duration::from_secs(3),
            ..LoadGenerator::new(Scenario::SingleStream)
        };
        let timing = measure(&generator, &pipeline, &clock).unwrap();
        (timing.queries, timing.duration)
    };
    assert_eq!(queries(Duration::from_millis(100), 10, 64), (100, 10_000_000_000));
    assert_eq!(queries(Duration::from_secs(1), 10, 64), (64, 64_000_000_000));
}

/// The latencies of a queue with one worker, computed by Lindley's recursion.
fn queue_latencies(rate: f64, seed: u64, service: u64, queries: usize) -> Vec<u64> {
    let mut free = 0;
    let latency = |arrival: u64| {
        free = free.max(arrival) + service;
        free - arrival
    };
    PoissonArrivals::new(rate, seed).take(queries).map(latency).collect()
}

#[test]
fn the_latency_of_a_server_counts_from_the_scheduled_arrival() {
    // At a load of 90 %, and in overload: the queue grows, and no query is left out.
    for rate in [90.0, 150.0] {
        let clock = Arc::new(VirtualClock::new());
        let pipeline = Pipeline::new(Sleeper::new(&clock, Duration::from_millis(10)));
        let generator = LoadGenerator {
            min_duration: Duration::from_secs(20),
            seed: 5,
            ..LoadGenerator::new(Scenario::Server { rate })
        };
        let timing = measure(&generator, &pipeline, &clock).unwrap();
        let mut expected = queue_latencies(rate, 5, 10_000_000, timing.queries as usize);
        expected.sort_unstable();
        assert_eq!(timing.latencies.percentile(0.0), expected.first().copied());
        assert_eq!(timing.latencies.percentile(100.0), expected.last().copied());
        for percentile in [50.0, 90.0, 99.0] {
            let rank = (timing.queries as f64 * percentile / 100.0).ceil() as usize;
            let (found, exact) = (timing.latencies.percentile(percentile).unwrap() as f64, expected[rank - 1] as f64);
            assert!((found / exact - 1.0).abs() < 1e-3, "{rate} {percentile}: {found} for {exact}");
        }
        // The last query is the first one that arrives at the minimum duration or later.
        let arrivals: Vec<u64> = PoissonArrivals::new(rate, 5).take(timing.queries as usize).collect();
        assert!(arrivals.last() >= Some(&20_000_000_000) && arrivals[arrivals.len() - 2] < 20_000_000_000);
    }
}

#[test]
fn a_server_takes_several_waiting_queries_in_one_pass() {
    let timing = |batch_size| {
        let clock = Arc::new(VirtualClock::new());
        let pipeline = Pipeline::new(Sleeper::new(&clock, Duration::from_millis(10)));
        let generator = LoadGenerator { batch_size, ..LoadGenerator::new(Scenario::Server { rate: 400.0 }) };
        measure(&generator, &pipeline, &clock).unwrap()
    };
    let (single, eight) = (timing(1), timing(8));
    assert_eq!(single.stages.forward, single.queries * 10_000_000);
    assert!(eight.stages.forward < eight.queries * 4_000_000, "{eight:?}");
    assert!(eight.latencies.percentile(99.0) < Some(40_000_000) && single.throughput() < 101.0);
}

#[test]
fn the_same_seed_gives_the_same_latencies() {
    let latencies = |seed| {
        let clock = Arc::new(VirtualClock::new());
        let pipeline = Pipeline::new(Sleeper::new(&clock, Duration::from_millis(10)));
        let generator = LoadGenerator { seed, ..LoadGenerator::new(Scenario::Server { rate: 80.0 }) };
        measure(&generator, &pipeline, &clock).unwrap().latencies.buckets()
    };
    assert_eq!(latencies(1), latencies(1));
    assert_ne!(latencies(1), latencies(2));
}

#[test]
fn stages_are_measured_apart() {
    let clock = Arc::new(VirtualClock::new());
    let (before, after) = (Arc::clone(&clock), Arc::clone(&clock));
    let pipeline = Pipeline::new(Sleeper::new(&clock, Duration::from_millis(5)))
        .preprocess_as("slow", move |inputs: Tensor, targets: Tensor| {
            before.advance(Duration::from_millis(2));
            Ok((inputs, targets))
        })
        .postprocess_as("slower", move |outputs: &Tensor| {
            after.advance(Duration::from_millis(3));
            Ok(outputs.clone())
        });
    let timing = measure(&LoadGenerator::new(Scenario::SingleStream), &pipeline, &clock).unwrap();
    let per_query = |total: u64| total / timing.queries / 1_000_000;
    let stages = timing.stages;
    assert_eq!([stages.preprocess, stages.forward, stages.postprocess].map(per_query), [2, 5, 3]);
    assert_eq!(timing.latencies.percentile(50.0), Some(10_000_000));
}

#[test]
fn beginnings_of_sequences_are_neither_latency_nor_duration() {
    for scenario in [Scenario::SingleStream, Scenario::MultiStream { samples_per_query: 4 }, Scenario::Offline] {
        let clock = Arc::new(VirtualClock::new());
        let model = Sleeper {
            start: Duration::from_secs(9),
            carries_state: true,
            ..Sleeper::new(&clock, Duration::from_millis(250))
        };
        let pipeline = Pipeline::new(&model);
        let generator = LoadGenerator { batch_size: 1, warmup: Duration::ZERO, ..LoadGenerator::new(scenario) };
        let data = data(20).in_sequences([5, 15]).unwrap();
        let samples = generator.load_samples(&pipeline, &data).unwrap();
        let environment = Environment { clock: &*clock, interrupted: &|| false };
        let timing = generator.run_with(&pipeline, &samples, &environment).unwrap();
        assert_eq!(timing.duration, timing.samples * 250_000_000, "{scenario:?}");
        let expected = 250_000_000 * if matches!(scenario, Scenario::MultiStream { .. }) { 4 } else { 1 };
        assert_eq!(timing.latencies.percentile(100.0), Some(expected), "{scenario:?}");
        // Two sequences in twenty samples.
        let rounds = timing.samples as f64 / 20.0;
        let restarts = model.restarts.load(Ordering::Relaxed) as f64;
        assert!((restarts - 2.0 * rounds).abs() <= 2.0, "{scenario:?}: {restarts} in {rounds} rounds");
    }
}

fn run(measurement: &Measurement, pass: Duration) -> MeasuredRun {
    let clock = Arc::new(VirtualClock::new());
    let pipeline = Pipeline::new(Sleeper::new(&clock, pass));
    let data = data(64);
    let samples = measurement.generator.load_samples(&pipeline, &data).unwrap();
    measurement.run(&pipeline, &samples, &Environment { clock: &*clock, interrupted: &|| false }).unwrap()
}

#[test]
fn a_run_is_valid_only_if_it_reaches_the_minimum_duration_and_the_minimum_of_queries() {
    let generator = LoadGenerator::new(Scenario::SingleStream);
    let measured = |generator: LoadGenerator| {
        let run = run(&Measurement { repeats: 1, ..Measurement::new("sleeper", generator) }, Duration::from_millis(50));
        assert_eq!(run.valid, run.invalid.is_empty());
        run.invalid
    };
    assert_eq!(measured(generator.clone()), [""; 0]);
    let short = LoadGenerator { max_duration: Some(Duration::from_secs(4)), ..generator.clone() };
    assert_eq!(measured(short), ["repeat 1: 4.000 s, minimum 10 s", "repeat 1: 80 queries, minimum 100"]);
    let few = LoadGenerator { max_queries: Some(300), min_queries: 400, ..generator };
    assert_eq!(measured(few), ["repeat 1: 300 queries, minimum 400"]);
    let offline =
        LoadGenerator { max_duration: Some(Duration::from_secs(11)), ..LoadGenerator::new(Scenario::Offline) };
    assert_eq!(measured(offline), ["repeat 1: 14080 samples, minimum 24576"]);
}

#[test]
fn a_latency_bound_holds_for_the_estimate_of_the_percentile() {
    let generator = LoadGenerator::new(Scenario::SingleStream);
    let measured = |latency_bound, generator: &LoadGenerator| {
        let measurement = Measurement { latency_bound, repeats: 1, ..Measurement::new("sleeper", generator.clone()) };
        run(&measurement, Duration::from_millis(50)).invalid
    };
    assert_eq!(measured(Some(0.05), &generator), [""; 0]);
    let problem = "repeat 1: p90 of the latency is 0.050000 s, bound 0.049 s";
    assert_eq!(measured(Some(0.049), &generator), [problem]);
    let few = LoadGenerator { min_duration: Duration::ZERO, min_queries: 10, max_queries: Some(10), ..generator };
    assert_eq!(measured(Some(1.0), &few), ["repeat 1: p90 of the latency cannot be estimated from 10 queries"]);
}

#[test]
fn quantities_have_a_value_for_each_repeat_and_costs_follow_the_throughput() {
    let generator = LoadGenerator::new(Scenario::MultiStream { samples_per_query: 4 });
    let measurement = Measurement { price_per_hour: Some(0.72), repeats: 2, ..Measurement::new("sleeper", generator) };
    let run = run(&measurement, Duration::from_millis(20));
    let median = |name: &str| run.quantity(name).map(|quantity| (quantity.median, quantity.values.len()));
    let (throughput, repeats) = median("throughput").unwrap();
    assert!((throughput - 200.0).abs() < 1e-9 && repeats == 2);
    // 0.72 · 1e6 / (3600 · 200)
    assert!((median("cost_per_million").unwrap().0 - 1.0).abs() < 1e-9);
    assert!((median("latency_p99_estimate").unwrap().0 - 0.02).abs() < 1e-12);
    assert!((median("forward_time").unwrap().0 - 0.005).abs() < 1e-12);
    let count: u64 = run.latencies.iter().map(|(_, count)| count).sum();
    assert_eq!((count, run.latencies.first().map(|bucket| bucket.0)), (2 * 662, Some(20_000_000)));
    assert!(run.valid && run.notes.iter().all(|note| note.contains("/proc") || note.contains("peak")));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let clock = Arc::new(VirtualClock::new());
    let stateful = || Sleeper { carries_state: true, ..Sleeper::new(&clock, Duration::from_millis(1)) };
    let plain = || Sleeper::new(&clock, Duration::from_millis(1));
    let problem = |generator: LoadGenerator, pipeline: Pipeline<'_>| match measure(&generator, &pipeline, &clock) {
        Ok(timing) => format!("{timing:?}"),
        Err(error) => error.to_string(),
    };
    let single = LoadGenerator::new(Scenario::SingleStream);
    for (generator, pipeline, part) in [
        (LoadGenerator { batch_size: 4, ..single.clone() }, Pipeline::new(plain()), "its batch size is 1, not 4"),
        (single.clone(), Pipeline::new(plain()).add_copy(plain()), "which 2 workers cannot share"),
        (
            LoadGenerator { batch_size: 3, ..LoadGenerator::new(Scenario::MultiStream { samples_per_query: 8 }) },
            Pipeline::new(plain()),
            "8 samples cannot be divided into batches of 3",
        ),
        (LoadGenerator::new(Scenario::Server { rate: 0.0 }), Pipeline::new(plain()), "must be above 0"),
        (LoadGenerator::new(Scenario::Server { rate: 1.0 }), Pipeline::new(stateful()), "the model carries state"),
        (
            LoadGenerator { workers: 2, ..LoadGenerator::new(Scenario::Offline) },
            Pipeline::new(stateful()),
            "2 workers cannot share its samples",
        ),
        (
            LoadGenerator { batch_size: 65, ..LoadGenerator::new(Scenario::Offline) },
            Pipeline::new(plain()),
            "the data set has 64 samples, fewer than the batch size 65",
        ),
        (
            LoadGenerator { min_queries: 2, ..LoadGenerator::new(Scenario::Offline) },
            Pipeline::new(plain()),
            "the offline scenario has one query",
        ),
        (LoadGenerator { max_queries: Some(0), ..single }, Pipeline::new(plain()), "no query was issued"),
    ] {
        let found = problem(generator, pipeline);
        assert!(found.contains(part), "{found}");
    }
}

/// Model that fails or panics.
struct Failing(bool);

impl Model for Failing {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Self(self.0))
    }
}

impl Session for Failing {
    fn forward(&mut self, _: &Tensor, _: &mut Probe, _: &mut Tensor) -> Result<(), ModelError> {
        assert!(!self.0, "no weights");
        Err("no inputs".into())
    }
}

#[test]
fn a_model_that_fails_or_panics_ends_the_measurement_in_every_scenario_with_any_number_of_workers() {
    for scenario in SCENARIOS {
        for workers in [1, 3] {
            if workers > 1 && scenario == Scenario::SingleStream {
                continue;
            }
            let batch_size = if matches!(scenario, Scenario::MultiStream { .. }) { 2 } else { 1 };
            let generator = LoadGenerator { workers, batch_size, ..LoadGenerator::new(scenario) };
            let problem = |panics| generator.run(&Pipeline::new(Failing(panics)), &data(64)).unwrap_err().to_string();
            let failed = problem(false);
            assert!(failed.starts_with("the model failed on the samples from ") && failed.ends_with(": no inputs"));
            assert_eq!(problem(true), "the model panicked: no weights");
        }
    }
}

/// Model that counts its samples, for runs on the real clock.
struct Counting(AtomicU64);

impl Model for Counting {
    fn layers(&self) -> &[Layer] {
        &[]
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(CountingSession(self))
    }
}

struct CountingSession<'c>(&'c Counting);

impl Session for CountingSession<'_> {
    fn forward(&mut self, inputs: &Tensor, _: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        self.0.0.fetch_add(inputs.samples() as u64, Ordering::Relaxed);
        *outputs = inputs.clone();
        Ok(())
    }
}

#[test]
fn workers_and_copies_share_the_queries_and_complete_each_once() {
    let scenarios =
        [Scenario::MultiStream { samples_per_query: 8 }, Scenario::Offline, Scenario::Server { rate: 100_000.0 }];
    for scenario in scenarios {
        for (workers, copies) in [(2, 1), (1, 2), (2, 2)] {
            let models: Vec<Counting> = (0..copies).map(|_| Counting(AtomicU64::new(0))).collect();
            let mut pipeline = Pipeline::new(&models[0]);
            for model in &models[1..] {
                pipeline = pipeline.add_copy(model);
            }
            let batch_size = 2;
            let generator = LoadGenerator {
                workers,
                batch_size,
                warmup: Duration::ZERO,
                min_duration: Duration::from_millis(1),
                ..LoadGenerator::new(scenario)
            };
            let timing = generator.run(&pipeline, &data(64)).unwrap();
            let counted: u64 = models.iter().map(|model| model.0.load(Ordering::Relaxed)).sum();
            assert_eq!(counted, timing.samples, "{scenario:?}");
            let latencies = timing.latencies.count();
            let expected = match scenario {
                Scenario::Offline => timing.samples / batch_size as u64,
                _ => timing.queries,
            };
            assert_eq!(latencies, expected, "{scenario:?}");
        }
    }
}

#[test]
fn an_interruption_ends_a_measurement() {
    let generator = LoadGenerator::new(Scenario::Offline);
    let pipeline = Pipeline::new(Counting(AtomicU64::new(0)));
    let data = data(64);
    let samples = generator.load_samples(&pipeline, &data).unwrap();
    let environment = Environment { clock: &SystemClock::new(), interrupted: &|| true };
    let ended = generator.run_with(&pipeline, &samples, &environment);
    assert!(matches!(ended, Err(TimingError::Interrupted)), "{ended:?}");
}
