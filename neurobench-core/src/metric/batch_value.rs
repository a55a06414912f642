//! Values that a workload metric may return for a batch, and their averages.

use crate::metric::{Accumulator, MetricError};

/// A value of one batch that can be averaged over batches, weighted by their samples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be averaged over batches",
    label = "not a value of a workload metric",
    note = "return `f64`, `Option<f64>` (`None`: the batch has no value), `[f64; N]`, `BTreeMap<String, f64>` or `PerLayer<f64>`",
    note = "for any other value use `#[accumulated_metric]` and return the part of the batch"
)]
pub trait BatchValue: Sized + 'static {
    /// State of the average.
    type Average: Accumulator;

    /// The part of a batch with this number of samples.
    ///
    /// # Errors
    ///
    /// A value that is not finite: an average would hide in which batch it arose.
    fn weighted(self, samples: u64) -> Result<Self::Average, MetricError>;
}
