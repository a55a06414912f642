//! A time as a setting.

use serde::{Deserialize, Serialize};

/// A time in seconds, finite and above 0.
///
/// ```
/// use neurobench::metrics::Seconds;
/// assert_eq!(Seconds::new(0.001).map(Seconds::get), Some(0.001));
/// assert_eq!(Seconds::new(0.0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Seconds(f64);

impl Seconds {
    /// Creates a time; `None` if it is not a finite number above 0.
    #[must_use]
    pub fn new(seconds: f64) -> Option<Self> {
        (seconds.is_finite() && seconds > 0.0).then_some(Self(seconds))
    }

    /// Returns the number of seconds.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        Self::new(seconds).ok_or_else(|| format!("{seconds} is not a time in seconds: it must be finite and above 0"))
    }
}
