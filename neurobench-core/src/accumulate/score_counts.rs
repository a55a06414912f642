//! Scores of two kinds of samples, counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::MetricValue;
use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::MetricError;

/// How many positive and how many negative samples got each score: all that a ranking is judged by.
///
/// Its memory grows with the number of *different* scores, which may be as many as there are samples. Where scores come from
/// a fixed list, as those of a ranking in bins, it is bounded by that list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, u64, u64)>", into = "Vec<(i64, u64, u64)>")]
pub struct ScoreCounts(BTreeMap<i64, SamplesAt>);

/// The samples that got one score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SamplesAt {
    pub(crate) positives: u64,
    pub(crate) negatives: u64,
}

/// What scores were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, MetricValue)]
pub struct ScoreSummary {
    /// Positive samples.
    #[value(unit = "samples")]
    pub positives: u64,
    /// Negative samples.
    #[value(unit = "samples")]
    pub negatives: u64,
    /// Different scores.
    #[value(unit = "scores")]
    pub different_scores: u64,
}

/// A whole number that is ordered as the float is, with one zero. Kept in place of the float, because text has no infinity.
fn key(score: f64) -> i64 {
    let bits = (score + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

impl ScoreCounts {
    /// One sample more.
    ///
    /// # Errors
    ///
    /// A NaN, which has no place in an order.
    pub fn add(&mut self, score: f64, positive: bool) -> Result<(), MetricError> {
        if score.is_nan() {
            return Err(MetricError::undefined("a NaN has no place in a ranking"));
        }
        let (positives, negatives) = (u64::from(positive), u64::from(!positive));
        self.add_many(key(score), SamplesAt { positives, negatives });
        Ok(())
    }

    fn add_many(&mut self, key: i64, samples: SamplesAt) {
        let at = self.0.entry(key).or_default();
        add_counts(&mut at.positives, samples.positives);
        add_counts(&mut at.negatives, samples.negatives);
    }

    /// The samples by score, the highest score first.
    pub(crate) fn highest_first(&self) -> impl Iterator<Item = SamplesAt> {
        self.0.values().rev().copied()
    }

    /// All samples.
    pub(crate) fn total(&self) -> SamplesAt {
        let mut total = SamplesAt::default();
        for at in self.0.values() {
            add_counts(&mut total.positives, at.positives);
            add_counts(&mut total.negatives, at.negatives);
        }
        total
    }
}

impl From<Vec<(i64, u64, u64)>> for ScoreCounts {
    fn from(scores: Vec<(i64, u64, u64)>) -> Self {
        let mut counts = Self::default();
        for (key, positives, negatives) in scores {
            counts.add_many(key, SamplesAt { positives, negatives });
        }
        counts
    }
}

impl From<ScoreCounts> for Vec<(i64, u64, u64)> {
    fn from(counts: ScoreCounts) -> Self {
        counts.0.into_iter().map(|(key, at)| (key, at.positives, at.negatives)).collect()
    }
}

impl Accumulator for ScoreCounts {
    fn merge(&mut self, other: Self) {
        for (key, samples) in other.0 {
            self.add_many(key, samples);
        }
    }
}

impl Finish for ScoreCounts {
    type Output = ScoreSummary;

    fn finish(&self) -> Result<ScoreSummary, MetricError> {
        let SamplesAt { positives, negatives } = self.total();
        Ok(ScoreSummary { positives, negatives, different_scores: self.0.len() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_as_floats_are() {
        let order = [f64::NEG_INFINITY, f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY];
        for pair in order.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(key(-0.0), key(0.0));
        assert!(ScoreCounts::default().add(f64::NAN, true).is_err());
    }
}
