//! What a workload metric may return for a batch, and how it is averaged.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accumulate::{Accumulator, Mean, PerLayer};
use crate::metric::MetricError;

/// A value of one batch that can be averaged over batches, weighted by their samples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be averaged over batches",
    label = "not a value of a workload metric",
    note = "return `f64`, `Option<f64>` (none: this batch says nothing), or a map or array of them",
    note = "for any other value use `#[accumulated_metric]` and return the part of the batch"
)]
pub trait BatchValue: Sized + 'static {
    /// The average so far.
    type Average: Accumulator;

    /// The part of a batch with so many samples.
    ///
    /// # Errors
    ///
    /// A value that is not finite: an average would hide in which batch it arose.
    fn weighted(self, samples: u64) -> Result<Self::Average, MetricError>;
}

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
