//! Metrics in a crate that a test only names.

use neurobench::prelude::*;

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
