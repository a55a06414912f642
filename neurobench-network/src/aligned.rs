//! Numbers that begin where a line of the cache does.
//!
//! A vector that lies across two lines is read and written twice. Common allocators place large lists 16 bytes behind the beginning
//! of a line, so that every vector of 64 bytes lies across two.

use std::ops::{Deref, DerefMut};

use crate::real::Real;

/// How long a line is on common processors, in bytes: as long as the longest vectors.
const LINE: usize = 64;

/// A list of numbers that begins on a line. Where it cannot be had, nothing but speed is lost.
#[derive(Debug, Default)]
pub(crate) struct Aligned<R> {
    /// Some more than there are numbers in the list.
    memory: Vec<R>,
    /// Where the list begins; up to the end of the memory.
    first: usize,
}

impl<R: Real> Aligned<R> {
    /// So many zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        let memory = vec![R::zero(); length + LINE / size_of::<R>()];
        let first = memory.as_ptr().align_offset(LINE).min(memory.len() - length);
        let mut aligned = Self { memory, first };
        aligned.memory.truncate(first + length);
        aligned
    }

    /// The same numbers.
    pub(crate) fn of(numbers: &[R]) -> Self {
        let mut aligned = Self::zeros(numbers.len());
        aligned.copy_from_slice(numbers);
        aligned
    }

    /// Room for so many numbers, which mean nothing.
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
    fn lists_begin_on_a_line() {
        for length in [0, 1, 15, 16, 17, 70_000] {
            let numbers: Vec<f32> = (0..length).map(|number| number as f32).collect();
            let aligned = Aligned::of(&numbers);
            assert_eq!(*aligned, numbers);
            assert_eq!(aligned.as_ptr() as usize % LINE, 0);
            let double = Aligned::<f64>::zeros(length);
            assert_eq!((double.len(), double.as_ptr() as usize % LINE), (length, 0));
        }
    }

    #[test]
    fn room_is_kept_where_it_is_enough() {
        let mut aligned = Aligned::<f32>::default();
        assert_eq!(aligned.room(3), [0.0; 3]);
        aligned.fill(2.0);
        assert_eq!(aligned.room(2), [2.0; 2]);
        assert_eq!(aligned.room(40).len(), 40);
    }
}
