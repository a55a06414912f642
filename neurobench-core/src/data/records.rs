//! Records of several columns, one of which is the target, from any iterator.

use crate::data::DataError;
use crate::data::batch::Batch;
use crate::model::{Dtype, Tensor};

/// One sample: its inputs and its target, in the order of the columns.
///
/// Converts from a tuple of numbers and arrays, or from a vector or an array of either.
#[derive(Clone, Debug, PartialEq)]
pub struct Record(Vec<Tensor>);

impl<T: Into<Tensor>> From<Vec<T>> for Record {
    fn from(columns: Vec<T>) -> Self {
        Self(columns.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Tensor>, const N: usize> From<[T; N]> for Record {
    fn from(columns: [T; N]) -> Self {
        Self(columns.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_tuples {
    ($($($column:ident)*;)*) => { $(
        impl<$($column: Into<Tensor>),*> From<($($column,)*)> for Record {
            #[expect(non_snake_case, reason = "a column is named after its type")]
            fn from(($($column,)*): ($($column,)*)) -> Self {
                Self(vec![$($column.into()),*])
            }
        }
    )* };
}
from_tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}

/// Batches of records from any iterator, for [`run_stream`](crate::Benchmark::run_stream); at most one batch is in
/// memory at a time.
///
/// One column is the target, by default the last. If one other column is left, the inputs of a batch are `[batch, ..]`
/// with its shape. Several columns are concatenated, `[batch, numbers]`, in their own number format or, if they differ
/// in it, in `f64`. Each column has the shape and the number format that it has in the first record.
///
/// ```
/// use neurobench::data::Records;
/// use neurobench::metrics::Accuracy;
/// use neurobench::model::{FnModel, Probe};
/// use neurobench::prelude::*;
///
/// // The class, a point's two coordinates.
/// let records = [(0_i64, 0.1_f32, 0.2_f32), (1, 0.9, 0.3), (1, 0.4, 0.1)];
/// let right_half = FnModel::new(Vec::new(), |points: &Tensor, _: &mut Probe| {
///     Ok(points.to_f32().outer_iter().map(|point| i64::from(point[0] > 0.5)).collect::<ndarray::Array1<_>>().into())
/// });
/// let benchmark = Benchmark::builder().model(right_half).workers(2).metric(Accuracy::default()).build()?;
/// let report = benchmark.run_stream(Records::new(records).target_column(0).batch_size(2))?;
/// assert_eq!(report["accuracy"].as_f64(), Some(2.0 / 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Records<I> {
    /// `None` after the end or a rejected record.
    records: Option<I>,
    target: Option<usize>,
    batch_size: usize,
    layout: Option<Layout>,
    /// Number of records so far.
    seen: usize,
}

/// Layout of all records, set by the first one.
#[derive(Clone, Debug)]
struct Layout {
    columns: Vec<(Dtype, Vec<usize>)>,
    target: usize,
}

impl<I: Iterator<Item: Into<Record>>> Records<I> {
    /// Creates batches of 64 records, with the target in the last column.
    pub fn new(records: impl IntoIterator<Item = I::Item, IntoIter = I>) -> Self {
        Self { records: Some(records.into_iter()), target: None, batch_size: 64, layout: None, seen: 0 }
    }

    /// Sets the zero-based index of the target's column.
    #[must_use]
    pub fn target_column(mut self, column: usize) -> Self {
        self.target = Some(column);
        self
    }

    /// Sets the number of records per batch; the last batch may have fewer.
    #[must_use]
    pub fn batch_size(mut self, records: usize) -> Self {
        self.batch_size = records;
        self
    }

    /// Returns the next batch; `None` at the end.
    fn batch(&mut self) -> Result<Option<Batch>, DataError> {
        if self.batch_size == 0 {
            return Err("a batch must have at least one record".into());
        }
        let mut collected: Option<(Numbers, Numbers)> = None;
        let mut samples = 0;
        while samples < self.batch_size
            && let Some(record) = self.records.as_mut().and_then(Iterator::next)
        {
            let Record(columns) = record.into();
            let layout = match &mut self.layout {
                Some(layout) => layout,
                none => none.insert(Layout::from_columns(&columns, self.target)?),
            };
            layout.check(&columns, self.seen)?;
            let (inputs, targets) = collected.get_or_insert_with(|| layout.nothing());
            for (place, column) in columns.iter().enumerate() {
                if place == layout.target { &mut *targets } else { &mut *inputs }.extend(column);
            }
            samples += 1;
            self.seen += 1;
        }
        let (Some((inputs, targets)), Some(layout)) = (collected, &self.layout) else { return Ok(None) };
        let inputs = inputs.into_tensor(samples, &layout.input_shape())?;
        Ok(Some(Batch { inputs, targets: targets.into_tensor(samples, &layout.columns[layout.target].1)? }))
    }
}

impl<I: Iterator<Item: Into<Record>>> Iterator for Records<I> {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.as_ref()?;
        let batch = self.batch();
        if !matches!(batch, Ok(Some(_))) {
            self.records = None;
        }
        batch.transpose()
    }
}

impl Layout {
    fn from_columns(columns: &[Tensor], target: Option<usize>) -> Result<Self, DataError> {
        let count = columns.len();
        if count < 2 {
            return Err(DataError::TooFewColumns { columns: count });
        }
        let target = target.unwrap_or(count - 1);
        if target >= count {
            return Err(DataError::NoTargetColumn { column: target, columns: count });
        }
        let columns = columns.iter().map(|column| (column.dtype(), column.shape().to_vec())).collect();
        Ok(Self { columns, target })
    }

    fn check(&self, columns: &[Tensor], index: usize) -> Result<(), DataError> {
        if columns.len() != self.columns.len() {
            let (found, expected) = (columns.len(), self.columns.len());
            return Err(DataError::RecordColumns { index, found, expected });
        }
        for (column, (tensor, (dtype, shape))) in columns.iter().zip(&self.columns).enumerate() {
            if tensor.dtype() != *dtype || tensor.shape() != shape.as_slice() {
                let found = format!("{:?} {:?}", tensor.dtype(), tensor.shape());
                return Err(DataError::RecordColumn { index, column, found, expected: format!("{dtype:?} {shape:?}") });
            }
        }
        Ok(())
    }

    fn inputs(&self) -> impl Iterator<Item = &(Dtype, Vec<usize>)> {
        self.columns.iter().enumerate().filter(|(place, _)| *place != self.target).map(|(_, column)| column)
    }

    /// Inputs and targets without any record.
    fn nothing(&self) -> (Numbers, Numbers) {
        let mut kinds = self.inputs().map(|(dtype, _)| *dtype);
        let first = kinds.next().unwrap_or(Dtype::F64);
        let inputs = if kinds.all(|dtype| dtype == first) { first } else { Dtype::F64 };
        (Numbers::new(inputs), Numbers::new(self.columns[self.target].0))
    }

    fn input_shape(&self) -> Vec<usize> {
        let shapes: Vec<&Vec<usize>> = self.inputs().map(|(_, shape)| shape).collect();
        match shapes.as_slice() {
            [only] => (*only).clone(),
            several => vec![several.iter().map(|shape| shape.iter().product::<usize>()).sum()],
        }
    }
}

/// Numbers of many records, one after another.
enum Numbers {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I64(Vec<i64>),
    U8(Vec<u8>),
}

impl Numbers {
    /// Creates an empty list of a number format that tensors have.
    fn new(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 => Self::F32(Vec::new()),
            Dtype::I64 => Self::I64(Vec::new()),
            Dtype::U8 => Self::U8(Vec::new()),
            _ => Self::F64(Vec::new()),
        }
    }

    /// Appends the numbers of a column, which has this format unless this is `f64`.
    fn extend(&mut self, column: &Tensor) {
        match (self, column) {
            (Self::F32(numbers), Tensor::F32(column)) => numbers.extend(column),
            (Self::I64(numbers), Tensor::I64(column)) => numbers.extend(column),
            (Self::U8(numbers), Tensor::U8(column)) => numbers.extend(column),
            (Self::F64(numbers), column) => numbers.extend(column.to_f64()),
            _ => unreachable!("every column was found to be of the kind of the first"),
        }
    }

    fn into_tensor(self, samples: usize, shape: &[usize]) -> Result<Tensor, DataError> {
        let shape: Vec<usize> = std::iter::once(samples).chain(shape.iter().copied()).collect();
        let tensor = match self {
            Self::F32(numbers) => ndarray::ArrayD::from_shape_vec(shape, numbers).map(Tensor::from),
            Self::F64(numbers) => ndarray::ArrayD::from_shape_vec(shape, numbers).map(Tensor::from),
            Self::I64(numbers) => ndarray::ArrayD::from_shape_vec(shape, numbers).map(Tensor::from),
            Self::U8(numbers) => ndarray::ArrayD::from_shape_vec(shape, numbers).map(Tensor::from),
        };
        tensor.map_err(|error| DataError::Other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{arr1, arr2, array};

    use super::*;

    fn batches<R: Into<Record>>(records: impl IntoIterator<Item = R>, target: Option<usize>) -> Vec<Batch> {
        let records = Records::new(records).batch_size(2);
        let records = match target {
            Some(column) => records.target_column(column),
            None => records,
        };
        records.collect::<Result<_, _>>().unwrap()
    }

    fn error(mut records: Records<impl Iterator<Item: Into<Record>>>) -> String {
        let error = records.find_map(Result::err).unwrap().to_string();
        assert!(records.next().is_none(), "nothing comes after an error");
        error
    }

    #[test]
    fn the_target_is_the_last_column_or_any_other() {
        let rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
        let last = [
            Batch::new(arr2(&[[1.0, 2.0], [4.0, 5.0]]), arr1(&[3.0, 6.0])),
            Batch::new(arr2(&[[7.0, 8.0]]), arr1(&[9.0])),
        ];
        assert_eq!(batches(rows, None), last);
        assert_eq!(batches(rows.map(|row| row.to_vec()), Some(2)), last);
        let middle = batches(rows, Some(1));
        assert_eq!(middle[0], Batch::new(arr2(&[[1.0, 3.0], [4.0, 6.0]]), arr1(&[2.0, 5.0])));
    }

    #[test]
    fn one_input_keeps_its_shape_and_several_lie_end_to_end() {
        let image = |start: u8| array![[start, start + 1], [start + 2, start + 3]];
        let found = batches([(image(0), 7_i64), (image(4), 8)], None);
        let inputs = array![[[0_u8, 1], [2, 3]], [[4, 5], [6, 7]]];
        assert_eq!(found, [Batch::new(inputs, arr1(&[7_i64, 8]))]);
        let found = batches([(image(0), 7_i64, 0.5_f32)], Some(1));
        assert_eq!(found, [Batch::new(arr2(&[[0.0, 1.0, 2.0, 3.0, 0.5]]), arr1(&[7_i64]))]);
        let found = batches([(1_i64, arr1(&[0.5_f32, 0.25]), 2.0_f32)], Some(0));
        assert_eq!(found, [Batch::new(arr2(&[[0.5_f32, 0.25, 2.0]]), arr1(&[1_i64]))]);
    }

    #[test]
    fn no_more_than_a_batch_is_taken_at_a_time() {
        let taken = std::cell::Cell::new(0);
        let endless = (0_i64..).inspect(|_| taken.set(taken.get() + 1)).map(|number| [number, number]);
        let mut batches = Records::new(endless).batch_size(5);
        for batch in 1..4 {
            assert_eq!(batches.next().unwrap().unwrap().inputs.samples(), 5);
            assert_eq!(taken.get(), 5 * batch);
        }
    }

    #[test]
    fn records_that_do_not_match_are_reported() {
        let rows = |lengths: &'static [usize]| Records::new(lengths.iter().map(|length| vec![0.5; *length]));
        assert_eq!(error(rows(&[1])), "a record has 1 column; it needs a target and at least one input");
        assert_eq!(error(rows(&[3]).target_column(3)), "no column 3 for the target: a record has 3 columns");
        assert_eq!(error(rows(&[3, 3, 2]).batch_size(2)), "record 2 has 2 columns, but the first record has 3");
        assert_eq!(error(rows(&[3]).batch_size(0)), "a batch must have at least one record");
        let columns = [(arr1(&[1.0_f32]), 0_i64), (arr1(&[1.0, 2.0]), 0)];
        assert_eq!(
            error(Records::new(columns)),
            "column 0 of record 1 is F32 [2], but in the first record it is F32 [1]"
        );
        let kinds: [Vec<Tensor>; 2] = [vec![1_u8.into(), 0_i64.into()], vec![1.0.into(), 0_i64.into()]];
        assert_eq!(error(Records::new(kinds)), "column 0 of record 1 is F64 [], but in the first record it is U8 []");
        assert!(batches(Vec::<[f32; 2]>::new(), None).is_empty());
    }
}
