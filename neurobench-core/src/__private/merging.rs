//! Fields of a derived state.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accumulate::Accumulator;
use crate::metric::{Counter, Resampling, ResamplingForm, ThingCounts};

/// A field of a state that is a state itself: `#[merge]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no merge of its own",
    label = "not an `Accumulator`",
    note = "say how two of it merge: `#[merge(sum)]`, `#[merge(max)]`, `#[merge(min)]` or `#[merge(with = path)]`",
    note = "several states are `[Mean; N]`, `PerOutput<Mean>` or `BTreeMap<String, Mean>`",
    note = "a state of your own is a struct with `#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]`"
)]
pub trait MergeOwn: Sized {
    /// Merges another state.
    fn merge_own(&mut self, other: Self);
    /// Assigns everything that has no place yet to a batch.
    fn place_own(&mut self, batch: u64);
    /// The way in which states are kept for the replicates of a bootstrap.
    fn resampling_own() -> Resampling<Self>;
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> MergeOwn for A {
    fn merge_own(&mut self, other: Self) {
        self.merge(other);
    }

    fn place_own(&mut self, batch: u64) {
        self.place(batch);
    }

    fn resampling_own() -> Resampling<Self> {
        A::resampling()
    }
}

/// Form in which a sum is kept for a bootstrap.
///
/// This and the next two functions take the counter, and do not look it up by `N: MergeSum`: a field without that trait would be
/// reported a second time.
#[must_use]
pub fn form_of_sum<N>(counter: &Option<Counter<N>>) -> ResamplingForm {
    match counter {
        Some(_) => ResamplingForm::Counts,
        None => ResamplingForm::States { bytes_per_neuron: 0 },
    }
}

/// Names a sum after the place of its field.
pub fn counts_of_sum<N>(counter: &Option<Counter<N>>, sum: &N, field: i64, counts: &mut ThingCounts) {
    if let Some(counter) = counter {
        counts.add(&[field], (counter.count)(sum));
    }
}

/// Adds to a sum.
pub fn add_to_sum<N>(counter: &Option<Counter<N>>, sum: &mut N, times: u64) {
    if let Some(counter) = counter {
        (counter.add)(sum, times);
    }
}

/// The traits that a state needs beside those that its derive implements.
///
/// A derived implementation has the condition `for<'a> Tally: DerivedState<'a>`. Because of its lifetime the compiler does not check
/// the condition where it is written, but where the state is used: a struct without its derives is reported once, as a type that
/// cannot be a state, instead of once for each missing trait.
pub trait DerivedState<'a>: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<S: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static> DerivedState<'_> for S {}
