//! A state for each output of a model.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::accumulate::{Accumulator, Finish};
use crate::metric::{Answer, MetricError, Resampling, ThingCounts};

/// A state for each output of a model: for each number that is predicted, or for each class that has a score.
///
/// Batches must agree in the number of outputs; if they do not, the state has no value, and its error lists the numbers. An output
/// without a value leaves those of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "A: Serialize", deserialize = "A: DeserializeOwned"))]
pub struct PerOutput<A> {
    states: Vec<A>,
    widths: BTreeSet<u64>,
}

impl<A> Default for PerOutput<A> {
    fn default() -> Self {
        Self { states: Vec::new(), widths: BTreeSet::new() }
    }
}

impl<A> PerOutput<A> {
    /// The states of the outputs, in order.
    ///
    /// ```
    /// use neurobench::accumulate::{Mean, PerOutput};
    /// let means = PerOutput::from_states([Mean::from_values([1.0, 2.0]), Mean::from_values([5.0])]);
    /// assert_eq!(means.outputs().unwrap()[0].value(), Some(1.5));
    /// ```
    #[must_use]
    pub fn from_states(states: impl IntoIterator<Item = A>) -> Self {
        let states: Vec<A> = states.into_iter().collect();
        let widths = BTreeSet::from([states.len() as u64]);
        Self { states, widths }
    }

    /// The states of the outputs, in order.
    ///
    /// # Errors
    ///
    /// Undefined if nothing was folded or there are no outputs; an error if batches differ in their number of outputs.
    pub fn outputs(&self) -> Result<&[A], MetricError> {
        if self.widths.len() > 1 {
            let widths: Vec<String> = self.widths.iter().map(ToString::to_string).collect();
            return Err(format!("batches differ in their number of outputs: {}", widths.join(", ")).into());
        }
        if self.states.is_empty() {
            return Err(MetricError::undefined("there are no outputs"));
        }
        Ok(&self.states)
    }
}

/// Collects the states of the outputs, in order.
///
/// ```
/// use neurobench::prelude::*;
///
/// /// Mean of each output.
/// #[accumulated_metric]
/// fn output_means(scores: Predictions<'_, Ix2>) -> PerOutput<Mean> {
///     scores.columns().into_iter().map(|column| Mean::from_values(column.iter().copied())).collect()
/// }
/// ```
impl<A> FromIterator<A> for PerOutput<A> {
    fn from_iter<I: IntoIterator<Item = A>>(states: I) -> Self {
        Self::from_states(states)
    }
}

impl<A: Accumulator> Accumulator for PerOutput<A> {
    fn merge(&mut self, other: Self) {
        self.widths.extend(other.widths);
        let mut others = other.states.into_iter();
        for own in &mut self.states {
            if let Some(other) = others.next() {
                own.merge(other);
            }
        }
        self.states.extend(others);
    }

    fn place(&mut self, batch: u64) {
        for state in &mut self.states {
            state.place(batch);
        }
    }

    fn resampling() -> Resampling<Self> {
        let form = A::resampling().form();
        Resampling::<Self>::states().with_counts(Self::counts, Self::add_count).with_form(form)
    }
}

impl<A: Accumulator> PerOutput<A> {
    /// Names what the state of each output counts after the place of the output, and before these the number of outputs. It is
    /// written as a list of that length, so that a file cannot claim more outputs than it has bytes.
    fn counts(&self, counts: &mut ThingCounts) {
        for width in &self.widths {
            counts.add(&vec![OUTPUTS; *width as usize], 1);
        }
        let resampling = A::resampling();
        for (at, state) in (0_i64..).zip(&self.states) {
            counts.add_within(at, |counts| resampling.counts(state, counts));
        }
    }

    fn add_count(&mut self, thing: &[i64], times: u64) {
        match thing.split_first() {
            None | Some((&OUTPUTS, _)) => {
                self.widths.insert(thing.len() as u64);
                if self.states.len() < thing.len() {
                    self.states.resize_with(thing.len(), A::default);
                }
            }
            Some((at, rest)) => {
                if let Some(state) = usize::try_from(*at).ok().and_then(|at| self.states.get_mut(at)) {
                    A::resampling().add_count(state, rest, times);
                }
            }
        }
    }
}

/// Stands for the place of an output where the number of outputs is counted. It sorts before all places.
const OUTPUTS: i64 = -1;

impl<A: Finish> Finish for PerOutput<A> {
    type Output = Vec<Answer<A::Output>>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        let finish = |(output, state): (usize, &A)| {
            state.finish().map_err(|error| match error {
                MetricError::Undefined(why) => MetricError::undefined(format!("output {output}: {why}")),
                other => other,
            })
        };
        Answer::all(self.outputs()?.iter().enumerate().map(finish))
    }
}
