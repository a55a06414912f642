//! What a metric's function may take as an argument: predictions, targets, classes, layers and what hooks recorded.
//!
//! A type of one's own implements [`Input`](crate::Input).

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
