//! What makes a type a state.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::metric::{MetricError, MetricValue};

/// The state of an accumulated metric: a commutative monoid that can be written and read back.
///
/// `#[derive(Accumulator)]` merges field by field. [`testing::assert_merges`](crate::testing::assert_merges) checks the law.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of an accumulated metric",
    label = "not an `Accumulator`",
    note = "return one of `Count`, `Ratio`, `Mean`, `Sum`, .. or add `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]` to `{Self}`"
)]
pub trait Accumulator: Finish + Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Takes in another state. The order and the grouping of merges must not matter, bit for bit.
    fn merge(&mut self, other: Self);

    /// Takes in a state that stays, as each replicate of a bootstrap does with each sample's: a copy, unless a type can spare it.
    fn merge_copy(&mut self, other: &Self) {
        self.merge(other.clone());
    }

    /// What has no place yet is of this batch, counted from 0. The engine calls it on the part of a batch before merging it,
    /// and on a state that a batch has changed in place. States that keep an order note it.
    fn place(&mut self, _batch: u64) {}

    /// Whether states of this type keep an order, as [`Concat`](crate::accumulate::Concat) does, and so grow with the samples.
    ///
    /// The replicates of a bootstrap are made of their parts at the end, where others are merged as the run goes.
    #[must_use]
    fn keeps_order() -> bool {
        false
    }

    /// How many bytes states of this type take for each neuron of a layer, if they have something for each, as
    /// [`PerNeuron`](crate::accumulate::PerNeuron) does.
    ///
    /// A bootstrap keeps a state for each replicate, as far as there is room for as many.
    #[must_use]
    fn bytes_per_neuron() -> usize {
        0
    }

    /// What the state has counted, and how often, where it is nothing but counts of things that a few whole numbers name, such as a
    /// pair of classes: of an empty state an empty list. None of a state that is anything else.
    ///
    /// A bootstrap then counts how often each replicate draws each thing, in place of a state for each replicate: what it takes
    /// is bounded by the things that occur. A derived state counts if its fields are such states and sums, and nothing else. [Counting](Self::count_again) all of it in an empty state must give an equal state.
    #[must_use]
    fn counted(&self) -> Option<Vec<(Vec<i64>, u64)>> {
        None
    }

    /// Counts a thing so many times more, once at least. It is one that [`counted`](Self::counted) named; a state gets its things in
    /// ascending order.
    fn count_again(&mut self, _thing: &[i64], _times: u64) {}
}

/// The value of a state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no value of its own",
    label = "the state of a metric must say what its value is",
    note = "write `impl Finish for {Self} {{ type Output = f64; fn finish(&self) -> Result<f64, MetricError> {{ .. }} }}`"
)]
pub trait Finish {
    /// What it is.
    type Output: MetricValue;

    /// Works it out.
    ///
    /// # Errors
    ///
    /// [`MetricError::Undefined`] where the state has no value, such as the mean of nothing.
    fn finish(&self) -> Result<Self::Output, MetricError>;
}
