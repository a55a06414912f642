//! Pseudo-random numbers that depend only on a seed and an index, not on the worker that draws them or the order of
//! draws.
//!
//! A number is drawn by its place: [`hashed`] starts a stream for a seed and a place, such as a sample, and [`nth`] returns any
//! number of the stream.
//!
//! ```
//! use neurobench::stats::random::{hashed, nth, uniform};
//! let (seed, sample, element) = (7, 42, 3);
//! let draw = uniform(nth(hashed(seed, sample), element));
//! assert!((0.0..1.0).contains(&draw));
//! ```

/// Steele, Lea and Flood's mixing of 64 bits (2014, doi 10.1145/2714064.2660195): the finaliser of SplitMix64.
fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The step of SplitMix64: odd, and near the golden ratio of 2⁶⁴.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes a place with a seed to 64 bits.
#[must_use]
pub fn hashed(seed: u64, place: u64) -> u64 {
    mixed(mixed(seed.wrapping_add(STEP)) ^ place.wrapping_mul(STEP).wrapping_add(STEP))
}

/// The `n`-th number of the stream of SplitMix64 that begins with these bits. It does not need the numbers before it.
#[must_use]
pub fn nth(start: u64, n: u64) -> u64 {
    mixed(start.wrapping_add(n.wrapping_add(1).wrapping_mul(STEP)))
}

/// Maps 64 random bits to a multiple of 2⁻⁵³ in [0, 1).
#[must_use]
pub fn uniform(bits: u64) -> f64 {
    const RESOLUTION: f64 = 1.0 / (1_u64 << 53) as f64;
    (bits >> 11) as f64 * RESOLUTION
}

/// Computes the number of times that each replicate draws a sample: weights that are Poisson distributed with mean 1, which stand for the
/// counts of draws with replacement (Hanley and MacGibbon 2006, doi 10.1016/j.cmpb.2006.04.006).
pub(crate) fn poisson_weights(seed: u64, sample: u64, weights: &mut [u8]) {
    let start = hashed(seed, sample);
    for (pair, weights) in (0..).zip(weights.chunks_mut(2)) {
        for (weight, bits) in weights.iter_mut().zip(halves(nth(start, pair))) {
            *weight = poisson(bits);
        }
    }
}

/// The weight of one replicate among them.
#[must_use]
pub(crate) fn poisson_weight(seed: u64, sample: u64, replicate: usize) -> u8 {
    poisson(halves(nth(hashed(seed, sample), (replicate / 2) as u64))[replicate % 2])
}

fn halves(bits: u64) -> [u32; 2] {
    [bits as u32, (bits >> 32) as u32]
}

fn poisson(bits: u32) -> u8 {
    POISSON.iter().map(|below| u8::from(bits >= *below)).sum()
}

/// 2³²·P(w ≤ k) of the Poisson distribution with mean 1, for k = 0, 1, ..: the weight of a uniform number of 32 bits is the
/// number of thresholds that it reaches. The probability of more than 12 is below the resolution of 32 bits.
const POISSON: [u32; 12] = [
    1_580_030_169,
    3_160_060_337,
    3_950_075_422,
    4_213_413_783,
    4_279_248_374,
    4_292_415_292,
    4_294_609_778,
    4_294_923_276,
    4_294_962_463,
    4_294_966_817,
    4_294_967_253,
    4_294_967_292,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_those_of_the_poisson_distribution() {
        let mut below = 0.0;
        let mut term = (-1.0_f64).exp();
        for (k, threshold) in POISSON.iter().enumerate() {
            below += term;
            term /= (k + 1) as f64;
            assert!((f64::from(*threshold) - below * 4_294_967_296.0).abs() <= 1.0, "{k}: {threshold}");
        }
    }

    #[test]
    fn weights_have_mean_and_variance_one_and_do_not_go_together() {
        let (samples, replicates) = (2_000_u64, 400);
        let mut all = Vec::new();
        for sample in 0..samples {
            let mut weights = vec![0; replicates];
            poisson_weights(7, sample, &mut weights);
            all.push(weights);
        }
        let mean = |value: &dyn Fn(usize, usize) -> f64| {
            let sum: f64 = (0..all.len() - 1)
                .flat_map(|i| (0..replicates - 1).map(move |j| (i, j)))
                .map(|(i, j)| value(i, j))
                .sum();
            sum / ((all.len() - 1) * (replicates - 1)) as f64
        };
        let centerd = |i: usize, j: usize| f64::from(all[i][j]) - 1.0;
        // Of 8·10⁵ weights: five standard errors are 0.006 for means and covariances, 0.01 for the variance.
        assert!(mean(&centerd).abs() < 0.006);
        assert!((mean(&|i, j| centerd(i, j) * centerd(i, j)) - 1.0).abs() < 0.01);
        assert!(mean(&|i, j| centerd(i, j) * centerd(i, j + 1)).abs() < 0.006);
        assert!(mean(&|i, j| centerd(i, j) * centerd(i + 1, j)).abs() < 0.006);
    }

    #[test]
    fn a_weight_depends_on_seed_sample_and_replicate_alone() {
        let weights = |seed, sample, replicates| {
            let mut weights = vec![0; replicates];
            poisson_weights(seed, sample, &mut weights);
            weights
        };
        assert_eq!(weights(1, 5, 64)[..33], weights(1, 5, 33));
        assert_eq!(weights(1, 5, 33), (0..33).map(|replicate| poisson_weight(1, 5, replicate)).collect::<Vec<_>>());
        assert_ne!(weights(1, 5, 64), weights(2, 5, 64));
        assert_ne!(weights(1, 5, 64), weights(1, 6, 64));
    }
}
