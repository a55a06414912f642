//! Slices, in blocks: condensed to a few floats that have the same sum.
//!
//! Adding σ = 1.5 · 2^k to a number x and taking it away again leaves x rounded to a multiple of u = 2^(k-52), because
//! that is the distance of the floats around σ. The rounded part q and the rest x - q are both exact, and the q's have
//! so few bits that an ordinary loop adds them without an error. The rests go the same way with a lesser σ, until
//! nothing is left. The loops have no branches and no order of additions to keep, so the compiler makes vectors of
//! them.
//!
//! # Why it is exact
//!
//! Let all |x| ≤ 2^(k-8), with k from -1022 to 1022.
//!
//! 1. σ + x is between 2^k and 2^(k+1), where the floats are the multiples of u, so fl(σ + x) = σ + q, where q is a
//!    multiple of u, at most u/2 away from x. Since 2^(k-8) is a multiple of u too, |q| ≤ 2^(k-8).
//! 2. Taking σ away is exact: q is a multiple of u of at most 2^44 units.
//! 3. x - q is exact: if |x| < u/2 then q = 0. Otherwise it is a multiple of the last bit of x, for u is one (the 53
//!    bits of x are below 2^(k-8), so the last is far below 2^(k-52)), and at most u/2 ≤ |x|: it has no more bits
//!    than x.
//! 4. Adding up to 512 of the q's, in any order and grouping, has partial sums of at most 2^9 · 2^(k-8) = 2^(k+1),
//!    which is 2^53 units of u. All multiples of u up to there are floats, so that no addition rounds. The lanes
//!    together hold one block, so the bound covers each lane as well as the sum of the lanes.
//! 5. The rests are at most u/2 = 2^(k-53) = 2^((k-45)-8): with k - 45 they meet the same condition.
//!
//! This is the extraction of Rump, Ogita and Oishi, with 1.5 · 2^k in place of 2^k, which spares the case of a negative
//! x, for which the floats below 2^k lie closer.

use super::ExactSum;
use super::float::{SIGNIFICAND_BITS, power_of_two};

/// Numbers in a block: 2^9, the 9 of which is in the bounds above.
const BLOCK: usize = 512;
const LOG_BLOCK: i32 = 9;
/// Independent sums: four vectors of two, enough to hide the latency of an addition.
const LANES: usize = 8;
const GROUPS: usize = BLOCK / LANES;

/// From the k of one level to the next: 5. above.
const LEVEL_STEP: i32 = SIGNIFICAND_BITS as i32 - (LOG_BLOCK - 1);
/// The range of k: σ must be a normal number, and twice 2^k too.
const MIN_K: i32 = -1022;
const MAX_K: i32 = 1022;
/// Number of levels after which the rests of a block are added one by one. Ten hold exponents 390 apart; a level takes about a
/// tenth of the time of an addition.
const MAX_LEVELS: usize = 10;
/// Slices that are shorter are added one by one.
const MIN_SLICE: usize = 16;

type Group = [f64; LANES];

/// Adds a slice.
pub(super) fn add_all<T: Copy + Into<f64>>(sum: &mut ExactSum, xs: &[T]) {
    if xs.len() < MIN_SLICE {
        return add_one_by_one(sum, xs);
    }
    let mut scratch = [[0.0; LANES]; GROUPS];
    for block in xs.chunks(BLOCK) {
        let (groups, greatest) = load(&mut scratch, block);
        if !condense(sum, groups, greatest) {
            add_one_by_one(sum, block);
        }
    }
}

fn add_one_by_one<T: Copy + Into<f64>>(sum: &mut ExactSum, xs: &[T]) {
    for x in xs {
        sum.add((*x).into());
    }
}

/// Copies a block into groups, with zeros at the end. Also gives the greatest magnitude, NaNs not counted.
fn load<'a, T: Copy + Into<f64>>(scratch: &'a mut [Group; GROUPS], block: &[T]) -> (&'a mut [Group], f64) {
    let (full, rest) = block.as_chunks::<LANES>();
    let (groups, last) = scratch.split_at_mut(full.len());
    let mut greatest = [0.0_f64; LANES];
    for (group, xs) in groups.iter_mut().zip(full) {
        for lane in 0..LANES {
            let x: f64 = xs[lane].into();
            group[lane] = x;
            // Written so that it is one instruction, unlike `f64::max`.
            greatest[lane] = if x.abs() > greatest[lane] { x.abs() } else { greatest[lane] };
        }
    }
    let mut greatest = greatest.into_iter().fold(0.0, f64::max);
    if let (Some(group), false) = (last.first_mut(), rest.is_empty()) {
        *group = [0.0; LANES];
        for (value, x) in group.iter_mut().zip(rest) {
            *value = (*x).into();
            greatest = greatest.max(value.abs());
        }
    }
    let used = full.len() + usize::from(!rest.is_empty());
    (&mut scratch[..used], greatest)
}

