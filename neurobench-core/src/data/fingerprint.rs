//! Digests of data.

use ndarray::ArrayRefD;
use sha2::{Digest, Sha256};

use crate::model::{Dtype, Tensor};

/// Incremental SHA-256 of data, for [`Dataset::fingerprint`](crate::data::Dataset::fingerprint).
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds text.
    pub fn text(&mut self, text: &str) {
        self.0.update(text);
    }

    /// Adds bytes, such as the contents of a file.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds the number format and shape of an array, whose numbers follow.
    pub(super) fn array(&mut self, dtype: Dtype, shape: &[usize]) {
        self.text(&format!("{dtype:?} {shape:?}\n"));
    }

    /// Adds numbers, little-endian and in index order.
    pub(super) fn numbers(&mut self, tensor: &Tensor) {
        match tensor {
            Tensor::F32(array) => self.each(array, f32::to_le_bytes),
            Tensor::F64(array) => self.each(array, f64::to_le_bytes),
            Tensor::I64(array) => self.each(array, i64::to_le_bytes),
            Tensor::U8(array) => self.each(array, u8::to_le_bytes),
        }
    }

    fn each<T: Copy, const WIDTH: usize>(&mut self, array: &ArrayRefD<T>, bytes: fn(T) -> [u8; WIDTH]) {
        match array.as_slice() {
            // Slices are several times as fast as the elements of an array, and large sets are hashed at every run.
            Some(numbers) => self.pieces(numbers.iter().copied(), bytes),
            None => self.pieces(array.iter().copied(), bytes),
        }
    }

    fn pieces<T, const WIDTH: usize>(
        &mut self,
        mut numbers: impl ExactSizeIterator<Item = T>,
        bytes: fn(T) -> [u8; WIDTH],
    ) {
        const PIECE: usize = 1 << 13;
        let mut piece = Vec::with_capacity(PIECE.min(numbers.len()) * WIDTH);
        while numbers.len() > 0 {
            piece.clear();
            numbers.by_ref().take(PIECE).for_each(|number| piece.extend(bytes(number)));
            self.0.update(&piece);
        }
    }

    /// Returns the digest: `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        let hex = self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("sha256:{hex}")
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn numbers_are_taken_in_index_order_whatever_the_layout() {
        let numbers = Array2::from_shape_fn((300, 70), |(row, column)| (row * 1000 + column) as f32);
        let transposed = numbers.t().as_standard_layout().into_owned().reversed_axes();
        assert_eq!(transposed, numbers);
        assert!(transposed.as_slice().is_none());
        let expected: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        for array in [numbers, transposed] {
            let mut fingerprint = Fingerprint::default();
            fingerprint.numbers(&array.into());
            assert_eq!(fingerprint.0.finalize(), Sha256::digest(&expected));
        }
    }
}
