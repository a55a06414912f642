//! The unique form of a sum, its arithmetic and its rounding.

use std::cmp::Ordering;

use super::float::{MIN_POSITION, SIGNIFICAND_BITS, compose};
use super::natural;

/// Bits of a limb, and of a digit of the unique form.
pub(super) const LIMB_BITS: u32 = 32;

/// The number `±Σ digits[k] · 2^(32 · (first + k))` in its one form: neither the first nor the last digit is zero, and
/// zero is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scaled {
    negative: bool,
    first: i32,
    digits: Vec<u32>,
}

impl Scaled {
    /// A number of any digits.
    pub(super) fn new(negative: bool, first: i32, mut digits: Vec<u32>) -> Self {
        let Some(top) = digits.iter().rposition(|digit| *digit != 0) else {
            return Self::default();
        };
        digits.truncate(top + 1);
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        Self { negative, first: first + zeros as i32, digits }
    }

    /// The place of the first digit.
    pub(super) fn first(&self) -> i32 {
        self.first
    }

    /// The digits, each with the number's sign.
    pub(super) fn signed_digits(&self) -> Vec<i64> {
        let sign = if self.negative { -1 } else { 1 };
        self.digits.iter().map(|digit| sign * i64::from(*digit)).collect()
    }

    /// The digits from a place on, which must not be after the first one. Zero has none.
    fn digits_from(&self, place: i32) -> Vec<u32> {
        if self.digits.is_empty() {
            return Vec::new();
        }
        let zeros = (self.first - place) as usize;
        std::iter::repeat_n(0, zeros).chain(self.digits.iter().copied()).collect()
    }

    /// self · other
    pub(super) fn times(&self, other: &Self) -> Self {
        Self::new(
            self.negative != other.negative,
            self.first + other.first,
            natural::product(&self.digits, &other.digits),
        )
    }

    /// self · n
    pub(super) fn times_integer(&self, n: u64) -> Self {
        self.times(&Self::new(false, 0, vec![n as u32, (n >> LIMB_BITS) as u32]))
    }

    /// self - other
    pub(super) fn minus(&self, other: &Self) -> Self {
        let first = self.first.min(other.first);
        let (left, right) = (self.digits_from(first), other.digits_from(first));
        if self.negative != other.negative {
            return Self::new(self.negative, first, natural::sum(&left, &right));
        }
        match natural::compare(&left, &right) {
            Ordering::Less => Self::new(!self.negative, first, natural::difference(&right, &left)),
            _ => Self::new(self.negative, first, natural::difference(&left, &right)),
        }
    }

    /// The number rounded to the nearest float, ties to even.
    pub(super) fn to_f64(&self) -> f64 {
        round(self.negative, self.first, &self.digits)
    }

    /// The number divided by n and rounded once; divided by 0 like a float.
    pub(super) fn divided_to_f64(&self, n: u64) -> f64 {
        /// Digits after the point: 192 bits. Before it the number is a natural N ≥ 1, and n < 2^64, so that the whole
        /// part q of N · 2^192 / n has at least 128 bits, 74 of them below the 54 that show on which side of a tie it
        /// lies. The rest r = N · 2^192 - n · q, below 2^64, may be forgotten: only if those 74 bits are all zero could
        /// it count, but then 2^74 divides n · q and N · 2^192, and so r, which is zero.
        const MORE_DIGITS: i32 = 6;
        match (self.digits.is_empty(), n) {
            (true, 0) => return f64::NAN,
            (true, _) => return 0.0,
            (false, 0) if self.negative => return f64::NEG_INFINITY,
            (false, 0) => return f64::INFINITY,
            (false, _) => {}
        }
        let first = self.first - MORE_DIGITS;
        let digits = natural::quotient(&self.digits_from(first), n);
        round(self.negative, first, &digits)
    }
}

/// Rounds a number to the nearest float, ties to even.
fn round(negative: bool, first: i32, digits: &[u32]) -> f64 {
    let length = natural::bit_length(digits) as i64;
    if length == 0 {
        return 0.0;
    }
    let position = i64::from(first) * i64::from(LIMB_BITS);
    // Bits below the 53 highest go, and those below the least power of two. If that is less than nothing, the number
    // is shifted up: it has fewer than 53 bits, and the least power of two lies below them.
    let dropped = (length - i64::from(SIGNIFICAND_BITS)).max(i64::from(MIN_POSITION) - position);
    let significand = if dropped <= 0 {
        natural::bits_from(digits, 0) << -dropped
    } else {
        let dropped = dropped as u64;
        let kept = natural::bits_from(digits, dropped);
        let half = natural::bits_from(digits, dropped - 1) & 1 == 1;
        let beyond_half = natural::any_below(digits, dropped - 1);
        kept + u64::from(half && (beyond_half || kept & 1 == 1))
    };
    compose(negative, significand, position + dropped)
}
