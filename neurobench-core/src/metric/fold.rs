//! The traits that the attributes implement.

use crate::component::{Settings, SettingsError};
use crate::metric::{About, Accumulator, BatchValue, Context, Finish, MetricError, MetricValue, Needs, Plan, Reading};

/// The settings of a metric, all of which have defaults, and its description.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "`of` names the type that `#[accumulated_metric]` made of a function: `of = Confusion` for `fn confusion`"
)]
pub trait MetricSettings: Settings + Default {
    /// Description of the metric.
    const METRIC: &'static About;
}

/// Folds batches into a state: what `#[accumulated_metric]` makes of a function without `of`.
///
/// The types are unbounded here; their bounds stand once, where the metric is registered, so that a mistake is reported once.
pub trait Fold: MetricSettings {
    /// Requirements of its arguments.
    const NEEDS: Needs;
    /// The state: a commutative monoid.
    type State;
    /// Result of one batch: a state, or `()` when the function changed the state in place.
    type Part;

    /// Folds one batch.
    ///
    /// # Errors
    ///
    /// Any error of an argument or of the function itself.
    fn step(&self, state: &mut Self::State, context: &Context<'_>) -> Result<Self::Part, MetricError>;
}

/// Computes a value for each batch: what `#[workload_metric]` makes of a function.
pub trait Workload: MetricSettings {
    /// Requirements of its arguments.
    const NEEDS: Needs;
    /// Return type of the function for a batch.
    type Value;

    /// The value of one batch.
    ///
    /// # Errors
    ///
    /// Any error of an argument or of the function itself.
    fn value(&self, context: &Context<'_>) -> Result<Self::Value, MetricError>;
}

/// A workload metric folds its values into their average, weighted by samples.
#[diagnostic::do_not_recommend]
impl<W: Workload> Fold for W
where
    W::Value: BatchValue,
{
    const NEEDS: Needs = W::NEEDS;
    type State = <W::Value as BatchValue>::Average;
    type Part = <W::Value as BatchValue>::Average;

    fn step(&self, _: &mut Self::State, context: &Context<'_>) -> Result<Self::Part, MetricError> {
        match context.batch()?.samples() {
            // A batch that a preprocessor emptied has no weight, and no mean.
            0 => Ok(Self::Part::default()),
            samples => self.value(context)?.weighted(samples as u64),
        }
    }
}

/// The result of a batch, which enters the state.
pub trait PartOf<S> {
    /// Merges it into the state of the run; `place` assigns everything new to the batch.
    fn join(self, state: &mut S, batch: u64, place: fn(&mut S, u64));
}

/// The function has changed the state in place.
impl<S> PartOf<S> for () {
    fn join(self, state: &mut S, batch: u64, place: fn(&mut S, u64)) {
        place(state, batch);
    }
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> PartOf<A> for A {
    fn join(mut self, state: &mut A, batch: u64, place: fn(&mut A, u64)) {
        place(&mut self, batch);
        state.merge(self);
    }
}

/// A metric that can be requested: it names its cores, and reads their states at the end.
pub trait Metric: MetricSettings {
    /// Type of the value.
    type Output;

    /// Adds its cores to the plan and returns their indices.
    ///
    /// # Errors
    ///
    /// Settings that are not accepted.
    fn cores(&self, plan: &mut Plan) -> Result<Vec<usize>, SettingsError>;

    /// The value, from the states of its cores, in order.
    ///
    /// # Errors
    ///
    /// A core that failed, or the metric's own reasons.
    fn read(&self, reading: &Reading<'_>) -> Result<Self::Output, MetricError>;
}

/// A metric that folds is its own core.
#[diagnostic::do_not_recommend]
impl<F: Fold> Metric for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    type Output = <F::State as Finish>::Output;

    fn cores(&self, plan: &mut Plan) -> Result<Vec<usize>, SettingsError> {
        Ok(vec![plan.core(self)?])
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Self::Output, MetricError> {
        reading.own_state::<F::State>()?.finish()
    }
}

/// A metric that a benchmark can be asked for: every [`Metric`] has this trait.
///
/// It is a trait of its own so that anything else in the place of a metric is reported once, with what to write instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "a metric is a value of the type that an attribute made of a function: for `fn top_k` write `TopK::default()`, or \
            `TopK {{ k: 3, ..TopK::default() }}`",
    note = "for a metric by its name write `.metric_named(\"top_k(k=3)\")`"
)]
pub trait MetricRequest: Metric<Output: MetricValue> {}

#[diagnostic::do_not_recommend]
impl<M: Metric<Output: MetricValue>> MetricRequest for M {}
