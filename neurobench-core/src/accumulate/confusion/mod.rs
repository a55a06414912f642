//! Confusion matrices: targets against predictions.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, Resampling};
use table::{Table, holds};

/// Number of times that each class was predicted for each target class.
///
/// Classes are any whole numbers. Only pairs that occurred take memory, until enough pairs of classes from 0 to 1023 were counted for a
/// table to pay off. It grows with the largest of these classes, to at most 8 MB.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, i64, u64)>", into = "Vec<(i64, i64, u64)>")]
pub struct ConfusionMatrix {
    /// Every pair that has a place in a table, and no other, once there is a table.
    table: Table,
    others: BTreeMap<(i64, i64), u64>,
    /// While there is no table: number of additions of pairs that would have a place in it.
    additions: u64,
    /// All bits of the classes of such pairs.
    bits: u64,
}

/// Compares the counts of all pairs. Two equal matrices are serialized identically, regardless of their history.
impl PartialEq for ConfusionMatrix {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ConfusionMatrix {}

impl From<Vec<(i64, i64, u64)>> for ConfusionMatrix {
    fn from(cells: Vec<(i64, i64, u64)>) -> Self {
        let mut matrix = Self::default();
        for (target, predicted, count) in cells {
            matrix.add(target, predicted, count);
        }
        matrix
    }
}

impl From<ConfusionMatrix> for Vec<(i64, i64, u64)> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.iter().collect()
    }
}

/// Number of pairs that are processed together, so that they stay in the nearest cache between the passes.
const CHUNK: usize = 1024;

/// A table is made when there was an addition for each of this many cells: an entry of a map takes about as much memory as these.
const CELLS_PER_ADDITION: u64 = 8;

impl ConfusionMatrix {
    /// The matrix of these pairs of a target and a prediction.
    #[must_use]
    pub fn from_pairs(pairs: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let (targets, predicted): (Vec<i64>, Vec<i64>) = pairs.into_iter().unzip();
        let mut matrix = Self::default();
        matrix.add_pairs(&targets, &predicted, None);
        matrix
    }

    /// Adds `count` occurrences of a pair.
    pub fn add(&mut self, target: i64, predicted: i64, count: u64) {
        if count == 0 {
            return;
        }
        if holds(target, predicted) && self.has_table_for((target | predicted) as u64, || 1) {
            self.table.add(target, predicted, count);
            return;
        }
        if holds(target, predicted) {
            self.additions = self.additions.saturating_add(1);
            self.bits |= (target | predicted) as u64;
        }
        add_counts(self.others.entry((target, predicted)).or_default(), count);
    }

    /// Returns true if there is a table. Makes one first if it pays off with these further pairs of classes with these bits.
    fn has_table_for(&mut self, bits: u64, pairs: impl Fn() -> u64) -> bool {
        if self.table.is_empty() {
            let cells = Table::cells_for(self.bits | bits);
            if self.additions.saturating_add(pairs()) < cells / CELLS_PER_ADDITION {
                return false;
            }
            let all = std::mem::take(&mut self.others);
            let (in_table, others) = all.into_iter().partition(|((target, predicted), _)| holds(*target, *predicted));
            let in_table: BTreeMap<(i64, i64), u64> = in_table;
            self.others = others;
            for ((target, predicted), count) in in_table {
                self.table.add(target, predicted, count);
            }
            self.table.reach(bits);
        }
        true
    }

    /// Adds one occurrence of each target with the prediction at the same place, except for targets that are `ignored`. If the slices
    /// differ in length, the rest of the longer one is skipped.
    ///
    /// ```
    /// use neurobench::accumulate::ConfusionMatrix;
    /// let mut matrix = ConfusionMatrix::default();
    /// matrix.add_pairs(&[0, 1, 1, -1], &[0, 1, 0, 1], Some(-1));
    /// assert_eq!(matrix, ConfusionMatrix::from_pairs([(0, 0), (1, 0), (1, 1)]));
    /// ```
    pub fn add_pairs(&mut self, targets: &[i64], predicted: &[i64], ignored: Option<i64>) {
        for (targets, predicted) in targets.chunks(CHUNK).zip(predicted.chunks(CHUNK)) {
            let pairs = targets.iter().copied().zip(predicted.iter().copied());
            match ignored {
                None => self.add_chunk(pairs),
                Some(ignored) => self.add_chunk(pairs.filter(move |(target, _)| *target != ignored)),
            }
        }
    }

