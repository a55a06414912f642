//! Lists of numbers that start at a cache line.
//!
//! A vector that spans two cache lines is read and written twice. Common allocators place large lists 16 bytes after
//! the start of a line, so that every vector of 64 bytes would span two, which made spiking networks slower by a
//! quarter. Weights, states and the outputs that flow between layers are therefore aligned.

use std::ops::{Deref, DerefMut};

use crate::real::Real;

/// Length of a cache line on common processors in bytes, which is also the length of the longest vectors.
const LINE: usize = 64;

/// A list of numbers that starts at a cache line. If the alignment is not possible, only speed is lost.
#[derive(Debug, Default)]
pub(crate) struct Aligned<R> {
    /// The numbers of the list, after some padding.
    memory: Vec<R>,
    /// Start of the list, which extends to the end of the memory.
    first: usize,
}

impl<R: Real> Aligned<R> {
    /// Creates a list of zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        let memory = vec![R::zero(); length + LINE / size_of::<R>()];
        let first = memory.as_ptr().align_offset(LINE).min(memory.len() - length);
        let mut aligned = Self { memory, first };
        aligned.memory.truncate(first + length);
        aligned
    }

    /// Copies a slice.
    pub(crate) fn from_slice(numbers: &[R]) -> Self {
        let mut aligned = Self::zeros(numbers.len());
        aligned.copy_from_slice(numbers);
        aligned
    }

    /// Returns memory for `length` numbers with unspecified values, and grows if necessary.
    pub(crate) fn room(&mut self, length: usize) -> &mut [R] {
        if self.len() < length {
            *self = Self::zeros(length);
        }
        &mut self[..length]
    }
}

impl<R> Deref for Aligned<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.memory[self.first..]
    }
}

impl<R> DerefMut for Aligned<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.memory[self.first..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_start_at_a_cache_line() {
        for length in [0, 1, 15, 16, 17, 70_000] {
            let numbers: Vec<f32> = (0..length).map(|number| number as f32).collect();
            let aligned = Aligned::from_slice(&numbers);
            assert_eq!(*aligned, numbers);
            assert_eq!(aligned.as_ptr() as usize % LINE, 0);
            let double = Aligned::<f64>::zeros(length);
            assert_eq!((double.len(), double.as_ptr() as usize % LINE), (length, 0));
        }
    }

    #[test]
    fn room_reuses_memory_that_is_large_enough() {
        let mut aligned = Aligned::<f32>::default();
        assert_eq!(aligned.room(3), [0.0; 3]);
        aligned.fill(2.0);
        assert_eq!(aligned.room(2), [2.0; 2]);
        assert_eq!(aligned.room(40).len(), 40);
    }
}
