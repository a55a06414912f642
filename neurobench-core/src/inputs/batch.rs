//! Inputs from a batch: predictions, targets, the classes they stand for, and the inputs of model and data set.
//!
//! [`Predictions`], [`Targets`], [`Inputs`] and [`DataInputs`] reject a NaN and name its place, because a metric computed
//! from it would be NaN without a reason. [`RawPredictions`], [`RawTargets`], [`RawInputs`] and [`RawDataInputs`] let
//! it through, for metrics that give it a meaning.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use ndarray::{ArrayD, ArrayRefD, ArrayView, Axis, Dimension, IxDyn};

use crate::first_maximum::first_maximum;
use crate::inputs::hint::hint_for_rank;
use crate::inputs::is_without;
use crate::metric::{BatchContext, Context, Input, InputName, MetricError, Needs};
use crate::model::Tensor;

/// Outputs of the model after the postprocessors, as `f64`: of any rank, or of a fixed one with `Predictions<'_, Ix2>`.
///
/// The conversion happens at most once per batch, however many metrics take them. A NaN or another rank is an error.
#[derive(Clone, Debug)]
pub struct Predictions<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

/// Targets after the preprocessors, as `f64`; see [`Predictions`].
#[derive(Clone, Debug)]
pub struct Targets<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

/// Inputs of the batch as the model received them, after the preprocessors, as `f64`: `[batch, ..]` or, with time
/// steps, `[batch, step, ..]`; see [`Predictions`]. A model that carries state takes consecutive steps of one sequence
/// along the first axis.
///
/// A metric that takes them keeps the inputs of a batch until its metrics have been computed.
#[derive(Clone, Debug)]
pub struct Inputs<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

/// Inputs of the batch as the data set gave them, before the preprocessors, as `f64`: `[batch, ..]`; see
/// [`Predictions`].
///
/// A preprocessor may change the number of samples, which then differs from that of predictions and targets. A metric
/// that takes them keeps a second copy of the inputs of a batch if there are preprocessors.
#[derive(Clone, Debug)]
pub struct DataInputs<'a, D: Dimension = IxDyn>(ArrayView<'a, f64, D>);

macro_rules! real_input {
    ($type:ident, $what:expr, $tensor:ident, $cell:ident) => {
        real_input!($type, $what, |batch| Ok(batch.$tensor()), $cell, BATCH);
    };
    ($type:ident, $what:expr, $tensor:expr, $cell:ident, $need:ident) => {
        impl<'a, D: Dimension> Deref for $type<'a, D> {
            type Target = ArrayView<'a, f64, D>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<'a, D: Dimension> Input<'a> for $type<'a, D> {
            const NEEDS: Needs = Needs::BATCH.union(Needs::$need);

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let batch = context.batch()?;
                let tensor: TensorGetter = $tensor;
                view($what, tensor(batch)?, &batch.$cell).map(Self)
            }
        }

        impl<'a, D: Dimension> $type<'a, D> {
            /// Creates the input from an array, for calling a metric's function directly.
            #[must_use]
            pub fn new(array: ArrayView<'a, f64, D>) -> Self {
                Self(array)
            }
        }
    };
}
real_input!(Predictions, InputName::Predictions, outputs, predictions);
real_input!(Targets, InputName::Targets, targets, real_targets);
real_input!(Inputs, InputName::Inputs, |batch| batch.inputs(), real_inputs, INPUTS);
real_input!(DataInputs, InputName::DataInputs, |batch| batch.data_inputs(), real_data_inputs, DATA_INPUTS);

/// Returns a tensor of a batch.
type TensorGetter = for<'b, 'r> fn(&'b BatchContext<'r>) -> Result<&'r Tensor, MetricError>;

/// Returns the tensor as `f64`, checked for NaN and converted once.
fn real<'a>(
    what: InputName,
    tensor: &Tensor,
    cell: &'a OnceCell<Result<ArrayD<f64>, MetricError>>,
) -> Result<&'a ArrayD<f64>, MetricError> {
    let array = cell.get_or_init(|| {
        let array = tensor.to_f64();
        // Iterating by index takes many times as long.
        let any = array.iter().any(|number| number.is_nan());
        let found = any.then(|| array.indexed_iter().find(|(_, number)| number.is_nan()));
        match found.flatten() {
            Some((place, _)) => Err(nan(what, place.as_array_view().as_slice().unwrap_or_default())),
            None => Ok(array),
        }
    });
    array.as_ref().map_err(Clone::clone)
}

/// Error for a NaN, with its place in the tensor.
fn nan(what: InputName, place: &[usize]) -> MetricError {
    match place {
        [] => MetricError::input(what, "NaN"),
        [sample] => MetricError::input(what, "NaN").at_sample(*sample),
        [sample, within @ ..] => MetricError::input(what, format!("NaN at {within:?}")).at_sample(*sample),
    }
}

