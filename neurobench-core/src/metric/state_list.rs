//! Many states of one core at once: replicates of a bootstrap, or groups of a jackknife.

use std::any::Any;

use crate::metric::state::{AnyState, ErasedState, erased};
use crate::metric::{Accumulator, MetricError};
use crate::value::Value;

/// States of one core side by side, without their type.
pub(crate) type StateList = Box<dyn ErasedStateList>;

/// A list of [`Accumulator`]s without their type.
pub(crate) trait ErasedStateList: Any + Send + Sync {
    /// Merges a state into each of these, as often as the number at its place says.
    fn merge_copies(&mut self, part: &dyn ErasedState, copies: &[u8]);
    /// Merges a state into one of these.
    fn merge_at(&mut self, at: usize, part: &dyn ErasedState);
    /// Merges a list of the same length and core, each state into the one at the same index.
    fn merge_each(&mut self, others: StateList);
    /// Copies one of these.
    fn get(&self, at: usize) -> Result<AnyState, MetricError>;
    /// Merges all of these into a state.
    fn merge_all_into(&self, into: &mut dyn ErasedState);
    /// For each of these places, merges the states at all others of these.
    fn all_others(&self, places: &[usize]) -> StateList;
    /// Writes the states for a snapshot.
    fn save(&self) -> Result<Value, MetricError>;
}

/// The states inside a [`StateList`].
struct TypedStateList<S>(Vec<S>);

/// A list of empty states.
pub(crate) fn empty_list<S: Accumulator>(count: usize) -> StateList {
    Box::new(TypedStateList(vec![S::default(); count]))
}

/// Reads the states that a snapshot kept, of which there must be `count`.
pub(crate) fn restored_list<S: Accumulator>(saved: &Value, count: usize) -> Result<StateList, MetricError> {
    let states: Vec<S> = saved.to_typed().map_err(|error| MetricError::Other(error.to_string()))?;
    match states.len() {
        found if found == count => Ok(Box::new(TypedStateList(states))),
        found => Err(MetricError::Other(format!("expected {count} states, found {found}"))),
    }
}

impl<S: Accumulator> ErasedStateList for TypedStateList<S> {
    fn merge_copies(&mut self, part: &dyn ErasedState, copies: &[u8]) {
        let (merge_copy, part): (_, &S) = (S::resampling().merge_copy, part.typed());
        // The part once, twice, ..: merging is associative, so that each state merges at most one of these.
        let mut multiples = vec![part.clone()];
        for (state, copies) in self.0.iter_mut().zip(copies) {
            let Some(last) = usize::from(*copies).checked_sub(1) else { continue };
            while multiples.len() <= last {
                let mut next = multiples[multiples.len() - 1].clone();
                merge_copy(&mut next, part);
                multiples.push(next);
            }
            merge_copy(state, &multiples[last]);
        }
    }

    fn merge_at(&mut self, at: usize, part: &dyn ErasedState) {
        (S::resampling().merge_copy)(&mut self.0[at], part.typed());
    }

    fn merge_each(&mut self, others: StateList) {
        let any: Box<dyn Any> = others;
        let Ok(others) = any.downcast::<Self>() else { unreachable!("the states of another core") };
        for (state, other) in self.0.iter_mut().zip(others.0) {
            state.merge(other);
        }
    }

    fn get(&self, at: usize) -> Result<AnyState, MetricError> {
        Ok(erased(self.0.get(at).ok_or("there are fewer states")?.clone()))
    }

    fn merge_all_into(&self, into: &mut dyn ErasedState) {
        let (merge_copy, into) = (S::resampling().merge_copy, into.typed_mut());
        self.0.iter().for_each(|state| merge_copy(into, state));
    }

    fn all_others(&self, places: &[usize]) -> StateList {
        let merge_copy = S::resampling().merge_copy;
        let mut others = Vec::with_capacity(places.len());
        let mut before = S::default();
        for at in places {
            others.push(before.clone());
            merge_copy(&mut before, &self.0[*at]);
        }
        let mut after = S::default();
        for (others, at) in others.iter_mut().zip(places).rev() {
            merge_copy(others, &after);
            merge_copy(&mut after, &self.0[*at]);
        }
        Box::new(TypedStateList(others))
    }

    fn save(&self) -> Result<Value, MetricError> {
        Ok(Value::from_serialize(&self.0)?)
    }
}
