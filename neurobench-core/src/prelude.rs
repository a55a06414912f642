//! Imports for a file with metrics: `use neurobench::prelude::*;`.

pub use crate::accumulate::{
    Concat, ConfusionMatrix, Count, ExactSum, Finish, Histogram, LayerMap, Max, Mean, Min, Moments, PerLayer,
    PerNeuron, PerOutput, Quantiles, Ratio, Sum,
};
pub use crate::bench::Benchmark;
pub use crate::data::{DataFormat, Dataset};
pub use crate::inputs::{
    ActivationCounts, Activations, Classes, ConnectionCounts, ConnectionOutputCounts, ConnectionOutputs, Connections,
    DataInputs, Inputs, KnownTargetClasses, LayerSelection, LayerTotals, Layers, MembraneCounts, Membranes,
    NeuronCounts, PreActivationCounts, PreActivations, PreResetMembraneCounts, PreResetMembranes, Predictions,
    RawDataInputs, RawInputs, RawPredictions, RawTargets, RecurrentStateCounts, RecurrentStates, SampleCount,
    SpikeCounts, SpikeTrains, SynapticCurrentCounts, SynapticCurrents, TargetClasses, Targets,
};
pub use crate::metric::{Input, MetricError};
pub use crate::model::{Layer, Model, ModelFormat, Tensor};
pub use crate::process::{Postprocessor, Preprocessor};
pub use crate::report::export::Exporter;
// The traits and their derives.
pub use crate::{Accumulator, Deserialize, MetricValue, Serialize, Settings};
pub use crate::{
    accumulated_metric, data_format, dataset, exporter, model_format, postprocessor, preprocessor, static_metric,
    statistical_test, variant, workload_metric,
};
pub use ndarray::{Ix1, Ix2, Ix3, IxDyn};
