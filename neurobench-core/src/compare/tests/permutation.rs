//! The permutation test of pairs in a comparison.

use super::{SampleDifferences, StatisticalTest, TestOutcome};
use crate::compare::ComparisonSettings;
use crate::stats::tests::permutation;

/// The permutation test of pairs ([`permutation`]), with the [`permutations`](ComparisonSettings::permutations) and the
/// [`seed`](ComparisonSettings::seed) of the settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct PairedPermutation;

impl StatisticalTest<SampleDifferences> for PairedPermutation {
    fn name(&self) -> &'static str {
        "paired_permutation"
    }

    fn test(&self, SampleDifferences(differences): &SampleDifferences, settings: &ComparisonSettings) -> TestOutcome {
        let found = permutation(differences, settings.permutations, settings.seed);
        let is_drawn = found.as_ref().is_ok_and(|found| !found.exact);
        TestOutcome::new(found.map(|found| found.p_value))
            .with_smallest_p(is_drawn.then(|| settings.smallest_permutation_p()))
    }
}
