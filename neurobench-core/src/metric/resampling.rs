//! Resampling of states: the form in which states of a type are kept for the replicates of a bootstrap.
//!
//! Nothing here concerns authors of states: every state works with the default, a state for each replicate, merged as
//! the run goes. Ready-made states override the hidden [`Accumulator::resampling`] where another form takes less
//! memory, and derived states combine the forms of their fields:
//!
//! * A state that keeps an order grows with the samples, so a state for each replicate would take replicates × samples.
//!   The part of every sample is kept instead, and replicates are merged one at a time at the end.
//! * A state that consists of counts only, such as a confusion matrix or the scores of a ranking, is a table or grows
//!   with the samples. It names what it has counted; the run keeps which samples have each thing or, if many have it,
//!   the number of times that each replicate draws it.
//! * A state with something for each neuron reports its size, because all replicates together may not fit into the
//!   memory. Where they would exceed a limit, there is no interval, and the reason says so.

use crate::metric::{Accumulator, Share};

/// Form in which the states of a type are kept for the replicates of a bootstrap, and access to what they have counted.
pub struct Resampling<S> {
    pub(crate) form: ResamplingForm,
    pub(crate) merge_copy: fn(&mut S, &S),
    pub(crate) counts: fn(&S, &mut ThingCounts),
    pub(crate) add_count: fn(&mut S, &[i64], u64),
    pub(crate) sample_value: Option<fn(&S) -> WeightedValue>,
    pub(crate) share: Option<fn(&S) -> Share>,
    pub(crate) is_extreme: bool,
}

/// Form in which the samples of a run are kept, so that replicates can be read at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResamplingForm {
    /// A state for each replicate, merged as the run goes.
    States {
        /// Size of a state for each neuron of a layer; 0 for states that keep nothing by neuron.
        bytes_per_neuron: usize,
    },
    /// The state of each sample, merged into one replicate at a time at the end: for states that keep an order, and so grow
    /// with the samples.
    Parts,
    /// The number of times that each replicate draws each thing that is counted. Memory is bounded by the distinct things
    /// that occur.
    Counts,
}

impl ResamplingForm {
    /// The form of a state that consists of a state of either form.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Parts, _) | (_, Self::Parts) => Self::Parts,
            (Self::Counts, Self::Counts) => Self::Counts,
            (own, other) => Self::States { bytes_per_neuron: own.bytes_per_neuron() + other.bytes_per_neuron() },
        }
    }

    /// The form of a collection, of `items` states for each neuron, that does not name what its items count.
    #[must_use]
    pub fn repeated(self, items: usize) -> Self {
        match self {
            Self::Parts => Self::Parts,
            form => Self::States { bytes_per_neuron: items * form.bytes_per_neuron() },
        }
    }

    fn bytes_per_neuron(self) -> usize {
        match self {
            Self::States { bytes_per_neuron } => bytes_per_neuron,
            Self::Parts | Self::Counts => 0,
        }
    }
}

/// The value of a state on one sample, and its weight in the value of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedValue {
    /// The value; not finite for a weight of 0.
    pub value: f64,
    /// The weight.
    pub weight: u64,
}

impl<S: Accumulator> Resampling<S> {
    /// A state for each replicate: the default.
    #[must_use]
    pub fn states() -> Self {
        Self {
            form: ResamplingForm::States { bytes_per_neuron: 0 },
            merge_copy: |into, part| into.merge(part.clone()),
            counts: |_, _| {},
            add_count: |_, _, _| {},
            sample_value: None,
            share: None,
            is_extreme: false,
        }
    }

    /// Keeps states in this form.
    #[must_use]
    pub fn with_form(mut self, form: ResamplingForm) -> Self {
        self.form = form;
        self
    }

    /// Merges a state by reference, without a copy of it.
    #[must_use]
    pub fn with_merge_copy(mut self, merge_copy: fn(&mut S, &S)) -> Self {
        self.merge_copy = merge_copy;
        self
    }

