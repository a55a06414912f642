//! Inputs and outputs of models.

use ndarray::{ArcArray, Array, ArrayD, Axis, Dimension, IxDyn, Slice};

/// Number format of stored numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Boolean in a byte.
    Bool,
    /// 8 bits, unsigned.
    U8,
    /// 8 bits, signed.
    I8,
    /// 16 bits, unsigned.
    U16,
    /// 16 bits, signed.
    I16,
    /// 32 bits, unsigned.
    U32,
    /// 32 bits, signed.
    I32,
    /// 64 bits, unsigned.
    U64,
    /// 64 bits, signed.
    I64,
    /// IEEE 754 half precision.
    F16,
    /// The upper half of a single.
    Bf16,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
}

impl Dtype {
    /// Returns the number of bits of one number.
    #[must_use]
    pub const fn bits(self) -> u64 {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 8,
            Self::U16 | Self::I16 | Self::F16 | Self::Bf16 => 16,
            Self::U32 | Self::I32 | Self::F32 => 32,
            Self::U64 | Self::I64 | Self::F64 => 64,
        }
    }
}

/// Tensor of one of the number formats that models use. The first axis is the sample.
///
/// Metrics see `f64` views or classes of it, regardless of its format.
///
/// Clones and [rows](Self::rows) share their numbers until one of them is changed: a data set can hand out batches
/// without a copy.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// Single precision.
    F32(ArcArray<f32, IxDyn>),
    /// Double precision.
    F64(ArcArray<f64, IxDyn>),
    /// Integers, such as classes.
    I64(ArcArray<i64, IxDyn>),
    /// Bytes, such as the pixels of an image.
    U8(ArcArray<u8, IxDyn>),
}

impl Default for Tensor {
    fn default() -> Self {
        Self::F32(ArcArray::zeros(IxDyn(&[0])))
    }
}

/// Applies an expression to the array of every format.
macro_rules! each_kind {
    ($tensor:expr, $array:ident => $result:expr) => {
        match $tensor {
            Tensor::F32($array) => $result,
            Tensor::F64($array) => $result,
            Tensor::I64($array) => $result,
            Tensor::U8($array) => $result,
        }
    };
}

impl Tensor {
    /// Returns the length of every axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        each_kind!(self, array => array.shape())
    }

    /// Returns the length of the first axis; 1 for a tensor without axes.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.shape().first().copied().unwrap_or(1)
    }

    /// Returns the number format.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
            Self::I64(_) => Dtype::I64,
            Self::U8(_) => Dtype::U8,
        }
    }

    /// Returns every number as `f64`. Integers beyond 2⁵³ are rounded to the nearest.
    #[must_use]
    pub fn to_f64(&self) -> ArrayD<f64> {
        match self {
            Self::F32(array) => array.mapv(f64::from),
            Self::F64(array) => array.to_owned(),
            Self::I64(array) => array.mapv(|number| number as f64),
            Self::U8(array) => array.mapv(f64::from),
        }
    }

    /// Returns every number as `f32`, rounded to the nearest.
    #[must_use]
    pub fn to_f32(&self) -> ArrayD<f32> {
        match self {
            Self::F32(array) => array.to_owned(),
            Self::F64(array) => array.mapv(|number| number as f32),
            Self::I64(array) => array.mapv(|number| number as f32),
            Self::U8(array) => array.mapv(f32::from),
        }
    }

    /// Returns the samples `start..end`; their numbers are shared, not copied.
    ///
    /// # Panics
    ///
    /// Panics if the range exceeds the first axis.
    ///
    /// ```
    /// use ndarray::array;
    /// use neurobench::model::Tensor;
    /// let all = Tensor::from(array![[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(all.rows(1, 2), Tensor::from(array![[3.0_f32, 4.0]]));
    /// ```
    #[must_use]
    pub fn rows(&self, start: usize, end: usize) -> Self {
        let mut rows = self.clone();
        each_kind!(&mut rows, array => array.slice_axis_inplace(Axis(0), Slice::from(start..end)));
        rows
    }

    /// Returns the same numbers in another shape; `None` if it has another number of elements.
    pub(crate) fn with_shape(&self, shape: &[usize]) -> Option<Self> {
        let shape = IxDyn(shape);
        each_kind!(self, array => Some(array.to_shape(shape).ok()?.into_owned().into()))
    }

    /// Returns tensors one after the other along their first axis; `None` if there are none, or they differ in number format or
    /// in other axes.
    pub(crate) fn concatenated(parts: &[Self]) -> Option<Self> {
        macro_rules! of_kind {
            ($kind:ident) => {{
                let arrays: Option<Vec<_>> = parts
                    .iter()
                    .map(|part| if let Self::$kind(array) = part { Some(array.view()) } else { None })
                    .collect();
                ndarray::concatenate(Axis(0), &arrays?).ok().map(Self::from)
            }};
        }
        match parts.first()? {
            Self::F32(_) => of_kind!(F32),
            Self::F64(_) => of_kind!(F64),
            Self::I64(_) => of_kind!(I64),
            Self::U8(_) => of_kind!(U8),
        }
    }

    /// Returns one column of a table, without its axis. The caller checks that it exists.
    pub(crate) fn column(&self, column: usize) -> Self {
        let mut one = self.clone();
        each_kind!(&mut one, array => array.index_axis_inplace(Axis(1), column));
        one
    }

    /// Returns all columns of a table but one. The caller checks that it exists.
    pub(crate) fn without_column(&self, column: usize) -> Self {
        let columns: Vec<usize> = (0..self.shape()[1]).filter(|other| *other != column).collect();
        each_kind!(self, array => array.select(Axis(1), &columns).into())
    }
}

macro_rules! from_arrays {
    ($($number:ty => $kind:ident),*) => { $(
        impl<D: Dimension> From<Array<$number, D>> for Tensor {
            fn from(array: Array<$number, D>) -> Self { Self::$kind(array.into_dyn().into_shared()) }
        }

        impl<D: Dimension> From<ArcArray<$number, D>> for Tensor {
            fn from(array: ArcArray<$number, D>) -> Self { Self::$kind(array.into_dyn()) }
        }

        /// Converts a single number, without axes.
        impl From<$number> for Tensor {
            fn from(number: $number) -> Self { ndarray::arr0(number).into() }
        }
    )* };
}
from_arrays! { f32 => F32, f64 => F64, i64 => I64, u8 => U8 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_shared_until_they_are_changed() {
        let all = Tensor::from(ndarray::array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        let rows = all.rows(1, 3);
        let (Tensor::F32(numbers), Tensor::F32(mut lent)) = (&all, rows) else { unreachable!("single precision") };
        assert_eq!(lent.as_ptr(), numbers.slice(ndarray::s![1.., ..]).as_ptr(), "copied");
        lent.mapv_inplace(|number| number * 10.0);
        assert_eq!(Tensor::F32(lent), Tensor::from(ndarray::array![[30.0_f32, 40.0], [50.0, 60.0]]));
        assert_eq!(all, Tensor::from(ndarray::array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]));
    }
}
