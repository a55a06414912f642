//! Averages of the values that a workload metric returns for batches.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accumulate::{Mean, PerLayer};
use crate::metric::{BatchValue, MetricError};

impl BatchValue for f64 {
    type Average = Mean;

    fn weighted(self, samples: u64) -> Result<Mean, MetricError> {
        if !self.is_finite() {
            return Err(MetricError::undefined(format!("the value of the batch is {self}")));
        }
        Ok(Mean::weighted(self, samples))
    }
}

impl BatchValue for Option<f64> {
    type Average = Mean;

    fn weighted(self, samples: u64) -> Result<Mean, MetricError> {
        self.map_or_else(|| Ok(Mean::default()), |value| value.weighted(samples))
    }
}

#[diagnostic::do_not_recommend]
impl<V: BatchValue, const N: usize> BatchValue for [V; N]
where
    [V::Average; N]: Default + Serialize + DeserializeOwned,
    [<V::Average as crate::Finish>::Output; N]: Serialize,
{
    type Average = [V::Average; N];

    fn weighted(self, samples: u64) -> Result<Self::Average, MetricError> {
        let mut average = Self::Average::default();
        for (slot, value) in average.iter_mut().zip(self) {
            *slot = value.weighted(samples)?;
        }
        Ok(average)
    }
}

#[diagnostic::do_not_recommend]
impl<V: BatchValue> BatchValue for BTreeMap<String, V> {
    type Average = BTreeMap<String, V::Average>;

    fn weighted(self, samples: u64) -> Result<Self::Average, MetricError> {
        self.into_iter().map(|(name, value)| Ok((name, value.weighted(samples)?))).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<V: BatchValue> BatchValue for PerLayer<V> {
    type Average = PerLayer<V::Average>;

    fn weighted(self, samples: u64) -> Result<Self::Average, MetricError> {
        self.try_map(|value| value.weighted(samples))
    }
}