/// Adds the numbers of a block, of which `greatest` is the greatest magnitude. Leaves the numbers changed.
///
/// Gives false, and adds nothing, if the block has numbers that no σ is made for: the greatest, infinities and NaNs.
fn condense(sum: &mut ExactSum, groups: &mut [Group], greatest: f64) -> bool {
    // greatest < 2^(exponent + 1) = 2^(k - 8), also for subnormal numbers, whose biased exponent is 0.
    let exponent = (greatest.to_bits() >> (SIGNIFICAND_BITS - 1)) as i32 - 1023;
    let mut k = exponent + LOG_BLOCK;
    if k > MAX_K {
        return false;
    }
    for level in 0..MAX_LEVELS {
        // A greater k than needed only weakens the condition. With the least one, u is the least float, and nothing
        // can be left.
        let (extracted, left) = extract(groups, 1.5 * power_of_two(k.max(MIN_K)));
        // Finite numbers have a finite sum here, so this comes of a NaN among them.
        if level == 0 && extracted.is_nan() {
            return false;
        }
        sum.add(extracted);
        if !left {
            return true;
        }
        k -= LEVEL_STEP;
    }
    for rest in groups.as_flattened() {
        sum.add(*rest);
    }
    true
}

/// Takes the multiples of u out of all numbers: gives their sum, and whether something is left.
fn extract(groups: &mut [Group], sigma: f64) -> (f64, bool) {
    let mut sums = [0.0; LANES];
    let mut left = [0; LANES];
    for group in groups {
        for lane in 0..LANES {
            let x = group[lane];
            let multiple = (sigma + x) - sigma;
            let rest = x - multiple;
            sums[lane] += multiple;
            left[lane] |= rest.to_bits();
            group[lane] = rest;
        }
    }
    // The highest bit is the sign, which a rest of -0.0 has too.
    let any_left = left.iter().fold(0, |all, bits| all | bits) << 1 != 0;
    (sums.iter().sum(), any_left)
}

/// Adds the squares of a slice.
pub(super) fn add_all_squares(sum: &mut ExactSum, xs: &[f64]) {
    if xs.len() < MIN_SLICE {
        return add_squares_one_by_one(sum, xs);
    }
    let mut scratch = [[0.0; LANES]; GROUPS];
    let mut errors = [[0.0; LANES]; GROUPS];
    for block in xs.chunks(BLOCK) {
        let (groups, greatest) = load(&mut scratch, block);
        let errors = &mut errors[..groups.len()];
        if !condense_squares(sum, groups, errors, greatest) {
            add_squares_one_by_one(sum, block);
        }
    }
}

fn add_squares_one_by_one(sum: &mut ExactSum, xs: &[f64]) {
    for x in xs {
        sum.add_product(*x, *x);
    }
}

/// Adds the squares of a block, like [`condense`].
///
/// Gives false, and adds nothing, if a number is outside the range in which squares can be split exactly.
fn condense_squares(sum: &mut ExactSum, groups: &mut [Group], errors: &mut [Group], greatest: f64) -> bool {
    /// For |x| from 2^-480 to 2^480 nothing in [`square`] overflows, and since the last bit of x is 2^-532 or more,
    /// that of its square, of which all values in there are multiples, is 2^-1064 or more: nothing underflows.
    const MAX_EXPONENT: i32 = 480;
    let range = power_of_two(-MAX_EXPONENT)..=power_of_two(MAX_EXPONENT);
    if !range.contains(&greatest) || !range.contains(&least(groups)) {
        return greatest == 0.0 && condense(sum, groups, greatest);
    }
    for (group, errors) in groups.iter_mut().zip(errors.iter_mut()) {
        for lane in 0..LANES {
            (group[lane], errors[lane]) = square(group[lane]);
        }
    }
    // Rounding is monotonic, so this is the greatest of the rounded squares; each is off by at most 2^-53 of itself.
    let greatest = greatest * greatest;
    condense(sum, groups, greatest) && condense(sum, errors, greatest * power_of_two(-(SIGNIFICAND_BITS as i32)))
}

/// The least magnitude in a block that is not zero, NaNs not counted.
fn least(groups: &[Group]) -> f64 {
    let mut least = [f64::INFINITY; LANES];
    for group in groups {
        for lane in 0..LANES {
            let magnitude = if group[lane] == 0.0 { f64::INFINITY } else { group[lane].abs() };
            least[lane] = if magnitude < least[lane] { magnitude } else { least[lane] };
        }
    }
    least.into_iter().fold(f64::INFINITY, f64::min)
}

/// The square of a number, rounded, and what rounding took away: Dekker's product.
///
/// Fused multiplication would be shorter, but is not in the baseline of x86-64, and slow in software.
#[inline]
fn square(x: f64) -> (f64, f64) {
    /// 2^27 + 1 splits 53 bits into 26 and 26 and the sign of the second part, so that products of parts are exact.
    const SPLITTER: f64 = 134_217_729.0;
    let square = x * x;
    let scaled = SPLITTER * x;
    let high = scaled - (scaled - x);
    let low = x - high;
    let error = ((high * high - square) + 2.0 * (high * low)) + low * low;
    (square, error)
}