fn view<'a, D: Dimension>(
    what: InputName,
    tensor: &Tensor,
    cell: &'a OnceCell<Result<ArrayD<f64>, MetricError>>,
) -> Result<ArrayView<'a, f64, D>, MetricError> {
    let array = real(what.clone(), tensor, cell)?;
    let rank = D::NDIM.unwrap_or(0);
    array.view().into_dimensionality().map_err(|_| {
        let (shape, found, hint) = (array.shape(), array.ndim(), hint_for_rank(&what, array.shape(), rank));
        MetricError::input(what, format!("expected rank {rank}, found shape {shape:?} of rank {found}{hint}"))
    })
}

/// Predicted class of every sample: whole numbers `[batch]` unchanged, scores `[batch, class]` by their first maximum.
///
/// Errors are a NaN score, any other rank, and a single score per sample, whose maximum would always be class 0.
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a>(&'a [i64]);

/// Target class of every sample: integers unchanged, floats if all are whole.
///
/// A fraction, or any rank but 1, is an error.
#[derive(Clone, Copy, Debug)]
pub struct TargetClasses<'a>(&'a [i64]);

/// Target class of every sample, like [`TargetClasses`], for metrics without a class to ignore: a target without a
/// score in predictions `[batch, class]` is an error. Predictions that are classes do not show the number of classes.
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
            /// Creates the input from classes, for calling a metric's function directly.
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
                check_rank(InputName::Predictions, outputs)?;
                whole_numbers(&InputName::Predictions, outputs)
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
            check_rank(InputName::Targets, batch.targets())?;
            whole_numbers(&InputName::Targets, batch.targets())
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

/// Checks that every target is a class with a score along this axis, or the one to leave out.
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
    let per_sample = shape.iter().skip(1).product::<usize>().max(1);
    let place = if shape.len() > 1 { format!("position {}: ", at % per_sample) } else { String::new() };
    let problem = format!("{place}{} is not one of {classes} classes", targets[at]);
    Err(MetricError::input(InputName::Targets, problem).at_sample(at / per_sample))
}

/// Returns classes that are stored in the form that metrics take, without a copy.
fn stored(tensor: &Tensor) -> Option<&[i64]> {
    match tensor {
        Tensor::I64(classes) if classes.ndim() == 1 => classes.as_slice(),
        _ => None,
    }
}

/// First maximum over the classes of scores, which lie along an axis, in the order of the other axes.
fn predicted_classes(batch: &BatchContext<'_>, axis: usize) -> Result<Vec<i64>, MetricError> {
    let shape = batch.outputs().shape();
    match shape.get(axis) {
        Some(1) => {
            return Err(MetricError::input(
                InputName::Predictions,
                format!(
                    "shape {shape:?} has one score, whose maximum would always be class 0; `task = binary` decides by a threshold \
                     in metrics with this setting; save classes as [batch], without an axis of length one"
                ),
            ));
        }
        None | Some(0) => {
            return Err(MetricError::input(InputName::Predictions, format!("shape {shape:?} has no classes")));
        }
        Some(_) => {}
    }
    Ok(match batch.outputs() {
        Tensor::I64(scores) => first_maxima(scores, axis),
        Tensor::U8(scores) => first_maxima(scores, axis),
        // This rejects a NaN.
        outputs => first_maxima(real(InputName::Predictions, outputs, &batch.predictions)?, axis),
    })
}

fn first_maxima<T: PartialOrd>(scores: &ArrayRefD<T>, axis: usize) -> Vec<i64> {
    let lanes = scores.lanes(Axis(axis)).into_iter();
    lanes.filter_map(|lane| first_maximum(lane).map(|(class, _)| class as i64)).collect()
}

/// Error for predictions that are not classes for targets with more axes than `[batch]`.
fn unlike(predictions: &[usize], targets: &[usize], class_axis: usize) -> MetricError {
    let hint = match targets {
        [_, 1] => "; for one class per sample save targets as [batch], without an axis of length one",
        _ if predictions == targets => {
            "; for yes or no on each label set `task = multilabel`, for one-hot targets take `argmax`"
        }
        [_, _] if predictions.len() == 1 => "; for one-hot targets save `targets.argmax(axis=1)`",
        _ => "",
    };
    MetricError::input(
        InputName::Predictions,
        format!(
            "shape {predictions:?} for targets {targets:?}: expected integer classes of the targets' shape, or scores with one more \
             axis for the classes at `class_axis = {class_axis}`{hint}"
        ),
    )
}

fn check_rank(what: InputName, tensor: &Tensor) -> Result<(), MetricError> {
    if tensor.shape().len() != 1 {
        let shape = tensor.shape();
        let expected =
            if what == InputName::Predictions { "classes [batch] or scores [batch, class]" } else { "classes [batch]" };
        let hint = hint_for_rank(&what, shape, 1);
        return Err(MetricError::input(what, format!("expected {expected}, found shape {shape:?}{hint}")));
    }
    Ok(())
}

