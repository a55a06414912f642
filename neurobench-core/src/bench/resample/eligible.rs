//! Eligibility of metrics for confidence intervals and per-sample values, by their shapes and states.
//!
//! * The smallest or largest of several numbers has no interval, because the bootstrap is inconsistent for it. A value
//!   is known as one by its description (`extreme`) or by its state, as of `Max` and `Min`.
//! * A list of floats that is the value or a field of it, such as one for each output or class, has an interval for
//!   each item, as long as all resamples have lists of the same length.
//! * A list by layer is one of neurons, and has no intervals. Neither has a list of records, such as bins that may be
//!   empty: the places of its items do not identify them.

use crate::bench::request::RequestedMetric;
use crate::metric::plan::Core;
use crate::metric::{ResamplingForm, Shape};

/// The core that a metric is itself.
pub(super) fn own_core<'c>(metric: &RequestedMetric, cores: &'c [Core]) -> Option<&'c Core> {
    let [core] = metric.cores.as_slice() else { return None };
    Some(&cores[*core]).filter(|core| core.about.component.id() == metric.requested.about.component.id())
}

/// Returns true if a metric's value is the smallest or the largest of others, by its description or its state.
pub(super) fn is_extreme(metric: &RequestedMetric, cores: &[Core]) -> bool {
    metric.requested.about.extreme || own_core(metric, cores).is_some_and(|core| core.fold.is_extreme())
}

/// Returns true if a metric's value has floats that resamples also have. Counts are not estimated: they describe these
/// samples only. The items of a list are such floats if the list is the value itself or a field of it, because its
/// items are then outputs or classes.
pub(super) fn has_floats(metric: &RequestedMetric, cores: &[Core]) -> bool {
    let shape = &metric.requested.shape;
    has_floats_outside_lists(shape) || (has_lists_of_floats(shape) && !lists_samples(metric, cores))
}

/// Returns true if the items of a metric's lists are its samples.
pub(super) fn lists_samples(metric: &RequestedMetric, cores: &[Core]) -> bool {
    own_core(metric, cores).is_some_and(|core| core.fold.resampling_form() == ResamplingForm::Parts)
}

fn has_lists_of_floats(shape: &Shape) -> bool {
    match shape {
        Shape::List(inner) => **inner == Shape::Float,
        Shape::Optional(inner) => has_lists_of_floats(inner),
        Shape::Record(fields) => fields.iter().any(|field| has_lists_of_floats(&field.shape)),
        _ => false,
    }
}

/// Returns true if the value of a metric can have a confidence interval.
pub(super) fn may_have_interval(metric: &RequestedMetric, cores: &[Core]) -> bool {
    has_floats(metric, cores) && !is_extreme(metric, cores)
}

fn has_floats_outside_lists(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::NumberOrByClass => true,
        Shape::Optional(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => has_floats_outside_lists(inner),
        Shape::Record(fields) => fields.iter().any(|field| has_floats_outside_lists(&field.shape)),
        _ => false,
    }
}

/// Returns true if a value is one number, or may be one.
pub(super) fn is_scalar(shape: &Shape) -> bool {
    match shape {
        Shape::Float | Shape::Integer | Shape::Bool | Shape::NumberOrByClass => true,
        Shape::Optional(inner) => is_scalar(inner),
        _ => false,
    }
}
