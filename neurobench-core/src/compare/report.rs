//! Tests as results report them, with their correction.

use serde::Serialize;

use crate::compare::reason::p_value_or_reason;
use crate::compare::tests::{Statistic, TestOutcome};
use crate::compare::{Correction, NoValue};

/// A statistical test of one metric, or of one number within its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestReport {
    /// Name of the test, as `paired_t`; the key is `test` in JSON.
    #[serde(rename = "test")]
    pub name: &'static str,
    /// The p-value, or why there is none; the key is `p_value` or `error` in JSON.
    #[serde(flatten, serialize_with = "p_value_or_reason")]
    pub p_value: Result<f64, NoValue>,
    /// The p-value corrected for all tests of the comparison that have one.
    #[serde(rename = "p_holm", skip_serializing_if = "Option::is_none")]
    pub corrected_p: Option<f64>,
    /// Smallest p-value that the test can give, for a test that draws resamples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_p: Option<f64>,
    /// The test statistic, which JSON leaves out.
    #[serde(skip)]
    pub statistic: Option<Statistic>,
}

impl TestReport {
    pub(super) fn new(name: &'static str, outcome: &TestOutcome) -> Self {
        let TestOutcome { p_value, statistic, smallest_p, .. } = outcome;
        Self { name, p_value: p_value.clone(), corrected_p: None, smallest_p: *smallest_p, statistic: *statistic }
    }
}

/// Corrects all p-values together. Returns the number of p-values that are corrected.
pub(super) fn correct<'t>(tests: impl Iterator<Item = &'t mut TestReport>, correction: Correction) -> usize {
    let (tests, p_values): (Vec<_>, Vec<f64>) = tests
        .filter_map(|test| {
            let p_value = *test.p_value.as_ref().ok()?;
            Some((test, p_value))
        })
        .unzip();
    let corrected = correction.correct(&p_values);
    let count = corrected.len();
    for (test, corrected) in tests.into_iter().zip(corrected) {
        test.corrected_p = Some(corrected);
    }
    count
}
