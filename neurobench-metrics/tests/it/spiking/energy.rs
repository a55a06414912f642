//! Estimates of energy: published and user-defined devices.

use ndarray::{Array1, Array3};
use neurobench::Benchmark;
use neurobench::accumulate::PerLayer;
use neurobench::data::InMemory;
use neurobench::metrics::{
    CountingRule, Device, Energy, LayerOperations, MembraneEnergy, MembranePotentialCounts, MembraneUpdateCounts,
    MembraneUpdateTotals, OperationCounts, OperationTotals, SynapticEnergy, SynapticOperations, energy,
    membrane_energy, synaptic_energy,
};
use neurobench::model::{FanOut, Layer};
use neurobench::network::{LeakyConfig, Network};
use neurobench::testing::assert_merges;

use super::{batches, close, many_rates};

/// Operations of a sample with analog inputs, and with spikes.
fn operations(macs: u64, acs: u64) -> OperationTotals {
    let layer = Layer::connection("fc", "linear", FanOut::full(1, 1));
    let layer_operations = |effective, analog| {
        let mut operations = LayerOperations::default();
        (operations.effective, operations.analog, operations.dense) = (effective, analog, 2 * effective);
        operations
    };
    let layers: PerLayer<LayerOperations> =
        [(0, &layer, layer_operations(macs, true)), (1, &layer, layer_operations(acs, false))].into_iter().collect();
    OperationTotals { layers, samples: 1 }
}

fn updates(updates: u64, potentials: u64) -> MembraneUpdateTotals {
    let layer = Layer::neuron("lif", "leaky", 1);
    let layers = [(2, &layer, neurobench::accumulate::Count(updates))].into_iter().collect();
    MembraneUpdateTotals { layers, potentials, samples: 1 }
}

fn device(name: &str) -> Device {
    Device::from_name(name).unwrap()
}

#[test]
fn arithmetic_is_priced_as_in_the_literature() {
    // Rows that papers print for 45 nm and fp32: 1.82 GMAC, and 0.50 GAC with 2.75 GMAC.
    for (macs, acs, joules) in [(1_820_000_000, 0, 8.372e-3), (2_750_000_000, 500_000_000, 13.10e-3)] {
        let found = synaptic_energy(&operations(macs, acs), device("45nm_fp32")).unwrap();
        assert!(close(found.energy * 1e3, joules * 1e3, 1e-12), "{found:?}");
        assert_eq!((found.device.as_str(), found.precision.as_str()), ("45nm_fp32", "fp32"));
        assert!(found.boundary.starts_with("compute only") && found.source.contains("10.1109/ISSCC.2014.6757323"));
    }
    for (name, joules) in [("45nm_fp16", 1.5e-12 + 0.4e-12), ("45nm_int8", 0.23e-12 + 0.03e-12)] {
        let found = synaptic_energy(&operations(1, 1), device(name)).unwrap();
        assert!((found.energy / joules - 1.0).abs() < 1e-12, "{found:?}");
    }
}

#[test]
fn processors_are_priced_as_keras_spiking_does() {
    // Example of `ModelEnergy`: 784 inputs on 128 neurons take 8.64e-04 J on the CPU.
    let mut dense = operations(0, 0);
    let layer = Layer::connection("fc", "linear", FanOut::full(784, 128));
    let mut counted = LayerOperations::default();
    counted.dense = 784 * 128;
    dense.layers = [(0, &layer, counted)].into_iter().collect();
    let found = energy(&dense, &updates(0, 128), device("cpu")).unwrap();
    assert_eq!(format!("{:.2e}", found.energy), "8.64e-4");
    // A chip spends energy on events and on all neurons at all steps: 23.6 and 3.5 pJ, and 81 pJ.
    let found = energy(&operations(0, 1000), &updates(10, 500), device("loihi")).unwrap();
    assert!((found.energy / (1000.0 * 27.1e-12 + 500.0 * 81e-12) - 1.0).abs() < 1e-12, "{found:?}");
    let found = membrane_energy(&updates(10, 500), device("spinnaker2")).unwrap();
    assert!((found.energy / (500.0 * 2.19e-9) - 1.0).abs() < 1e-12, "{found:?}");
}

