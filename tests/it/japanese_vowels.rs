//! The example of the Japanese vowels against snnTorch and Python NeuroBench, on the data of a package.
//!
//! `record_reference.py` in `examples/japanese_vowels` recorded `reference.json`. The test runs if the package can be fetched.

use neurobench::metrics::{
    ActivationSparsityByLayer, ClassificationAccuracy, ConnectionSparsity, Footprint, MembraneUpdateCounts,
    MembraneUpdates, NeuronSpikes, ParameterCount, SynapticOperations,
};
use neurobench::spec::BenchmarkSpec;
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/japanese_vowels");

#[test]
fn accuracy_and_integers_are_those_of_neurobench() {
    let Some(data) = crate::fetch::aeon() else { return };
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors"] {
        std::fs::copy(format!("{FOLDER}/{file}"), folder.path().join(file)).unwrap();
    }
    let text = std::fs::read_to_string(format!("{FOLDER}/benchmark.toml")).unwrap();
    let text = text.replace("aeon/datasets/data", data.to_str().unwrap());
    let file = folder.path().join("benchmark.toml");
    std::fs::write(&file, text).unwrap();
    let builder = BenchmarkSpec::read(&file).unwrap().builder().unwrap();
    let report = builder.metric(MembraneUpdateCounts::default()).workers(2).build().unwrap().run().unwrap();

    let text = std::fs::read_to_string(format!("{FOLDER}/reference.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let integer = |name: &str| reference[name].as_u64().unwrap();
    let results = &reference["results"];
    let samples = integer("samples");
    assert_eq!(report.samples(), samples);
    assert_eq!(*report.get::<Footprint>().unwrap(), results["Footprint"].as_u64().unwrap());
    assert_eq!(*report.get::<ParameterCount>().unwrap(), results["ParameterCount"].as_u64().unwrap());
    assert_eq!(Some(*report.get::<ConnectionSparsity>().unwrap()), results["ConnectionSparsity"].as_f64());
    let accuracy = *report.get::<ClassificationAccuracy>().unwrap();
    assert_eq!(accuracy, integer("correct_predictions") as f64 / samples as f64);
    let updates: u64 = report.get::<MembraneUpdateCounts>().unwrap().iter().map(|(_, updates)| updates).sum();
    assert_eq!(updates, integer("membrane_updates"));
    assert_eq!(Some(*report.get::<MembraneUpdates>().unwrap()), results["MembraneUpdates"].as_f64());

    // Spikes of every neuron, over samples and steps.
    let observations = samples * integer("steps");
    let spikes = report.get::<NeuronSpikes>().unwrap();
    for (layer, counts) in reference["spikes_by_neuron"].as_object().unwrap() {
        let rate = |count: &Value| count.as_u64().unwrap() as f64 / observations as f64;
        let rates: Vec<f64> = counts.as_array().unwrap().iter().map(rate).collect();
        assert_eq!(*spikes.get(layer).unwrap(), rates, "layer {layer}");
    }

    // Quotients of integers, bit for bit.
    let operations = report.get::<SynapticOperations>().unwrap();
    let theirs = &results["SynapticOperations"];
    assert_eq!(Some(operations.effective_macs), theirs["Effective_MACs"].as_f64());
    assert_eq!(Some(operations.effective_acs), theirs["Effective_ACs"].as_f64());
    assert_eq!(Some(operations.dense), theirs["Dense"].as_f64());
    for (path, sparsity) in report.get::<ActivationSparsityByLayer>().unwrap().iter() {
        assert_eq!(Some(*sparsity), results["ActivationSparsityByLayer"][path].as_f64(), "layer {path}");
    }
}
