//! Synaptic operations of a row of a convolution.

use crate::real::Real;
use neurobench_core::model::CallOperations;

/// Numbers of nonzero weights that the inputs meet.
pub(super) struct Operations {
    per_input: Vec<u32>,
    /// Number of inputs whose sum fits into 32 bits.
    stretch: usize,
}

impl Operations {
    /// Returns `None` if an input meets more weights than fit into 32 bits.
    pub(super) fn new(per_input: &[u64]) -> Option<Self> {
        let per_input: Vec<u32> = per_input.iter().map(|meets| u32::try_from(*meets).ok()).collect::<Option<_>>()?;
        let most = per_input.iter().copied().max().unwrap_or(0);
        Some(Self { per_input, stretch: (u32::MAX / most.max(1)) as usize })
    }

    pub(super) fn inputs(&self) -> usize {
        self.per_input.len()
    }

    /// Counts the operations of a row whose nonzero inputs are at these positions.
    #[inline(always)]
    pub(super) fn count_places<R: Real>(&self, inputs: &[R], places: &[u32]) -> CallOperations {
        let operations = places.iter().map(|place| u64::from(self.per_input[*place as usize])).sum();
        CallOperations::new(operations, places.iter().all(|place| inputs[*place as usize].abs() == R::one()))
    }

    /// Counts the operations of a row by a pass over all inputs, which is vectorized, unlike a look-up of the nonzero ones.
    #[inline(always)]
    pub(super) fn count_all<R: Real>(&self, inputs: &[R]) -> CallOperations {
        let mut operations = 0;
        for (inputs, per_input) in inputs.chunks(self.stretch).zip(self.per_input.chunks(self.stretch)) {
            let mut sum = 0_u32;
            for (input, meets) in inputs.iter().zip(per_input) {
                sum += if input.is_zero() { 0 } else { *meets };
            }
            operations += u64::from(sum);
        }
        CallOperations::new(operations, inputs.iter().all(|input| input.is_zero() || input.abs() == R::one()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_may_exceed_32_bits_but_single_numbers_may_not() {
        let most = u64::from(u32::MAX);
        assert!(Operations::new(&[1, most + 1]).is_none());
        for per_input in [vec![most; 70], vec![most / 7; 70], vec![0; 70], (0..70).collect::<Vec<u64>>()] {
            let operations = Operations::new(&per_input).unwrap();
            let inputs: Vec<f32> = (0..70_u8).map(|place| f32::from(place % 3)).collect();
            let places: Vec<u32> = (0..70).filter(|place| place % 3 != 0).collect();
            let sum = places.iter().map(|place| per_input[*place as usize]).sum();
            assert_eq!(operations.count_all(&inputs), CallOperations::new(sum, false));
            assert_eq!(operations.count_places(&inputs, &places), CallOperations::new(sum, false));
        }
    }

    #[test]
    fn inputs_of_minus_one_zero_and_one_are_ternary() {
        let operations = Operations::new(&[1, 2, 3, 4]).unwrap();
        for (inputs, ternary) in [([-1.0, 0.0, 1.0, -0.0], true), ([-1.0, 0.0, 1.0, 0.5], false)] {
            let places: Vec<u32> = (0..4).filter(|place| inputs[*place as usize] != 0.0).collect();
            assert_eq!(operations.count_all::<f64>(&inputs).ternary, ternary);
            assert_eq!(operations.count_places::<f64>(&inputs, &places), operations.count_all(&inputs));
        }
    }
}
