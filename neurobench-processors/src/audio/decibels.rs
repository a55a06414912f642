//! Decibels of spectrograms.

use neurobench_core::instructions::Instructions;
use neurobench_core::process::ProcessError;

use super::logarithm::logarithms;

/// Powers below it count as this power.
const LEAST_POWER: f32 = 1e-10;

/// Replaces powers by their decibels: 10·log10(max(power, 1e-10)).
pub(super) fn to_decibels(powers: &mut [f32]) {
    const TEN_OVER_LN_10: f32 = 10.0 / std::f32::consts::LN_10;
    logarithms(Instructions::fastest(), powers, |power| power.max(LEAST_POWER), TEN_OVER_LN_10);
}

/// Lower limit of decibels, relative to the maximum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clamp(Option<f32>);

impl Clamp {
    pub(super) fn new(top_db: Option<f64>, processor: &'static str) -> Result<Self, ProcessError> {
        match top_db {
            Some(top_db) if !(top_db.is_finite() && top_db >= 0.0) => {
                Err(ProcessError::Other(format!("`{processor}`: `top_db` must be at least 0, not {top_db}")))
            }
            top_db => Ok(Self(top_db.map(|top_db| top_db as f32))),
        }
    }

    /// Raises all decibels of a clip to at least their maximum − `top_db`.
    pub(super) fn apply(self, decibels: &mut [f32]) {
        if let Self(Some(top_db)) = self {
            let least = decibels.iter().copied().fold(f32::NEG_INFINITY, f32::max) - top_db;
            decibels.iter_mut().for_each(|decibels| *decibels = decibels.max(least));
        }
    }
}
