//! Student's test of pairs in a comparison.

use crate::compare::ComparisonSettings;
use crate::compare::tests::{self, SampleDifferences, Statistic, StatisticalTest, TestOutcome};
use crate::statistical_test;
use crate::stats::effects::cohens_d;
use crate::stats::intervals::mean;
use crate::stats::tests as statistics;

/// Student's test of pairs, with Student's interval of the mean difference and Cohen's d.
#[statistical_test]
pub fn paired_t() -> impl StatisticalTest {
    tests::from_fn(|SampleDifferences(differences): &SampleDifferences, settings: &ComparisonSettings| {
        let found = statistics::paired_t(differences);
        let statistic = found
            .as_ref()
            .ok()
            .map(|found| Statistic::new("t", found.t).with_degrees_of_freedom(found.degrees_of_freedom));
        TestOutcome::new(found.map(|found| found.p_value))
            .with_statistic(statistic)
            .with_interval(mean(differences, settings.level))
            .with_effect("cohens_d", cohens_d(differences))
    })
    .with_rank(0)
}
