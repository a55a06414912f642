//! Discrete Fourier transforms of real frames, several frames at once.
//!
//! The planners of `rustfft` and `realfft` choose kernels by the processor and use fused multiply-adds where it has them,
//! so their bits differ between machines. This transform gives the same bits everywhere: lanes are frames, each result
//! is computed in one order, and the factors come from `libm`.
//!
//! A frame of an even length n is transformed as n/2 complex numbers, whose spectrum is then separated into those of the
//! even and the odd samples. The complex transform is Stockham's, with a stage for each factor of the length: 4, 2 or an
//! odd prime p, which costs p operations for each number. Lengths with small factors are therefore fast.

use std::f64::consts::TAU;

/// Number of frames that are transformed at once.
pub(super) const LANES: usize = 8;

/// The same number of each frame.
pub(super) type Lanes = [f32; LANES];

/// A complex number of each frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complex {
    pub(super) re: Lanes,
    pub(super) im: Lanes,
}

/// A complex factor that all frames share.
#[derive(Clone, Copy, Debug)]
struct Factor {
    re: f32,
    im: f32,
}

#[inline(always)]
fn map2(left: Lanes, right: Lanes, operation: impl Fn(f32, f32) -> f32) -> Lanes {
    std::array::from_fn(|lane| operation(left[lane], right[lane]))
}

impl Complex {
    pub(super) const ZERO: Self = Self { re: [0.0; LANES], im: [0.0; LANES] };

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { re: map2(self.re, other.re, |a, b| a + b), im: map2(self.im, other.im, |a, b| a + b) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { re: map2(self.re, other.re, |a, b| a - b), im: map2(self.im, other.im, |a, b| a - b) }
    }

    #[inline(always)]
    fn times(self, factor: Factor) -> Self {
        Self {
            re: map2(self.re, self.im, |re, im| re * factor.re - im * factor.im),
            im: map2(self.re, self.im, |re, im| re * factor.im + im * factor.re),
        }
    }

    /// Product with −i.
    #[inline(always)]
    fn turned(self) -> Self {
        Self { re: self.im, im: self.re.map(|re| -re) }
    }
}

/// Returns e^(−2πi·numerator/denominator).
fn root(numerator: usize, denominator: usize) -> Factor {
    let angle = TAU * (numerator % denominator) as f64 / denominator as f64;
    Factor { re: libm::cos(angle) as f32, im: -libm::sin(angle) as f32 }
}

/// One pass of the complex transform, over groups that are `radix * rest` long and `stride` apart.
#[derive(Debug)]
struct Stage {
    radix: usize,
    rest: usize,
    stride: usize,
    /// Factor of output `k` (from 1) of group `p`, at `p * (radix - 1) + k - 1`.
    twiddles: Vec<Factor>,
    /// Roots of unity of an odd radix.
    roots: Vec<Factor>,
}

impl Stage {
    fn new(radix: usize, rest: usize, stride: usize) -> Self {
        let length = radix * rest;
        let twiddles = (0..rest).flat_map(|p| (1..radix).map(move |k| root(p * k, length))).collect();
        let roots = if radix % 2 == 1 { (0..radix).map(|power| root(power, radix)).collect() } else { Vec::new() };
        Self { radix, rest, stride, twiddles, roots }
    }

    #[inline(always)]
    fn run(&self, from: &[Complex], to: &mut [Complex]) {
        let (radix, part) = (self.radix, self.stride * self.rest);
        if radix == 4 && self.stride == 1 {
            return first_four(from, &self.twiddles, to);
        }
        for (p, to) in to.chunks_exact_mut(radix * self.stride).enumerate() {
            let twiddles = &self.twiddles[p * (radix - 1)..(p + 1) * (radix - 1)];
            let from = &from[p * self.stride..];
            match radix {
                // All twiddles of the first group are 1.
                4 if p == 0 => four::<false>(from, part, twiddles, to, self.stride),
                4 => four::<true>(from, part, twiddles, to, self.stride),
                2 => two(from, part, twiddles, to, self.stride),
                _ => odd(from, part, (twiddles, &self.roots), to, self.stride),
            }
        }
    }
}

/// Transform of four numbers, before the twiddles.
#[inline(always)]
fn butterfly([a, b, c, d]: [Complex; 4]) -> [Complex; 4] {
    let (even, odd) = (a.plus(c), a.minus(c));
    let (sum, turned) = (b.plus(d), b.minus(d).turned());
    [even.plus(sum), odd.plus(turned), even.minus(sum), odd.minus(turned)]
}

