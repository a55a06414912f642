//! Arguments that a metric's function may take: predictions, targets, classes, layers and records of hooks.
//!
//! Your own type can be an argument by implementing [`Input`](crate::Input).

mod axes;
mod batch;
mod hint;
mod hooks;

pub use crate::first_maximum::first_maximum;
pub use axes::is_without;
pub use batch::{
    ClassPairs, Classes, KnownTargetClasses, Predictions, PredictionsAndTargets, RawPredictions, RawTargets,
    SampleCount, TargetClasses, Targets,
};
pub use hint::{hint_for_classes, hint_for_targets};
pub use hooks::{
    ActivationCounts, Activations, ConnectionCounts, Connections, Layers, MembraneCounts, Membranes, NeuronCounts,
    SpikeCounts, SpikeTrains,
};
