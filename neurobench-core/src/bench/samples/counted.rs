//! How often each thing that a core counts is drawn, in place of a state for each replicate.
//!
//! What it takes is bounded by the different things that occur, and by the samples: a thing that few of them have is kept with their
//! places, from which the draws follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::weights::PoissonWeights;
use super::{GROUPS, group};
use crate::metric::MetricError;
use crate::metric::plan::{AnyState, ErasedFold};
use crate::stats::random::poisson_weight;

/// The things that samples have, and who draws them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counted {
    seed: u64,
    replicates: usize,
    /// Whether some sample has more than one thing, or one more than once.
    several: bool,
    #[serde(with = "as_list")]
    things: BTreeMap<Vec<i64>, Drawn>,
}

/// How often samples have a thing, and so replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Drawn {
    /// Few units have it: which, and how often each.
    Few(Vec<(u64, u64)>),
    /// Many do: how often it is in each replicate, and in each group of the jackknife.
    Many { replicates: Vec<u64>, groups: Vec<u64> },
}

/// What is made of the samples.
#[derive(Clone, Copy, Debug)]
pub(super) enum Resample {
    /// All of them, once.
    Everything,
    /// A replicate of the bootstrap.
    Replicate(usize),
    /// All but a group of the jackknife.
    Without(usize),
}

impl Counted {
    pub(super) fn new(seed: u64, replicates: usize) -> Self {
        Self { seed, replicates, several: false, things: BTreeMap::new() }
    }

    /// Whether so many replicates were drawn with this seed, and everything fits.
    pub(super) fn is_of(&self, seed: u64, replicates: usize) -> bool {
        let fits = |drawn: &Drawn| match drawn {
            Drawn::Few(_) => true,
            Drawn::Many { replicates: own, groups } => own.len() == replicates && groups.len() == GROUPS,
        };
        self.seed == seed && self.replicates == replicates && self.things.values().all(fits)
    }

    /// Whether every sample has one thing at most, once.
    pub(super) fn are_single(&self) -> bool {
        !self.several
    }

    /// What one part counted of a unit.
    pub(super) fn add(&mut self, counted: Vec<(Vec<i64>, u64)>, unit: u64, weights: &mut PoissonWeights) {
        self.several |= counted.iter().fold(0, |all: u64, (_, times)| all.saturating_add(*times)) > 1;
        for (thing, times) in counted {
            let drawn = self.things.entry(thing).or_insert_with(|| Drawn::Few(Vec::new()));
            drawn.add(unit, times, self.seed, weights);
            if matches!(drawn, Drawn::Few(units) if units.len() > most(self.replicates)) {
                drawn.sum_up(self.seed, self.replicates, weights);
            }
        }
    }

    /// Those of disjoint sets of batches.
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

    /// Every thing, with how often a resample has it, if it does.
    ///
    /// # Errors
    ///
    /// More than 64 bits hold.
    pub(super) fn times(&self, of: Resample) -> impl Iterator<Item = Result<(&[i64], u64), MetricError>> {
        self.things
            .iter()
            .map(move |(thing, drawn)| match drawn.times(of, self.seed) {
                Some(times) => Ok((thing.as_slice(), times)),
                None => Err(MetricError::from("64 bits do not hold how often a resample has what was counted")),
            })
            .filter(|found| !matches!(found, Ok((_, 0))))
    }

    /// The state of a resample.
    pub(super) fn state(&self, fold: &dyn ErasedFold, of: Resample) -> Result<AnyState, MetricError> {
        let mut state = fold.empty();
        for found in self.times(of) {
            let (thing, times) = found?;
            fold.count_again(&mut state, thing, times);
        }
        Ok(state)
    }
}

/// So many units take no more memory than the draws of all replicates and groups.
fn most(replicates: usize) -> usize {
    (replicates + GROUPS) / 2
}

impl Drawn {
    fn add(&mut self, unit: u64, times: u64, seed: u64, weights: &mut PoissonWeights) {
        match self {
            Self::Few(units) => units.push((unit, times)),
            Self::Many { replicates, groups } => {
                let weighted = replicates.iter_mut().zip(weights.of(seed, unit));
                // Nobody's samples are so many; what a file may claim stays at the end, where it is refused.
                weighted.for_each(|(sum, weight)| *sum = sum.saturating_add(times.saturating_mul(u64::from(*weight))));
                let sum = &mut groups[group(seed, unit)];
                *sum = sum.saturating_add(times);
            }
        }
    }

    /// Makes sums of units.
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
            (Self::Many { replicates, groups }, Self::Many { replicates: others, groups: of_others }) => {
                let pairs = replicates.iter_mut().zip(others).chain(groups.iter_mut().zip(of_others));
                pairs.for_each(|(own, other)| *own = own.saturating_add(other));
            }
            (Self::Few(_), Self::Many { .. }) => unreachable!("they are exchanged then"),
        }
    }

    /// None beyond 64 bits.
    fn times(&self, of: Resample, seed: u64) -> Option<u64> {
        let known = |sum: u64| (sum < u64::MAX).then_some(sum);
        match (self, of) {
            (Self::Few(units), of) => units.iter().try_fold(0_u64, |sum, (unit, times)| {
                let weight = match of {
                    Resample::Everything => 1,
                    Resample::Replicate(replicate) => poisson_weight(seed, *unit, replicate),
                    Resample::Without(left_out) => u8::from(group(seed, *unit) != left_out),
                };
                sum.checked_add(times.checked_mul(u64::from(weight))?)
            }),
            (Self::Many { replicates, .. }, Resample::Replicate(replicate)) => known(*replicates.get(replicate)?),
            (Self::Many { groups, .. }, of) => groups.iter().zip(0..).try_fold(0_u64, |sum, (times, at)| match of {
                Resample::Without(left_out) if at == left_out => Some(sum),
                _ => sum.checked_add(known(*times)?),
            }),
        }
    }
}

/// Keys of maps are texts in JSON, and these are lists.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Drawn;

    pub(super) fn serialize<S: Serializer>(things: &BTreeMap<Vec<i64>, Drawn>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(things)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Vec<i64>, Drawn>, D::Error> {
        Ok(Vec::<(Vec<i64>, Drawn)>::deserialize(from)?.into_iter().collect())
    }
}
