//! Digests of data.

use ndarray::ArrayD;
use sha2::{Digest, Sha256};

use crate::model::{Dtype, Tensor};

/// A SHA-256 that grows with what it is given.
#[derive(Default)]
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(super) fn text(&mut self, text: &str) {
        self.0.update(text);
    }

    /// The kind and shape of an array, whose numbers follow.
    pub(super) fn array(&mut self, dtype: Dtype, shape: &[usize]) {
        self.text(&format!("{dtype:?} {shape:?}\n"));
    }

    /// Numbers, little-endian and in index order.
    pub(super) fn numbers(&mut self, tensor: &Tensor) {
        match tensor {
            Tensor::F32(array) => self.each(array, f32::to_le_bytes),
            Tensor::F64(array) => self.each(array, f64::to_le_bytes),
            Tensor::I64(array) => self.each(array, i64::to_le_bytes),
            Tensor::U8(array) => self.each(array, u8::to_le_bytes),
        }
    }

    fn each<T: Copy, const WIDTH: usize>(&mut self, array: &ArrayD<T>, bytes: fn(T) -> [u8; WIDTH]) {
        const PIECE: usize = 1 << 16;
        let mut piece = Vec::with_capacity(PIECE.min(array.len() * WIDTH));
        for number in array {
            piece.extend(bytes(*number));
            if piece.len() >= PIECE {
                self.0.update(&piece);
                piece.clear();
            }
        }
        self.0.update(&piece);
    }

    pub(super) fn finish(self) -> String {
        let hex = self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("sha256:{hex}")
    }
}
