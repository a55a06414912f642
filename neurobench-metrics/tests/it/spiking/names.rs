//! Names that users of NeuroBench know.

use neurobench::metric::Registry;

#[test]
fn the_metrics_of_neurobench_are_found_by_their_names() {
    for (theirs, ours) in [
        ("Footprint", "footprint"),
        ("ConnectionSparsity", "connection_sparsity"),
        ("ParameterCount", "parameter_count"),
        ("ModelExecutionRate", "model_execution_rate"),
        ("ActivationSparsity", "activation_sparsity"),
        ("ActivationSparsityByLayer", "activation_sparsity_by_layer"),
        ("SynapticOperations", "synaptic_operations"),
        ("MembraneUpdates", "membrane_updates"),
        ("NeuronOperations", "neuron_operations"),
        ("ClassificationAccuracy", "classification_accuracy"),
        ("MSE", "mse"),
    ] {
        assert_eq!(Registry::global().find(theirs).unwrap().name, ours);
        // Older names in NeuroBench had this form.
        assert_eq!(Registry::global().find(ours).unwrap().name, ours);
    }
}

#[test]
fn spikes_are_found_by_the_names_of_the_field() {
    for (name, metric) in [
        ("isi_cv", "interspike_interval_cv"),
        ("CV2", "interspike_interval_cv2"),
        ("mean_isi", "mean_interspike_interval"),
        ("VanRossumDistance", "van_rossum_distance"),
        ("victor-purpura-distance", "victor_purpura_distance"),
        ("FanoFactor", "fano_factor"),
        ("SilentNeurons", "dead_neurons"),
        ("time_to_decision", "latency_to_decision"),
    ] {
        assert_eq!(Registry::global().find(name).unwrap().name, metric);
    }
}
