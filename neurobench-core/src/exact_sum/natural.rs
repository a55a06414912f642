//! Arithmetic of natural numbers, with digits of 32 bits, the least first.
//!
//! Schoolbook methods: the numbers have a few digits, and are met once at the end of a sum.

use std::cmp::Ordering;

const DIGIT_BITS: u64 = 32;

/// Number of bits up to the highest that is set.
pub(super) fn bit_length(digits: &[u32]) -> u64 {
    digits
        .iter()
        .rposition(|digit| *digit != 0)
        .map_or(0, |top| DIGIT_BITS * (top as u64 + 1) - u64::from(digits[top].leading_zeros()))
}

/// The 64 bits from a bit on.
pub(super) fn bits_from(digits: &[u32], start: u64) -> u64 {
    let first = (start / DIGIT_BITS) as usize;
    let window = (0..3)
        .rev()
        .fold(0_u128, |window, k| window << DIGIT_BITS | u128::from(digits.get(first + k).copied().unwrap_or(0)));
    (window >> (start % DIGIT_BITS)) as u64
}

/// Returns true if any bit is set below a bit.
pub(super) fn any_below(digits: &[u32], end: u64) -> bool {
    let whole = (end / DIGIT_BITS) as usize;
    let part = (1_u32 << (end % DIGIT_BITS)) - 1;
    digits.iter().take(whole).any(|digit| *digit != 0) || digits.get(whole).is_some_and(|digit| digit & part != 0)
}

/// Compares two numbers, of which neither ends in zeros.
pub(super) fn compare(left: &[u32], right: &[u32]) -> Ordering {
    let by_digits = || left.iter().rev().cmp(right.iter().rev());
    left.len().cmp(&right.len()).then_with(by_digits)
}

/// left + right
pub(super) fn sum(left: &[u32], right: &[u32]) -> Vec<u32> {
    let (long, short) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let mut carry = 0;
    let mut digits: Vec<u32> = Vec::with_capacity(long.len() + 1);
    for (k, digit) in long.iter().enumerate() {
        let value = u64::from(*digit) + u64::from(short.get(k).copied().unwrap_or(0)) + carry;
        digits.push(value as u32);
        carry = value >> DIGIT_BITS;
    }
    digits.push(carry as u32);
    digits
}

/// left - right, where left is not the lesser one.
pub(super) fn difference(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut borrow = false;
    let digits = left.iter().enumerate().map(|(k, digit)| {
        let (value, first) = digit.overflowing_sub(right.get(k).copied().unwrap_or(0));
        let (value, second) = value.overflowing_sub(u32::from(borrow));
        borrow = first || second;
        value
    });
    let digits = digits.collect();
    debug_assert!(!borrow);
    digits
}

/// left · right
pub(super) fn product(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut digits = vec![0; left.len() + right.len()];
    for (i, a) in left.iter().enumerate() {
        let mut carry = 0;
        for (j, b) in right.iter().enumerate() {
            // (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1
            let value = u64::from(*a) * u64::from(*b) + u64::from(digits[i + j]) + carry;
            digits[i + j] = value as u32;
            carry = value >> DIGIT_BITS;
        }
        digits[i + right.len()] = carry as u32;
    }
    digits
}

/// The whole part of number / n
pub(super) fn quotient(number: &[u32], n: u64) -> Vec<u32> {
    let n = u128::from(n);
    let mut remainder = 0;
    let mut digits = vec![0; number.len()];
    for (k, digit) in number.iter().enumerate().rev() {
        // The remainder is below n, so that the next digit is below 2^32.
        let value = remainder << DIGIT_BITS | u128::from(*digit);
        digits[k] = (value / n) as u32;
        remainder = value % n;
    }
    digits
}
