//! The bootstrap of pairs in a comparison.

use super::{PairedReplicates, StatisticalTest, TestOutcome};
use crate::compare::{ComparisonSettings, NoValue};
use crate::stats::tests::paired_bootstrap;

/// The bootstrap of pairs ([`paired_bootstrap`]), with its percentile interval of the difference.
#[derive(Clone, Copy, Debug, Default)]
pub struct PairedBootstrap;

impl StatisticalTest<PairedReplicates> for PairedBootstrap {
    fn name(&self) -> &'static str {
        "paired_bootstrap"
    }

    fn test(&self, data: &PairedReplicates, settings: &ComparisonSettings) -> TestOutcome {
        match paired_bootstrap(&data.candidate, &data.baseline, data.samples, settings.level) {
            Ok(found) => TestOutcome::new(Ok::<_, NoValue>(found.p_value))
                .with_smallest_p(Some(found.smallest_p))
                .with_interval(Ok::<_, NoValue>(found.interval)),
            Err(error) => TestOutcome::undefined(error.into()),
        }
    }
}
