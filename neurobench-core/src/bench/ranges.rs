//! Sets of batch indices.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize};

/// A set of batch indices, as ranges: which part of a data set has been run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BatchRanges(Vec<(u64, u64)>);

impl BatchRanges {
    /// The batches `start..end`.
    ///
    /// ```
    /// use neurobench::bench::BatchRanges;
    /// let mut done = BatchRanges::from(0..3);
    /// done.insert(4);
    /// assert_eq!(done.to_string(), "0..3, 4..5");
    /// assert_eq!(done.complement(6).to_string(), "3..4, 5..6");
    /// ```
    #[must_use]
    pub fn new(range: Range<u64>) -> Self {
        if range.is_empty() { Self::default() } else { Self(vec![(range.start, range.end)]) }
    }

    /// One batch more.
    pub fn insert(&mut self, batch: u64) {
        let at = self.0.partition_point(|(_, end)| *end < batch);
        match self.0.get_mut(at) {
            Some((start, end)) if *start <= batch && batch <= *end => {
                *end = (*end).max(batch + 1);
                self.join_with_next(at);
            }
            Some((start, _)) if batch + 1 == *start => *start = batch,
            _ => self.0.insert(at, (batch, batch + 1)),
        }
    }

    /// Joins a range with the one after it, if they touch.
    fn join_with_next(&mut self, at: usize) {
        if let Some((start, end)) = self.0.get(at + 1).copied()
            && self.0[at].1 == start
        {
            self.0[at].1 = end;
            self.0.remove(at + 1);
        }
    }

    /// Whether a batch is among these.
    #[must_use]
    pub fn contains(&self, batch: u64) -> bool {
        self.0.iter().any(|(start, end)| (*start..*end).contains(&batch))
    }

    /// How many batches these are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every batch, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(start, end)| *start..*end)
    }

    /// The `n`-th of these batches, counted from 0.
    pub(crate) fn nth(&self, mut n: u64) -> Option<u64> {
        for (start, end) in &self.0 {
            if n < end - start {
                return Some(start + n);
            }
            n -= end - start;
        }
        None
    }

    /// One past the last batch; none of no batches.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.0.last().map(|(_, end)| *end)
    }

    /// Those of the batches `0..total` that are not among these.
    #[must_use]
    pub fn complement(&self, total: u64) -> Self {
        let mut rest = Vec::new();
        let mut next = 0;
        for (start, end) in &self.0 {
            if next < (*start).min(total) {
                rest.push((next, (*start).min(total)));
            }
            next = next.max(*end);
        }
        if next < total {
            rest.push((next, total));
        }
        Self(rest)
    }

    /// The batches of both.
    ///
    /// # Errors
    ///
    /// The first batch that both have.
    pub fn union(&self, other: &Self) -> Result<Self, u64> {
        let mut all: Vec<(u64, u64)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match joined.last_mut() {
                Some((_, last)) if start < *last => return Err(start),
                Some((_, last)) if start == *last => *last = end,
                _ => joined.push((start, end)),
            }
        }
        Ok(Self(joined))
    }
}

impl From<Range<u64>> for BatchRanges {
    fn from(range: Range<u64>) -> Self {
        Self::new(range)
    }
}

impl fmt::Display for BatchRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (start, end)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{start}..{end}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for BatchRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ranges = Vec::<(u64, u64)>::deserialize(deserializer)?;
        let ordered = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if ordered && ranges.iter().all(|(start, end)| start < end) {
            Ok(Self(ranges))
        } else {
            Err(serde::de::Error::custom("the ranges of batches are not in order, or empty, or touch"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_the_set_of_what_was_inserted(batches in prop::collection::vec(0_u64..40, 0..60)) {
            let mut ranges = BatchRanges::default();
            for batch in &batches {
                ranges.insert(*batch);
            }
            let set: std::collections::BTreeSet<u64> = batches.into_iter().collect();
            prop_assert_eq!(ranges.iter().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ranges.len(), set.len() as u64);
            let rest: Vec<u64> = (0..40).filter(|batch| !set.contains(batch)).collect();
            prop_assert_eq!(ranges.complement(40).iter().collect::<Vec<_>>(), rest);
            prop_assert_eq!(ranges.union(&ranges.complement(40)), Ok(BatchRanges::from(0..40)));
            for (n, batch) in set.iter().enumerate() {
                prop_assert_eq!(ranges.nth(n as u64), Some(*batch));
            }
            let text = serde_json::to_string(&ranges).unwrap();
            prop_assert_eq!(serde_json::from_str::<BatchRanges>(&text).unwrap(), ranges);
        }
    }

    #[test]
    fn a_batch_that_both_have_is_named() {
        assert_eq!(BatchRanges::from(0..5).union(&BatchRanges::from(3..8)), Err(3));
        assert!(serde_json::from_str::<BatchRanges>("[[3,3]]").is_err());
        assert!(serde_json::from_str::<BatchRanges>("[[3,5],[4,6]]").is_err());
    }
}
