//! Student's test of pairs in a comparison.

use super::{SampleDifferences, Statistic, StatisticalTest, TestOutcome};
use crate::compare::ComparisonSettings;
use crate::stats::effects::cohens_d;
use crate::stats::intervals::mean;
use crate::stats::tests::paired_t;

/// Student's test of pairs ([`paired_t`]), with Student's interval of the mean difference ([`mean`]) and Cohen's d
/// ([`cohens_d`]).
#[derive(Clone, Copy, Debug, Default)]
pub struct PairedT;

impl StatisticalTest<SampleDifferences> for PairedT {
    fn name(&self) -> &'static str {
        "paired_t"
    }

    fn test(&self, SampleDifferences(differences): &SampleDifferences, settings: &ComparisonSettings) -> TestOutcome {
        let found = paired_t(differences);
        let statistic = found
            .as_ref()
            .ok()
            .map(|found| Statistic::new("t", found.t).with_degrees_of_freedom(found.degrees_of_freedom));
        TestOutcome::new(found.map(|found| found.p_value))
            .with_statistic(statistic)
            .with_interval(mean(differences, settings.level))
            .with_effect("cohens_d", cohens_d(differences))
    }
}
