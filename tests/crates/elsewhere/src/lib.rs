//! Components in a crate that a test only names.

use neurobench::compare::ComparisonSettings;
use neurobench::compare::tests::{SampleDifferences, StatisticalTest, TestOutcome, from_fn};
use neurobench::data::{DataError, InMemory};
use neurobench::prelude::*;
use neurobench::process::ProcessError;
use neurobench::stats::tests::{Discordant, mcnemar};

/// Number of samples of the run, times a factor.
#[accumulated_metric(unit = "samples", variant("elsewhere_twice", times = 2))]
pub fn elsewhere_samples(
    samples: SampleCount,
    /// Factor.
    #[param(default = 1, range = 1..=9)]
    times: u64,
) -> Count {
    Count(samples.0 * times)
}

/// True if there was any sample.
#[accumulated_metric(of = ElsewhereSamples)]
pub fn elsewhere_any(samples: &Count) -> bool {
    samples.0 > 0
}

/// Adds a number to every input.
#[preprocessor(variant("elsewhere_shift_down", by = -1.0))]
pub fn elsewhere_shift(
    /// Number to add.
    #[param]
    by: f64,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        Ok((Tensor::from(inputs.to_f64() + by), targets))
    }
}

/// Reverses the sign of every output.
#[postprocessor]
pub fn elsewhere_negate() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<_, ProcessError> { Ok(Tensor::from(-outputs.to_f64())) }
}

/// The numbers from 0, each with itself as its target.
#[dataset]
pub fn elsewhere_numbers(
    /// Number of samples.
    #[param(default = 4, range = 1..=100)]
    samples: u8,
) -> Result<InMemory, DataError> {
    let numbers: Vec<f64> = (0..samples).map(f64::from).collect();
    let numbers = neurobench::ndarray::Array1::from(numbers);
    InMemory::new(numbers.clone(), numbers)
}

/// Exact sign test of the differences; zeros are left out.
#[statistical_test]
pub fn elsewhere_sign() -> impl StatisticalTest {
    from_fn(|SampleDifferences(differences): &SampleDifferences, _: &ComparisonSettings| {
        TestOutcome::new(mcnemar(Discordant::from_pairs(differences.iter().map(|each| (*each > 0.0, *each < 0.0)))))
    })
}
