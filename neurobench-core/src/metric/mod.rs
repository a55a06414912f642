//! The definition of a metric: settings, inputs, values, and the registry of all metrics that are linked.
//!
//! Metrics are written with the attributes [`static_metric`](crate::static_metric), [`workload_metric`](crate::workload_metric)
//! and [`accumulated_metric`](crate::accumulated_metric), which implement the traits of this module.

mod about;
mod accumulator;
pub(crate) mod answer;
mod batch_value;
mod context;
mod error;
pub(crate) mod factory;
mod fold;
mod input;
pub(crate) mod plan;
mod registry;
mod resampling;
pub(crate) mod settings;
mod shape;
mod share;
pub(crate) mod state;
pub(crate) mod state_list;
mod value;

pub use about::{About, Bounds, MetricKind, Param};
pub use accumulator::{Accumulator, Finish};
pub use answer::Answer;
pub use batch_value::BatchValue;
pub use context::{BatchContext, Context};
pub use error::MetricError;
pub use factory::{CoreDescriptor, Factory};
pub use fold::{Fold, Metric, PartOf, Workload};
pub use input::Input;
pub use plan::{Plan, Reading};
pub use registry::{Descriptor, Duplicate, Registration, Registry, RegistryError};
#[doc(hidden)]
pub use resampling::{Counter, Resampling, ResamplingForm, ThingCounts, WeightedValue};
pub use settings::{MetricSpec, Params, Settings, SettingsError, from_known};
pub use shape::{Field, MetricValue, Shape};
pub use share::Share;
pub use value::{Value, ValueError};

pub use crate::model::Needs;
