//! Inputs from a batch: predictions, targets and the classes they stand for.

use std::cell::OnceCell;
use std::ops::Deref;

use ndarray::{ArrayD, ArrayView, Dimension, IxDyn};

use crate::inputs::hint::of_rank;
use crate::metric::{Context, Input, MetricError, Needs};
use crate::model::Tensor;

/// The model's outputs after the postprocessors, as `f64`: of any rank, or of a fixed one with `Predictions<'_, Ix2>`.
///
/// They are converted at most once a batch, however many metrics take them. A NaN or another rank is an error.
#[derive(Clone, Debug)]
pub struct Predictions<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

/// The targets as the preprocessors left them, as `f64`; see [`Predictions`].
#[derive(Clone, Debug)]
pub struct Targets<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

macro_rules! real_input {
    ($type:ident, $what:literal, $tensor:ident, $cell:ident) => {
        impl<'a, D: Dimension> Deref for $type<'a, D> {
            type Target = ArrayView<'a, f64, D>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, D: Dimension> Input<'a> for $type<'a, D> {
            const NEEDS: Needs = Needs::BATCH;

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let batch = context.batch()?;
                view($what, batch.$tensor(), &batch.$cell).map(Self)
            }
        }

        impl<'a, D: Dimension> $type<'a, D> {
            /// From an array, for calling a metric's function directly.
            #[must_use]
            pub fn new(array: ArrayView<'a, f64, D>) -> Self {
                Self(array)
            }
        }
    };
}
real_input!(Predictions, "predictions", outputs, predictions);
real_input!(Targets, "targets", targets, real_targets);

/// The tensor as `f64`, checked for NaN, converted once.
fn real<'a>(
    what: &'static str,
    tensor: &Tensor,
    cell: &'a OnceCell<Result<ArrayD<f64>, MetricError>>,
) -> Result<&'a ArrayD<f64>, MetricError> {
    let array = cell.get_or_init(|| {
        let array = tensor.to_f64();
        match array.indexed_iter().find(|(_, number)| number.is_nan()) {
            Some((place, _)) => Err(MetricError::input(what, format!("NaN at {:?}", place.as_array_view().to_vec()))),
            None => Ok(array),
        }
    });
    array.as_ref().map_err(Clone::clone)
}

fn view<'a, D: Dimension>(
    what: &'static str,
    tensor: &Tensor,
    cell: &'a OnceCell<Result<ArrayD<f64>, MetricError>>,
) -> Result<ArrayView<'a, f64, D>, MetricError> {
    let array = real(what, tensor, cell)?;
    let rank = D::NDIM.unwrap_or(0);
    array.view().into_dimensionality().map_err(|_| {
        let (shape, found, hint) = (array.shape(), array.ndim(), of_rank(what, array.shape(), rank));
        MetricError::input(what, format!("shape {shape:?} has rank {found}, rank {rank} is needed{hint}"))
    })
}

/// The predicted class of every sample: whole numbers `[batch]` as they are, scores `[batch, class]` by their first maximum.
///
/// A NaN score, or any other rank, is an error.
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a>(&'a [i64]);

/// The target class of every sample: integers as they are, floats if all are whole.
///
/// A fraction, or any rank but 1, is an error.
#[derive(Clone, Copy, Debug)]
pub struct TargetClasses<'a>(&'a [i64]);

macro_rules! class_input {
    ($type:ident) => {
        impl Deref for $type<'_> {
            type Target = [i64];

            fn deref(&self) -> &[i64] {
                self.0
            }
        }

        impl<'a> $type<'a> {
            /// From classes, for calling a metric's function directly.
            #[must_use]
            pub fn new(classes: &'a [i64]) -> Self {
                Self(classes)
            }
        }
    };
}
class_input!(Classes);
class_input!(TargetClasses);

impl<'a> Input<'a> for Classes<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        let batch = context.batch()?;
        if let Some(classes) = stored(batch.outputs()) {
            return Ok(Self(classes));
        }
        let classes = batch.classes.get_or_init(|| match batch.outputs() {
            outputs if outputs.shape().len() != 2 => whole_numbers("predictions", outputs),
            Tensor::I64(scores) => first_maxima(scores),
            Tensor::U8(scores) => first_maxima(scores),
            // A NaN is told here.
            outputs => first_maxima(real("predictions", outputs, &batch.predictions)?),
        });
        classes.as_deref().map(Self).map_err(Clone::clone)
    }
}

impl<'a> Input<'a> for TargetClasses<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        let batch = context.batch()?;
        if let Some(classes) = stored(batch.targets()) {
            return Ok(Self(classes));
        }
        let classes = batch.target_classes.get_or_init(|| whole_numbers("targets", batch.targets()));
        classes.as_deref().map(Self).map_err(Clone::clone)
    }
}

