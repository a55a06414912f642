//! Wilcoxon's signed-rank test in a comparison.

use crate::compare::ComparisonSettings;
use crate::compare::tests::{self, SampleDifferences, Statistic, StatisticalTest, TestOutcome};
use crate::statistical_test;
use crate::stats::effects::rank_biserial;
use crate::stats::tests::{SignedRanks, signed_rank};

/// Wilcoxon's signed-rank test, with the rank-biserial correlation. Its statistic W is the smaller sum of ranks.
#[statistical_test]
pub fn wilcoxon_signed_rank() -> impl StatisticalTest {
    tests::from_fn(|SampleDifferences(differences): &SampleDifferences, _: &ComparisonSettings| {
        let found = signed_rank(differences);
        let smaller = |ranks: &SignedRanks| Statistic::new("W", ranks.positive.min(ranks.negative));
        let statistic = found.as_ref().ok().map(|found| smaller(&found.ranks));
        let correlation = SignedRanks::from_differences(differences).and_then(|ranks| rank_biserial(&ranks));
        TestOutcome::new(found.map(|found| found.p_value))
            .with_statistic(statistic)
            .with_effect("rank_biserial", correlation)
    })
    .with_rank(1)
}