/// The stage of radix 4 whose stride is 1.
#[inline(always)]
fn first_four(from: &[Complex], twiddles: &[Factor], to: &mut [Complex]) {
    let part = from.len() / 4;
    let (low, high) = from.split_at(2 * part);
    let ((first, second), (third, fourth)) = (low.split_at(part), high.split_at(part));
    let inputs = first.iter().zip(second).zip(third.iter().zip(fourth));
    for (((a, b), (c, d)), (twiddles, to)) in inputs.zip(twiddles.chunks_exact(3).zip(to.chunks_exact_mut(4))) {
        let outputs = butterfly([*a, *b, *c, *d]);
        to[0] = outputs[0];
        to[1] = outputs[1].times(twiddles[0]);
        to[2] = outputs[2].times(twiddles[1]);
        to[3] = outputs[3].times(twiddles[2]);
    }
}

#[inline(always)]
fn four<const TWIDDLES: bool>(from: &[Complex], part: usize, twiddles: &[Factor], to: &mut [Complex], stride: usize) {
    let [first, second, third] = *twiddles else { return };
    let inputs = [&from[..stride], &from[part..][..stride], &from[2 * part..][..stride], &from[3 * part..][..stride]];
    let (low, high) = to.split_at_mut(2 * stride);
    let ((low, second_out), (third_out, high)) = (low.split_at_mut(stride), high.split_at_mut(stride));
    for q in 0..stride {
        let outputs = butterfly(inputs.map(|input| input[q]));
        let twiddled = |output: Complex, twiddle| if TWIDDLES { output.times(twiddle) } else { output };
        low[q] = outputs[0];
        second_out[q] = twiddled(outputs[1], first);
        third_out[q] = twiddled(outputs[2], second);
        high[q] = twiddled(outputs[3], third);
    }
}

#[inline(always)]
fn two(from: &[Complex], part: usize, twiddles: &[Factor], to: &mut [Complex], stride: usize) {
    let [twiddle] = *twiddles else { return };
    let (low, high) = to.split_at_mut(stride);
    for q in 0..stride {
        let (a, b) = (from[q], from[part + q]);
        low[q] = a.plus(b);
        high[q] = a.minus(b).times(twiddle);
    }
}

#[inline(always)]
fn odd(from: &[Complex], part: usize, (twiddles, roots): (&[Factor], &[Factor]), to: &mut [Complex], stride: usize) {
    let radix = roots.len();
    for (k, to) in to.chunks_exact_mut(stride).enumerate() {
        for (q, to) in to.iter_mut().enumerate() {
            let mut sum = from[q];
            for j in 1..radix {
                sum = sum.plus(from[j * part + q].times(roots[j * k % radix]));
            }
            *to = if k == 0 { sum } else { sum.times(twiddles[k - 1]) };
        }
    }
}

/// Neighboring samples times a weight.
#[inline(always)]
fn weighted(samples: &[f32], place: usize, weight: f32) -> Lanes {
    let mut lanes = [0.0; LANES];
    for (lane, sample) in lanes.iter_mut().zip(&samples[place..place + LANES]) {
        *lane = sample * weight;
    }
    lanes
}

/// Transform of real frames of one length.
#[derive(Debug)]
pub(super) struct RealFft {
    length: usize,
    stages: Vec<Stage>,
    /// e^(−2πi·k/n) for k = 0..=n/2, if the length n is even.
    separation: Vec<Factor>,
}

impl RealFft {
    /// Prepares transforms of frames of `length` samples, at least 1.
    pub(super) fn new(length: usize) -> Self {
        let even = length.is_multiple_of(2);
        let complex = if even { length / 2 } else { length };
        let (mut stages, mut rest, mut stride) = (Vec::new(), complex, 1);
        let mut radix = 4;
        while rest > 1 {
            if rest % radix == 0 {
                rest /= radix;
                stages.push(Stage::new(radix, rest, stride));
                stride *= radix;
            } else {
                radix = match radix {
                    4 => 2,
                    2 => 3,
                    // No factor is left below the root, so the rest is prime.
                    _ if radix * radix > rest => rest,
                    _ => radix + 2,
                };
            }
        }
        let separation = if even { (0..=complex).map(|k| root(k, length)).collect() } else { Vec::new() };
        Self { length, stages, separation }
    }

    /// Number of frequencies of a spectrum: n/2 + 1, rounded down.
    pub(super) fn frequencies(&self) -> usize {
        self.length / 2 + 1
    }

    /// Number of complex numbers that [`transform`](Self::transform) works on.
    pub(super) fn complex_length(&self) -> usize {
        if self.length.is_multiple_of(2) { self.length / 2 } else { self.length }
    }

