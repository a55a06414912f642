//! The accumulator: a window of limbs with room for carries.

use super::float::SIGNIFICAND_BITS;
use super::scaled::{LIMB_BITS, Scaled};

const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// Maximum number of additions before the carries must be passed on.
///
/// One addition changes a limb by less than 2^52 (see [`Limbs::add`]) and carrying leaves at most 2^31, so that before
/// the next a limb is at most 2^31 + (2^10 - 1) · 2^52 in magnitude. Merging two such sums gives twice that, which is
/// still below 2^63 - 2^32: neither additions nor merging nor carrying (which adds less than 2^32) overflow.
const MAX_PENDING: u32 = 1 << 10;

/// The number `Σ limbs[k] · 2^(32 · (first + k))`.
///
/// Only the limbs in use are stored, for a window of three or four is what most data needs. It never shrinks, and grows
/// to 67 limbs at most with floats and 133 with products of floats, except for sums beyond 2^2048.
#[derive(Clone, Default)]
pub(super) struct Limbs {
    first: i32,
    limbs: Vec<i64>,
    /// Additions since the carries were passed on: every limb is at most 2^31 + pending · 2^52 in magnitude.
    pending: u32,
}

impl Limbs {
    /// Adds ±significand · 2^position, where significand < 2^53.
    ///
    /// Shifted to a limb's boundary the significand has up to 53 + 31 bits. The low 32 of them are added to one limb
    /// and the other 52 to the next, which is why an addition changes no limb by 2^52 or more.
    #[inline]
    pub(super) fn add(&mut self, negative: bool, significand: u64, position: i32) {
        debug_assert!(significand >> SIGNIFICAND_BITS == 0);
        let limb = position >> 5;
        let shift = (position & 31) as u32;
        // A limb before the window becomes a great index, which is outside as well.
        let index = limb.wrapping_sub(self.first) as u32 as usize;
        let Some([low, high]) = self.limbs.get_mut(index..index.wrapping_add(2)) else {
            return self.add_outside(negative, significand, position);
        };
        let sign = -i64::from(negative);
        // Negated without a branch: (v ^ -1) - -1 is -v. What the left shift loses is what the right shift keeps.
        *low += ((((significand << shift) & LIMB_MASK) as i64) ^ sign) - sign;
        *high += (((significand >> (LIMB_BITS - shift)) as i64) ^ sign) - sign;
        self.pending += 1;
        if self.pending == MAX_PENDING {
            self.carry();
        }
    }

    /// Adds a number that may need limbs outside the window.
    #[cold]
    fn add_outside(&mut self, negative: bool, significand: u64, position: i32) {
        // A zero has the position of the smallest float, and must not stretch the window down to there.
        if significand != 0 {
            let limb = position >> 5;
            self.cover(limb, limb + 2);
            self.add(negative, significand, position);
        }
    }

    /// Adds ±significand · 2^position, with a significand of any size, in pieces of 53 bits.
    #[inline]
    pub(super) fn add_wide(&mut self, negative: bool, significand: u128, position: i32) {
        const BITS: u32 = SIGNIFICAND_BITS;
        let piece = |k: u32| (significand >> (k * BITS)) as u64 & ((1 << BITS) - 1);
        self.add(negative, piece(0), position);
        self.add(negative, piece(1), position + BITS as i32);
        // A product of two floats ends here.
        if piece(2) != 0 {
            self.add(negative, piece(2), position + 2 * BITS as i32);
        }
    }

    /// Adds all of another number.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.limbs.is_empty() {
            return;
        }
        self.cover(other.first, other.end());
        let offset = (other.first - self.first) as usize;
        for (limb, addend) in self.limbs[offset..].iter_mut().zip(&other.limbs) {
            *limb += addend;
        }
        // The one more is for the 2^31 that carrying has left in the other.
        self.pending += other.pending + 1;
        if self.pending >= MAX_PENDING {
            self.carry();
        }
    }

    /// One past the last limb of the window.
    fn end(&self) -> i32 {
        self.first + self.limbs.len() as i32
    }

    /// Grows the window to hold the limbs from `first` up to `end`.
    fn cover(&mut self, first: i32, end: i32) {
        if self.limbs.is_empty() {
            self.first = first;
        }
        if first < self.first {
            let missing = (self.first - first) as usize;
            self.limbs.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = first;
        }
        if end > self.end() {
            self.limbs.resize((end - self.first) as usize, 0);
        }
    }

    /// Passes the carries on.
    fn carry(&mut self) {
        carry(&mut self.limbs);
        self.pending = 0;
    }

    /// The unique form of the number.
    pub(super) fn to_scaled(&self) -> Scaled {
        let mut limbs = self.limbs.clone();
        carry(&mut limbs);
        // No limb is more than half the next in magnitude, so the greatest one that is not zero has the sign.
        let negative = limbs.iter().rfind(|limb| **limb != 0).is_some_and(|limb| *limb < 0);
        let mut borrow = 0;
        let digits = limbs.iter().map(|limb| {
            let value = if negative { -limb } else { *limb } + borrow;
            borrow = value >> LIMB_BITS;
            (value & LIMB_MASK as i64) as u32
        });
        Scaled::new(negative, self.first, digits.collect())
    }

    /// The number of a unique form.
    pub(super) fn from_scaled(scaled: &Scaled) -> Self {
        Self {
            first: scaled.first(),
            limbs: scaled.signed_digits(),
            // A digit may be as great as 2^32 - 1, which is more than carrying leaves.
            pending: 1,
        }
    }
}

/// Brings all limbs into -2^31..=2^31, with a new one at the end if the last has a carry.
///
/// Digits around zero, rather than from zero on, keep a small negative number small: a borrow does not run through all
/// limbs above it.
fn carry(limbs: &mut Vec<i64>) {
    const HALF: i64 = 1 << (LIMB_BITS - 1);
    let mut carry = 0;
    for limb in limbs.iter_mut() {
        let value = *limb + carry;
        carry = (value + HALF) >> LIMB_BITS;
        *limb = value - (carry << LIMB_BITS);
    }
    // The limbs are below 2^63, so that this is at most 2^31.
    if carry != 0 {
        limbs.push(carry);
    }
}
