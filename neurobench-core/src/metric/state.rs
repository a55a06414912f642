//! States without their types.
//!
//! The typed state stays inside the erased object, so a state is merged, saved and counted without knowing its type.
//! The type is needed in only one place, [`dyn ErasedState::typed`], where a core reads one of its states.

use std::any::Any;

use crate::metric::{Accumulator, MetricError, Share, ThingCounts, WeightedValue};
use crate::value::Value;

/// The state of a core, without its type.
pub(crate) type AnyState = Box<dyn ErasedState>;

/// An [`Accumulator`] without its type.
pub(crate) trait ErasedState: Any + Send + Sync {
    /// Merges another state of the same core.
    fn merge(&mut self, other: AnyState);
    /// Merges another state of the same core, which stays.
    fn merge_copy(&mut self, part: &dyn ErasedState);
    /// Writes the state for a snapshot.
    fn save(&self) -> Result<Value, MetricError>;
    /// Names everything that the state has counted.
    fn counts(&self) -> ThingCounts;
    /// Counts a thing again, some times over.
    fn add_count(&mut self, thing: &[i64], times: u64);
    /// Value of a state of one sample, if the value of the run is the weighted mean of these.
    fn sample_value(&self) -> Option<WeightedValue>;
    /// Value as a share of decisions, if it is one.
    fn share(&self) -> Option<Share>;
}

/// The state inside an [`AnyState`].
struct TypedState<S>(S);

/// Erases the type of a state.
pub(crate) fn erased<S: Accumulator>(state: S) -> AnyState {
    Box::new(TypedState(state))
}

/// A state is made, changed and read by the same core, so it has that core's type.
const OTHER_CORE: &str = "the state of another core";

impl dyn ErasedState {
    /// The state, if it has this type.
    pub(crate) fn downcast<S: 'static>(&self) -> Option<&S> {
        let any: &dyn Any = self;
        any.downcast_ref::<TypedState<S>>().map(|TypedState(state)| state)
    }

    /// The state, which has the type of its core.
    pub(crate) fn typed<S: 'static>(&self) -> &S {
        self.downcast().unwrap_or_else(|| unreachable!("{OTHER_CORE}"))
    }

    /// The state, which has the type of its core.
    pub(crate) fn typed_mut<S: 'static>(&mut self) -> &mut S {
        let any: &mut dyn Any = self;
        match any.downcast_mut::<TypedState<S>>() {
            Some(TypedState(state)) => state,
            None => unreachable!("{OTHER_CORE}"),
        }
    }
}

/// Takes the state, which has the type of its core, out of its object.
fn into_typed<S: 'static>(state: AnyState) -> S {
    let any: Box<dyn Any> = state;
    match any.downcast::<TypedState<S>>() {
        Ok(state) => state.0,
        Err(_) => unreachable!("{OTHER_CORE}"),
    }
}

impl<S: Accumulator> ErasedState for TypedState<S> {
    fn merge(&mut self, other: AnyState) {
        self.0.merge(into_typed(other));
    }

    fn merge_copy(&mut self, part: &dyn ErasedState) {
        (S::resampling().merge_copy)(&mut self.0, part.typed());
    }

    fn save(&self) -> Result<Value, MetricError> {
        Ok(Value::from_serialize(&self.0)?)
    }

    fn counts(&self) -> ThingCounts {
        let mut counts = ThingCounts::default();
        S::resampling().counts(&self.0, &mut counts);
        counts
    }

    fn add_count(&mut self, thing: &[i64], times: u64) {
        S::resampling().add_count(&mut self.0, thing, times);
    }

    fn sample_value(&self) -> Option<WeightedValue> {
        S::resampling().sample_value.map(|sample_value| sample_value(&self.0))
    }

    fn share(&self) -> Option<Share> {
        S::resampling().share.map(|share| share(&self.0))
    }
}
