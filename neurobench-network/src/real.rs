//! Floating-point types that networks compute with.

use std::fmt::Display;
use std::iter::Sum;
use std::ops::Neg;

use ndarray::{ArcArray, ArrayD, IxDyn};

use neurobench_core::instructions::{Instructions, NonzeroCount};
use neurobench_core::model::{Dtype, Element, Tensor};

/// A floating-point type that a network can compute with: `f32` or `f64`.
///
/// Its functions are those of `libm`, which consist of additions and multiplications only, so that every machine gives the
/// same bits. Those of the standard library depend on the platform.
pub trait Real:
    num_traits::NumAssign + Neg<Output = Self> + PartialOrd + Element + Sum + Display + Default + Send + Sync + 'static
{
    /// Type of the stored numbers.
    const DTYPE: Dtype;
    /// Name in messages.
    const NAME: &'static str;

    /// Largest number up to which every whole number is representable.
    const COUNTS_TO: usize;

    /// Rounds to the nearest number of this type.
    fn nearest(value: f64) -> Self;

    /// The largest finite number.
    fn largest() -> Self;

    /// The absolute value.
    fn abs(self) -> Self;

    /// Returns true if it is neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The square root.
    fn sqrt(self) -> Self;

    /// Fused multiply-add: `self * factor + summand`, rounded once. Only for constants, since it is slow on processors that have
    /// no instruction for it.
    fn multiply_add(self, factor: Self, summand: Self) -> Self;

    /// The exponential function.
    fn exp(self) -> Self;

    /// The natural logarithm.
    fn ln(self) -> Self;

    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// The Gauss error function.
    fn error_function(self) -> Self;

    /// Rounds a count to the nearest number of this type.
    fn from_count(count: usize) -> Self {
        Self::nearest(count as f64)
    }

    /// Writes the positions of the nonzero numbers in ascending order. `places` must be longer than `numbers` by
    /// [`PADDING`](neurobench_core::instructions::PADDING).
    fn nonzero_places(numbers: &[Self], places: &mut [u32], instructions: Instructions) -> NonzeroCount;

    /// The numbers of a tensor in memory order: its own memory, or a copy in the buffer.
    fn in_memory_order<'a>(tensor: &'a Tensor, buffer: &'a mut Vec<Self>) -> &'a [Self];

    /// The array of a tensor of this type.
    fn array_mut(tensor: &mut Tensor) -> Option<&mut ArcArray<Self, IxDyn>>;

    /// Converts an array to a tensor.
    fn tensor(array: ArrayD<Self>) -> Tensor;

    /// The numbers of a tensor of this shape. The tensor is replaced unless it already has the right shape and type.
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

/// The methods that are the same for both types.
macro_rules! real {
    ($own:ident, $fma:ident, $exp:ident, $ln:ident, $tanh:ident, $erf:ident) => {
        #[inline(always)]
        fn largest() -> Self {
            Self::MAX
        }

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
            // IEEE 754 requires correct rounding, on every platform.
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
                #[allow(unreachable_patterns, reason = "one of the types is `Self`")]
                Tensor::F32(array) => buffer.extend(array.iter().map(|number| Self::from(*number))),
                #[allow(unreachable_patterns, reason = "one of the types is `Self`")]
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

    fn nonzero_places(numbers: &[Self], places: &mut [u32], instructions: Instructions) -> NonzeroCount {
        instructions.nonzero_places(numbers, places)
    }

    real!(F32, fmaf, expf, logf, tanhf, erff);
}

impl Real for f64 {
    const DTYPE: Dtype = Dtype::F64;
    const NAME: &'static str = "double precision";
    // If `usize` has fewer bits than 53, its maximum.
    const COUNTS_TO: usize = if usize::BITS > 53 { 1 << (53 % usize::BITS) } else { usize::MAX };

    fn nearest(value: f64) -> Self {
        value
    }

    fn nonzero_places(numbers: &[Self], places: &mut [u32], _: Instructions) -> NonzeroCount {
        let mut found = NonzeroCount { count: 0, ones: true };
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
    fn finds_places_of_nonzero_doubles() {
        let mut places = [7; 5];
        let find = |numbers: &[f64], places: &mut [u32]| f64::nonzero_places(numbers, places, Instructions::fastest());
        let found = find(&[0.0, 1.0, -0.0, -1.0], &mut places);
        assert_eq!((found, &places[..2]), (NonzeroCount { count: 2, ones: false }, &[1, 3][..]));
        let found = find(&[1.0, 1.0], &mut places);
        assert_eq!((found, &places[..2]), (NonzeroCount { count: 2, ones: true }, &[0, 1][..]));
    }
}
