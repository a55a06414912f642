//! The permutation test of pairs in a comparison.

use crate::compare::ComparisonSettings;
use crate::compare::tests::{self, SampleDifferences, StatisticalTest, TestOutcome};
use crate::statistical_test;
use crate::stats::tests::permutation;

/// Permutation test of pairs, with the number of random permutations and the seed of the comparison.
#[statistical_test]
pub fn paired_permutation() -> impl StatisticalTest {
    tests::from_fn(|SampleDifferences(differences): &SampleDifferences, settings: &ComparisonSettings| {
        let found = permutation(differences, settings.permutations, settings.seed);
        let is_drawn = found.as_ref().is_ok_and(|found| !found.exact);
        TestOutcome::new(found.map(|found| found.p_value))
            .with_smallest_p(is_drawn.then(|| settings.smallest_permutation_p()))
    })
    .with_rank(2)
}