    /// Writes the frames, times a window, into `work`. Sample i of the frames begins at `places[i] + start` in `samples`,
    /// with those of all frames next to each other.
    #[inline(always)]
    pub(super) fn load(&self, samples: &[f32], places: &[usize], start: usize, window: &[f32], work: &mut [Complex]) {
        if self.length.is_multiple_of(2) {
            let pairs = places.chunks_exact(2).zip(window.chunks_exact(2));
            for (complex, (places, weights)) in work.iter_mut().zip(pairs) {
                complex.re = weighted(samples, places[0] + start, weights[0]);
                complex.im = weighted(samples, places[1] + start, weights[1]);
            }
        } else {
            for (complex, (place, weight)) in work.iter_mut().zip(places.iter().zip(window)) {
                complex.re = weighted(samples, place + start, *weight);
                complex.im = [0.0; LANES];
            }
        }
    }

    /// Transforms the loaded frames. Afterwards `work` holds numbers for [`frequency`](Self::frequency). Both slices have
    /// [`complex_length`](Self::complex_length) numbers.
    #[inline(always)]
    pub(super) fn transform<'a>(&self, mut work: &'a mut [Complex], mut other: &'a mut [Complex]) -> &'a [Complex] {
        for stage in &self.stages {
            stage.run(work, other);
            std::mem::swap(&mut work, &mut other);
        }
        work
    }

    /// Returns the spectrum at frequency k/n for k = 0..=n/2.
    #[inline(always)]
    pub(super) fn frequency(&self, transformed: &[Complex], k: usize) -> Complex {
        if self.length % 2 == 1 {
            return transformed[k];
        }
        let half = transformed.len();
        // The spectrum of half the length is periodic.
        let here = if k == half { 0 } else { k };
        let mirrored = if here == 0 { 0 } else { half - here };
        let (here, mirrored) = (transformed[here], transformed[mirrored]);
        let conjugate = Complex { re: mirrored.re, im: mirrored.im.map(|im| -im) };
        let halved =
            |complex: Complex| Complex { re: complex.re.map(|re| 0.5 * re), im: complex.im.map(|im| 0.5 * im) };
        let (even, odd) = (halved(here.plus(conjugate)), halved(here.minus(conjugate)).turned());
        even.plus(odd.times(self.separation[k]))
    }
}

#[cfg(test)]
mod tests {
    use realfft::RealFftPlanner;

    use super::*;

    /// Deterministic numbers between −1 and 1.
    fn noise(length: usize, seed: u64) -> Vec<f32> {
        let mut state = seed;
        let draw = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32) / (1 << 23) as f32 - 1.0
        };
        (0..length).map(draw).collect()
    }

    #[test]
    fn spectra_are_those_of_realfft_for_every_kind_of_length() {
        let lengths = (1..=40).chain([48, 64, 97, 101, 128, 200, 256, 400, 441, 509, 512, 551, 1000, 1024, 2048, 4096]);
        for length in lengths {
            let frames: Vec<Vec<f32>> = (0..LANES).map(|lane| noise(length, lane as u64 + 1)).collect();
            let fft = RealFft::new(length);
            let mut work = vec![Complex::ZERO; fft.complex_length()];
            let mut other = work.clone();
            let window = vec![1.0; length];
            let samples: Vec<f32> =
                (0..length).flat_map(|index| frames.iter().map(move |frame| frame[index])).collect();
            let places: Vec<usize> = (0..length).map(|index| index * LANES).collect();
            fft.load(&samples, &places, 0, &window, &mut work);
            let transformed = fft.transform(&mut work, &mut other);
            let oracle = RealFftPlanner::<f64>::new().plan_fft_forward(length);
            for (lane, frame) in frames.iter().enumerate() {
                let mut frame: Vec<f64> = frame.iter().copied().map(f64::from).collect();
                let mut expected = oracle.make_output_vec();
                oracle.process(&mut frame, &mut expected).unwrap();
                assert_eq!(fft.frequencies(), expected.len());
                // Rounding grows with the number of stages; odd primes add all their terms one by one.
                let scale = (length as f64).sqrt();
                for (k, expected) in expected.iter().enumerate() {
                    let found = fft.frequency(transformed, k);
                    let (re, im) = (f64::from(found.re[lane]) - expected.re, f64::from(found.im[lane]) - expected.im);
                    let error = re.hypot(im) / scale;
                    assert!(error < 2e-6, "length {length}, frequency {k}: error {error}");
                }
            }
        }
    }
}
