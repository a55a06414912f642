//! One array whose columns are inputs and targets.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::component::InputPath;
use crate::data::arrays::in_sequences;
use crate::data::formats::{self, Rows};
use crate::data::{DataError, Dataset, OnDisk};
use crate::dataset;
use crate::model::Tensor;

/// One file with a table `[sample, column]`: one column is the target `[sample]`, the others are the inputs, `[sample, column]`, or
/// `[sample]` if there is only one. Rows are read from the file on demand.
#[dataset]
pub fn columns(
    /// File of the table.
    #[param]
    file: InputPath,
    /// Name of the table in a file of several arrays.
    #[param(default = None)]
    array: Option<String>,
    /// Zero-based index of the column of the target; by default the last one.
    #[param(default = None)]
    target_column: Option<usize>,
    /// Number of samples in each sequence, for models that carry state; by default all samples are one sequence.
    #[param(default = None)]
    sequences: Option<Vec<usize>>,
) -> Result<Box<dyn Dataset>, DataError> {
    let file: &Path = file.as_ref();
    let rows: Arc<dyn Rows> = formats::open(file, array.as_deref())?.into();
    let refused = |problem: String| DataError::Other(format!("`{}`: {problem}", file.display()));
    let &[_, columns @ 2..=usize::MAX] = rows.shape() else {
        return Err(refused(format!(
            "expected a table [sample, column] of at least 2 columns, found shape {:?}",
            rows.shape()
        )));
    };
    let target = target_column.unwrap_or(columns - 1);
    if target >= columns {
        return Err(refused(format!(
            "`target_column` = {target} is out of range: there are {columns} columns, from 0 on"
        )));
    }
    let part =
        |part: Part| Box::new(SomeColumns { shape: part.shape(rows.shape()), rows: Arc::clone(&rows), target, part });
    let name = |part: &str| format!("{part} of `{}`", file.display());
    let names = (name("the inputs"), name(&format!("column {target}")));
    let data = OnDisk::new(part(Part::Others), part(Part::Target), names, vec![file.to_owned()])?;
    in_sequences(data, sequences)
}

/// The target column of a table, or the other ones.
#[derive(Debug)]
struct SomeColumns {
    rows: Arc<dyn Rows>,
    target: usize,
    part: Part,
    shape: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Target,
    Others,
}

impl Part {
    fn shape(self, table: &[usize]) -> Vec<usize> {
        match (self, table) {
            (Self::Others, &[samples, columns]) if columns > 2 => vec![samples, columns - 1],
            (_, table) => table[..1].to_vec(),
        }
    }
}

impl Rows for SomeColumns {
    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn read(&self, rows: Range<usize>) -> Result<Tensor, DataError> {
        let table = self.rows.read(rows)?;
        Ok(match self.part {
            Part::Target => table.column(self.target),
            Part::Others if self.shape.len() == 1 => table.column(1 - self.target),
            Part::Others => table.without_column(self.target),
        })
    }
}
