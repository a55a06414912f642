//! McNemar's test in a comparison.
//!
//! It applies to metrics whose state or value reports a proportion of one decision a sample, not to values that happen to
//! be 0 and 1.

use super::{PairedDecisions, Statistic, StatisticalTest, TestOutcome};
use crate::compare::ComparisonSettings;
use crate::stats::effects::odds_ratio;
use crate::stats::intervals::difference_of_proportions;
use crate::stats::tests::mcnemar;

/// McNemar's exact test ([`mcnemar`]), with Tango's interval ([`difference_of_proportions`]) and the odds ratio of the
/// discordant pairs ([`odds_ratio`]). Its statistic is the smaller number of discordant pairs.
#[derive(Clone, Copy, Debug, Default)]
pub struct McNemar;

impl StatisticalTest<PairedDecisions> for McNemar {
    fn name(&self) -> &'static str {
        "mcnemar_exact"
    }

    fn test(&self, data: &PairedDecisions, settings: &ComparisonSettings) -> TestOutcome {
        let pairs = data.better_alone;
        let smaller = Statistic::new("min(b, c)", pairs.first.min(pairs.second) as f64);
        TestOutcome::new(mcnemar(pairs))
            .with_statistic(Some(smaller))
            .with_interval(difference_of_proportions(data.holding_alone, data.samples, settings.level))
            .with_effect("odds_ratio", odds_ratio(pairs))
    }
}