#[test]
fn arithmetic_has_no_price_for_updates() {
    let error = energy(&operations(1, 1), &updates(1, 1), device("45nm_fp32")).unwrap_err().to_string();
    assert_eq!(
        error,
        "device `45nm_fp32` has no price for membrane updates; set `membrane_update`, or use `synaptic_energy`"
    );
}

#[test]
fn a_run_is_priced_by_names_and_by_records() {
    let network = || {
        let builder = Network::builder([3]).time_steps(true);
        let weights = ndarray::Array2::<f32>::from_elem((4, 3), 0.6);
        builder.linear("fc", weights, None::<Array1<f32>>).leaky("lif", LeakyConfig::new(0.5)).build().unwrap()
    };
    let inputs = Array3::from_shape_fn((5, 7, 3), |(s, t, n)| f32::from(u8::from((s + t + n) % 3 == 0)));
    let chip = r#"energy(device={"name": "chip", "mac": 2e-12, "ac": 1e-12, "membrane_update": 3e-12,
        "precision": "int4", "source": "its data sheet"})"#;
    let mut builder = Benchmark::builder().model(network()).batch_size(2).metric(SynapticOperations::default());
    builder = builder.data(InMemory::new(inputs, Array1::<i64>::zeros(5)).unwrap());
    builder = builder
        .metric(MembraneUpdateCounts::default())
        .metric(SynapticEnergy::default())
        .metric(MembraneEnergy::default());
    let report = builder.metric_as("chip", Energy::default()).metric_named(chip).build().unwrap().run().unwrap();
    let operations = *report.get::<SynapticOperations>().unwrap();
    let updates: u64 = report.get::<MembraneUpdateCounts>().unwrap().iter().map(|(_, updates)| updates).sum();
    assert!(operations.effective_acs > 0.0 && updates > 0);
    let arithmetic = report.get::<SynapticEnergy>().unwrap();
    assert_eq!(arithmetic.energy, operations.effective_acs * 0.9e-12);
    let membranes = report.get::<MembraneEnergy>().unwrap();
    assert!((membranes.energy - 7.0 * 4.0 * 81e-12).abs() < 1e-21);
    let entry = report
        .entries()
        .iter()
        .find(|entry| entry.settings().get("device").is_some_and(|device| device.get("mac").is_some()));
    let value = entry.unwrap().value().unwrap();
    let expected = operations.effective_acs * 1e-12 + updates as f64 / 5.0 * 3e-12;
    assert_eq!(value.get("energy").unwrap().as_f64(), Some(expected));
    assert_eq!(value.get("precision").unwrap().to_string(), "int4");
}

