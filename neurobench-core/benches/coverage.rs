//! How often intervals hold the true value: `cargo bench -p neurobench-core --bench coverage`, some minutes.
//!
//! Each trial draws seeded data from a distribution whose true value is known, asks for intervals of level 0.95, and counts whether
//! each holds the value. It fails if one that should is outside 94 to 96 in a hundred. A number after `--` divides the trials, and
//! words choose the lines that have one of them.
#![expect(clippy::unwrap_used, reason = "a bench fails where it unwraps")]

use std::process::ExitCode;
use std::time::Instant;

use ndarray::Array1;
use neurobench::bench::{BenchmarkBuilder, IntervalMethod, Intervals};
use neurobench::data::InMemory;
use neurobench::metrics::Rmse;
use neurobench::prelude::*;
use neurobench::report::{Entry, Report};
use neurobench::stats::intervals::{
    clopper_pearson, difference_of_means, difference_of_proportions, mean, percentile, wilson,
};
use neurobench::stats::tests::{Discordant, paired_bootstrap};
use neurobench::stats::{Interval, StatsError, quantile};

/// The absolute errors, all of them.
#[accumulated_metric(name = "coverage_errors")]
fn errors(predictions: Predictions<'_>, targets: Targets<'_>) -> Concat<f64> {
    Concat::from_values(predictions.iter().zip(targets.iter()).map(|(prediction, target)| (prediction - target).abs()))
}

/// Their median.
#[accumulated_metric(name = "coverage_median", type = MedianError, of = Errors)]
fn median_error(errors: &Concat<f64>) -> Result<f64, MetricError> {
    let mut sorted: Vec<f64> = errors.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5).ok_or_else(|| MetricError::undefined("the median of nothing"))
}

/// The mean of the predictions in which those above zero weigh twice.
#[accumulated_metric(name = "coverage_weighted")]
fn weighted(predictions: Predictions<'_>) -> Mean {
    let mut mean = Mean::default();
    for value in predictions.iter() {
        mean.merge(Mean::weighted(*value, 1 + u64::from(*value > 0.0)));
    }
    mean
}

/// The mean of the predictions.
#[accumulated_metric(name = "coverage_plain")]
fn plain(predictions: Predictions<'_>) -> Mean {
    Mean::from_values(predictions.iter().copied())
}

/// Vigna's xoshiro256** would do as well; this is SplitMix64, seeded by line and trial.
struct Random(u64);

impl Random {
    fn new(line: u64, trial: u64) -> Self {
        let mut random = Self(line << 40 ^ trial);
        random.uniform();
        random
    }

    /// Between 0 and 1, neither of them.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
    }

    fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    fn many(&mut self, n: usize, of: fn(&mut Self) -> f64) -> Vec<f64> {
        (0..n).map(|_| of(self)).collect()
    }
}

/// One trial. Returns for each interval whether it contained the true value.
type Trial = Box<dyn Fn(&mut Random) -> Vec<bool> + Sync>;

/// Intervals of the same data.
struct Lines {
    what: Vec<String>,
    trials: u64,
    /// True if the coverage should equal the confidence level rather than exceed it.
    nominal: bool,
    trial: Trial,
}

impl Lines {
    fn one(what: String, nominal: bool, trial: impl Fn(&mut Random) -> bool + Sync + 'static) -> Self {
        Self { what: vec![what], trials: 40_000, nominal, trial: Box::new(move |random| vec![trial(random)]) }
    }
}

fn proportion(name: &str, of: fn(u64, u64, f64) -> Result<Interval, StatsError>, n: u64, nominal: bool) -> Lines {
    Lines::one(format!("{name}, p between 1/2 and 1, n = {n}"), nominal, move |random| {
        // The coverage of a single p depends on its position between quotients; the average over p does not.
        let p = 0.5 + random.uniform() / 2.0;
        let hits = (0..n).filter(|_| random.uniform() < p).count() as u64;
        of(hits, n, 0.95).unwrap().contains(p)
    })
}

