//! Types that the functions of metrics may return.

use serde::Serialize;

use crate::accumulate::Accumulator;
use crate::metric::{BatchValue, Factory, Fold, Metric, MetricValue, PartOf, Workload};

/// State type that the registration of an accumulated metric requires.
///
/// The registrations do not go through [`Accumulator`] and [`MetricValue`] themselves, so that the message is about the metric, also
/// where a type derives one of them but lacks other derives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of an accumulated metric",
    label = "not an `Accumulator`",
    note = "return the part of one batch that merges: `Ratio::from_bools(..)` for a fraction, `Mean::from_values(..)` for a mean, `Count(..)` for a count",
    note = "for a number of each batch that is averaged over the batches write `#[workload_metric]`",
    note = "several states are `[Mean; N]`, `PerOutput<Mean>` or `BTreeMap<String, Mean>`; `Concat<f64>` keeps all values",
    note = "a state of your own is a struct with `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]`"
)]
pub trait StateType: Sized {
    /// The factory of a metric with this state.
    fn factory<M: Fold<State = Self>>() -> Factory
    where
        M::Part: PartOf<Self>;
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> StateType for A {
    fn factory<M: Fold<State = Self>>() -> Factory
    where
        M::Part: PartOf<Self>,
    {
        Factory::new::<M>()
    }
}

/// Value type that the registration of a metric that reads states or the model requires.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric value",
    label = "not a number, a map or list of numbers, or a record",
    note = "a number is `f64`, `u64` or `i64`, a map is a `BTreeMap`, a list is a `Vec` or an array",
    note = "for a struct of your own: `#[derive(Clone, Serialize, MetricValue)]`, with `#[value(unit = \"..\")]` on its fields"
)]
pub trait ValueType: Sized {
    /// The factory of a metric with this value.
    fn factory<M: Metric<Output = Self>>() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue> ValueType for V {
    fn factory<M: Metric<Output = Self>>() -> Factory {
        Factory::new::<M>()
    }
}

/// Value type of one batch that the registration of a workload metric requires.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be averaged over batches",
    label = "not a value of a workload metric",
    note = "return `f64`, `Option<f64>` (`None`: the batch has no value), `[f64; N]`, `BTreeMap<String, f64>` or `PerLayer<f64>`",
    note = "for any other value use `#[accumulated_metric]` and return the part of the batch"
)]
pub trait BatchValueType: Sized {
    /// The factory of a metric with this value.
    fn factory<M: Workload<Value = Self>>() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<V: BatchValue> BatchValueType for V {
    fn factory<M: Workload<Value = Self>>() -> Factory {
        Factory::new::<M>()
    }
}

/// The traits that a value needs beside the one that its derive implements: see [`DerivedState`](super::DerivedState).
pub trait DerivedValue<'a>: Clone + Serialize + Send + Sync + 'static {}

impl<V: Clone + Serialize + Send + Sync + 'static> DerivedValue<'_> for V {}
