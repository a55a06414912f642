//! The traits of the state of an accumulated metric.
//!
//! Invariant 2: the type of a metric is its settings, which are immutable. Its state is a separate type: it has a
//! [`Default`], merges, and can be written and read back.
//!
//! Invariant 3: states are commutative monoids, bit for bit. Any number of workers, any shards and any resumption
//! therefore give the same bits.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::metric::{MetricError, MetricValue, Resampling};

/// The state of an accumulated metric: a commutative monoid that can be written and read back.
///
/// [`Default`] is the empty state. `#[derive(Accumulator)]` merges field by field.
/// [`testing::assert_merges`](crate::testing::assert_merges) checks the law.
///
/// ```
/// use neurobench::prelude::*;
///
/// /// The largest error so far.
/// #[derive(Clone, Default, Serialize, Deserialize)]
/// struct Worst(Option<u64>);
///
/// impl Accumulator for Worst {
///     fn merge(&mut self, other: Self) {
///         self.0 = self.0.max(other.0);
///     }
/// }
///
/// impl Finish for Worst {
///     type Output = u64;
///     fn finish(&self) -> Result<u64, MetricError> {
///         self.0.ok_or_else(|| MetricError::undefined("no errors"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of an accumulated metric",
    label = "not an `Accumulator`",
    note = "return one of `Count`, `Ratio`, `Mean`, `Sum`, .. or add `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]` to `{Self}`"
)]
pub trait Accumulator: Finish + Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Merges another state. The order and the grouping of merges must not matter, bit for bit.
    fn merge(&mut self, other: Self);

    /// Assigns everything that has no place yet to a batch, by its zero-based index in the data set.
    ///
    /// Batches are folded and merged in any order. A state whose value depends on their order, such as
    /// [`Concat`](crate::accumulate::Concat), must therefore remember which batch each of its items is from; all others need not
    /// implement this method. The engine calls it on the state of one batch before merging it, and after a metric has changed its
    /// state in place.
    fn place(&mut self, _batch: u64) {}

    /// Form in which states of this type are kept for the replicates of a bootstrap. The default suits every state.
    #[doc(hidden)]
    #[must_use]
    fn resampling() -> Resampling<Self> {
        Resampling::states()
    }
}

/// Computes the value of a state.
///
/// The value is a `Result` because a state such as the mean of no values must be able to report that it has no value,
/// and why.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no value of its own",
    label = "the state of a metric must say what its value is",
    note = "write `impl Finish for {Self} {{ type Output = f64; fn finish(&self) -> Result<f64, MetricError> {{ .. }} }}`"
)]
pub trait Finish {
    /// Type of the value.
    type Output: MetricValue;

    /// Computes the value.
    ///
    /// # Errors
    ///
    /// [`MetricError::Undefined`] where the state has no value, such as the mean of no values.
    fn finish(&self) -> Result<Self::Output, MetricError>;
}
