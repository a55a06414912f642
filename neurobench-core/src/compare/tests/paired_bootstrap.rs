//! The bootstrap of pairs in a comparison.

use crate::compare::tests::{self, PairedReplicates, StatisticalTest, TestOutcome};
use crate::compare::{ComparisonSettings, NoValue};
use crate::statistical_test;
use crate::stats::tests as statistics;

/// Bootstrap of pairs, with the percentile interval of the difference.
#[statistical_test]
pub fn paired_bootstrap() -> impl StatisticalTest {
    tests::from_fn(|data: &PairedReplicates, settings: &ComparisonSettings| {
        match statistics::paired_bootstrap(&data.candidate, &data.baseline, data.samples, settings.level) {
            Ok(found) => TestOutcome::new(Ok::<_, NoValue>(found.p_value))
                .with_smallest_p(Some(found.smallest_p))
                .with_interval(Ok::<_, NoValue>(found.interval)),
            Err(error) => TestOutcome::undefined(error.into()),
        }
    })
    .with_rank(0)
}
