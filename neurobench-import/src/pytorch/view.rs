//! Tensors as views of their storage: a first element, and a length and a stride for each axis.

use crate::pytorch::error::{PytorchError, shown};
use crate::pytorch::value::{Heap, Storage};
use neurobench_core::model::Dtype;

/// A view whose number of elements has been checked; its storage is checked when it is read.
#[derive(Debug)]
pub(super) struct View<'n, 'a> {
    name: &'n str,
    storage: Storage<'a>,
    dtype: Dtype,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
    elements: usize,
}

impl<'n, 'a> View<'n, 'a> {
    /// Creates the view of a tensor in the heap.
    pub(super) fn new(name: &'n str, heap: &Heap<'a>, tensor: usize) -> Result<Self, PytorchError> {
        let tensor = heap.tensors[tensor];
        let storage = heap.storages[tensor.storage];
        let (shape, strides) = (heap.extents(tensor.shape), heap.extents(tensor.strides));
        let fail = |problem: String| PytorchError::Tensor { tensor: shown(name), problem };
        let width = width(tensor.dtype);
        let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
        let elements = elements.filter(|elements| elements.checked_mul(width).is_some());
        let elements = elements.ok_or_else(|| fail(format!("has shape {shape:?}, too many elements to count")))?;
        let offset = usize::try_from(tensor.offset).ok();
        let last = || {
            let mut axes = shape.iter().zip(&strides);
            axes.try_fold(offset?, |last, (length, stride)| last.checked_add((length - 1).checked_mul(*stride)?))
        };
        // A view without elements is always within its storage.
        let is_inside = elements == 0 || last().is_some_and(|last| (last as u64) < storage.elements);
        let Some(offset) = offset.filter(|_| is_inside) else {
            let Storage { elements, key, .. } = storage;
            let offset = tensor.offset;
            return Err(fail(format!(
                "(shape {shape:?}, strides {strides:?}, first element {offset}) reaches beyond the {elements} elements \
                 of storage `{}`",
                shown(key)
            )));
        };
        Ok(Self { name, storage, dtype: tensor.dtype, offset, shape, strides, elements })
    }

    /// Key of its storage.
    pub(super) fn storage(&self) -> &'a str {
        self.storage.key
    }

    /// Number of bytes in memory order.
    pub(super) fn bytes(&self) -> u64 {
        (self.elements * width(self.dtype)) as u64
    }

    /// Copies its numbers in memory order from the bytes of its storage.
    pub(super) fn gather(&self, stored: &[u8]) -> Result<Vec<u8>, PytorchError> {
        let width = width(self.dtype);
        let claimed = self.storage.elements.checked_mul(width as u64);
        if claimed != Some(stored.len() as u64) {
            let Storage { elements, key, .. } = self.storage;
            return Err(self.fail(format!(
                "is a view of storage `{}`, which has {} bytes instead of {elements} elements of {width} bytes",
                shown(key),
                stored.len()
            )));
        }
        let mut bytes = Vec::with_capacity(self.elements * width);
        if self.elements > 0 {
            let (outer, run) = self.runs();
            let mut indices = vec![0; outer];
            loop {
                let steps = indices.iter().zip(&self.strides).map(|(index, stride)| index * stride);
                let start = self.offset + steps.sum::<usize>();
                bytes.extend_from_slice(&stored[start * width..(start + run) * width]);
                if !advance(&mut indices, &self.shape) {
                    break;
                }
            }
        }
        if self.dtype == Dtype::Bool
            && let Some(index) = bytes.iter().position(|byte| *byte > 1)
        {
            return Err(self.fail(format!("contains {} at element {index}, which is not a bool", bytes[index])));
        }
        Ok(bytes)
    }

    /// Returns name, type and shape.
    pub(super) fn into_parts(self) -> (&'n str, Dtype, Vec<usize>) {
        (self.name, self.dtype, self.shape)
    }

    /// Number of leading axes to iterate over, and number of contiguous elements below them.
    fn runs(&self) -> (usize, usize) {
        let (mut outer, mut run) = (self.shape.len(), 1);
        while let Some(axis) = outer.checked_sub(1)
            && (self.strides[axis] == run || self.shape[axis] == 1)
        {
            run *= self.shape[axis];
            outer = axis;
        }
        (outer, run)
    }

    fn fail(&self, problem: String) -> PytorchError {
        PytorchError::Tensor { tensor: shown(self.name), problem }
    }
}

fn width(dtype: Dtype) -> usize {
    (dtype.bits() / 8) as usize
}

/// Advances the indices, with the last axis fastest; returns false after the last.
fn advance(indices: &mut [usize], shape: &[usize]) -> bool {
    for (index, length) in indices.iter_mut().zip(shape).rev() {
        *index += 1;
        if *index < *length {
            return true;
        }
        *index = 0;
    }
    false
}
