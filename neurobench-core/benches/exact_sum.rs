//! What an exact sum costs: nanoseconds for one number of 10^6 are the milliseconds shown here.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use neurobench_core::accumulate::ExactSum;

const COUNT: usize = 1_000_000;

/// Splitmix64: numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// With either sign and a magnitude from 2^-87 to 2^87.
    fn wide(&mut self) -> f64 {
        let exponent = (self.bits() % 174) as i32 - 87;
        (2.0 * self.uniform() - 1.0) * 2_f64.powi(exponent)
    }
}

fn naive<T: Copy + Into<f64>>(xs: &[T]) -> f64 {
    let mut sum = 0.0;
    for x in xs {
        sum += (*x).into();
    }
    sum
}

/// Neumaier's compensated sum, as the yardstick: not exact, and it depends on the order.
fn neumaier<T: Copy + Into<f64>>(xs: &[T]) -> f64 {
    let (mut sum, mut compensation) = (0.0_f64, 0.0);
    for x in xs {
        let x: f64 = (*x).into();
        let next = sum + x;
        compensation += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        sum = next;
    }
    sum + compensation
}

fn bench<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, xs: &[T], sum: impl Fn(&[T]) -> f64) {
    group.bench_function(name, |bencher| bencher.iter(|| sum(black_box(xs))));
}

fn with(fill: impl Fn(&mut ExactSum)) -> f64 {
    let mut sum = ExactSum::new();
    fill(&mut sum);
    sum.value()
}

fn one_by_one<T: Copy + Into<f64>>(xs: &[T]) -> f64 {
    with(|sum| xs.iter().for_each(|x| sum.add((*x).into())))
}

fn exact_sum(criterion: &mut Criterion) {
    let mut random = Random(1);
    let uniform: Vec<f64> = (0..COUNT).map(|_| random.uniform()).collect();
    let wide: Vec<f64> = (0..COUNT).map(|_| random.wide()).collect();
    let single: Vec<f32> = uniform.iter().map(|x| *x as f32).collect();

    for (name, xs) in [("f64 uniform", &uniform), ("f64 wide exponents", &wide)] {
        let mut group = group(criterion, name);
        bench(&mut group, "naive", xs, naive);
        bench(&mut group, "Neumaier", xs, neumaier);
        bench(&mut group, "exact, one by one", xs, one_by_one);
        bench(&mut group, "exact, slice", xs, |xs| with(|sum| sum.add_slice(xs)));
        bench(&mut group, "exact squares, one by one", xs, |xs| {
            with(|sum| xs.iter().for_each(|x| sum.add_product(*x, *x)))
        });
        bench(&mut group, "exact squares, slice", xs, |xs| with(|sum| sum.add_squares(xs)));
        group.finish();
    }

    let mut group = group(criterion, "f32 uniform");
    bench(&mut group, "naive", &single, naive);
    bench(&mut group, "Neumaier", &single, neumaier);
    bench(&mut group, "exact, one by one", &single, one_by_one);
    bench(&mut group, "exact, slice", &single, |xs| with(|sum| sum.add_slice_f32(xs)));
    group.finish();
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .throughput(Throughput::Elements(COUNT as u64));
    group
}

criterion_group!(benches, exact_sum);
criterion_main!(benches);
