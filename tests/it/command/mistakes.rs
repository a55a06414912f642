//! Errors in benchmark files and in the files that they name.

use super::{benchmark, neurobench, text};

#[test]
fn errors_in_a_benchmark_file_name_their_place() {
    let cases = [
        ("\"footprnt\"", "did you mean `footprint`?"),
        (
            "{ name = \"synaptic_operations\", per_cal = true }",
            "no setting `per_cal`; it has per_call, layers; did you mean `per_call`?",
        ),
        ("\"footprint\", \"footprint\"", "two metrics have the name `footprint`"),
        ("\"synaptic_operations(per_call=3)\"", "setting `per_call`: expected true or false, found 3"),
    ];
    for (metrics, message) in cases {
        let output = neurobench(benchmark(metrics).path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains(message), "{metrics}: {}", text(&output.stderr));
    }
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    for (from, to, message) in [
        ("batch_size", "batchsize", "unknown key `batchsize`"),
        ("choose_max_count", "chose_max_count", "did you mean `choose_max_count`?"),
        ("steps=2", "step=2", "step"),
        ("network = \"network.toml\"", "network = \"net.toml\"", "net.toml"),
        ("inputs = \"inputs.npy\"", "inputs = \"targets.npy\"", "takes"),
        (
            "batch_size",
            "sequences = [100, 200]\nbatch_size",
            "the sequences have 300 samples in total, but the data set has 360",
        ),
        ("batch_size", "sequences = [360, 0]\nbatch_size", "sequence 1 has no samples"),
        ("batch_size", "sequences = [-1]\nbatch_size", "expected a whole number of at least 0, found -1"),
        ("batch_size", "sequences = [60, 300]\nbatch_size", "`sequences` require a model that carries state"),
        ("name = \"small\"", "", "missing key `name`"),
    ] {
        std::fs::write(&path, file.replace(from, to)).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success(), "{to}");
        assert!(text(&output.stderr).contains(message), "{to}: {}", text(&output.stderr));
    }
}

#[test]
fn errors_of_damaged_files_name_the_file() {
    for file in ["weights.safetensors", "inputs.npy", "targets.npy"] {
        let folder = benchmark("\"footprint\"");
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        let error = text(&output.stderr);
        assert!(error.contains(file) && !error.contains("panic"), "{error}");
    }
}

#[test]
fn a_benchmark_name_must_be_a_valid_file_name() {
    for name in ["", ".", "../escaped", "a/b"] {
        let folder = benchmark("\"footprint\"");
        let path = folder.path().join("benchmark.toml");
        let file = std::fs::read_to_string(&path).unwrap().replace("\"small\"", &format!("{name:?}"));
        std::fs::write(&path, file).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains("must begin with a letter or a digit"), "{}", text(&output.stderr));
    }
}

#[test]
fn errors_in_a_benchmark_file_have_a_line_and_a_column() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let cases = [
        ("batch_size = 50", "batchsize = 50", ":10:1: `data`: unknown key `batchsize`; expected one of "),
        (
            "batch_size = 50",
            "batch_size = -1",
            ":10:14: `data.batch_size`: expected a whole number of at least 0, found -1",
        ),
        (
            "batch_size = 50",
            "sequences = [1, \"a\"]",
            ":10:13: [data]: data set `arrays`: setting `sequences`: `[1]`: expected a whole number",
        ),
        (
            "targets = \"targets.npy\"",
            "targets = 3",
            ":9:11: [data]: data set `arrays`: setting `targets`: expected text, found 3",
        ),
        ("targets = \"targets.npy\"", "", ":7:1: `data`: missing key `targets`"),
        ("name = \"small\"", "nmae = \"small\"", ":1:1: unknown key `nmae`"),
        ("name = \"small\"", "name = \"small\"\nfactor = nan", ":2:10: `factor`: nan is not a finite number"),
        ("name = \"small\"", "", ": missing key `name`"),
    ];
    for (from, to, message) in cases {
        std::fs::write(&path, file.replace(from, to)).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        let error = text(&output.stderr);
        assert!(error.starts_with(&format!("error: benchmark.toml{message}")), "{to}: {error}");
    }
}

#[test]
fn errors_in_a_benchmark_file_show_the_line_with_a_caret() {
    let folder = benchmark("\"footprint\"");
    let path = folder.path().join("benchmark.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let devices = "batch_size = 50\n[devices.chip]\nmac = \"a\"";
    let cases = [
        ("batch_size = 50", "batchsize = 50", "10 | batchsize = 50\n   | ^^^^^^^^^\n"),
        ("batch_size = 50", "batch_size = -1", "10 | batch_size = -1\n   |              ^^\n"),
        ("batch_size = 50", "batch_size = fifty", "10 | batch_size = fifty\n   |              ^^^^^\n"),
        ("batch_size = 50", devices, "12 | mac = \"a\"\n   |       ^^^\n"),
        ("name = \"small\"", "name = \"a/b\"", "1 | name = \"a/b\"\n  |        ^^^^^\n"),
        ("network = ", "netwrk = ", "5 | [model]\n  | ^^^^^^^\n"),
    ];
    for (from, to, shown) in cases {
        std::fs::write(&path, file.replace(from, to)).unwrap();
        let output = neurobench(folder.path(), &["run", "benchmark.toml"]);
        assert_eq!(output.status.code(), Some(2));
        let error = text(&output.stderr);
        assert!(error.ends_with(shown), "{to}: {error}");
    }
}
