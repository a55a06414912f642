//! `neurobench inspect`, as a user runs it.

use std::process::{Command, Output};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/network.toml");

fn inspect(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).arg("inspect").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The cells of the rows of a table, without its borders.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let rows = table.lines().filter_map(|line| line.strip_prefix('│')?.strip_suffix('│'));
    rows.map(|row| row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect()
}

#[test]
fn the_table_has_every_layer_and_the_totals() {
    let output = inspect(&[DIGITS]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.starts_with("5 layers for inputs of shape [8, 8], over time steps, in f32; output: 4\n"), "{table}");
    assert!(table.contains("dense operations/step"), "{table}");
    let rows = rows(&table);
    // 64·128 + 128 and 128·10 + 10 numbers of four bytes, and 20 bytes of constants for each layer of neurons.
    assert_eq!(rows[1], ["0", "flatten", "[64]", "0", "0"]);
    assert_eq!((&rows[2][..5], rows[2][6]), (&["1", "linear", "[128]", "8320", "33280"][..], "8192"));
    assert_eq!(rows[3], ["2", "leaky", "[128]", "0", "20"]);
    assert_eq!((&rows[4][..5], rows[4][6]), (&["3", "linear", "[10]", "1290", "5160"][..], "1280"));
    assert_eq!(rows[5], ["4", "leaky", "[10]", "0", "20"]);
    assert_eq!((&rows[6][..4], rows[6][5]), (&["total", "[10]", "9610", "38480"][..], "9472"));
    assert_eq!(rows.len(), 7);
}

#[test]
fn the_json_agrees_with_the_recorded_figures() {
    let output = inspect(&[DIGITS, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let inspected: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let reference = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_slice(&reference).unwrap();
    let recorded = &reference["batch_sizes"]["360"];
    let totals = &inspected["totals"];
    assert_eq!(totals["bytes"].as_u64(), recorded["results"]["Footprint"].as_u64());
    assert_eq!(totals["parameters"].as_u64(), recorded["results"]["ParameterCount"].as_u64());
    for layer in ["1", "3"] {
        let layers = inspected["layers"].as_array().unwrap();
        let found = layers.iter().find(|found| found["path"] == layer).unwrap();
        let zeros = found["weights"].as_u64().unwrap() - found["nonzero_weights"].as_u64().unwrap();
        assert_eq!(recorded["totals"]["weights_by_layer"][layer], found["weights"]);
        assert_eq!(recorded["totals"]["zero_weights_by_layer"][layer], zeros);
    }
    assert_eq!(inspected["input_shape"], serde_json::json!([8, 8]));
    assert_eq!(inspected["output_shape"], serde_json::json!([10]));
    assert_eq!(inspected["layers"][0]["output_shape"], serde_json::json!([64]));
    assert_eq!((&inspected["time_steps"], &inspected["carries_state"]), (&true.into(), &false.into()));
    assert_eq!((inspected["dtype"].as_str(), inspected["output"].as_str()), (Some("f32"), Some("4")));
    assert!(inspected["fingerprint"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn precision_state_and_output_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    let relu = |path: &str| format!("[[layers]]\npath = \"{path}\"\nkind = \"relu\"\n");
    let head =
        "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\ndtype = \"f64\"\ncarries_state = true\n";
    std::fs::write(&file, format!("{head}output = \"a\"\n{}{}", relu("a"), relu("b"))).unwrap();
    let table = text(&inspect(&[file.to_str().unwrap()]).stdout);
    let expected = "2 layers for inputs of shape [2], with state carried from sample to sample, in f64; output: a\n";
    assert!(table.starts_with(expected), "{table}");
    // There is no step within a sample.
    assert!(table.contains("dense operations/sample"), "{table}");
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.toml", "a.nir", "a.pt", "a.safetensors"] {
        let link = folder.path().join(name);
        // Stands for /dev/zero: it ends, in case that a reader reads it after all.
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        let output = inspect(&[link.to_str().unwrap()]);
        assert!(text(&output.stderr).contains("not a regular file"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_file_that_is_no_network_is_an_error_with_its_place() {
    let output = inspect(&["/nowhere/network.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).starts_with("error: cannot read /nowhere/network.toml"), "{}", text(&output.stderr));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    std::fs::write(
        &file,
        "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n[[layers]]\npath = \"a\"\nkind = \"leeky\"\n",
    )
    .unwrap();
    let output = inspect(&[file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `leaky`?"), "{}", text(&output.stderr));
}

#[test]
fn names_from_files_are_shown_without_what_a_terminal_would_act_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    let head = "format = \"neurobench-network\"\nversion = 1\ninput_shape = [2]\n";
    let of = |layers: &str| {
        std::fs::write(&file, format!("{head}{layers}")).unwrap();
        inspect(&[file.to_str().unwrap()])
    };
    // Two control sequences that clear a screen, and one that begins a new line.
    let layer = "[[layers]]\npath = \"a\\u001b[2J\\u009b2J\\nb\"\n";
    let shown = "a\\u{1b}[2J\\u{9b}2J\\nb";
    let table = text(&of(&format!("{layer}kind = \"relu\"\n")).stdout);
    assert!(table.contains(&format!("│ {shown} ")), "{table}");
    for (keys, problem) in [
        ("kind = \"leeky\"", "unknown layer kind `leeky`"),
        ("kind = \"softmax\"\naxis = 1", "(softmax): `axis` = 1"),
        ("kind = \"relu\"\n\"\\u001b[2J\" = 1", "no setting `\\u{1b}[2J`"),
        ("kind = \"relu\"\ninputs = [\"\\u001b[2J\"]", "contain `\\u{1b}[2J`, which is not a layer"),
        ("kind = \"linear\"\nin_features = 2\nout_features = 1", &format!("tensor `{shown}.weight` is missing")),
    ] {
        let error = text(&of(&format!("{layer}{keys}\n")).stderr);
        assert!(error.contains(&format!("layer `{shown}`")) && error.contains(problem), "{error}");
        // The message, the line of the file and the caret are lines of their own.
        assert!(!error.lines().any(|line| line.contains(char::is_control)), "{error:?}");
        assert!([1, 4].contains(&error.lines().count()), "{error}");
    }
}
