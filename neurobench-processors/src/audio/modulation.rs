//! Delta modulation of a signal.

use serde::{Deserialize, Serialize};

/// Level with which delta modulation begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialLevel {
    /// The first value, rounded to the nearest integer (ties to even).
    #[default]
    Rounded,
    /// The first value.
    First,
    /// Zero.
    Zero,
}

/// Delta modulation with a threshold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modulator {
    threshold: f32,
    initial: InitialLevel,
}

impl Modulator {
    pub(super) fn new(threshold: f64, initial: InitialLevel) -> Self {
        Self { threshold: threshold as f32, initial }
    }

    /// Returns the event of each value: −1, 0 or 1.
    #[inline]
    pub(super) fn events(self, values: impl Iterator<Item = f32>) -> impl Iterator<Item = f32> {
        let Self { threshold, initial } = self;
        let mut level = None;
        values.map(move |value| {
            let level = level.get_or_insert(match initial {
                InitialLevel::Rounded => value.round_ties_even(),
                InitialLevel::First => value,
                InitialLevel::Zero => 0.0,
            });
            let difference = value - *level;
            let event = if difference > threshold {
                1.0
            } else if difference < -threshold {
                -1.0
            } else {
                0.0
            };
            *level += threshold * event;
            event
        })
    }
}
