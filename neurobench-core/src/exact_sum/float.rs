//! The parts of a binary64, and a binary64 from its parts.

/// Bits of the significand, with the leading one that is not stored.
pub(super) const SIGNIFICAND_BITS: u32 = 53;
/// The least power of two that is a float.
pub(super) const MIN_POSITION: i32 = -1074;
/// The value of the last bit of the greatest floats, as a power of two.
const MAX_POSITION: i32 = 971;

const STORED_BITS: u32 = SIGNIFICAND_BITS - 1;
const EXPONENT_MASK: u64 = 0x7ff;
const INFINITE_BITS: u64 = EXPONENT_MASK << STORED_BITS;

/// A finite float as ±significand · 2^position.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) negative: bool,
    /// Below 2^53.
    pub(super) significand: u64,
    /// From -1074 to 971.
    pub(super) position: i32,
}

impl Parts {
    /// The parts of a number, or none if it is infinite or NaN.
    #[inline]
    pub(super) fn from_float(x: f64) -> Option<Self> {
        let bits = x.to_bits();
        let exponent = (bits >> STORED_BITS) & EXPONENT_MASK;
        if exponent == EXPONENT_MASK {
            return None;
        }
        // Subnormal numbers (exponent 0) have the position of exponent 1, but no leading one.
        let is_normal = exponent != 0;
        let fraction = bits & ((1 << STORED_BITS) - 1);
        Some(Self {
            negative: bits >> 63 != 0,
            significand: fraction | u64::from(is_normal) << STORED_BITS,
            position: exponent.saturating_sub(1) as i32 + MIN_POSITION,
        })
    }
}

/// The power of two 2^exponent, which must be a normal number.
pub(super) fn power_of_two(exponent: i32) -> f64 {
    debug_assert!((-1022..=1023).contains(&exponent));
    f64::from_bits(((exponent + 1023) as u64) << STORED_BITS)
}

/// ±significand · 2^position: an infinity if it is too great.
///
/// The significand must be 0, or from 2^52 to 2^53, or less at the least position: what rounding to 53 bits leaves.
pub(super) fn compose(negative: bool, significand: u64, position: i64) -> f64 {
    debug_assert!(significand <= 1 << SIGNIFICAND_BITS && position >= i64::from(MIN_POSITION));
    let magnitude = if significand == 0 {
        0
    } else if position > i64::from(MAX_POSITION) {
        INFINITE_BITS
    } else {
        // The leading one, if there is one, adds 1 to the exponent below it, which makes a subnormal number a normal
        // one; a significand rounded up to 2^53 adds 2 and leaves a fraction of zero. From 2^53 at the greatest
        // position that gives the bits of infinity.
        (((position - i64::from(MIN_POSITION)) as u64) << STORED_BITS) + significand
    };
    f64::from_bits(u64::from(negative) << 63 | magnitude)
}