/// Two models, of which one alone is right on few samples.
fn paired_proportions(n: u64, few: f64) -> Lines {
    Lines::one(format!("Tango, difference of proportions, {few} of one alone, n = {n}"), true, move |random| {
        let (p, q) = (few * random.uniform(), few * random.uniform());
        let mut alone = Discordant::default();
        for _ in 0..n {
            let which = random.uniform();
            alone.first += u64::from(which < p);
            alone.second += u64::from(which > 1.0 - q);
        }
        difference_of_proportions(alone, n, 0.95).unwrap().contains(p - q)
    })
}

fn student(name: &str, n: usize, truth: f64, of: fn(&mut Random) -> f64) -> Lines {
    let trial = move |random: &mut Random| mean(&random.many(n, of), 0.95).unwrap().contains(truth);
    Lines::one(format!("Student's t, {name}, n = {n}"), true, trial)
}

fn welch(n: usize, m: usize) -> Lines {
    Lines::one(format!("Welch's, normal, n = {n} and {m}"), true, move |random| {
        let second: Vec<f64> = random.many(m, Random::normal).into_iter().map(|x| 3.0 * x + 1.0).collect();
        difference_of_means(&random.many(n, Random::normal), &second, 0.95).unwrap().contains(-1.0)
    })
}

/// Number of replicates. With `BOOTSTRAPS` trials, the standard error of the coverage is 0.2 percentage points.
const REPLICATES: u32 = 1000;
const BOOTSTRAPS: u64 = 12_000;

