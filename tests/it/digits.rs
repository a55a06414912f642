//! The main job against Python NeuroBench, on the same weights and inputs.
//!
//! `record_reference.py` in `examples/digits` recorded `reference.json`.

use neurobench::bench::Benchmark;
use neurobench::data::InMemory;
use neurobench::metrics::{
    ActivationSparsity, ActivationSparsityByLayer, ClassificationAccuracy, ConnectionSparsity, Footprint,
    MembraneUpdateCounts, MembraneUpdates, OperationCounts, ParameterCount, SynapticOperations, ZeroActivations,
};
use neurobench::network::Network;
use neurobench::process::{ChooseMaxCount, RepeatOverTime, Scale};
use neurobench::report::Report;
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

fn reference() -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{FOLDER}/reference.json")).unwrap()).unwrap()
}

fn run(batch_size: usize) -> Report {
    let benchmark = Benchmark::builder()
        .model(Network::load(format!("{FOLDER}/network.toml")).unwrap())
        .data(InMemory::from_npy(format!("{FOLDER}/inputs.npy"), format!("{FOLDER}/targets.npy")).unwrap())
        .batch_size(batch_size)
        .workers(2)
        .preprocess(Scale { factor: 1.0 / 16.0 })
        .preprocess(RepeatOverTime { steps: 25 })
        .postprocess(ChooseMaxCount)
        .metric(Footprint::default())
        .metric(ParameterCount)
        .metric(ConnectionSparsity)
        .metric(ClassificationAccuracy)
        .metric(ActivationSparsity::default())
        .metric(ActivationSparsityByLayer::default())
        .metric(ZeroActivations::default())
        .metric(OperationCounts::default())
        .metric(SynapticOperations::default())
        .metric_as("per_call", SynapticOperations { per_call: true, ..Default::default() })
        .metric(MembraneUpdateCounts::default())
        .metric(MembraneUpdates::default())
        .build()
        .unwrap();
    benchmark.run().unwrap()
}

fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn quotient(part: &Value, whole: &Value) -> f64 {
    integer(part) as f64 / integer(whole) as f64
}

fn sum(by_layer: &Value) -> u64 {
    by_layer.as_object().unwrap().values().map(integer).sum()
}

#[test]
fn every_integer_and_every_quotient_of_integers_is_the_reference_s() {
    for (batch_size, recorded) in reference()["batch_sizes"].as_object().unwrap() {
        let report = run(batch_size.parse().unwrap());
        let (results, totals) = (&recorded["results"], &recorded["totals"]);
        let samples = &totals["samples"];
        assert_eq!(report.samples(), integer(samples));
        assert_eq!(*report.get::<Footprint>().unwrap(), integer(&results["Footprint"]));
        assert_eq!(*report.get::<ParameterCount>().unwrap(), integer(&results["ParameterCount"]));

        // Integers.
        let updates: u64 = report.get::<MembraneUpdateCounts>().unwrap().iter().map(|(_, updates)| updates).sum();
        assert_eq!(updates, integer(&totals["membrane_updates"]));
        let operations = report.get::<OperationCounts>().unwrap();
        let total =
            |of: fn(&neurobench::metrics::LayerOperations) -> u64| operations.iter().map(|(_, l)| of(l)).sum::<u64>();
        let (macs, acs) = (integer(&totals["synaptic_macs"]), integer(&totals["synaptic_acs"]));
        assert_eq!(total(|layer| layer.effective), macs + acs);
        assert_eq!(total(|layer| if layer.analog { 0 } else { layer.effective }), acs);
        assert_eq!(total(|layer| layer.dense), integer(&totals["synaptic_dense"]));

        // Quotients of integers, bit for bit. These are the reference's own results.
        let per_sample = report.get_with(&SynapticOperations::default()).unwrap();
        let theirs = &results["SynapticOperations"];
        assert_eq!(Some(per_sample.effective_macs), theirs["Effective_MACs"].as_f64());
        assert_eq!(Some(per_sample.effective_acs), theirs["Effective_ACs"].as_f64());
        assert_eq!(Some(per_sample.dense), theirs["Dense"].as_f64());
        assert_eq!(report["per_call"], neurobench::Value::from_serialize(per_sample).unwrap());
        assert_eq!(Some(*report.get::<MembraneUpdates>().unwrap()), results["MembraneUpdates"].as_f64());
        for (path, sparsity) in report.get::<ActivationSparsityByLayer>().unwrap().iter() {
            assert_eq!(Some(*sparsity), results["ActivationSparsityByLayer"][path].as_f64(), "layer {path}");
        }

        // These the reference rounds on the way: accuracy to f32 for each batch, sparsities to 4 decimals or in each
        // batch. Ours are the quotients of its own integer totals.
        let accuracy = *report.get::<ClassificationAccuracy>().unwrap();
        assert_eq!(accuracy, quotient(&totals["correct_predictions"], samples));
        let f32_rounding = f64::from(f32::EPSILON);
        assert!((accuracy - results["ClassificationAccuracy"].as_f64().unwrap()).abs() <= f32_rounding);
        let (spikes, outputs) = (sum(&totals["spikes_by_layer"]), sum(&totals["outputs_by_layer"]));
        let sparsity = *report.get::<ActivationSparsity>().unwrap();
        assert_eq!(sparsity, (outputs - spikes) as f64 / outputs as f64);
        // Every batch has the same number of activations a sample, so its weighted mean differs by rounding alone.
        assert!((sparsity - results["ActivationSparsity"].as_f64().unwrap()).abs() < 1e-15);
        let connection = *report.get::<ConnectionSparsity>().unwrap();
        let zeros = sum(&totals["zero_weights_by_layer"]) as f64;
        assert_eq!(connection, zeros / sum(&totals["weights_by_layer"]) as f64);
        assert_eq!(Some((connection * 1e4).round() / 1e4), results["ConnectionSparsity"].as_f64());
    }
}

#[test]
fn the_folder_is_small_enough_to_be_committed() {
    let bytes: u64 = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 2 << 20, "{bytes} bytes");
}
