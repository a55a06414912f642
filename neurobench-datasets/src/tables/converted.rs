//! Arrays in other number formats.

use std::ops::Range;
use std::path::PathBuf;

use ndarray::Array1;
use neurobench_core::data::{DataError, Dataset, OnDisk};
use neurobench_core::model::Tensor;

/// Inputs in single precision, with classes.
pub(super) struct Converted {
    data: OnDisk,
    targets: Targets,
}

/// Form of the stored targets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Targets {
    /// Indices of classes, `[sample]`.
    Classes,
    /// Vectors with their largest number at the index of the class, `[sample, class]`.
    OneHot,
}

impl Converted {
    /// Creates a data set of inputs `[sample, step, channel]` and checks the shapes.
    pub(super) fn new(data: OnDisk, targets: Targets) -> Result<Self, DataError> {
        let converted = Self { data, targets };
        // The types and shapes are those of all samples.
        let (inputs, _) = converted.batch(0..converted.samples().min(1))?;
        match inputs.shape() {
            [_, _, _] => Ok(converted),
            shape => {
                let (name, _) = converted.names();
                Err(DataError::Other(format!("{name}: expected inputs [sample, step, channel], found shape {shape:?}")))
            }
        }
    }

    fn classes(&self, targets: &Tensor) -> Result<Array1<i64>, String> {
        let numbers = targets.to_f64();
        let shape = numbers.shape();
        let classes: Option<Array1<i64>> = match (self.targets, shape) {
            (Targets::Classes, [_]) => numbers.iter().map(|class| whole(*class)).collect(),
            (Targets::OneHot, [_, 1..=usize::MAX]) => {
                numbers.outer_iter().map(|vector| largest(vector.iter())).collect()
            }
            _ => return Err(format!("found targets of shape {shape:?}, expected {}", self.targets.expected())),
        };
        classes.ok_or_else(|| format!("a target is not a class; expected {}", self.targets.expected()))
    }
}

impl Targets {
    fn expected(self) -> &'static str {
        match self {
            Self::Classes => "indices of classes [sample]",
            Self::OneHot => "one-hot vectors [sample, class]",
        }
    }
}

fn whole(class: f64) -> Option<i64> {
    (class.fract() == 0.0 && (0.0..1e15).contains(&class)).then_some(class as i64)
}

/// Index of the first of the largest numbers, as `numpy.argmax` finds it.
fn largest<'a>(vector: impl Iterator<Item = &'a f64> + Clone) -> Option<i64> {
    if vector.clone().any(|number| number.is_nan()) {
        return None;
    }
    neurobench_core::inputs::first_maximum(vector).map(|(class, _)| class as i64)
}

impl Dataset for Converted {
    fn samples(&self) -> usize {
        self.data.samples()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        let (inputs, targets) = self.data.batch(range)?;
        let classes =
            self.classes(&targets).map_err(|problem| DataError::Other(format!("{}: {problem}", self.names().1)))?;
        Ok((inputs.to_f32().into(), classes.into()))
    }

    fn names(&self) -> (String, String) {
        self.data.names()
    }

    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        self.data.fingerprint()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.data.files()
    }
}
