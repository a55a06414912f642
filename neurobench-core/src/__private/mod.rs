//! Items that expansions of the macros name.

mod checks;
mod cores;
mod failures;
mod figures;
mod items;
mod merging;
mod outputs;
mod settings;
mod variants;
mod visibility;

pub use checks::*;
pub use cores::*;
pub use failures::*;
pub use figures::*;
pub use items::*;
pub use merging::*;
pub use outputs::*;
pub use settings::*;
pub use variants::*;
pub use visibility::*;

pub use core::clone::Clone;
pub use core::default::Default;
pub use core::fmt::{Debug, Formatter, Result as FmtResult};
pub use core::marker::PhantomData;
pub use core::option::Option;
pub use core::primitive::{bool, str};
pub use core::result::Result;
pub use std::boxed::Box;
pub use std::string::String;
pub use std::vec::Vec;

pub use inventory;
pub use ndarray::{Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
pub use neurobench_derive::remove;
pub use serde;

pub use crate::accumulate::{Accumulator, Finish, MergeMax, MergeMin, MergeSum};
pub use crate::compare::tests::StatisticalTests;
pub use crate::component::{
    About, Bounds, Component, ConstructionError, Constructor, ItemKind, Param, Params, Registration, Settings,
    SettingsError,
};
pub use crate::data::{DataFormats, Datasets};
pub use crate::metric::{
    About as AboutMetric, BatchValue, Context, Counter, Factory, Field, Fold, Input, Metric, MetricError, MetricKind,
    MetricSettings, MetricValue, Metrics, Needs, PartOf, Plan, Reading, Resampling, ResamplingForm, Shape, ThingCounts,
    Workload,
};
pub use crate::model::ModelFormats;
pub use crate::process::{Postprocessors, Preprocessors};
pub use crate::report::export::Exporters;
pub use crate::value::Value;
