//! Arguments that a metric's function may take: inputs, predictions, targets, classes, layers and records of hooks.
//!
//! # The batch
//!
//! | argument | content | numbers |
//! |---|---|---|
//! | [`Predictions`], [`RawPredictions`] | outputs of the model after the postprocessors | `f64` without NaN; as stored |
//! | [`Targets`], [`RawTargets`] | targets after the preprocessors | `f64` without NaN; as stored |
//! | [`Classes`], [`TargetClasses`], [`KnownTargetClasses`] | predicted and target class of every sample | `i64` |
//! | [`Inputs`], [`RawInputs`] | inputs as the model received them, after the preprocessors | `f64` without NaN; as stored |
//! | [`DataInputs`], [`RawDataInputs`] | inputs as the data set gave them, before the preprocessors | `f64` without NaN; as stored |
//! | [`SampleCount`] | number of samples | `u64` |
//!
//! # Hooks
//!
//! Counts need `hooks`, numbers need `hooks = traces`; see the attributes. Each input has the layers of one group, in
//! the model's order. [`LayerSelection`] is a setting that restricts them.
//!
//! | numbers | layers | counts | traces |
//! |---|---|---|---|
//! | outputs | activation | [`ActivationCounts`], [`NeuronCounts`], [`LayerTotals`] | [`Activations`] |
//! | spikes | spiking | [`SpikeCounts`], [`LayerTotals`] | [`SpikeTrains`] |
//! | inputs, pre-activations | activation | [`PreActivationCounts`] | [`PreActivations`] |
//! | inputs | connection | [`ConnectionCounts`] | [`Connections`] |
//! | outputs | connection | [`ConnectionOutputCounts`] | [`ConnectionOutputs`] |
//! | membranes after a step | neuron | [`MembraneCounts`] | [`Membranes`] |
//! | membranes before the reset | neuron | [`PreResetMembraneCounts`] | [`PreResetMembranes`] |
//! | synaptic currents | neuron, with synaptic currents | [`SynapticCurrentCounts`] | [`SynapticCurrents`] |
//! | recurrent states | recurrent | [`RecurrentStateCounts`] | [`RecurrentStates`] |
//!
//! A hook that a layer of the model does not serve is an error when the benchmark is built, and so is a model without
//! any of the layers, unless the argument is an `Option`.
//!
//! Your own type can be an argument by implementing [`Input`](crate::Input).

mod axes;
mod batch;
mod hint;
mod hooks;
mod selection;

pub use crate::first_maximum::first_maximum;
pub use axes::is_without;
pub use batch::{
    ClassPairs, Classes, DataInputs, Inputs, KnownTargetClasses, Predictions, PredictionsAndTargets, RawDataInputs,
    RawInputs, RawPredictions, RawTargets, SampleCount, TargetClasses, Targets,
};
pub use hint::{hint_for_classes, hint_for_targets};
pub use hooks::{
    ActivationCounts, Activations, ConnectionCounts, ConnectionOutputCounts, ConnectionOutputs, Connections,
    LayerTotals, Layers, MembraneCounts, Membranes, NeuronCounts, PreActivationCounts, PreActivations,
    PreResetMembraneCounts, PreResetMembranes, RecurrentStateCounts, RecurrentStates, SpikeCounts, SpikeTrains,
    SynapticCurrentCounts, SynapticCurrents,
};
pub use selection::LayerSelection;
pub(crate) use selection::{identifying, selections};