    fn add_chunk(&mut self, pairs: impl Iterator<Item = (i64, i64)> + Clone) {
        // All bits that any class has; a negative one has the highest. Without comparisons the loop is vectorized.
        let bits = pairs.clone().fold(0, |bits, (target, predicted)| bits | target | predicted);
        if holds(bits, bits) && self.has_table_for(bits as u64, || pairs.clone().count() as u64) {
            self.table.count(pairs, bits as u64);
            return;
        }
        let mut pairs: Vec<(i64, i64)> = pairs.collect();
        // Equal pairs come together and are added at once.
        pairs.sort_unstable();
        for same in pairs.chunk_by(|pair, next| pair == next) {
            self.add(same[0].0, same[0].1, same.len() as u64);
        }
    }

    /// Number of times that `predicted` was predicted for `target`.
    #[must_use]
    pub fn count(&self, target: i64, predicted: i64) -> u64 {
        match holds(target, predicted) && !self.table.is_empty() {
            true => self.table.get(target, predicted),
            false => self.others.get(&(target, predicted)).copied().unwrap_or(0),
        }
    }

    /// Classes that occurred as a target or as a prediction, in order.
    #[must_use]
    pub fn classes(&self) -> Vec<i64> {
        let all: BTreeSet<i64> = self.iter().flat_map(|(target, predicted, _)| [target, predicted]).collect();
        all.into_iter().collect()
    }

    /// Iterates over the pairs that occurred, in order: target, prediction and count.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64, u64)> {
        let others = self.others.iter().map(|((target, predicted), count)| (*target, *predicted, *count));
        let mut cells: Vec<_> = self.table.iter().chain(others).collect();
        // Two runs, each in order.
        cells.sort();
        cells.into_iter()
    }

    /// Returns true if no pair occurred.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.others.is_empty() && self.table.iter().next().is_none()
    }

    /// Number of pairs.
    ///
    /// # Panics
    ///
    /// If the number does not fit into 64 bits, which only a file can cause; the engine reports it as the metric's error.
    #[must_use]
    pub fn total(&self) -> u64 {
        let mut total = 0;
        for (_, _, count) in self.iter() {
            add_counts(&mut total, count);
        }
        total
    }
}

impl Accumulator for ConfusionMatrix {
    fn merge(&mut self, other: Self) {
        for (target, predicted, count) in other.iter() {
            self.add(target, predicted, count);
        }
    }

    /// Counts pairs of a target class and a predicted one.
    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_counts(
            |matrix, counts| {
                for (target, predicted, count) in matrix.iter() {
                    counts.add(&[target, predicted], count);
                }
            },
            |matrix, thing, times| {
                if let [target, predicted] = *thing {
                    matrix.add(target, predicted, times);
                }
            },
        )
    }
}

