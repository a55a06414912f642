//! Sets of batch indices.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of batch indices, as ranges: which part of a data set has been run.
///
/// A range `start..end` does not hold `u64::MAX`, which is therefore no batch's index and never among these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchRanges(Vec<Span>);

/// A range. Ranges are in order, are not empty, and do not touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: u64,
    end: u64,
    /// Number of batches in the ranges before this one. With it, finding the n-th batch is a binary search, also among the
    /// many ranges of a shard that has every k-th batch.
    before: u64,
}

impl Span {
    fn len(self) -> u64 {
        self.end - self.start
    }
}

impl BatchRanges {
    /// The batches `start..end`.
    ///
    /// ```
    /// use neurobench::bench::BatchRanges;
    /// let mut done = BatchRanges::from(0..3);
    /// done.insert(4);
    /// assert_eq!(done.to_string(), "0..3, 4..5");
    /// assert_eq!(done.complement(6).to_string(), "3..4, 5..6");
    /// // The second of three shards.
    /// let shard: BatchRanges = (0..9).filter(|batch| batch % 3 == 1).collect();
    /// assert_eq!(shard.to_string(), "1..2, 4..5, 7..8");
    /// ```
    #[must_use]
    pub fn new(range: Range<u64>) -> Self {
        Self::from_sorted([(range.start, range.end)])
    }

    /// The batches of ranges that are sorted by their starts, and may be empty, touch or overlap.
    fn from_sorted(ranges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut spans: Vec<Span> = Vec::new();
        for (start, end) in ranges {
            match spans.last_mut() {
                _ if start >= end => {}
                Some(last) if start <= last.end => last.end = last.end.max(end),
                last => {
                    let before = last.map_or(0, |last| last.before + last.len());
                    spans.push(Span { start, end, before });
                }
            }
        }
        Self(spans)
    }

    /// Adds a batch.
    pub fn insert(&mut self, batch: u64) {
        let Some(after) = batch.checked_add(1) else {
            return;
        };
        let at = self.0.partition_point(|span| span.end < batch);
        match self.0.get_mut(at) {
            Some(span) if span.start <= batch && batch < span.end => return,
            Some(span) if span.end == batch => {
                span.end = after;
                self.join_with_next(at);
            }
            Some(span) if span.start == after => span.start = batch,
            _ => {
                let before = at.checked_sub(1).map_or(0, |last| self.0[last].before + self.0[last].len());
                self.0.insert(at, Span { start: batch, end: after, before });
            }
        }
        for span in self.0.iter_mut().skip(at + 1) {
            span.before += 1;
        }
    }

    /// Joins a range with the one after it, if they touch.
    fn join_with_next(&mut self, at: usize) {
        if let Some(next) = self.0.get(at + 1).copied()
            && self.0[at].end == next.start
        {
            self.0[at].end = next.end;
            self.0.remove(at + 1);
        }
    }

    /// Returns true if a batch is in the set.
    #[must_use]
    pub fn contains(&self, batch: u64) -> bool {
        let at = self.0.partition_point(|span| span.end <= batch);
        self.0.get(at).is_some_and(|span| span.start <= batch)
    }

    /// Number of batches.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.last().map_or(0, |last| last.before + last.len())
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the batches, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges().flat_map(|(start, end)| start..end)
    }

    fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|span| (span.start, span.end))
    }

    /// The batch at a zero-based position in the set.
    pub(crate) fn nth(&self, n: u64) -> Option<u64> {
        let at = self.0.partition_point(|span| span.before + span.len() <= n);
        self.0.get(at).map(|span| span.start + (n - span.before))
    }

    /// One past the last batch; none if the set is empty.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.0.last().map(|span| span.end)
    }

    /// One past the last batch below `limit`; none if there is no such batch.
    pub(crate) fn end_below(&self, limit: u64) -> Option<u64> {
        let at = self.0.partition_point(|span| span.start < limit);
        at.checked_sub(1).map(|at| self.0[at].end.min(limit))
    }

    /// The batches of `0..total` that are not in the set.
    #[must_use]
    pub fn complement(&self, total: u64) -> Self {
        let starts = std::iter::once(0).chain(self.0.iter().map(|span| span.end));
        let ends = self.0.iter().map(|span| span.start).chain(std::iter::once(total));
        Self::from_sorted(starts.zip(ends).map(|(start, end)| (start, end.min(total))))
    }

    /// The batches of two disjoint sets.
    ///
    /// # Errors
    ///
    /// The first batch that is in both.
    pub fn union(&self, other: &Self) -> Result<Self, u64> {
        let mut all: Vec<(u64, u64)> = self.ranges().chain(other.ranges()).collect();
        all.sort_unstable();
        match all.windows(2).find(|pair| pair[1].0 < pair[0].1) {
            Some(pair) => Err(pair[1].0),
            None => Ok(Self::from_sorted(all)),
        }
    }
}

impl From<Range<u64>> for BatchRanges {
    fn from(range: Range<u64>) -> Self {
        Self::new(range)
    }
}

impl FromIterator<u64> for BatchRanges {
    fn from_iter<I: IntoIterator<Item = u64>>(batches: I) -> Self {
        let mut ranges = Self::default();
        ranges.extend(batches);
        ranges
    }
}

