//! Components whose names clash with built-in ones.

use neurobench::prelude::*;
use neurobench::process::ProcessError;

/// Has the name of a built-in metric.
#[accumulated_metric]
pub fn mse(targets: TargetClasses<'_>) -> Count {
    Count(targets.len() as u64)
}

/// Has an alias that differs from the name of a built-in metric in spelling alone.
#[accumulated_metric(alias = "Foot-Print")]
pub fn imprint(targets: TargetClasses<'_>) -> Count {
    Count(targets.len() as u64)
}

/// Has the name of a built-in preprocessor.
#[preprocessor]
pub fn scale() -> impl Preprocessor {
    |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> { Ok((inputs, targets)) }
}
