//! The tests of a comparison, which are corrected together.

use serde::Serialize;

use crate::stats::StatsError;
use crate::stats::tests::holm;

/// A test: its p-value, or why it has none.
#[derive(Serialize)]
pub(super) struct Test {
    pub(super) test: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p_value: Option<f64>,
    /// By Holm's correction over all tests of the comparison that have a p-value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p_holm: Option<f64>,
    /// Of a test that draws resamples: the smallest p-value that so many of them can give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) smallest_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl Test {
    pub(super) fn of(test: &'static str, found: Result<f64, StatsError>) -> Self {
        let (p_value, error) = either(found);
        Self { test, p_value, p_holm: None, smallest_p: None, error }
    }

    /// The same of a test that draws.
    pub(super) fn drawn(self, smallest_p: f64) -> Self {
        Self { smallest_p: Some(smallest_p), ..self }
    }
}

/// What was found, or why it was not.
pub(super) fn either<T>(found: Result<T, StatsError>) -> (Option<T>, Option<String>) {
    match found {
        Ok(value) => (Some(value), None),
        Err(StatsError::Undefined(why)) => (None, Some(why)),
        Err(error) => (None, Some(error.to_string())),
    }
}

/// Holm's correction over all tests that have a p-value. How many these are.
pub(super) fn correct<'t>(tests: impl Iterator<Item = &'t mut Test>) -> usize {
    let tests: Vec<&mut Test> = tests.filter(|test| test.p_value.is_some()).collect();
    let p_values: Vec<f64> = tests.iter().filter_map(|test| test.p_value).collect();
    for (test, corrected) in tests.into_iter().zip(holm(&p_values)) {
        test.p_holm = Some(corrected);
    }
    p_values.len()
}

/// What has the same reason is told together: `no test of recall, rmse: ..` is one note, not two.
#[derive(Default)]
pub(super) struct Reasons(Vec<(String, Vec<String>)>);

impl Reasons {
    /// What follows the names of all of which it is to be said.
    pub(super) fn add(&mut self, name: &str, tail: String) {
        match self.0.iter_mut().find(|(known, _)| *known == tail) {
            Some((_, names)) if names.iter().any(|known| known == name) => {}
            Some((_, names)) => names.push(name.to_owned()),
            None => self.0.push((tail, vec![name.to_owned()])),
        }
    }

    /// A line for each reason.
    pub(super) fn notes(self, head: &str) -> Vec<String> {
        self.0.into_iter().map(|(tail, names)| format!("{head} {}{tail}", names.join(", "))).collect()
    }
}
