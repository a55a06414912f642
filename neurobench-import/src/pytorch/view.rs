//! A tensor as a view of its storage: a first element, and for each axis a length and a stride.

use crate::pytorch::error::{PytorchError, shown};
use crate::pytorch::value::{Heap, Storage};
use neurobench_core::model::Dtype;

/// A view that is known to be countable; its storage is checked when it is there.
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
    /// The tensor at this place of the heap.
    pub(super) fn new(name: &'n str, heap: &Heap<'a>, tensor: usize) -> Result<Self, PytorchError> {
        let tensor = heap.tensors[tensor];
        let storage = heap.storages[tensor.storage];
        let (shape, strides) = (heap.extents(tensor.shape), heap.extents(tensor.strides));
        let fail = |problem: String| PytorchError::Tensor { tensor: shown(name), problem };
        let width = width(tensor.dtype);
        let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
        let elements = elements.filter(|elements| elements.checked_mul(width).is_some());
        let elements =
            elements.ok_or_else(|| fail(format!("has shape {shape:?}, more elements than can be counted")))?;
        let offset = usize::try_from(tensor.offset).ok();
        let last = || {
            let mut axes = shape.iter().zip(&strides);
            axes.try_fold(offset?, |last, (length, stride)| last.checked_add((length - 1).checked_mul(*stride)?))
        };
        // A view of nothing reaches nowhere.
        let within = elements == 0 || last().is_some_and(|last| (last as u64) < storage.elements);
        let Some(offset) = offset.filter(|_| within) else {
            let Storage { elements, key, .. } = storage;
            let offset = tensor.offset;
            return Err(fail(format!(
                "(shape {shape:?}, strides {strides:?}, from element {offset} on) reaches beyond the {elements} elements \
                 of storage `{}`",
                shown(key)
            )));
        };
        Ok(Self { name, storage, dtype: tensor.dtype, offset, shape, strides, elements })
    }

    /// The key of its storage.
    pub(super) fn storage(&self) -> &'a str {
        self.storage.key
    }

    /// How many bytes it takes in memory order.
    pub(super) fn bytes(&self) -> u64 {
        (self.elements * width(self.dtype)) as u64
    }

    /// Its numbers in memory order, from the bytes of its storage.
    pub(super) fn gather(&self, stored: &[u8]) -> Result<Vec<u8>, PytorchError> {
        let width = width(self.dtype);
        let claimed = self.storage.elements.checked_mul(width as u64);
        if claimed != Some(stored.len() as u64) {
            let Storage { elements, key, .. } = self.storage;
            return Err(self.fail(format!(
                "is a view of storage `{}`, which has {} bytes, not {elements} elements of {width}",
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
            return Err(self.fail(format!("holds {} at element {index}, which is no bool", bytes[index])));
        }
        Ok(bytes)
    }

    /// Name, type and shape.
    pub(super) fn into_parts(self) -> (&'n str, Dtype, Vec<usize>) {
        (self.name, self.dtype, self.shape)
    }

    /// How many of the first axes must be stepped through, and how many elements lie side by side below them.
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

/// The next indices, the last axis fastest; false behind the last.
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