#[test]
fn energies_by_layer_add_up_to_that_of_the_network() {
    let weights = |rows, columns| ndarray::Array2::<f32>::from_elem((rows, columns), 0.6);
    let builder = Network::builder([3]).time_steps(true).linear("fc1", weights(4, 3), None::<Array1<f32>>);
    let builder = builder.leaky("lif1", LeakyConfig::new(0.5)).linear("fc2", weights(2, 4), None::<Array1<f32>>);
    let network = builder.leaky("lif2", LeakyConfig::new(0.5)).build().unwrap();
    let inputs = Array3::from_shape_fn((5, 7, 3), |(s, t, n)| ((s + t + n) % 3) as f32 * 0.5);
    for name in ["loihi", "cpu"] {
        let requests = [
            "synaptic_energy_by_layer(device=X)",
            "synaptic_energy(device=X)",
            "energy_by_layer(device=X)",
            "energy(device=X)",
            "membrane_potential_counts",
        ];
        let mut builder = Benchmark::builder().model(&network).batch_size(2);
        builder = builder.data(InMemory::new(inputs.clone(), Array1::<i64>::zeros(5)).unwrap());
        for request in requests {
            builder = builder.metric_named(&request.replace('X', name));
        }
        let report = builder.build().unwrap().run().unwrap();
        let value = |at: usize| report.entries()[at].value().unwrap().clone();
        let by_layer = |at: usize, layer: &str| value(at).get(layer).and_then(neurobench::Value::as_f64);
        for (at, layers) in [(0, &["fc1", "fc2"][..]), (2, &["fc1", "lif1", "fc2", "lif2"])] {
            let sum: f64 = layers.iter().map(|layer| by_layer(at, layer).unwrap()).sum();
            let whole = value(at + 1).get("energy").and_then(neurobench::Value::as_f64).unwrap();
            assert!((sum / whole - 1.0).abs() < 1e-12, "{name}: {sum} for {whole}");
        }
        // Both devices update every neuron at every step.
        let price = device(name).membrane_update.unwrap();
        assert!((by_layer(2, "lif1").unwrap() / (7.0 * 4.0 * price) - 1.0).abs() < 1e-12);
        assert_eq!(value(4).get("lif2").and_then(|found| found.get("potentials")?.as_u64()), Some(5 * 7 * 2));
        assert_eq!(by_layer(0, "lif1"), None);
    }
    let error = Benchmark::builder()
        .model(&network)
        .data(InMemory::new(inputs, Array1::<i64>::zeros(5)).unwrap())
        .metric_named("energy_by_layer(device=45nm_fp32)")
        .build()
        .unwrap()
        .run()
        .unwrap();
    assert!(error.entries()[0].value().unwrap_err().to_string().contains("no price for membrane updates"));
}

#[test]
fn unknown_and_incomplete_devices_are_rejected() {
    let error = |text: &str| {
        let network = Network::builder([3]).relu("0").build().unwrap();
        let data = InMemory::new(ndarray::Array2::<f32>::zeros((1, 3)), Array1::<i64>::zeros(1)).unwrap();
        let built = Benchmark::builder().model(network).data(data).metric_named(text).build();
        built.map(|_| ()).unwrap_err().to_string()
    };
    assert!(error("energy(device=loihy)").contains("did you mean `loihi`?"));
    let record = r#"energy(device={"name": "chip", "mac": 1e-12, "ac": AC, "precision": "fp32", "source": "s"})"#;
    assert!(error(&record.replace("AC", "-1")).contains("`ac` of device `chip` is -1"));
    assert!(error(&record.replace("\"ac\": AC, ", "")).contains("missing key `ac`"));
    assert!(error(&record.replace("AC", "1, \"nj\": 3")).contains("unknown key `nj`"));
    let borrowed = record.replace("chip", "loihi").replace("AC", "1");
    assert!(error(&borrowed).contains("`loihi` is a published device with other figures"));
}

#[test]
fn devices_are_written_as_they_are_read() {
    let chip = Device {
        name: "chip".into(),
        mac: 1e-12,
        ac: 5e-13,
        membrane_update: None,
        operations: CountingRule::Dense,
        updates: CountingRule::Effective,
        precision: "fp8".into(),
        source: "measured".into(),
    };
    for device in [chip, device("loihi"), Device::default()] {
        let text = serde_json::to_string(&device).unwrap();
        assert_eq!(serde_json::from_str::<Device>(&text).unwrap(), device, "{text}");
    }
    assert_eq!(serde_json::to_string(&device("gpu")).unwrap(), "\"gpu\"");
}

#[test]
fn the_states_merge() {
    let network = || {
        let weights = ndarray::Array2::<f32>::from_elem((4, 3), 0.6);
        let builder = Network::builder([3]).time_steps(true).linear("fc", weights, None::<Array1<f32>>);
        builder.leaky("lif", LeakyConfig::new(0.5)).build().unwrap()
    };
    let batches = batches(&many_rates(9, 8, 3));
    assert_merges(&OperationCounts::default(), network(), &batches);
    assert_merges(&MembraneUpdateCounts::default(), network(), &batches);
    assert_merges(&MembranePotentialCounts::default(), network(), &batches);
}
