//! Metrics: inputs, states, values, and the registry of all that are linked.
//!
//! Metrics are written with the attributes [`static_metric`](crate::static_metric), [`workload_metric`](crate::workload_metric)
//! and [`accumulated_metric`](crate::accumulated_metric), which implement the traits of this module.

mod about;
mod accumulator;
mod answer;
mod batch_value;
mod context;
mod error;
pub(crate) mod factory;
mod fold;
mod input;
mod input_name;
pub(crate) mod plan;
mod registry;
mod resampling;
mod shape;
mod share;
pub(crate) mod state;
pub(crate) mod state_list;

pub use about::{About, MetricKind};
pub use accumulator::{Accumulator, Finish};
pub use answer::{Answer, undefined_as_a_whole};
pub use batch_value::BatchValue;
pub use context::{BatchContext, Context};
pub use error::MetricError;
pub use factory::{CoreDescriptor, Factory};
pub use fold::{Fold, Metric, MetricRequest, MetricSettings, PartOf, Workload};
pub use input::Input;
pub use input_name::InputName;
pub use plan::{Plan, Reading};
pub use registry::{Metrics, Registry};
#[doc(hidden)]
pub use resampling::{Counter, Resampling, ResamplingForm, ThingCounts, WeightedValue};
pub use shape::{Field, MetricValue, Shape};
pub use share::Share;

pub use crate::model::Needs;