/// Classes that are stored as metrics take them need no copy.
fn stored(tensor: &Tensor) -> Option<&[i64]> {
    match tensor {
        Tensor::I64(classes) if classes.ndim() == 1 => classes.as_slice(),
        _ => None,
    }
}

/// The first maximum of every row of scores.
fn first_maxima<T: PartialOrd + Copy>(scores: &ArrayD<T>) -> Result<Vec<i64>, MetricError> {
    let best = |row: ndarray::ArrayView1<'_, T>| {
        let mut best: Option<(i64, T)> = None;
        for (class, score) in (0..).zip(row) {
            if best.is_none_or(|(_, most)| *score > most) {
                best = Some((class, *score));
            }
        }
        best.map(|(class, _)| class)
    };
    let classes = scores.rows().into_iter().map(best).collect::<Option<_>>();
    classes.ok_or_else(|| MetricError::input("predictions", format!("shape {:?} has no classes", scores.shape())))
}

/// One whole number a sample.
fn whole_numbers(what: &'static str, tensor: &Tensor) -> Result<Vec<i64>, MetricError> {
    if tensor.shape().len() != 1 {
        let shape = tensor.shape();
        let wanted =
            if what == "predictions" { "classes [batch] or scores [batch, class] are" } else { "classes [batch] are" };
        let hint = of_rank(what, shape, 1);
        return Err(MetricError::input(what, format!("shape {shape:?}, {wanted} needed{hint}")));
    }
    let whole = |number: f64| {
        // Every whole number of this range is an f64 and an i64.
        if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
            Ok(number as i64)
        } else {
            Err(MetricError::input(what, format!("{number} is not a class")))
        }
    };
    match tensor {
        Tensor::I64(classes) => Ok(classes.iter().copied().collect()),
        Tensor::U8(classes) => Ok(classes.iter().map(|class| (*class).into()).collect()),
        Tensor::F32(numbers) => numbers.iter().map(|number| whole((*number).into())).collect(),
        Tensor::F64(numbers) => numbers.iter().map(|number| whole(*number)).collect(),
    }
}

/// Predictions and targets, for a metric one of whose settings says in which form it reads them. Only the forms that it asks for
/// are made, and they are shared with the metrics that take them as arguments.
#[derive(Clone, Copy)]
pub struct PredictionsAndTargets<'a>(&'a Context<'a>);

impl<'a> Input<'a> for PredictionsAndTargets<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        context.batch()?;
        Ok(Self(context))
    }
}

impl<'a> PredictionsAndTargets<'a> {
    /// The predicted classes; see [`Classes`].
    ///
    /// # Errors
    ///
    /// As [`Classes`].
    pub fn classes(&self) -> Result<Classes<'a>, MetricError> {
        Classes::get(self.0)
    }

    /// The target classes; see [`TargetClasses`].
    ///
    /// # Errors
    ///
    /// As [`TargetClasses`].
    pub fn target_classes(&self) -> Result<TargetClasses<'a>, MetricError> {
        TargetClasses::get(self.0)
    }

    /// The predictions as numbers; see [`Predictions`].
    ///
    /// # Errors
    ///
    /// As [`Predictions`].
    pub fn predictions<D: Dimension>(&self) -> Result<Predictions<'a, D>, MetricError> {
        Predictions::get(self.0)
    }

    /// The targets as numbers; see [`Targets`].
    ///
    /// # Errors
    ///
    /// As [`Targets`].
    pub fn targets<D: Dimension>(&self) -> Result<Targets<'a, D>, MetricError> {
        Targets::get(self.0)
    }
}

/// The model's outputs after the postprocessors, in their own kind of number.
#[derive(Clone, Copy, Debug)]
pub struct RawPredictions<'a>(&'a Tensor);

/// The targets as the preprocessors left them, in their own kind of number.
#[derive(Clone, Copy, Debug)]
pub struct RawTargets<'a>(&'a Tensor);

macro_rules! raw_input {
    ($type:ident, $tensor:ident) => {
        impl Deref for $type<'_> {
            type Target = Tensor;

            fn deref(&self) -> &Tensor {
                self.0
            }
        }

        impl<'a> Input<'a> for $type<'a> {
            const NEEDS: Needs = Needs::BATCH;

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                Ok(Self(context.batch()?.$tensor()))
            }
        }
    };
}
raw_input!(RawPredictions, outputs);
raw_input!(RawTargets, targets);

/// How many samples the batch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleCount(pub u64);

impl<'a> Input<'a> for SampleCount {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(Self(context.batch()?.samples() as u64))
    }
}
