//! Many states of one core at once: replicates of a bootstrap, groups of a jackknife.

use crate::metric::plan::{AnyState, OWN_STATE};
use crate::metric::{Accumulator, Context, Fold, MetricError, PartOf};
use crate::value::Value;

/// What a core does with many of its states, without their type: a list of them is one [`AnyState`], too.
pub(crate) trait ErasedMany: Send + Sync {
    /// Whether its states keep an order, and so grow with the samples.
    fn keeps_order(&self) -> bool;
    /// How many bytes a state takes for each neuron.
    fn bytes_per_neuron(&self) -> usize;
    /// Whether its states are nothing but counts of things.
    fn counts(&self) -> bool;
    /// What a state has counted, and how often.
    fn counted(&self, state: &AnyState) -> Vec<(Vec<i64>, u64)>;
    /// Counts a thing so many times more.
    fn count_again(&self, state: &mut AnyState, thing: &[i64], times: u64);
    /// What one batch gives, before it is told its place.
    fn part(&self, context: &Context<'_>) -> Result<AnyState, MetricError>;
    /// Takes in a state that stays.
    fn merge_copy(&self, into: &mut AnyState, part: &AnyState);
    /// So many states of no batch.
    fn many(&self, count: usize) -> AnyState;
    /// Every one of them takes in a state, as often as the number at its place says.
    fn merge_copies(&self, many: &mut AnyState, part: &AnyState, copies: &[u8]);
    /// One of them takes in a state.
    fn merge_at(&self, many: &mut AnyState, at: usize, part: &AnyState);
    /// Each takes in the one at its place.
    fn merge_each(&self, many: &mut AnyState, others: AnyState);
    /// A copy of one of them.
    fn one(&self, many: &AnyState, at: usize) -> Result<AnyState, MetricError>;
    /// For each of these, all others of these together: as many states again.
    fn all_others(&self, many: &AnyState, of: &[usize]) -> Result<AnyState, MetricError>;
    /// All of them, as a snapshot keeps them.
    fn save_many(&self, many: &AnyState) -> Result<Value, MetricError>;
    /// Those that a snapshot kept, which must be so many.
    fn restore_many(&self, saved: &Value, count: usize) -> Result<AnyState, MetricError>;
}

/// States are made, changed and read by the same core, so they have that core's type.
fn own<T>(state: Option<T>) -> T {
    match state {
        Some(state) => state,
        None => unreachable!("{OWN_STATE}"),
    }
}

impl<F: Fold> ErasedMany for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    fn keeps_order(&self) -> bool {
        F::State::keeps_order()
    }

    fn bytes_per_neuron(&self) -> usize {
        F::State::bytes_per_neuron()
    }

    fn counts(&self) -> bool {
        F::State::default().counted().is_some()
    }

    fn counted(&self, state: &AnyState) -> Vec<(Vec<i64>, u64)> {
        own(state.downcast_ref::<F::State>()).counted().unwrap_or_default()
    }

    fn count_again(&self, state: &mut AnyState, thing: &[i64], times: u64) {
        own(state.downcast_mut::<F::State>()).count_again(thing, times);
    }

    fn part(&self, context: &Context<'_>) -> Result<AnyState, MetricError> {
        let mut state = F::State::default();
        self.step(&mut state, context)?.join(&mut state, 0, |_, _| {});
        Ok(Box::new(state))
    }

    fn merge_copy(&self, into: &mut AnyState, part: &AnyState) {
        let into: &mut F::State = own(into.downcast_mut());
        into.merge_copy(own(part.downcast_ref::<F::State>()));
    }

    fn many(&self, count: usize) -> AnyState {
        Box::new(vec![F::State::default(); count])
    }

    fn merge_copies(&self, many: &mut AnyState, part: &AnyState, copies: &[u8]) {
        let (many, part): (&mut Vec<F::State>, &F::State) = (own(many.downcast_mut()), own(part.downcast_ref()));
        // It once, twice, .. : merging is associative, so that most take in one state.
        let mut multiples = vec![part.clone()];
        for (state, copies) in many.iter_mut().zip(copies) {
            let Some(last) = usize::from(*copies).checked_sub(1) else { continue };
            while multiples.len() <= last {
                let mut next = multiples[multiples.len() - 1].clone();
                next.merge_copy(part);
                multiples.push(next);
            }
            state.merge_copy(&multiples[last]);
        }
    }

    fn merge_at(&self, many: &mut AnyState, at: usize, part: &AnyState) {
        let (many, part): (&mut Vec<F::State>, &F::State) = (own(many.downcast_mut()), own(part.downcast_ref()));
        many[at].merge_copy(part);
    }

    fn merge_each(&self, many: &mut AnyState, others: AnyState) {
        let many: &mut Vec<F::State> = own(many.downcast_mut());
        for (state, other) in many.iter_mut().zip(*own(others.downcast::<Vec<F::State>>().ok())) {
            state.merge(other);
        }
    }

    fn one(&self, many: &AnyState, at: usize) -> Result<AnyState, MetricError> {
        let many: &Vec<F::State> = many.downcast_ref().ok_or(OWN_STATE)?;
        Ok(Box::new(many.get(at).ok_or("there are fewer states")?.clone()))
    }

    fn all_others(&self, many: &AnyState, of: &[usize]) -> Result<AnyState, MetricError> {
        let many: &Vec<F::State> = many.downcast_ref().ok_or(OWN_STATE)?;
        let mut others = Vec::with_capacity(of.len());
        let mut before = F::State::default();
        for at in of {
            others.push(before.clone());
            before.merge_copy(&many[*at]);
        }
        let mut after = F::State::default();
        for (others, at) in others.iter_mut().zip(of).rev() {
            others.merge_copy(&after);
            after.merge_copy(&many[*at]);
        }
        Ok(Box::new(others))
    }

    fn save_many(&self, many: &AnyState) -> Result<Value, MetricError> {
        let many: &Vec<F::State> = many.downcast_ref().ok_or(OWN_STATE)?;
        Ok(Value::from_serialize(many)?)
    }

    fn restore_many(&self, saved: &Value, count: usize) -> Result<AnyState, MetricError> {
        let many: Vec<F::State> = saved.to_typed().map_err(|error| MetricError::Other(error.to_string()))?;
        match many.len() {
            found if found == count => Ok(Box::new(many)),
            found => Err(MetricError::Other(format!("{found} states where {count} are kept"))),
        }
    }
}
