//! The subcommand `list`.

use std::process::Command;

use super::{neurobench, text};

fn at(columns: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    text(&command.env("COLUMNS", columns).args(arguments).output().unwrap().stdout)
}

#[test]
fn list_prints_one_line_for_each_component() {
    let folder = tempfile::tempdir().unwrap();
    let listed = text(&neurobench(folder.path(), &["list"]).stdout);
    let line = |name: &str| listed.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
    assert!(line("footprint").contains("bytes") && line("footprint").contains("Memory"), "{}", line("footprint"));
    assert!(line("accuracy").contains("fraction"), "{}", line("accuracy"));
    let metrics = listed.lines().count() - 1;
    assert!(
        listed.ends_with(&format!("\n{metrics} metrics; `neurobench describe NAME` shows all of one\n")),
        "{listed}"
    );
    // No name is cut, at any width: it is what users type.
    for columns in [80, 160] {
        let narrow = at(&columns.to_string(), &["list"]);
        assert_eq!(narrow.lines().count(), metrics + 1);
        for (short, long) in narrow.lines().zip(listed.lines()).take(metrics) {
            assert!(short.chars().count() <= columns, "{short}");
            assert_eq!(short.split(' ').next(), long.split(' ').next());
        }
        assert!(narrow.contains('…'));
    }
}

#[test]
fn list_long_prints_a_table_with_settings_and_aliases() {
    let folder = tempfile::tempdir().unwrap();
    let output = neurobench(folder.path(), &["list", "--long"]);
    assert!(output.status.success());
    let table = text(&output.stdout);
    for metric in ["footprint", "accuracy_score", "MACs/sample", "per_call=false"] {
        assert!(table.contains(metric), "{metric} is not in\n{table}");
    }
    // Without a terminal, a table is as wide as a page.
    let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
    assert_eq!(widest, 100, "{table}");
    let widest = at("80", &["list", "--long"]).lines().map(|line| line.chars().count()).max().unwrap();
    assert_eq!(widest, 80);
}

#[test]
fn describe_prints_the_documentation_of_a_metric_and_list_all_of_it_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let details = text(&neurobench(folder.path(), &["describe", "SynapticOperations"]).stdout);
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
}

#[test]
fn a_pattern_is_found_in_names_and_summaries_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let names = |arguments: &[&str]| -> Vec<String> {
        let listed = text(&neurobench(folder.path(), &[&["list"], arguments].concat()).stdout);
        let lines = listed.lines().filter(|line| !line.contains("`neurobench describe NAME`"));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    // A layer and a preprocessor.
    assert_eq!(names(&["scale"]).iter().filter(|name| *name == "scale").count(), 2);
    assert_eq!(names(&["scale", "--kind", "layers"]).iter().filter(|name| *name == "scale").count(), 1);
    // An alias, in another spelling, and a word of a summary.
    assert!(names(&["Hit Rate", "--kind", "metrics"]).contains(&"recall".to_owned()));
    assert!(names(&["chaotic"]).contains(&"mackey_glass".to_owned()));
    assert_eq!(names(&["tasks"]), names(&["--kind", "tasks"]));
    assert_eq!(names(&["layers"]), names(&["--kind", "layer"]));
    let both = names(&["layers", "exporters"]);
    assert_eq!(both, [names(&["layers"]), names(&["exporters"])].concat());
    for (arguments, message) in [
        (["list", "fotprint"].as_slice(), "no kind, component or task matches `fotprint`; did you mean `footprint`?"),
        (&["list", "mackey_glas_lstm"], "matches `mackey_glas_lstm`; did you mean `mackey_glass_lstm`?"),
        (&["list", "--kind", "layrs"], "no kind of component `layrs`; did you mean `layers`?; there are "),
        (&["list", "layers", "tasks", "--markdown"], "`--markdown` prints pages of components or of tasks, not both"),
    ] {
        let output = neurobench(folder.path(), arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn tasks_and_commands_are_described_too() {
    let folder = tempfile::tempdir().unwrap();
    let described = |name: &str| {
        let output = neurobench(folder.path(), &["describe", name]);
        text(&output.stdout) + &text(&output.stderr)
    };
    let task = described("tasks:mackey-glass");
    for part in ["mackey_glass (task, version ", "\n  data: none needed\n", "\n  leaderboard: sMAPE, tau 17"] {
        assert!(task.contains(part), "{task}");
    }
    assert!(described("mackey_glass").ends_with(&task));
    // A data set and a task.
    let both = described("wisdm");
    assert!(both.contains("wisdm (data set of ") && both.contains("wisdm (task, version "), "{both}");
    assert!(described("mackey_glas").contains("did you mean `mackey_glass`?"));
    let command = "error: no component `run`, but a command: `neurobench run --help` describes it\n";
    assert_eq!(described("run"), command);
}
