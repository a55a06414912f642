//! Inputs from a batch: predictions, targets and the classes they stand for.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use ndarray::{ArrayD, ArrayRefD, ArrayView, Axis, Dimension, IxDyn};

use crate::first_maximum::first_maximum;
use crate::inputs::hint::of_rank;
use crate::inputs::is_without;
use crate::metric::{BatchContext, Context, Input, MetricError, Needs};
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
        // Going by indices takes many times as long.
        let any = array.iter().any(|number| number.is_nan());
        let found = any.then(|| array.indexed_iter().find(|(_, number)| number.is_nan()));
        match found.flatten() {
            Some((place, _)) => Err(nan(what, place.as_array_view().as_slice().unwrap_or_default())),
            None => Ok(array),
        }
    });
    array.as_ref().map_err(Clone::clone)
}

/// A NaN, by its place in the tensor.
fn nan(what: &'static str, place: &[usize]) -> MetricError {
    match place {
        [] => MetricError::input(what, "NaN"),
        [sample] => MetricError::input(what, "NaN").of_sample(*sample),
        [sample, within @ ..] => MetricError::input(what, format!("NaN at {within:?}")).of_sample(*sample),
    }
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
/// A NaN score, any other rank, and one score a sample, of which the maximum would always be class 0, are errors.
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a>(&'a [i64]);

/// The target class of every sample: integers as they are, floats if all are whole.
///
/// A fraction, or any rank but 1, is an error.
#[derive(Clone, Copy, Debug)]
pub struct TargetClasses<'a>(&'a [i64]);

/// The target class of every sample, as [`TargetClasses`], where no class may be left out: one that scores `[batch, class]` have
/// nothing for is an error. Predictions that are classes do not tell how many there are.
#[derive(Clone, Copy, Debug)]
pub struct KnownTargetClasses<'a>(&'a [i64]);

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
class_input!(KnownTargetClasses);

impl<'a> Input<'a> for Classes<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        let batch = context.batch()?;
        if let Some(classes) = stored(batch.outputs()) {
            return Ok(Self(classes));
        }
        let classes = batch.classes.get_or_init(|| match batch.outputs() {
            outputs if outputs.shape().len() != 2 => {
                check_rank("predictions", outputs)?;
                whole_numbers("predictions", outputs)
            }
            _ => predicted_classes(batch, 1),
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
        let classes = batch.target_classes.get_or_init(|| {
            check_rank("targets", batch.targets())?;
            whole_numbers("targets", batch.targets())
        });
        classes.as_deref().map(Self).map_err(Clone::clone)
    }
}

impl<'a> Input<'a> for KnownTargetClasses<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        let TargetClasses(targets) = TargetClasses::get(context)?;
        check_known(context.batch()?, 1, targets, None)?;
        Ok(Self(targets))
    }
}

/// Every target is one of the classes that there are scores for along this axis, or the one that is left out.
fn check_known(
    batch: &BatchContext<'_>,
    axis: usize,
    targets: &[i64],
    ignore_index: Option<i64>,
) -> Result<(), MetricError> {
    let (scores, shape) = (batch.outputs().shape(), batch.targets().shape());
    if !is_without(scores, axis, shape) {
        return Ok(());
    }
    let classes = scores[axis];
    let is_known = |target: &i64| usize::try_from(*target).is_ok_and(|target| target < classes);
    let Some(at) = targets.iter().position(|target| !is_known(target) && Some(*target) != ignore_index) else {
        return Ok(());
    };
    let of_a_sample = shape.iter().skip(1).product::<usize>().max(1);
    let place = if shape.len() > 1 { format!("place {}: ", at % of_a_sample) } else { String::new() };
    let problem = format!("{place}{} is none of {classes} classes", targets[at]);
    Err(MetricError::input("targets", problem).of_sample(at / of_a_sample))
}

/// Classes that are stored as metrics take them need no copy.
fn stored(tensor: &Tensor) -> Option<&[i64]> {
    match tensor {
        Tensor::I64(classes) if classes.ndim() == 1 => classes.as_slice(),
        _ => None,
    }
}

/// The first maximum over the classes of scores, which lie along an axis, in the order of the other axes.
fn predicted_classes(batch: &BatchContext<'_>, axis: usize) -> Result<Vec<i64>, MetricError> {
    let shape = batch.outputs().shape();
    match shape.get(axis) {
        Some(1) => {
            return Err(MetricError::input(
                "predictions",
                format!(
                    "shape {shape:?} has one score, whose maximum would always be class 0: `task = binary` decides by a threshold \
                     where a metric has it; classes are [batch], without an axis of one"
                ),
            ));
        }
        None | Some(0) => return Err(MetricError::input("predictions", format!("shape {shape:?} has no classes"))),
        Some(_) => {}
    }
    Ok(match batch.outputs() {
        Tensor::I64(scores) => first_maxima(scores, axis),
        Tensor::U8(scores) => first_maxima(scores, axis),
        // A NaN is told here.
        outputs => first_maxima(real("predictions", outputs, &batch.predictions)?, axis),
    })
}

