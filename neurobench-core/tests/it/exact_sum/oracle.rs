//! Sums of floats as big integers, and shared helpers of the tests.

use std::cmp::Ordering;

use neurobench::accumulate::ExactSum;
use num_bigint::{BigInt, Sign};
use proptest::prelude::*;

/// The oracle counts multiples of 2^-2148, the smallest product of two floats.
pub(crate) const UNIT: i64 = -2148;

pub(crate) fn power(exponent: i64) -> BigInt {
    BigInt::from(1) << exponent
}

/// Significand and exponent of a finite number.
pub(crate) fn decode(x: f64) -> (BigInt, i64) {
    let exponent = (x.to_bits() >> 52 & 0x7ff) as i64;
    assert!(exponent != 0x7ff);
    let fraction = BigInt::from(x.to_bits() & ((1 << 52) - 1));
    let (magnitude, exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction + power(52), exponent - 1075),
    };
    (if x.is_sign_negative() { -magnitude } else { magnitude }, exponent)
}

pub(crate) fn big(x: f64) -> BigInt {
    let (significand, exponent) = decode(x);
    significand << (exponent - UNIT)
}

pub(crate) fn big_product(a: f64, b: f64) -> BigInt {
    let ((a, e), (b, f)) = (decode(a), decode(b));
    (a * b) << (e + f - UNIT)
}

pub(crate) fn big_sum(xs: &[f64]) -> BigInt {
    xs.iter().map(|x| big(*x)).sum()
}

/// Numerator / denominator · 2^unit as a float: the floor for every width of the last bit, widened until it fits.
pub(crate) fn nearest(numerator: &BigInt, denominator: &BigInt, unit: i64) -> f64 {
    let magnitude = BigInt::from(numerator.magnitude().clone());
    let estimate = magnitude.bits() as i64 - denominator.bits() as i64 - 54 + unit;
    let mut ulp = estimate.max(-1074);
    let (mut floor, half) = loop {
        let (dividend, divisor) = match ulp - unit {
            shift @ 0.. => (magnitude.clone(), denominator << shift),
            shift => (&magnitude << -shift, denominator.clone()),
        };
        let floor = &dividend / &divisor;
        if floor < power(53) {
            let twice_the_rest: BigInt = (dividend - &floor * &divisor) * 2;
            break (u64::try_from(floor).unwrap(), twice_the_rest.cmp(&divisor));
        }
        ulp += 1;
    };
    floor += match half {
        Ordering::Less => 0,
        Ordering::Equal => floor % 2,
        Ordering::Greater => 1,
    };
    // Two steps, of which the first neither overflows nor underflows.
    let steps = (ulp.min(2000) / 2, ulp.min(2000) - ulp.min(2000) / 2);
    let value = floor as f64 * 2_f64.powi(steps.0 as i32) * 2_f64.powi(steps.1 as i32);
    if numerator.sign() == Sign::Minus { -value } else { value }
}

pub(crate) fn rounded(number: &BigInt) -> f64 {
    nearest(number, &BigInt::from(1), UNIT)
}

pub(crate) fn sum_slice(xs: &[f64]) -> ExactSum {
    let mut sum = ExactSum::new();
    sum.add_slice(xs);
    sum
}

pub(crate) fn sum_each(xs: &[f64]) -> ExactSum {
    xs.iter().copied().collect()
}

pub(crate) fn json(sum: &ExactSum) -> String {
    serde_json::to_string(sum).unwrap()
}

#[track_caller]
pub(crate) fn assert_same_bits(left: f64, right: f64) {
    assert!(left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan(), "{left:e} is not {right:e}");
}

/// Checks that both ways of adding give the value of the oracle, and the same state.
#[track_caller]
pub(crate) fn check(xs: &[f64]) {
    let (each, slice) = (sum_each(xs), sum_slice(xs));
    assert_same_bits(each.value(), rounded(&big_sum(xs)));
    assert_eq!(each, slice);
    assert_eq!(json(&each), json(&slice));
}

/// Splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// A finite number with a biased exponent in a range.
    pub(crate) fn float(&mut self, exponents: std::ops::Range<usize>) -> f64 {
        let exponent = (exponents.start + self.below(exponents.len())) as u64;
        f64::from_bits(self.bits() & !(0x7ff << 52) | exponent << 52)
    }

    pub(crate) fn floats(&mut self, count: usize, exponents: std::ops::Range<usize>) -> Vec<f64> {
        (0..count).map(|_| self.float(exponents.clone())).collect()
    }

    pub(crate) fn shuffle<T>(&mut self, xs: &mut [T]) {
        for end in (1..xs.len()).rev() {
            xs.swap(end, self.below(end + 1));
        }
    }
}

/// Any finite number, with more of the difficult ones.
pub(crate) fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite()),
        2 => -1.0..1.0,
        1 => (0_u64..4).prop_map(f64::from_bits),
        1 => prop::sample::select(vec![0.0, -0.0, f64::MAX, -f64::MAX, f64::MIN_POSITIVE, -5e-324, 1.0, -1.0]),
    ]
}
