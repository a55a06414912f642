//! Scores of two kinds of samples, counted.

use serde::{Deserialize, Serialize};

use crate::MetricValue;
use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, Resampling, ThingCounts};

/// Number of positive and of negative samples with each score: everything that measures of a ranking need.
///
/// Its memory grows with the number of *different* scores, of which there may be one per sample. If scores come from
/// a fixed list, such as the bins of a ranking, that list bounds the memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, u64, u64)>", into = "Vec<(i64, u64, u64)>")]
pub struct ScoreCounts {
    /// In ascending order, every score once.
    counted: Vec<SamplesAt>,
    /// Samples in the order in which they were added. They are counted when their number reaches that of the counted
    /// scores: sorting many at once is several times as fast as inserting each.
    recent: Vec<SamplesAt>,
}

/// The samples that got one score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplesAt {
    score: i64,
    /// Positive samples.
    pub positives: u64,
    /// Negative samples.
    pub negatives: u64,
}

/// Number of samples that are not worth sorting.
const FEW: usize = 1024;

/// Summary of the scores that were counted.
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

/// Maps a float to a whole number of the same order, with a single zero. It is kept in place of the float because text has no infinity.
fn key(score: f64) -> i64 {
    let bits = (score + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

impl SamplesAt {
    /// The score. May be infinite.
    #[must_use]
    pub fn score(&self) -> f64 {
        score(self.score)
    }
}

/// Float of a whole number: the inverse of [`key`].
fn score(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) as u64 >> 1) as i64) as u64)
}

impl ScoreCounts {
    /// Adds one sample.
    ///
    /// # Errors
    ///
    /// A NaN, which has no place in an order.
    pub fn add(&mut self, score: f64, positive: bool) -> Result<(), MetricError> {
        if score.is_nan() {
            return Err(MetricError::undefined("NaN cannot be ranked"));
        }
        let (positives, negatives) = (u64::from(positive), u64::from(!positive));
        self.recent.push(SamplesAt { score: key(score), positives, negatives });
        self.count_many();
        Ok(())
    }

    /// Counts the recent samples if there are many.
    fn count_many(&mut self) {
        if self.recent.len() >= self.counted.len().max(FEW) {
            self.counted = self.all();
            self.recent.clear();
        }
    }

    /// The samples by score, in ascending order, every score once.
    fn all(&self) -> Vec<SamplesAt> {
        let mut all = [self.counted.as_slice(), &self.recent].concat();
        all.sort_by_key(|at| at.score);
        all.dedup_by(|next, at| {
            let same = next.score == at.score;
            if same {
                add_counts(&mut at.positives, next.positives);
                add_counts(&mut at.negatives, next.negatives);
            }
            same
        });
        all
    }

    /// The samples by score, the highest score first.
    pub fn highest_first(&self) -> impl Iterator<Item = SamplesAt> {
        self.all().into_iter().rev()
    }

    /// Number of positive and of negative samples.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        let (mut positives, mut negatives) = (0, 0);
        for at in self.counted.iter().chain(&self.recent) {
            add_counts(&mut positives, at.positives);
            add_counts(&mut negatives, at.negatives);
        }
        (positives, negatives)
    }
}

/// Compares what was counted, whether it is sorted yet or not.
impl PartialEq for ScoreCounts {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for ScoreCounts {}

impl From<Vec<(i64, u64, u64)>> for ScoreCounts {
    fn from(scores: Vec<(i64, u64, u64)>) -> Self {
        let samples_at = |(score, positives, negatives)| SamplesAt { score, positives, negatives };
        let unsorted = Self { counted: Vec::new(), recent: scores.into_iter().map(samples_at).collect() };
        Self { counted: unsorted.all(), recent: Vec::new() }
    }
}

impl From<ScoreCounts> for Vec<(i64, u64, u64)> {
    fn from(counts: ScoreCounts) -> Self {
        counts.all().into_iter().map(|at| (at.score, at.positives, at.negatives)).collect()
    }
}

impl Accumulator for ScoreCounts {
    fn merge(&mut self, other: Self) {
        self.recent.extend(other.counted);
        self.recent.extend(other.recent);
        self.count_many();
    }

    /// Counts scores, each with 1 for positive samples and 0 for negative ones. A state for each replicate would grow
    /// with the samples.
    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_counts(Self::counts, Self::add_count)
    }
}

impl ScoreCounts {
    fn counts(&self, counts: &mut ThingCounts) {
        for at in self.all() {
            counts.add(&[at.score, 1], at.positives);
            counts.add(&[at.score, 0], at.negatives);
        }
    }

    fn add_count(&mut self, thing: &[i64], times: u64) {
        if let [score, positive] = *thing {
            let (positives, negatives) = if positive == 1 { (times, 0) } else { (0, times) };
            self.recent.push(SamplesAt { score, positives, negatives });
            self.count_many();
        }
    }
}

impl Finish for ScoreCounts {
    type Output = ScoreSummary;

    fn finish(&self) -> Result<ScoreSummary, MetricError> {
        let (positives, negatives) = self.totals();
        Ok(ScoreSummary { positives, negatives, different_scores: self.all().len() as u64 })
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
            assert_eq!((score(key(pair[0])), score(key(pair[1]))), (pair[0], pair[1]));
        }
        assert_eq!(key(-0.0), key(0.0));
        assert!(ScoreCounts::default().add(f64::NAN, true).is_err());
    }

    #[test]
    fn a_few_scores_take_little_memory_however_many_samples_there_are() {
        let (mut whole, mut parts) = (ScoreCounts::default(), ScoreCounts::default());
        for sample in 0..100_000_u32 {
            let (score, positive) = (f64::from(sample % 50), sample % 3 == 0);
            whole.add(score, positive).unwrap();
            let mut part = ScoreCounts::default();
            part.add(score, positive).unwrap();
            parts.merge(part);
        }
        assert_eq!(whole, parts);
        assert!(whole.counted.len() + whole.recent.len() <= 50 + FEW && parts.recent.len() <= FEW);
        let summary = whole.finish().unwrap();
        assert_eq!((summary.positives, summary.negatives, summary.different_scores), (33_334, 66_666, 50));
        let whole: Vec<(i64, u64, u64)> = whole.into();
        assert_eq!((whole.len(), whole[0]), (50, (0, 667, 1333)));
    }
}
