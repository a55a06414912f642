//! The number of times that each thing that a core counts is drawn, in place of a state for each replicate.
//!
//! Memory is bounded by the distinct things that occur, and by the samples: a thing that few samples have is kept with their
//! places, from which the draws follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::weights::PoissonWeights;
use super::{GROUPS, group};
use crate::metric::plan::ErasedFold;
use crate::metric::state::AnyState;
use crate::metric::{MetricError, ThingCounts};
use crate::stats::random::poisson_weight;

/// The things that samples have, and the draws of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawnCounts {
    seed: u64,
    replicates: usize,
    /// True if some sample has more than one thing, or one more than once.
    several: bool,
    #[serde(with = "as_list")]
    things: BTreeMap<Vec<i64>, Draws>,
}

/// The number of times that samples have a thing, and so replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Draws {
    /// Few units have it: the units, with the number of times.
    Few(Vec<(u64, u64)>),
    /// Many units have it: the number of times in each replicate, and in each group of the jackknife.
    Many { replicates: Vec<u64>, groups: Vec<u64> },
}

/// A choice of samples.
#[derive(Clone, Copy, Debug)]
pub(super) enum Resample {
    /// All samples, once.
    Everything,
    /// A replicate of the bootstrap.
    Replicate(usize),
    /// All samples except a group of the jackknife.
    Without(usize),
}

impl DrawnCounts {
    pub(super) fn new(seed: u64, replicates: usize) -> Self {
        Self { seed, replicates, several: false, things: BTreeMap::new() }
    }

    /// Returns true if these are the draws of this seed for this number of replicates.
    pub(super) fn matches(&self, seed: u64, replicates: usize) -> bool {
        let fits = |draws: &Draws| match draws {
            Draws::Few(_) => true,
            Draws::Many { replicates: own, groups } => own.len() == replicates && groups.len() == GROUPS,
        };
        self.seed == seed && self.replicates == replicates && self.things.values().all(fits)
    }

    /// Returns true if every sample has at most one thing, once.
    pub(super) fn are_single(&self) -> bool {
        !self.several
    }

    /// Adds what one part of a unit has counted.
    pub(super) fn add(&mut self, counts: &ThingCounts, unit: u64, weights: &mut PoissonWeights) {
        self.several |= counts.iter().fold(0, |all: u64, (_, times)| all.saturating_add(times)) > 1;
        for (thing, times) in counts.iter() {
            let draws = match self.things.get_mut(thing) {
                Some(draws) => draws,
                None => self.things.entry(thing.to_owned()).or_insert_with(|| Draws::Few(Vec::new())),
            };
            draws.add(unit, times, self.seed, weights);
            if matches!(draws, Draws::Few(units) if units.len() > max_units(self.replicates)) {
                draws.sum_up(self.seed, self.replicates, weights);
            }
        }
    }

    /// Merges the draws of a disjoint set of batches.
    pub(super) fn merge(&mut self, other: Self) {
        self.several |= other.several;
        let mut weights = PoissonWeights::new(self.replicates);
        for (thing, other) in other.things {
            match self.things.get_mut(&thing) {
                Some(own) => own.merge(other, self.seed, &mut weights),
                None => {
                    self.things.insert(thing, other);
                }
            }
        }
    }

    /// Iterates over the things that a resample has, with the number of times.
    ///
    /// # Errors
    ///
    /// A number that does not fit into 64 bits.
    pub(super) fn times(&self, resample: Resample) -> impl Iterator<Item = Result<(&[i64], u64), MetricError>> {
        self.things
            .iter()
            .map(move |(thing, draws)| match draws.times(resample, self.seed) {
                Some(times) => Ok((thing.as_slice(), times)),
                None => Err(MetricError::from("a count in a resample does not fit into 64 bits")),
            })
            .filter(|found| !matches!(found, Ok((_, 0))))
    }

    /// Makes the state of a resample.
    pub(super) fn state(&self, fold: &dyn ErasedFold, resample: Resample) -> Result<AnyState, MetricError> {
        let mut state = fold.empty();
        for found in self.times(resample) {
            let (thing, times) = found?;
            state.add_count(thing, times);
        }
        Ok(state)
    }
}

/// Number of units that take no more memory than the draws of all replicates and groups.
fn max_units(replicates: usize) -> usize {
    (replicates + GROUPS) / 2
}

impl Draws {
    fn add(&mut self, unit: u64, times: u64, seed: u64, weights: &mut PoissonWeights) {
        match self {
            Self::Few(units) => units.push((unit, times)),
            Self::Many { replicates, groups } => {
                let weighted = replicates.iter_mut().zip(weights.for_unit(seed, unit));
                // No data set reaches the maximum; a number from a file that does stays there and is refused.
                weighted.for_each(|(sum, weight)| *sum = sum.saturating_add(times.saturating_mul(u64::from(*weight))));
                let sum = &mut groups[group(seed, unit)];
                *sum = sum.saturating_add(times);
            }
        }
    }

    /// Replaces units by sums over them.
    fn sum_up(&mut self, seed: u64, replicates: usize, weights: &mut PoissonWeights) {
        let sums = Self::Many { replicates: vec![0; replicates], groups: vec![0; GROUPS] };
        if let Self::Few(units) = std::mem::replace(self, sums) {
            units.into_iter().for_each(|(unit, times)| self.add(unit, times, seed, weights));
        }
    }

    fn merge(&mut self, mut other: Self, seed: u64, weights: &mut PoissonWeights) {
        if matches!(self, Self::Few(_)) {
            std::mem::swap(self, &mut other);
        }
        match (self, other) {
            (own, Self::Few(units)) => units.into_iter().for_each(|(unit, times)| own.add(unit, times, seed, weights)),
            (Self::Many { replicates, groups }, Self::Many { replicates: others, groups: other_groups }) => {
                let pairs = replicates.iter_mut().zip(others).chain(groups.iter_mut().zip(other_groups));
                pairs.for_each(|(own, other)| *own = own.saturating_add(other));
            }
            (Self::Few(_), Self::Many { .. }) => unreachable!("the two are swapped then"),
        }
    }

    /// Number of times that a resample has the thing; none beyond 64 bits.
    fn times(&self, resample: Resample, seed: u64) -> Option<u64> {
        let known = |sum: u64| (sum < u64::MAX).then_some(sum);
        match (self, resample) {
            (Self::Few(units), resample) => units.iter().try_fold(0_u64, |sum, (unit, times)| {
                let weight = match resample {
                    Resample::Everything => 1,
                    Resample::Replicate(replicate) => poisson_weight(seed, *unit, replicate),
                    Resample::Without(left_out) => u8::from(group(seed, *unit) != left_out),
                };
                sum.checked_add(times.checked_mul(u64::from(weight))?)
            }),
            (Self::Many { replicates, .. }, Resample::Replicate(replicate)) => known(*replicates.get(replicate)?),
            (Self::Many { groups, .. }, resample) => {
                groups.iter().zip(0..).try_fold(0_u64, |sum, (times, at)| match resample {
                    Resample::Without(left_out) if at == left_out => Some(sum),
                    _ => sum.checked_add(known(*times)?),
                })
            }
        }
    }
}

/// Writes the map as a list, because JSON has no keys that are lists.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Draws;

    pub(super) fn serialize<S: Serializer>(things: &BTreeMap<Vec<i64>, Draws>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(things)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Vec<i64>, Draws>, D::Error> {
        Ok(Vec::<(Vec<i64>, Draws)>::deserialize(from)?.into_iter().collect())
    }
}