impl Finish for ConfusionMatrix {
    /// By target class, then by predicted class.
    type Output = BTreeMap<i64, BTreeMap<i64, u64>>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        let mut rows: Self::Output = BTreeMap::new();
        for (target, predicted, count) in self.iter() {
            rows.entry(target).or_default().insert(predicted, count);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that look random: of small classes, of classes at the end of the table, of negative and of huge ones.
    fn pairs(count: u64, classes: &[i64]) -> Vec<(i64, i64)> {
        let pick = |seed: u64| classes[(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize % classes.len()];
        (0..count).map(|at| (pick(2 * at + 1), pick(2 * at + 2))).collect()
    }

    #[test]
    fn pairs_are_counted_as_a_map_would() {
        let sets: [&[i64]; 6] =
            [&[0], &[0, 1], &[3, 7, 34], &[0, 511, 512, 1023], &[1023, 1024], &[i64::MIN, -1, 0, 5, 2048, i64::MAX]];
        for classes in sets {
            let pairs = pairs(5000, classes);
            let mut expected = BTreeMap::<(i64, i64), u64>::new();
            for pair in &pairs {
                *expected.entry(*pair).or_default() += 1;
            }
            let matrix = ConfusionMatrix::from_pairs(pairs.iter().copied());
            let cells: Vec<_> = matrix.iter().collect();
            assert_eq!(cells, expected.iter().map(|((t, p), count)| (*t, *p, *count)).collect::<Vec<_>>());
            assert_eq!(matrix.total(), 5000);
            for target in [i64::MIN, -1, 0, 1, 3, 34, 64, 512, 1023, 1024, 4096] {
                for predicted in [0, 1, 7, 64, 511, 1023, 1024, i64::MAX] {
                    let count = expected.get(&(target, predicted)).copied().unwrap_or(0);
                    assert_eq!(matrix.count(target, predicted), count, "{target} {predicted}");
                }
            }
        }
    }

    #[test]
    fn a_matrix_does_not_depend_on_its_history() {
        let all = pairs(3000, &[0, 1, 40, 1000, 1024, -7]);
        let whole = ConfusionMatrix::from_pairs(all.iter().copied());
        let mut one_by_one = ConfusionMatrix::default();
        for (target, predicted) in all.iter().rev() {
            one_by_one.add(*target, *predicted, 1);
        }
        assert_eq!(one_by_one, whole);
        let mut merged = ConfusionMatrix::from_pairs(all[..10].iter().copied());
        merged.merge(ConfusionMatrix::from_pairs(all[10..].iter().copied()));
        assert_eq!(merged, whole);
        assert_eq!(ConfusionMatrix::from(Vec::from(whole.clone())), whole);
        merged.add(0, 0, 1);
        assert_ne!(merged, whole);
    }

    /// A matrix from a file may have room for only one more pair.
    #[test]
    #[should_panic(expected = "does not fit into 64 bits")]
    fn a_count_beyond_64_bits_is_refused() {
        let mut matrix = ConfusionMatrix::from(vec![(1, 0, u64::MAX - 1)]);
        matrix.add_pairs(&[1], &[0], None);
        assert_eq!(matrix.count(1, 0), u64::MAX);
        matrix.add_pairs(&[1], &[0], None);
    }

    #[test]
    fn a_few_pairs_of_large_classes_take_no_table_and_many_take_one() {
        let mut matrix = ConfusionMatrix::from_pairs([(999, 998), (999, 999), (3, 1000)]);
        assert!(matrix.table.is_empty());
        let part = ConfusionMatrix::from_pairs([(999, 999)]);
        for _ in 0..(1 << 20) / CELLS_PER_ADDITION {
            matrix.merge(part.clone());
        }
        assert!(!matrix.table.is_empty() && matrix.others.is_empty());
        assert_eq!(matrix.iter().collect::<Vec<_>>(), [(3, 1000, 1), (999, 998, 1), (999, 999, 131_073)]);
        assert_eq!((matrix.count(3, 1000), matrix.count(3, 3), matrix.total()), (1, 0, 131_075));
    }

    #[test]
    fn ignored_targets_do_not_count_and_do_not_widen_the_table() {
        let (targets, predicted) = ([3, -100, 3, -100], [3, 5, 2, -100]);
        let mut matrix = ConfusionMatrix::default();
        matrix.add_pairs(&targets, &predicted, Some(-100));
        assert_eq!(matrix.iter().collect::<Vec<_>>(), [(3, 2, 1), (3, 3, 1)]);
        assert!(matrix.others.is_empty());
        matrix.add_pairs(&targets, &predicted, None);
        assert_eq!(matrix.total(), 6);
        assert_eq!(matrix.count(-100, 5), 1);
    }
}
