//! Metrics in a crate that a test only names.

use neurobench::compare::ComparisonSettings;
use neurobench::compare::tests::{SampleDifferences, StatisticalTest, TestOutcome, from_fn};
use neurobench::prelude::*;
use neurobench::stats::tests::{Discordant, mcnemar};

/// Samples of the run, each counted so many times.
#[accumulated_metric(unit = "samples", variant("elsewhere_twice", times = 2))]
pub fn elsewhere_samples(
    samples: SampleCount,
    /// How often a sample counts.
    #[param(default = 1, range = 1..=9)]
    times: u64,
) -> Count {
    Count(samples.0 * times)
}

/// Whether there was any sample.
#[accumulated_metric(of = ElsewhereSamples)]
pub fn elsewhere_any(samples: &Count) -> bool {
    samples.0 > 0
}

/// Exact sign test of the differences; zeros are left out.
#[statistical_test]
pub fn elsewhere_sign() -> impl StatisticalTest {
    from_fn(|SampleDifferences(differences): &SampleDifferences, _: &ComparisonSettings| {
        TestOutcome::new(mcnemar(Discordant::from_pairs(differences.iter().map(|each| (*each > 0.0, *each < 0.0)))))
    })
}