/// A run of the engine, of predictions against zero.
fn run(predictions: Vec<f64>, seed: u64, ask: fn(BenchmarkBuilder<'static>) -> BenchmarkBuilder<'static>) -> Report {
    let n = predictions.len();
    let data = InMemory::new(Array1::from(predictions), Array1::<f64>::zeros(n)).unwrap();
    let method = IntervalMethod::Bootstrap;
    let intervals = Intervals { method, replicates: REPLICATES, seed, ..Intervals::default() };
    let builder = Benchmark::builder().model(neurobench::testing::predictions()).data(data).batch_size(n);
    ask(builder.intervals(intervals).per_sample()).build().unwrap().run().unwrap()
}

fn replicates(of: &Entry) -> &[f64] {
    &of.replicates()[0].values
}

/// Returns whether the percentile interval and the engine's BCa interval contain a value.
fn both(of: &Entry, samples: u64, truth: f64) -> [bool; 2] {
    assert_eq!(of.no_interval(), None);
    let bca = &of.intervals()[0];
    let percentile = percentile(replicates(of), samples, 0.95).unwrap();
    [percentile.contains(truth), bca.low <= truth && truth <= bca.high]
}

/// Bootstraps of normal numbers: of some values of one model, and of the difference of two models' root mean squares on the same
/// samples, which is zero where half of their variance is in common.
fn normal_numbers(n: usize) -> Lines {
    // The quantile 3/4, and the mean when numbers above zero weigh twice, φ(0)/(3/2).
    let (median, weighted_mean) = (0.674_489_750_196_081_7, 0.265_961_520_267_621_8);
    let of = [("root mean square", 1.0), ("median of magnitudes", median), ("weighted mean", weighted_mean)];
    let name = |(name, _): &(&str, f64)| {
        ["Percentile", "BCa"].map(|kind| format!("{kind} bootstrap, {name}, normal, n = {n}"))
    };
    let mut what: Vec<String> = of.iter().flat_map(name).collect();
    what.push(format!("Paired bootstrap, difference of root mean squares, normal, n = {n}"));
    let trial = move |random: &mut Random| {
        let shared = random.many(n, Random::normal);
        let mut predictions = || -> Vec<f64> {
            let own = random.many(n, Random::normal);
            shared.iter().zip(own).map(|(x, y)| (x + y) / f64::sqrt(2.0)).collect()
        };
        let (first, second) = (predictions(), predictions());
        let seed = (random.uniform() * 1e9) as u64;
        let first =
            run(first, seed, |builder| builder.metric(Rmse::default()).metric(MedianError::default()).metric(Weighted));
        let second = run(second, seed, |builder| builder.metric(Rmse::default()));
        let entries = first.entries().iter().zip(of);
        let mut held: Vec<bool> = entries.flat_map(|(entry, (_, truth))| both(entry, n as u64, truth)).collect();
        let [first, second] = [&first, &second].map(|report| replicates(&report.entries()[0]));
        let found = paired_bootstrap(first, second, n as u64, 0.95).unwrap();
        // The p-value says the same, but for the interpolation of the interval's ends.
        assert!((found.p_value < 0.05) != found.interval.contains(0.0) || (0.049..0.051).contains(&found.p_value));
        held.push(found.interval.contains(0.0));
        held
    };
    Lines { what, trials: BOOTSTRAPS, nominal: true, trial: Box::new(trial) }
}

/// Bootstraps of a mean.
fn mean_of(name: &str, n: usize, truth: f64, of: fn(&mut Random) -> f64) -> Lines {
    let what = ["Percentile", "BCa"].map(|kind| format!("{kind} bootstrap, mean, {name}, n = {n}")).to_vec();
    let trial = move |random: &mut Random| {
        let predictions = random.many(n, of);
        let report = run(predictions, (random.uniform() * 1e9) as u64, |builder| builder.metric(Plain));
        both(&report.entries()[0], n as u64, truth).to_vec()
    };
    Lines { what, trials: BOOTSTRAPS, nominal: true, trial: Box::new(trial) }
}

fn lines() -> Vec<Lines> {
    vec![
        proportion("Wilson", wilson, 50, true),
        proportion("Wilson", wilson, 360, true),
        proportion("Wilson", wilson, 2000, true),
        proportion("Clopper-Pearson", clopper_pearson, 360, false),
        paired_proportions(50, 0.5),
        paired_proportions(360, 0.1),
        student("normal", 3, 0.0, Random::normal),
        student("normal", 30, 0.0, Random::normal),
        student("exponential", 500, 1.0, Random::exponential),
        welch(5, 8),
        mean_of("normal", 20, 0.0, Random::normal),
        mean_of("exponential", 500, 1.0, Random::exponential),
        normal_numbers(300),
    ]
}

fn main() -> ExitCode {
    let (mut divisor, mut words) = (1, Vec::new());
    for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        match argument.parse::<u64>() {
            Ok(number) => divisor = number.max(1),
            Err(_) => words.push(argument),
        }
    }
    let chosen = |what: &String| words.is_empty() || words.iter().any(|word| what.contains(word));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get) as u64;
    let mut outside = 0;
    println!("{:<72} {:>7} {:>9} {:>7}", "95 % interval", "trials", "coverage", "± s.e.");
    // Which are chosen changes no line.
    for (number, lines) in (1..).zip(lines()).filter(|(_, lines)| lines.what.iter().any(chosen)) {
        let begun = Instant::now();
        let trials = (lines.trials / divisor).max(1);
        // How often each was held, over the trials of one thread.
        let share = |thread: u64| {
            let mut held = vec![0_u64; lines.what.len()];
            for trial in (thread..trials).step_by(threads as usize) {
                let found = (lines.trial)(&mut Random::new(number, trial));
                held.iter_mut().zip(found).for_each(|(held, found)| *held += u64::from(found));
            }
            held
        };
        let shares: Vec<Vec<u64>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (at, what) in lines.what.iter().enumerate() {
            let held: u64 = shares.iter().map(|share| share[at]).sum();
            let coverage = held as f64 / trials as f64;
            let error = (coverage * (1.0 - coverage) / trials as f64).sqrt();
            let holds = if lines.nominal { (0.94..=0.96).contains(&coverage) } else { coverage >= 0.95 };
            outside += u32::from(!holds);
            let (coverage, error) = (100.0 * coverage, 100.0 * error);
            let mark = if holds { "" } else { "  outside" };
            println!("{what:<72} {trials:>7} {coverage:>7.2} % {error:>7.2}{mark}");
        }
        println!("{:<72} {:>7.1} s", "", begun.elapsed().as_secs_f64());
    }
    if outside == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
