//! Tables of definitions in a benchmark file.

use super::{benchmark, neurobench, results, text};

#[test]
fn a_benchmark_file_can_define_devices() {
    let folder = benchmark("\"synaptic_operations\", { name = \"synaptic_energy\", device = \"chip\" }");
    let file = folder.path().join("benchmark.toml");
    let benchmark = std::fs::read_to_string(&file).unwrap();
    let device = "[devices.chip]\nmac = 4e-12\nac = 1e-12\nprecision = \"int4\"\nsource = \"a data sheet\"\n";
    std::fs::write(&file, format!("{benchmark}{device}")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--metric", "energy(device=loihi)"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let results = results(&folder.path().join("small.results.json"));
    let value = |name: &str| results.metrics.iter().find(|metric| metric.name == name).unwrap().value.as_ref().unwrap();
    let operations = |field: &str| value("synaptic_operations").get(field).unwrap().as_f64().unwrap();
    let estimate = value("synaptic_energy(device=\"chip\")");
    let expected = operations("effective_macs") * 4e-12 + operations("effective_acs") * 1e-12;
    assert_eq!(estimate.get("energy").unwrap().as_f64(), Some(expected));
    assert_eq!(estimate.get("source").unwrap().to_string(), "a data sheet");
    // A device that is named on the command line may be the file's, too.
    let output = neurobench(folder.path(), &["run", "benchmark.toml", "--metric", "energy(device=chip)"]);
    assert!(!output.status.success());
    let table = text(&output.stdout);
    assert!(table.contains("has no price") && table.contains("small: 360 samples"), "{table}");
    // Reasons stand below the table, which they would widen.
    assert!(!table.lines().any(|line| line.starts_with('│') && line.contains("has no price")), "{table}");

    std::fs::write(&file, format!("{benchmark}{device}nj = 3\n")).unwrap();
    let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
    let error = text(&output.stderr);
    assert!(error.contains("[devices.chip]: unknown key `nj`"), "{error}");
}
