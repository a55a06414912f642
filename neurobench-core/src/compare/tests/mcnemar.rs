//! McNemar's test in a comparison.
//!
//! It applies to metrics whose state or value reports a proportion of one decision a sample, not to values that happen to
//! be 0 and 1.

use crate::compare::ComparisonSettings;
use crate::compare::tests::{self, PairedDecisions, Statistic, StatisticalTest, TestOutcome};
use crate::statistical_test;
use crate::stats::effects::odds_ratio;
use crate::stats::intervals::difference_of_proportions;
use crate::stats::tests::mcnemar;

/// McNemar's exact test, with Tango's interval of the difference and the odds ratio of the discordant pairs. Its statistic
/// is the smaller number of discordant pairs.
#[statistical_test(type = McNemar)]
pub fn mcnemar_exact() -> impl StatisticalTest {
    tests::from_fn(|data: &PairedDecisions, settings: &ComparisonSettings| {
        let pairs = data.better_alone;
        let smaller = Statistic::new("min(b, c)", pairs.first.min(pairs.second) as f64);
        TestOutcome::new(mcnemar(pairs))
            .with_statistic(Some(smaller))
            .with_interval(difference_of_proportions(data.holding_alone, data.samples, settings.level))
            .with_effect("odds_ratio", odds_ratio(pairs))
    })
    .with_rank(0)
}
