//! Settings of a comparison.

use serde::{Deserialize, Serialize};

use crate::compare::CompareError;
use crate::stats::tests::holm;

/// Settings of a comparison.
///
/// ```
/// use neurobench::compare::{ComparisonSettings, Correction};
/// let settings = ComparisonSettings { level: 0.9, ..ComparisonSettings::default() };
/// assert_eq!((settings.permutations, settings.seed, settings.correction), (9999, 0, Correction::Holm));
/// assert!(settings.check_level().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComparisonSettings {
    /// Confidence level of the intervals, between 0 and 1; 0.95 by default.
    pub level: f64,
    /// Number of random sign flips of the permutation test when enumerating all of them is infeasible; 9999 by default.
    pub permutations: u64,
    /// Seed of the random sign flips; 0 by default.
    pub seed: u64,
    /// Correction of the p-values for the number of tests; Holm's by default.
    pub correction: Correction,
}

impl Default for ComparisonSettings {
    fn default() -> Self {
        Self { level: 0.95, permutations: 9999, seed: 0, correction: Correction::default() }
    }
}

impl ComparisonSettings {
    /// Checks that the confidence level is between 0 and 1.
    ///
    /// # Errors
    ///
    /// [`CompareError::Level`].
    pub fn check_level(&self) -> Result<(), CompareError> {
        let level = self.level;
        if level > 0.0 && level < 1.0 { Ok(()) } else { Err(CompareError::Level { level }) }
    }

    /// Checks that the permutation test can find a difference significant at the confidence level.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooFewPermutations`].
    pub fn check_permutations(&self) -> Result<(), CompareError> {
        let Self { level, permutations, .. } = *self;
        let smallest_p = self.smallest_permutation_p();
        if self.is_significant(smallest_p) {
            return Ok(());
        }
        let least = (1.0 / (1.0 - level) - 1.0 - ROUNDING).ceil();
        Err(CompareError::TooFewPermutations { permutations, level, smallest_p, least })
    }

    /// Smallest p-value of a permutation test with random sign flips: the observed signs count as one of the
    /// permutations.
    pub(super) fn smallest_permutation_p(&self) -> f64 {
        1.0 / (self.permutations as f64 + 1.0)
    }

    /// Returns `true` for a p-value of at most 1 − level.
    pub(super) fn is_significant(&self, p_value: f64) -> bool {
        p_value <= 1.0 - self.level + ROUNDING
    }
}

/// Tolerance for the rounding of 1 − level: 1 − 0.95 is not the float 0.05.
const ROUNDING: f64 = 1e-9;

/// Correction of p-values for the number of tests of one comparison.
///
/// The more differences are tested, the more of them are significant by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correction {
    /// Holm's step-down correction ([`holm`]).
    #[default]
    Holm,
    /// No correction: results have no corrected p-values.
    None,
}

impl Correction {
    /// Corrected p-values, in the order of the p-values.
    pub(super) fn correct(self, p_values: &[f64]) -> Vec<f64> {
        match self {
            Self::Holm => holm(p_values),
            Self::None => Vec::new(),
        }
    }
}
