//! Thresholds of the overlap.

use neurobench_core::prelude::*;

/// Thresholds of intersection over union, in ascending order: by default COCO's ten, .50, .55, .. .95.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct IouThresholds(Vec<f64>);

/// Maximum number of thresholds: each is a bit of a detection's matches.
const MOST: usize = u32::BITS as usize;

impl IouThresholds {
    /// Creates thresholds from a list.
    ///
    /// # Errors
    ///
    /// No or more than 32 values, or values that are not between 0 (excluded) and 1 or do not ascend.
    pub fn from_values(values: impl Into<Vec<f64>>) -> Result<Self, MetricError> {
        let values = values.into();
        if !(1..=MOST).contains(&values.len()) {
            return Err(format!("{} thresholds; the number must be between 1 and {MOST}", values.len()).into());
        }
        if let Some(bad) = values.iter().find(|value| !(**value > 0.0 && **value <= 1.0)) {
            return Err(format!("the threshold {bad} must be above 0 and at most 1").into());
        }
        if let Some(pair) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!("the thresholds must ascend: {} comes before {}", pair[0], pair[1]).into());
        }
        Ok(Self(values))
    }

    /// The thresholds, in ascending order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }
}

impl Default for IouThresholds {
    fn default() -> Self {
        // They equal those of pycocotools to the bit, because an overlap may lie on a threshold.
        Self(vec![0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95])
    }
}

impl TryFrom<Vec<f64>> for IouThresholds {
    type Error = MetricError;

    fn try_from(values: Vec<f64>) -> Result<Self, MetricError> {
        Self::from_values(values)
    }
}

impl From<IouThresholds> for Vec<f64> {
    fn from(thresholds: IouThresholds) -> Self {
        thresholds.0
    }
}
