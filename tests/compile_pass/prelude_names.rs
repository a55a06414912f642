//! A function may have any name of the prelude: the type that is made of it does not shadow the prelude's.
//!
//! Every type and trait of the prelude stands in `names!` below, which `main` checks; a name that is missing here is missing in
//! `neurobench-derive/src/names.rs`, too.

use neurobench::prelude::*;

/// A metric for each name, in a module that uses the prelude, and its type, which ends in `Metric`.
macro_rules! names {
    ($($name:ident $function:ident $ty:ident,)*) => {
        $(
            #[static_metric]
            fn $function(layers: Layers<'_>, #[param(default = 1)] factor: u64) -> u64 {
                layers.len() as u64 * factor
            }
            const _: fn() -> $ty = || $ty { factor: 2 };
        )*
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

names! {
    Accumulator accumulator AccumulatorMetric,
    ActivationCounts activation_counts ActivationCountsMetric,
    Activations activations ActivationsMetric,
    Benchmark benchmark BenchmarkMetric,
    Classes classes ClassesMetric,
    Concat concat ConcatMetric,
    ConfusionMatrix confusion_matrix ConfusionMatrixMetric,
    ConnectionCounts connection_counts ConnectionCountsMetric,
    ConnectionOutputCounts connection_output_counts ConnectionOutputCountsMetric,
    ConnectionOutputs connection_outputs ConnectionOutputsMetric,
    Connections connections ConnectionsMetric,
    Count count CountMetric,
    DataFormat data_format DataFormatMetric,
    DataInputs data_inputs DataInputsMetric,
    Dataset dataset DatasetMetric,
    Deserialize deserialize DeserializeMetric,
    ExactSum exact_sum ExactSumMetric,
    Exporter exporter ExporterMetric,
    Finish finish FinishMetric,
    Histogram histogram HistogramMetric,
    Input input InputMetric,
    Inputs inputs InputsMetric,
    Ix1 ix1 Ix1Metric,
    Ix2 ix2 Ix2Metric,
    Ix3 ix3 Ix3Metric,
    IxDyn ix_dyn IxDynMetric,
    KnownTargetClasses known_target_classes KnownTargetClassesMetric,
    Layer layer LayerMetric,
    LayerMap layer_map LayerMapMetric,
    LayerSelection layer_selection LayerSelectionMetric,
    LayerTotals layer_totals LayerTotalsMetric,
    Layers layers LayersMetric,
    Max max MaxMetric,
    Mean mean MeanMetric,
    MembraneCounts membrane_counts MembraneCountsMetric,
    Membranes membranes MembranesMetric,
    MetricError metric_error MetricErrorMetric,
    MetricValue metric_value MetricValueMetric,
    Min min MinMetric,
    Model model ModelMetric,
    ModelFormat model_format ModelFormatMetric,
    Moments moments MomentsMetric,
    NeuronCounts neuron_counts NeuronCountsMetric,
    PerLayer per_layer PerLayerMetric,
    PerNeuron per_neuron PerNeuronMetric,
    PerOutput per_output PerOutputMetric,
    Postprocessor postprocessor PostprocessorMetric,
    PreActivationCounts pre_activation_counts PreActivationCountsMetric,
    PreActivations pre_activations PreActivationsMetric,
    PreResetMembraneCounts pre_reset_membrane_counts PreResetMembraneCountsMetric,
    PreResetMembranes pre_reset_membranes PreResetMembranesMetric,
    Predictions predictions PredictionsMetric,
    Preprocessor preprocessor PreprocessorMetric,
    Quantiles quantiles QuantilesMetric,
    Ratio ratio RatioMetric,
    RawDataInputs raw_data_inputs RawDataInputsMetric,
    RawInputs raw_inputs RawInputsMetric,
    RawPredictions raw_predictions RawPredictionsMetric,
    RawTargets raw_targets RawTargetsMetric,
    RecurrentStateCounts recurrent_state_counts RecurrentStateCountsMetric,
    RecurrentStates recurrent_states RecurrentStatesMetric,
    SampleCount sample_count SampleCountMetric,
    Serialize serialize SerializeMetric,
    Settings settings SettingsMetric,
    SpikeCounts spike_counts SpikeCountsMetric,
    SpikeTrains spike_trains SpikeTrainsMetric,
    Sum sum SumMetric,
    SynapticCurrentCounts synaptic_current_counts SynapticCurrentCountsMetric,
    SynapticCurrents synaptic_currents SynapticCurrentsMetric,
    TargetClasses target_classes TargetClassesMetric,
    Targets targets TargetsMetric,
    Tensor tensor TensorMetric,
}

/// The same for the prelude of the standard library.
mod standard {
    use neurobench::prelude::*;

    names! {
        AsMut as_mut AsMutMetric,
        AsRef as_ref AsRefMetric,
        Box r#box BoxMetric,
        Clone clone CloneMetric,
        Copy copy CopyMetric,
        Debug debug DebugMetric,
        Default default DefaultMetric,
        Drop drop DropMetric,
        Eq eq EqMetric,
        Err err ErrMetric,
        Extend extend ExtendMetric,
        From from FromMetric,
        FromIterator from_iterator FromIteratorMetric,
        Hash hash HashMetric,
        Into into IntoMetric,
        IntoIterator into_iterator IntoIteratorMetric,
        Iterator iterator IteratorMetric,
        None none NoneMetric,
        Ok ok OkMetric,
        Option option OptionMetric,
        Ord ord OrdMetric,
        PartialEq partial_eq PartialEqMetric,
        PartialOrd partial_ord PartialOrdMetric,
        Result result ResultMetric,
        Send send SendMetric,
        Sized sized SizedMetric,
        Some some SomeMetric,
        String string StringMetric,
        Sync sync SyncMetric,
        ToOwned to_owned ToOwnedMetric,
        ToString to_string ToStringMetric,
        TryFrom try_from TryFromMetric,
        TryInto try_into TryIntoMetric,
        Unpin unpin UnpinMetric,
        Vec vec VecMetric,
    }

    pub(super) fn count() -> usize {
        NAMES.len()
    }
}

/// A constructor's type ends in `Settings`.
mod components {
    use neurobench::prelude::*;

    #[preprocessor]
    pub(super) fn model() -> impl Preprocessor {
        |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
    }

    pub(super) const SETTINGS: ModelSettings = ModelSettings;
}

/// Functions beside those above mean the prelude by its names.
#[accumulated_metric]
fn all_predictions(predictions: Predictions<'_>) -> Mean {
    Mean::from_values(predictions.iter().copied())
}

#[workload_metric]
fn batch_of(model: &dyn Model, samples: SampleCount) -> Result<f64, MetricError> {
    Ok((model.layers().len() as u64 + samples.0) as f64)
}

/// Types and traits that a `pub use` of the prelude names.
fn prelude() -> Vec<&'static str> {
    let text = include_str!("../../neurobench-core/src/prelude.rs");
    let uses = text.split(';').filter_map(|item| item.split("pub use ").nth(1));
    let words = uses.flat_map(|item| item.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    words.filter(|word| word.starts_with(char::is_uppercase)).collect()
}

fn main() {
    let missing: Vec<&str> = prelude().into_iter().filter(|name| !NAMES.contains(name)).collect();
    assert!(missing.is_empty(), "write {missing:?} here and in neurobench-derive/src/names.rs");
    assert!(prelude().len() > 40);
    assert!(standard::count() > 30);
    let _ = (components::SETTINGS, AllPredictions, BatchOf);
}
