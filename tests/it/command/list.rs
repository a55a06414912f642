//! The subcommand `list`.

use super::{neurobench, text};

#[test]
fn list_prints_the_documentation_of_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["list"]);
    assert!(output.status.success());
    let table = text(&output.stdout);
    for metric in ["footprint", "accuracy_score", "MACs/sample", "per_call=false"] {
        assert!(table.contains(metric), "{metric} is not in\n{table}");
    }
    // Without a terminal, a table is as wide as a page.
    let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
    assert_eq!(widest, 100, "{table}");
    let details = text(&neurobench(folder.path(), &["list", "SynapticOperations"]).stdout);
    for part in [
        "synaptic_operations (accumulated metric",
        "setting: per_call: bool = false",
        "of: operation_counts",
        "source: Yik et al.",
    ] {
        assert!(details.contains(part), "{part} is not in\n{details}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&neurobench(folder.path(), &["list", "--json"]).stdout).unwrap();
    let accuracy = json.as_array().unwrap().iter().find(|metric| metric["name"] == "classification_accuracy").unwrap();
    assert_eq!(accuracy["higher_is_better"], true);
    assert_eq!(accuracy["bounds"], "0..=1");
    assert_eq!(accuracy["value"], "float");
    let sparsity = json.as_array().unwrap().iter().find(|metric| metric["name"] == "activation_sparsity").unwrap();
    assert_eq!(sparsity["of"], serde_json::json!(["zero_activations"]));
    assert_eq!(sparsity["needs"], serde_json::json!(["counts of activations"]));
    let output = neurobench(folder.path(), &["list", "fotprint"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("did you mean `footprint`?"));
}
