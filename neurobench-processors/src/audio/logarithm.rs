//! Natural logarithms, several at once.

use std::f32::consts::LN_2;

use neurobench_core::instructions::{Instructions, Work};

/// Replaces positive numbers of normal size by their natural logarithms times a factor. `prepared` is applied to each before.
pub(super) fn logarithms(instructions: Instructions, numbers: &mut [f32], prepared: impl Fn(f32) -> f32, factor: f32) {
    instructions.run(Logarithms { numbers, prepared, factor });
}

struct Logarithms<'a, F> {
    numbers: &'a mut [f32],
    prepared: F,
    factor: f32,
}

impl<F: Fn(f32) -> f32> Work for Logarithms<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Self { numbers, prepared, factor } = self;
        numbers.iter_mut().for_each(|number| *number = factor * ln(prepared(*number)));
    }
}

/// Natural logarithm of a positive number of normal size: the bits of `libm::logf`, without its branches for other numbers,
/// which keep a compiler from computing several at once.
///
/// x = 2ᵏ·(1 + f) with 1 + f between √½ and √2, and ln(1 + f) = f − f²/2 + s·(f²/2 + R(s²)), where s = f/(2 + f) and R is a
/// polynomial (FreeBSD's `e_logf.c`).
#[inline(always)]
fn ln(number: f32) -> f32 {
    /// The bits of √½, rounded down.
    const HALF_ROOT: u32 = 0x3f35_04f3;
    const ONE: u32 = 0x3f80_0000;
    /// ln 2, as a number with trailing zeros, whose product with k is exact, and the rest.
    const LN_2_HIGH: f32 = f32::from_bits(0x3f31_7180);
    const LN_2_LOW: f32 = f32::from_bits(0x3717_f7d1);
    const R: [f32; 4] = [
        f32::from_bits(0x3f2a_aaaa),
        f32::from_bits(0x3ecc_ce13),
        f32::from_bits(0x3e91_e9ee),
        f32::from_bits(0x3e78_9e26),
    ];
    const { assert!(LN_2_HIGH < LN_2 && LN_2 - LN_2_HIGH < 1e-5) };
    let bits = number.to_bits().wrapping_add(ONE - HALF_ROOT);
    let k = ((bits >> 23) as i32 - 127) as f32;
    let f = f32::from_bits((bits & 0x007f_ffff) + HALF_ROOT) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (R[1] + w * R[3]);
    let even = z * (R[0] + w * R[2]);
    let half_square = 0.5 * f * f;
    s * (half_square + (even + odd)) + k * LN_2_LOW - half_square + f + k * LN_2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_have_the_bits_of_libm() {
        let differs = |bits: u32| ln(f32::from_bits(bits)).to_bits() != libm::logf(f32::from_bits(bits)).to_bits();
        // All exponents of normal numbers, and many numbers of each; 1 is exact.
        let normal = f32::MIN_POSITIVE.to_bits()..f32::INFINITY.to_bits();
        assert_eq!(normal.step_by(997).filter(|bits| differs(*bits)).count(), 0);
        assert_eq!([1.0_f32, f32::MIN_POSITIVE, f32::MAX].map(f32::to_bits).map(differs), [false; 3]);
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let numbers: Vec<f32> = (0..1000).map(|index| index as f32 * 0.37 + 1e-6).collect();
        let results = neurobench_core::instructions::InstructionSet::available().into_iter().map(|set| {
            let mut numbers = numbers.clone();
            logarithms(Instructions::new(set).unwrap(), &mut numbers, |number| number, 3.0);
            numbers
        });
        let expected: Vec<f32> = numbers.iter().map(|number| 3.0 * libm::logf(*number)).collect();
        assert!(results.into_iter().all(|found| found == expected));
    }
}