/// Returns all numbers, which must be whole, in order.
fn whole_numbers(what: &InputName, tensor: &Tensor) -> Result<Vec<i64>, MetricError> {
    let per_sample = tensor.shape().iter().skip(1).product::<usize>().max(1);
    let whole = |(at, number): (usize, f64)| {
        // Every whole number of this range is exact both as f64 and as i64.
        if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
            Ok(number as i64)
        } else {
            Err(MetricError::input(what.clone(), format!("{number} is not a class")).at_sample(at / per_sample))
        }
    };
    match tensor {
        Tensor::I64(classes) => Ok(classes.iter().copied().collect()),
        Tensor::U8(classes) => Ok(classes.iter().map(|class| (*class).into()).collect()),
        Tensor::F32(numbers) => numbers.iter().map(|number| (*number).into()).enumerate().map(whole).collect(),
        Tensor::F64(numbers) => numbers.iter().copied().enumerate().map(whole).collect(),
    }
}

/// Predicted classes and the target classes at the same positions.
#[derive(Clone, Debug)]
pub struct ClassPairs<'a> {
    /// Predicted classes.
    pub predicted: Cow<'a, [i64]>,
    /// Target classes.
    pub targets: Cow<'a, [i64]>,
}

/// Predictions and targets, for a metric with a setting that selects their form. Only the requested forms are made, and
/// they are shared with the metrics that take them as arguments.
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
    /// Returns the predicted classes; see [`Classes`].
    ///
    /// # Errors
    ///
    /// Same as [`Classes`].
    pub fn classes(&self) -> Result<Classes<'a>, MetricError> {
        Classes::get(self.0)
    }

    /// Returns the target classes; see [`TargetClasses`].
    ///
    /// # Errors
    ///
    /// Same as [`TargetClasses`].
    pub fn target_classes(&self) -> Result<TargetClasses<'a>, MetricError> {
        TargetClasses::get(self.0)
    }

    /// Returns the predicted and the target class of every sample or, for targets `[batch, ..]` with more axes, of
    /// every position in it, such as a time step, in order. Targets without a score are rejected, except those to leave
    /// out.
    ///
    /// Predictions for such targets are classes of the same shape, stored as integers, or scores with one axis more,
    /// the `class_axis`; see [`Classes`].
    ///
    /// # Errors
    ///
    /// Same as [`Classes`] and [`TargetClasses`], and shapes that do not match.
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
            whole_numbers(&InputName::Predictions, outputs)?
        } else {
            // Floats of the targets' shape are scores of labels, or belong to one-hot targets; they are not classes.
            return Err(unlike(outputs.shape(), targets.shape(), class_axis));
        };
        let targets = whole_numbers(&InputName::Targets, targets)?;
        check_known(batch, class_axis, &targets, ignore_index)?;
        Ok(ClassPairs { predicted: predicted.into(), targets: targets.into() })
    }

    /// Returns the predictions as numbers; see [`Predictions`].
    ///
    /// # Errors
    ///
    /// Same as [`Predictions`].
    pub fn predictions<D: Dimension>(&self) -> Result<Predictions<'a, D>, MetricError> {
        Predictions::get(self.0)
    }

    /// Returns the targets as numbers; see [`Targets`].
    ///
    /// # Errors
    ///
    /// Same as [`Targets`].
    pub fn targets<D: Dimension>(&self) -> Result<Targets<'a, D>, MetricError> {
        Targets::get(self.0)
    }
}

/// Outputs of the model after the postprocessors, in their own number format, NaN included.
#[derive(Clone, Copy, Debug)]
pub struct RawPredictions<'a>(&'a Tensor);

/// Targets after the preprocessors, in their own number format, NaN included.
#[derive(Clone, Copy, Debug)]
pub struct RawTargets<'a>(&'a Tensor);

/// Inputs of the batch as the model received them, after the preprocessors, in their own number format, NaN included;
/// see [`Inputs`].
#[derive(Clone, Copy, Debug)]
pub struct RawInputs<'a>(&'a Tensor);

/// Inputs of the batch as the data set gave them, before the preprocessors, in their own number format, NaN included;
/// see [`DataInputs`].
#[derive(Clone, Copy, Debug)]
pub struct RawDataInputs<'a>(&'a Tensor);

macro_rules! raw_input {
    ($type:ident, $tensor:expr, $need:ident) => {
        impl Deref for $type<'_> {
            type Target = Tensor;

            fn deref(&self) -> &Tensor {
                self.0
            }
        }

        impl<'a> Input<'a> for $type<'a> {
            const NEEDS: Needs = Needs::BATCH.union(Needs::$need);

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                let tensor: TensorGetter = $tensor;
                tensor(context.batch()?).map(Self)
            }
        }

        impl<'a> $type<'a> {
            /// Creates the input from a tensor, for calling a metric's function directly.
            #[must_use]
            pub fn new(tensor: &'a Tensor) -> Self {
                Self(tensor)
            }
        }
    };
}
raw_input!(RawPredictions, |batch| Ok(batch.outputs()), BATCH);
raw_input!(RawTargets, |batch| Ok(batch.targets()), BATCH);
raw_input!(RawInputs, |batch| batch.inputs(), INPUTS);
raw_input!(RawDataInputs, |batch| batch.data_inputs(), DATA_INPUTS);

/// Number of samples in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleCount(pub u64);

impl<'a> Input<'a> for SampleCount {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(Self(context.batch()?.samples() as u64))
    }
}
