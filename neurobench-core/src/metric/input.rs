//! Types that a metric may take as arguments.

use crate::metric::{Context, MetricError};
use crate::model::{Model, Needs};

/// A type that a metric's function may take as an argument.
///
/// Your own input type takes a few lines: it states its requirements and takes its value from the context.
///
/// ```
/// use neurobench::prelude::*;
/// use neurobench::metric::{Context, Needs};
///
/// /// The largest prediction of a batch.
/// struct Peak(f64);
/// impl<'a> Input<'a> for Peak {
///     const NEEDS: Needs = <Predictions<'a> as Input<'a>>::NEEDS;
///     fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
///         let predictions = <Predictions<'a> as Input<'a>>::get(context)?;
///         Ok(Peak(predictions.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a metric can take as an argument",
    label = "not a metric input",
    note = "for a setting of the metric, mark the argument `#[param]`: `#[param(default = ..)] name: {Self}`",
    note = "inputs are taken by value: `Predictions<'_>`, `Targets<'_>`, `Classes<'_>`, `TargetClasses<'_>`, `&dyn Model` and those in `neurobench::inputs`"
)]
pub trait Input<'a>: Sized {
    /// Requirements of this input. The attributes check them against what the metric declares.
    const NEEDS: Needs;

    /// Takes the input from the context.
    ///
    /// # Errors
    ///
    /// An input that is missing, or not in the form that is needed.
    fn get(context: &'a Context<'_>) -> Result<Self, MetricError>;
}

impl<'a> Input<'a> for &'a dyn Model {
    const NEEDS: Needs = Needs::NONE;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(context.model())
    }
}

/// An input that may be missing: none where the model has no layers of the kind.
#[diagnostic::do_not_recommend]
impl<'a, T: Input<'a>> Input<'a> for Option<T> {
    const NEEDS: Needs = T::NEEDS.optional();

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        match T::get(context) {
            Ok(input) => Ok(Some(input)),
            Err(MetricError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

macro_rules! tuple_inputs {
    ($($name:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<'a, $($name: Input<'a>),*> Input<'a> for ($($name,)*) {
            const NEEDS: Needs = Needs::NONE$(.union($name::NEEDS))*;

            fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
                Ok(($($name::get(context)?,)*))
            }
        }
    };
}
tuple_inputs!(A, B);
tuple_inputs!(A, B, C);
tuple_inputs!(A, B, C, D);