fn first_maxima<T: PartialOrd>(scores: &ArrayRefD<T>, axis: usize) -> Vec<i64> {
    let lanes = scores.lanes(Axis(axis)).into_iter();
    lanes.filter_map(|lane| first_maximum(lane).map(|(class, _)| class as i64)).collect()
}

/// Predictions that are no classes for targets with more axes than `[batch]`.
fn unlike(predictions: &[usize], targets: &[usize], class_axis: usize) -> MetricError {
    let hint = match targets {
        [_, 1] => "; for one class a sample, targets are [batch], without an axis of one",
        _ if predictions == targets => {
            "; for yes or no on each label say `task = multilabel`, and of one-hot targets take `argmax`"
        }
        [_, _] if predictions.len() == 1 => "; of targets whose rows are one-hot save `targets.argmax(axis=1)`",
        _ => "",
    };
    MetricError::input(
        "predictions",
        format!(
            "shape {predictions:?} for targets {targets:?}: integer classes of that shape, or scores with the classes along one more \
             axis, `class_axis = {class_axis}`, are needed{hint}"
        ),
    )
}

fn check_rank(what: &'static str, tensor: &Tensor) -> Result<(), MetricError> {
    if tensor.shape().len() != 1 {
        let shape = tensor.shape();
        let wanted =
            if what == "predictions" { "classes [batch] or scores [batch, class] are" } else { "classes [batch] are" };
        let hint = of_rank(what, shape, 1);
        return Err(MetricError::input(what, format!("shape {shape:?}, {wanted} needed{hint}")));
    }
    Ok(())
}

/// All numbers, which must be whole, in order.
fn whole_numbers(what: &'static str, tensor: &Tensor) -> Result<Vec<i64>, MetricError> {
    let of_a_sample = tensor.shape().iter().skip(1).product::<usize>().max(1);
    let whole = |(at, number): (usize, f64)| {
        // Every whole number of this range is an f64 and an i64.
        if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
            Ok(number as i64)
        } else {
            Err(MetricError::input(what, format!("{number} is not a class")).of_sample(at / of_a_sample))
        }
    };
    match tensor {
        Tensor::I64(classes) => Ok(classes.iter().copied().collect()),
        Tensor::U8(classes) => Ok(classes.iter().map(|class| (*class).into()).collect()),
        Tensor::F32(numbers) => numbers.iter().map(|number| (*number).into()).enumerate().map(whole).collect(),
        Tensor::F64(numbers) => numbers.iter().copied().enumerate().map(whole).collect(),
    }
}

/// Predicted classes and the target classes at the same places.
#[derive(Clone, Debug)]
pub struct ClassPairs<'a> {
    /// What was predicted.
    pub predicted: Cow<'a, [i64]>,
    /// What is right.
    pub targets: Cow<'a, [i64]>,
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

    /// The predicted and the target class of every sample or, where targets are `[batch, ..]` with more axes, of every place in
    /// it, such as a time step, in order. Targets that scores have no class for are refused, but for those to be left out.
    ///
    /// Predictions for such targets are classes of their shape, stored as integers, or scores with one axis more, the
    /// `class_axis`; see [`Classes`].
    ///
    /// # Errors
    ///
    /// As [`Classes`] and [`TargetClasses`], and shapes that do not fit.
    pub fn class_pairs(&self, class_axis: usize, ignore_index: Option<i64>) -> Result<ClassPairs<'a>, MetricError> {
        let batch = self.0.batch()?;
        let (outputs, targets) = (batch.outputs(), batch.targets());
        if targets.shape().len() < 2 {
            let (predicted, targets) = (self.classes()?.0, self.target_classes()?.0);
            check_known(batch, 1, targets, ignore_index)?;
            return Ok(ClassPairs { predicted: predicted.into(), targets: targets.into() });
        }
        let predicted = if is_without(outputs.shape(), class_axis, targets.shape()) {
            predicted_classes(batch, class_axis)?
        } else if outputs.shape() == targets.shape() && matches!(outputs, Tensor::I64(_) | Tensor::U8(_)) {
            whole_numbers("predictions", outputs)?
        } else {
            // Floats of the targets' shape are scores of labels, or of targets that are one-hot, and no classes.
            return Err(unlike(outputs.shape(), targets.shape(), class_axis));
        };
        let targets = whole_numbers("targets", targets)?;
        check_known(batch, class_axis, &targets, ignore_index)?;
        Ok(ClassPairs { predicted: predicted.into(), targets: targets.into() })
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
