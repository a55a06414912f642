//! How often intervals hold the true value: `cargo bench -p neurobench-core --bench coverage`, some minutes.
//!
//! Each line draws seeded data from a distribution whose true value is known, asks for an interval of level 0.95, and counts how
//! often it holds the value. It fails if one that should is outside 94 to 96 in a hundred. A number after `--` divides the trials.
#![expect(clippy::unwrap_used, reason = "a bench fails where it unwraps")]

use std::process::ExitCode;

use ndarray::Array1;
use neurobench::bench::{BootstrapInterval, IntervalMethod, Intervals};
use neurobench::data::InMemory;
use neurobench::metrics::Rmse;
use neurobench::prelude::*;
use neurobench::stats::Interval;
use neurobench::stats::intervals::{clopper_pearson, difference_of_means, mean, wilson};
use neurobench::stats::quantile;
use neurobench::stats::tests::paired_bootstrap;

/// The absolute errors, all of them.
#[accumulated_metric(name = "coverage_errors")]
fn errors(predictions: Predictions<'_>, targets: Targets<'_>) -> Concat<f64> {
    Concat::of(predictions.iter().zip(targets.iter()).map(|(prediction, target)| (prediction - target).abs()))
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
    Mean::of(predictions.iter().copied())
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

/// One trial: whether the interval held the true value.
type Trial = Box<dyn Fn(&mut Random) -> bool + Sync>;

struct Line {
    what: String,
    trials: u64,
    /// Whether it should hold the value as often as its level says, not more often.
    nominal: bool,
    trial: Trial,
}

fn proportion(name: &str, of: fn(u64, u64, f64) -> Result<Interval, MetricError>, n: u64, nominal: bool) -> Line {
    let trial = move |random: &mut Random| {
        // Whether one p is held often depends on where it lies between quotients: on average over p it does not.
        let p = 0.5 + random.uniform() / 2.0;
        let hits = (0..n).filter(|_| random.uniform() < p).count() as u64;
        of(hits, n, 0.95).unwrap().contains(p)
    };
    let what = format!("{name}, p between 1/2 and 1, n = {n}");
    Line { what, trials: 40_000, nominal, trial: Box::new(trial) }
}

fn student(name: &str, n: usize, truth: f64, of: fn(&mut Random) -> f64) -> Line {
    let trial = move |random: &mut Random| mean(&random.many(n, of), 0.95).unwrap().contains(truth);
    Line { what: format!("Student's t, {name}, n = {n}"), trials: 40_000, nominal: true, trial: Box::new(trial) }
}

fn welch(n: usize, m: usize) -> Line {
    let trial = move |random: &mut Random| {
        let second: Vec<f64> = random.many(m, Random::normal).into_iter().map(|x| 3.0 * x + 1.0).collect();
        difference_of_means(&random.many(n, Random::normal), &second, 0.95).unwrap().contains(-1.0)
    };
    Line { what: format!("Welch's, normal, n = {n} and {m}"), trials: 40_000, nominal: true, trial: Box::new(trial) }
}

/// A bootstrap by the engine, of predictions against zero.
fn bootstrap<M: neurobench::metric::Metric<Output = f64> + Sync>(
    metric: M,
    name: &str,
    kind: BootstrapInterval,
    n: usize,
    truth: f64,
    of: fn(&mut Random) -> f64,
) -> Line {
    let trial = move |random: &mut Random| {
        let predictions = Array1::from(random.many(n, of));
        let data = InMemory::new(predictions, Array1::<f64>::zeros(n)).unwrap();
        let seed = (random.uniform() * 1e9) as u64;
        let method = IntervalMethod::Bootstrap;
        let intervals = Intervals { method, bootstrap: kind, replicates: 1000, seed, ..Intervals::default() };
        let builder = Benchmark::builder().model(neurobench::testing::predictions()).data(data).batch_size(n);
        let report = builder.metric(metric.clone()).intervals(intervals).build().unwrap().run().unwrap();
        let found = &report.entries()[0];
        assert_eq!(found.no_interval(), None);
        let interval = &found.intervals()[0];
        interval.low <= truth && truth <= interval.high
    };
    let what = format!("{kind:?} bootstrap, {name}, n = {n}");
    Line { what, trials: 4_000, nominal: true, trial: Box::new(trial) }
}

/// A bootstrap of the difference of two models' root mean squares on the same samples: of normal numbers that have half of their
/// variance in common, it is zero.
fn paired(n: usize) -> Line {
    let trial = move |random: &mut Random| {
        let shared = random.many(n, Random::normal);
        let seed = (random.uniform() * 1e9) as u64;
        let mut replicates = || {
            let own = random.many(n, Random::normal);
            let predictions: Vec<f64> = shared.iter().zip(own).map(|(x, y)| (x + y) / f64::sqrt(2.0)).collect();
            let data = InMemory::new(Array1::from(predictions), Array1::<f64>::zeros(n)).unwrap();
            let intervals = Intervals { replicates: 1000, seed, ..Intervals::default() };
            let builder = Benchmark::builder().model(neurobench::testing::predictions()).data(data).batch_size(n);
            let report =
                builder.metric(Rmse::default()).intervals(intervals).per_sample().build().unwrap().run().unwrap();
            report.entries()[0].replicates()[0].values.clone()
        };
        let found = paired_bootstrap(&replicates(), &replicates(), 0.95).unwrap();
        // The p-value says the same, but for the interpolation of the interval's ends.
        assert!(found.p_value < 0.06 || found.interval.contains(0.0));
        found.interval.contains(0.0)
    };
    let what = format!("Paired bootstrap, difference of root mean squares, n = {n}");
    Line { what, trials: 4_000, nominal: true, trial: Box::new(trial) }
}

fn lines() -> Vec<Line> {
    // Of a normal number: the quantile 3/4, and the mean when numbers above zero weigh twice, φ(0)/(3/2).
    let (median, weighted_mean) = (0.674_489_750_196_081_7, 0.265_961_520_267_621_8);
    let mut lines = vec![
        proportion("Wilson", wilson, 50, true),
        proportion("Wilson", wilson, 360, true),
        proportion("Wilson", wilson, 2000, true),
        proportion("Clopper-Pearson", clopper_pearson, 360, false),
        student("normal", 3, 0.0, Random::normal),
        student("normal", 30, 0.0, Random::normal),
        student("exponential", 500, 1.0, Random::exponential),
        welch(5, 8),
        paired(300),
    ];
    for kind in [BootstrapInterval::Percentile, BootstrapInterval::Bca] {
        lines.extend([
            bootstrap(Rmse::default(), "root mean square of normal numbers", kind, 300, 1.0, Random::normal),
            bootstrap(MedianError::default(), "median of absolute normal numbers", kind, 300, median, Random::normal),
            bootstrap(Weighted, "weighted mean of normal numbers", kind, 300, weighted_mean, Random::normal),
            bootstrap(Plain, "mean of exponential numbers", kind, 500, 1.0, Random::exponential),
        ]);
    }
    lines
}

fn main() -> ExitCode {
    let divisor = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(1).max(1);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get) as u64;
    let mut outside = 0;
    println!("{:<72} {:>7} {:>9} {:>7}", "95 % interval", "trials", "coverage", "± s.e.");
    for (number, line) in (1..).zip(lines()) {
        let trials = (line.trials / divisor).max(1);
        let share = |thread: u64| {
            let mine = (thread..trials).step_by(threads as usize);
            mine.filter(|trial| (line.trial)(&mut Random::new(number, *trial))).count() as u64
        };
        let held: u64 = std::thread::scope(|scope| {
            let shares: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
            shares.into_iter().map(|share| share.join().unwrap()).sum()
        });
        let coverage = held as f64 / trials as f64;
        let error = (coverage * (1.0 - coverage) / trials as f64).sqrt();
        let holds = if line.nominal { (0.94..=0.96).contains(&coverage) } else { coverage >= 0.95 };
        outside += u32::from(!holds);
        let (coverage, error) = (100.0 * coverage, 100.0 * error);
        let mark = if holds { "" } else { "  outside" };
        println!("{:<72} {trials:>7} {coverage:>7.2} % {error:>7.2}{mark}", line.what);
    }
    if outside == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
