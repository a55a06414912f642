//! Wilcoxon's signed-rank test in a comparison.

use super::{SampleDifferences, Statistic, StatisticalTest, TestOutcome};
use crate::compare::ComparisonSettings;
use crate::stats::effects::rank_biserial;
use crate::stats::tests::{SignedRanks, signed_rank};

/// Wilcoxon's signed-rank test ([`signed_rank`]), with the rank-biserial correlation ([`rank_biserial`]). Its statistic
/// W is the smaller sum of ranks.
#[derive(Clone, Copy, Debug, Default)]
pub struct WilcoxonSignedRank;

impl StatisticalTest<SampleDifferences> for WilcoxonSignedRank {
    fn name(&self) -> &'static str {
        "wilcoxon_signed_rank"
    }

    fn test(&self, SampleDifferences(differences): &SampleDifferences, _: &ComparisonSettings) -> TestOutcome {
        let found = signed_rank(differences);
        let smaller = |ranks: &SignedRanks| Statistic::new("W", ranks.positive.min(ranks.negative));
        let statistic = found.as_ref().ok().map(|found| smaller(&found.ranks));
        let correlation = SignedRanks::from_differences(differences).and_then(|ranks| rank_biserial(&ranks));
        TestOutcome::new(found.map(|found| found.p_value))
            .with_statistic(statistic)
            .with_effect("rank_biserial", correlation)
    }
}