impl Extend<u64> for BatchRanges {
    /// Adds batches in any order, possibly repeated.
    fn extend<I: IntoIterator<Item = u64>>(&mut self, batches: I) {
        let mut all: Vec<(u64, u64)> = self.ranges().collect();
        // Of `u64::MAX` this makes an empty range.
        all.extend(batches.into_iter().map(|batch| (batch, batch.saturating_add(1))));
        all.sort_unstable();
        *self = Self::from_sorted(all);
    }
}

impl fmt::Display for BatchRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (start, end)) in self.ranges().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{start}..{end}")?;
        }
        Ok(())
    }
}

impl Serialize for BatchRanges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.ranges())
    }
}

impl<'de> Deserialize<'de> for BatchRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ranges = Vec::<(u64, u64)>::deserialize(deserializer)?;
        let ordered = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if ordered && ranges.iter().all(|(start, end)| start < end) {
            Ok(Self::from_sorted(ranges))
        } else {
            Err(serde::de::Error::custom(
                "invalid ranges of batches: they must be in ascending order, not empty, and have gaps between them",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_the_set_of_what_was_inserted(
            batches in prop::collection::vec(0_u64..40, 0..60),
            more in prop::collection::vec(0_u64..40, 0..20),
        ) {
            let mut ranges = BatchRanges::default();
            let mut set = BTreeSet::new();
            for batch in &batches {
                ranges.insert(*batch);
                set.insert(*batch);
                // Equality also compares the internal counts.
                prop_assert_eq!(&ranges, &set.iter().copied().collect());
            }
            prop_assert_eq!(ranges.iter().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ranges.len(), set.len() as u64);
            prop_assert_eq!(ranges.is_empty(), set.is_empty());
            let rest: Vec<u64> = (0..40).filter(|batch| !set.contains(batch)).collect();
            prop_assert_eq!(ranges.complement(40).iter().collect::<Vec<_>>(), rest);
            prop_assert_eq!(ranges.complement(20), (0..20).filter(|batch| !set.contains(batch)).collect());
            prop_assert_eq!(ranges.union(&ranges.complement(40)), Ok(BatchRanges::from(0..40)));
            for (n, batch) in set.iter().enumerate() {
                prop_assert_eq!(ranges.nth(n as u64), Some(*batch));
            }
            prop_assert_eq!(ranges.nth(set.len() as u64), None);
            for batch in 0..41 {
                prop_assert_eq!(ranges.contains(batch), set.contains(&batch));
                prop_assert_eq!(ranges.end_below(batch), set.range(..batch).last().map(|last| last + 1));
            }
            let text = serde_json::to_string(&ranges).unwrap();
            prop_assert_eq!(&serde_json::from_str::<BatchRanges>(&text).unwrap(), &ranges);

            prop_assert_eq!(&batches.iter().copied().collect::<BatchRanges>(), &ranges);
            let other: BatchRanges = more.iter().copied().collect();
            let shared = more.iter().copied().filter(|batch| set.contains(batch)).min();
            ranges.extend(more);
            match shared {
                None => prop_assert_eq!(batches.iter().copied().collect::<BatchRanges>().union(&other), Ok(ranges)),
                Some(_) => {
                    set.extend(other.iter());
                    prop_assert_eq!(ranges, set.into_iter().collect());
                    prop_assert_eq!(batches.into_iter().collect::<BatchRanges>().union(&other), Err(shared.unwrap()));
                }
            }
        }
    }

    #[test]
    fn every_second_of_many_batches_is_found_at_once() {
        // With a search from the front this takes minutes.
        let shard: BatchRanges = (0..400_000).filter(|batch| batch % 2 == 1).collect();
        assert_eq!(shard.len(), 200_000);
        assert!((0..200_000).all(|n| shard.nth(n) == Some(2 * n + 1)));
        assert_eq!(shard.nth(200_000), None);
    }

    #[test]
    fn ranges_are_written_as_starts_and_ends() {
        let ranges: BatchRanges = [7, 1, 0, 3, 7].into_iter().collect();
        assert_eq!(serde_json::to_string(&ranges).unwrap(), "[[0,2],[3,4],[7,8]]");
        assert_eq!(ranges.to_string(), "0..2, 3..4, 7..8");
    }

    #[test]
    fn the_largest_number_is_no_index() {
        let mut ranges = BatchRanges::from(0..u64::MAX);
        ranges.insert(u64::MAX);
        ranges.extend([u64::MAX]);
        assert_eq!(ranges, BatchRanges::from(0..u64::MAX));
        assert_eq!((ranges.len(), ranges.nth(u64::MAX)), (u64::MAX, None));
    }

    #[test]
    fn a_batch_that_both_have_is_named() {
        assert_eq!(BatchRanges::from(0..5).union(&BatchRanges::from(3..8)), Err(3));
        assert!(serde_json::from_str::<BatchRanges>("[[3,3]]").is_err());
        assert!(serde_json::from_str::<BatchRanges>("[[3,5],[4,6]]").is_err());
        assert!(serde_json::from_str::<BatchRanges>("[[3,5],[5,6]]").is_err());
    }
}