    /// Keeps counts: `counts` names everything that a state has counted, and `add_count` counts a thing again, some times
    /// over. Things are added in ascending order, each of them once. Adding all counts of a state to an empty one must give
    /// an equal state.
    #[must_use]
    pub fn with_counts(mut self, counts: fn(&S, &mut ThingCounts), add_count: fn(&mut S, &[i64], u64)) -> Self {
        self.form = ResamplingForm::Counts;
        self.counts = counts;
        self.add_count = add_count;
        self
    }

    /// Reads the value of a single sample: the value of the run is the weighted mean of these, and so may have a
    /// confidence interval in closed form.
    #[must_use]
    pub fn with_sample_value(mut self, sample_value: fn(&S) -> WeightedValue) -> Self {
        self.sample_value = Some(sample_value);
        self
    }

    /// Reads the value as a share of decisions.
    #[must_use]
    pub fn with_share(mut self, share: fn(&S) -> Share) -> Self {
        self.share = Some(share);
        self
    }

    /// Marks the value as the smallest or the largest of several numbers, for which the bootstrap is inconsistent.
    #[must_use]
    pub fn with_extreme_value(mut self) -> Self {
        self.is_extreme = true;
        self
    }
}

impl<S> Resampling<S> {
    /// Form in which states are kept.
    #[must_use]
    pub fn form(&self) -> ResamplingForm {
        self.form
    }

    /// Names everything that a state has counted.
    pub fn counts(&self, state: &S, counts: &mut ThingCounts) {
        (self.counts)(state, counts);
    }

    /// Counts a thing again, some times over.
    pub fn add_count(&self, state: &mut S, thing: &[i64], times: u64) {
        (self.add_count)(state, thing, times);
    }
}

/// The number of times that each thing was counted. A few whole numbers name a thing, such as a pair of classes.
#[derive(Clone, Debug, Default)]
pub struct ThingCounts {
    counts: Vec<(Vec<i64>, u64)>,
    prefix: Vec<i64>,
}

impl ThingCounts {
    /// Adds the count of a thing; a count of 0 adds nothing.
    pub fn add(&mut self, thing: &[i64], times: u64) {
        if times > 0 {
            self.counts.push(([self.prefix.as_slice(), thing].concat(), times));
        }
    }

    /// Adds counts of things whose names begin with `place`, such as the place of a field.
    pub fn add_within(&mut self, place: i64, add: impl FnOnce(&mut Self)) {
        self.prefix.push(place);
        add(self);
        self.prefix.pop();
    }

    /// Iterates over the things with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&[i64], u64)> {
        self.counts.iter().map(|(thing, times)| (thing.as_slice(), *times))
    }
}

/// Reads and adds to a number that is a plain count.
pub struct Counter<N> {
    pub(crate) count: fn(&N) -> u64,
    pub(crate) add: fn(&mut N, u64),
}

impl<N> Counter<N> {
    /// A counter.
    #[must_use]
    pub fn new(count: fn(&N) -> u64, add: fn(&mut N, u64)) -> Self {
        Self { count, add }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_state_follows_from_the_forms_of_its_fields() {
        let states = |bytes_per_neuron| ResamplingForm::States { bytes_per_neuron };
        assert_eq!(ResamplingForm::Counts.and(ResamplingForm::Counts), ResamplingForm::Counts);
        assert_eq!(ResamplingForm::Counts.and(states(8)), states(8));
        assert_eq!(states(8).and(states(16)), states(24));
        assert_eq!(states(8).and(ResamplingForm::Parts), ResamplingForm::Parts);
        assert_eq!(ResamplingForm::Counts.repeated(3), states(0));
        assert_eq!((states(8).repeated(3), ResamplingForm::Parts.repeated(3)), (states(24), ResamplingForm::Parts));
    }

    #[test]
    fn things_within_a_field_are_named_after_its_place() {
        let mut counts = ThingCounts::default();
        counts.add(&[7], 2);
        counts.add_within(1, |counts| counts.add_within(4, |counts| counts.add(&[9], 3)));
        counts.add(&[8], 0);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(&[7_i64][..], 2), (&[1, 4, 9], 3)]);
    }
}
