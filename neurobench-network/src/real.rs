//! The kinds of numbers that networks compute in.

use std::fmt::Display;
use std::iter::Sum;
use std::ops::Neg;

use ndarray::{ArcArray, ArrayD, IxDyn};

use neurobench_core::instructions::{Found, Instructions};
use neurobench_core::model::{Dtype, Element, Tensor};

/// A kind of floating-point numbers that a network can compute in: `f32` or `f64`.
///
/// Its functions are those of `libm`, which are made of additions and multiplications alone, so that every machine gives the
/// same bits; those of the standard library are the platform's.
pub(crate) trait Real:
    num_traits::NumAssign + Neg<Output = Self> + PartialOrd + Element + Sum + Display + Default + Send + Sync + 'static
{
    /// How it is stored.
    const DTYPE: Dtype;
    /// What it is called in messages.
    const NAME: &'static str;

    /// Up to here every whole number is one of this kind.
    const COUNTS_TO: usize;

    /// The nearest number of this kind.
    fn nearest(value: f64) -> Self;

    /// The size, without the sign.
    fn abs(self) -> Self;

    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The square root.
    fn sqrt(self) -> Self;

    /// The product with a factor and the sum with a summand, rounded once: for constants, since it is slow where the processor
    /// has no instruction for it.
    fn multiply_add(self, factor: Self, summand: Self) -> Self;

    /// The exponential function.
    fn exp(self) -> Self;

    /// The natural logarithm.
    fn ln(self) -> Self;

    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// The Gauss error function.
    fn error_function(self) -> Self;

    /// The nearest number to a count.
    fn of_count(count: usize) -> Self {
        Self::nearest(count as f64)
    }

    /// Writes the places of the numbers that are not zero, in ascending order; there must be
    /// [room](neurobench_core::instructions::ROOM) for more places than numbers.
    fn nonzero_places(numbers: &[Self], places: &mut [u32], instructions: Instructions) -> Found;

    /// The numbers of a tensor in memory order: its own, or a copy in the buffer.
    fn in_memory_order<'a>(tensor: &'a Tensor, buffer: &'a mut Vec<Self>) -> &'a [Self];

    /// The array of a tensor of this kind.
    fn array_mut(tensor: &mut Tensor) -> Option<&mut ArcArray<Self, IxDyn>>;

    /// An array as a tensor.
    fn tensor(array: ArrayD<Self>) -> Tensor;

    /// The numbers of a tensor of this shape, which is made anew unless it has the right shape and kind already.
    fn sized(shape: impl Iterator<Item = usize> + Clone, tensor: &mut Tensor) -> Option<&mut [Self]> {
        let has_shape = |array: &mut ArcArray<Self, IxDyn>| array.shape().iter().copied().eq(shape.clone());
        let fits = Self::array_mut(tensor).is_some_and(|array| has_shape(array) && array.is_standard_layout());
        if !fits {
            let shape: Vec<usize> = shape.collect();
            *tensor = Self::tensor(ArrayD::zeros(IxDyn(&shape)));
        }
        Self::array_mut(tensor)?.as_slice_mut()
    }
}

/// The part that both kinds have in common.
macro_rules! real {
    ($own:ident, $fma:ident, $exp:ident, $ln:ident, $tanh:ident, $erf:ident) => {
        #[inline(always)]
        fn abs(self) -> Self {
            self.abs()
        }

        #[inline(always)]
        fn is_finite(self) -> bool {
            self.is_finite()
        }

        #[inline(always)]
        fn sqrt(self) -> Self {
            // Rounded as IEEE 754 says on every platform.
            self.sqrt()
        }

        fn multiply_add(self, factor: Self, summand: Self) -> Self {
            libm::$fma(self, factor, summand)
        }

        fn exp(self) -> Self {
            libm::$exp(self)
        }

        fn ln(self) -> Self {
            libm::$ln(self)
        }

        fn tanh(self) -> Self {
            libm::$tanh(self)
        }

        fn error_function(self) -> Self {
            libm::$erf(self)
        }

        fn in_memory_order<'a>(tensor: &'a Tensor, buffer: &'a mut Vec<Self>) -> &'a [Self] {
            buffer.clear();
            match tensor {
                Tensor::$own(array) => match array.as_slice() {
                    Some(numbers) => return numbers,
                    None => buffer.extend(array.iter()),
                },
                #[allow(unreachable_patterns, reason = "one of the kinds is its own")]
                Tensor::F32(array) => buffer.extend(array.iter().map(|number| Self::from(*number))),
                #[allow(unreachable_patterns, reason = "one of the kinds is its own")]
                Tensor::F64(array) => buffer.extend(array.iter().map(|number| *number as Self)),
                Tensor::I64(array) => buffer.extend(array.iter().map(|number| *number as Self)),
                Tensor::U8(array) => buffer.extend(array.iter().map(|number| Self::from(*number))),
            }
            buffer
        }

        fn array_mut(tensor: &mut Tensor) -> Option<&mut ArcArray<Self, IxDyn>> {
            match tensor {
                Tensor::$own(array) => Some(array),
                _ => None,
            }
        }

        fn tensor(array: ArrayD<Self>) -> Tensor {
            array.into()
        }
    };
}

impl Real for f32 {
    const DTYPE: Dtype = Dtype::F32;
    const NAME: &'static str = "single precision";
    const COUNTS_TO: usize = 1 << 24;

    fn nearest(value: f64) -> Self {
        value as Self
    }

    fn nonzero_places(numbers: &[Self], places: &mut [u32], instructions: Instructions) -> Found {
        instructions.nonzero_places(numbers, places)
    }

    real!(F32, fmaf, expf, logf, tanhf, erff);
}

impl Real for f64 {
    const DTYPE: Dtype = Dtype::F64;
    const NAME: &'static str = "double precision";
    // Where `usize` has fewer bits than 53, all that it has.
    const COUNTS_TO: usize = if usize::BITS > 53 { 1 << (53 % usize::BITS) } else { usize::MAX };

    fn nearest(value: f64) -> Self {
        value
    }

    fn nonzero_places(numbers: &[Self], places: &mut [u32], _: Instructions) -> Found {
        let mut found = Found { count: 0, ones: true };
        for (place, number) in numbers.iter().enumerate().filter(|(_, number)| **number != 0.0) {
            // No layer has 2³² inputs: `MOST_ELEMENTS`.
            places[found.count] = place as u32;
            found.count += 1;
            found.ones &= *number == 1.0;
        }
        found
    }

    real!(F64, fma, exp, log, tanh, erf);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_double_numbers_that_are_not_zero() {
        let mut places = [7; 5];
        let find = |numbers: &[f64], places: &mut [u32]| f64::nonzero_places(numbers, places, Instructions::fastest());
        let found = find(&[0.0, 1.0, -0.0, -1.0], &mut places);
        assert_eq!((found, &places[..2]), (Found { count: 2, ones: false }, &[1, 3][..]));
        let found = find(&[1.0, 1.0], &mut places);
        assert_eq!((found, &places[..2]), (Found { count: 2, ones: true }, &[0, 1][..]));
    }
}
