//! `neurobench evaluate`: values with outside truth, errors with their places, and the page about it.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::report::Results;

use crate::benchmark_files::setting::stored_zip;

const PAGE: &str = include_str!("../../docs/evaluate.md");

fn evaluate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    command.current_dir(folder).arg("evaluate").args(arguments).output().unwrap()
}

/// Metrics of an evaluation that succeeds, with the results as they were written.
fn results(folder: &Path, arguments: &[&str]) -> Results {
    let output = evaluate(folder, &[arguments, &["--output", "out.json", "--force"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_str(&std::fs::read_to_string(folder.join("out.json")).unwrap()).unwrap()
}

fn float(results: &Results, name: &str) -> f64 {
    results.get(name).unwrap().as_f64().unwrap()
}

/// The message of an evaluation that ends without results.
fn error(folder: &Path, arguments: &[&str]) -> String {
    let output = evaluate(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stdout));
    assert!(text(&output.stdout).is_empty());
    text(&output.stderr).trim_end().strip_prefix("error: ").unwrap().to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Bytes of a `.npy` file.
fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), numbers].concat()
}

/// Four samples: the first target 0 is found, the second is not.
const CLASSES: &str = "id,predicted,label\n1,0,0\n2,1,1\n3,1,0\n4,2,2\n";

#[test]
fn classes_get_the_values_that_scikit_learn_reports() {
    let folder = folder(&[("t.csv", CLASSES)]);
    let columns = ["--predictions", "t.csv", "--target-column", "label", "--prediction-column", "predicted"];
    let found = results(folder.path(), &columns);
    // Recalls 1/2, 1, 1; F1 2/3, 2/3, 1.
    assert_eq!(float(&found, "accuracy"), 0.75);
    assert_eq!(float(&found, "balanced_accuracy"), 2.5 / 3.0);
    assert!((float(&found, "f1_score") - 7.0 / 9.0).abs() < 1e-15);
    assert_eq!(found.get("confusion.0.1").unwrap().as_f64(), Some(1.0));
    let reason = found.notes.iter().find(|note| note.starts_with("metrics by default")).unwrap();
    assert!(reason.contains("accuracy, balanced_accuracy, f1_score(average=macro), confusion"), "{reason}");
    assert!(reason.contains("integers below 1024 in the first 4 rows"), "{reason}");
    // Indices and several flags.
    let found = results(
        folder.path(),
        &[
            "--predictions=t.csv",
            "--target-column=2",
            "--prediction-column=1",
            "--metrics=precision(average=macro),mae",
            "--metrics",
            "recall(average=macro,as=found)",
        ],
    );
    assert!((float(&found, "precision") - (1.0 + 0.5 + 1.0) / 3.0).abs() < 1e-15);
    assert_eq!(float(&found, "mae"), 0.25);
    assert_eq!(float(&found, "found"), 2.5 / 3.0);
}

#[test]
fn metrics_by_default_depend_on_the_types() {
    let default = |files: &[(&str, &str)], arguments: &[&str]| -> Vec<String> {
        let folder = folder(files);
        let output = evaluate(folder.path(), &[arguments, &["--output", "out.json"]].concat());
        let results = std::fs::read_to_string(folder.path().join("out.json"));
        let results: Results =
            serde_json::from_str(&results.unwrap_or_else(|_| panic!("{}", text(&output.stderr)))).unwrap();
        results.metrics.into_iter().map(|metric| metric.name).collect()
    };
    let one = ["--predictions", "t.csv", "--target-column", "y"];
    let scores = [&one[..], &["--scores", "*"]].concat();
    let numbers = ["mae", "rmse", "r2", "max_error"];
    assert_eq!(default(&[("t.csv", "p,y\n0.5,1.5\n1,2\n")], &one), numbers);
    // Counts are no classes.
    assert_eq!(default(&[("t.csv", "p,y\n5000,5001\n1,2\n")], &one), numbers);
    assert_eq!(
        default(&[("t.csv", "p,y\n0.5,1\n0.25,0\n")], &one),
        ["accuracy(task=\"binary\")", "log_loss", "brier_score", "auroc"]
    );
    let classes = ["accuracy", "balanced_accuracy", "f1_score"];
    let probabilities = [&classes[..], &["log_loss", "auroc"]].concat();
    assert_eq!(default(&[("t.csv", "a,b,y\n0.9,0.1,0\n0.2,0.8,1\n")], &scores), probabilities);
    assert_eq!(default(&[("t.csv", "a,b,y\n9,1,0\n2,8,1\n")], &scores), [&classes[..], &["auroc"]].concat());
    // Two outputs.
    let separate =
        ["--predictions", "p.csv", "--targets", "t.csv", "--prediction-column", "a,b", "--target-column", "0,1"];
    let files = [("p.csv", "a,b\n0.5,1\n1,2\n"), ("t.csv", "c,d\n0.5,1\n2,2.5\n")];
    assert_eq!(default(&files, &separate), numbers);
}

#[test]
fn names_of_classes_are_read_in_the_order_given() {
    let folder = folder(&[
        ("t.csv", "p,y\ncat,cat\ndog,cat\n\"big, dog\",\"big, dog\"\n"),
        ("s.csv", "cat,dog,y\n0.9,0.1,cat\n0.2,0.8,dog\n0.6,0.4,dog\n"),
    ]);
    let one = ["--predictions", "t.csv", "--target-column", "y"];
    let message = error(folder.path(), &one);
    assert_eq!(
        message,
        "t.csv: line 2, column `p`: expected a number, found \"cat\"; if these are the names of classes, give all of them in \
         their order with `--classes`"
    );
    let message = error(folder.path(), &[&one[..], &["--classes", "cat,dig"]].concat());
    assert_eq!(message, "t.csv: line 3: column `p`: \"dog\" is not one of the classes cat, dig; did you mean `dig`?");
    let scores = ["--predictions", "s.csv", "--target-column", "y", "--scores", "cat,dog"];
    let found = results(folder.path(), &scores);
    assert_eq!(float(&found, "accuracy"), 2.0 / 3.0);
    assert!(found.notes.contains(&"classes: 0 = cat, 1 = dog".to_owned()), "{:?}", found.notes);
    let reverse = [&scores[..4], &["--scores", "dog,cat", "--classes", "dog,cat"]].concat();
    assert_eq!(float(&results(folder.path(), &reverse), "accuracy"), 2.0 / 3.0);
}

#[test]
fn errors_name_file_line_and_column() {
    let table = |content: &'static str| folder(&[("t.csv", content)]);
    let one = ["--predictions", "t.csv", "--target-column", "y"];
    for (content, message) in [
        ("", "t.csv: the table is empty"),
        ("p,y\n", "t.csv: the table has a header, but no rows"),
        ("prediction,class\n1,2\n", "t.csv: no column `y`; the columns are `prediction`, `class`"),
        ("prediction,yy\n1,2\n", "t.csv: no column `y`; the columns are `prediction`, `yy`; did you mean `yy`?"),
        ("p,y\n1,0\n\n1\n", "t.csv: line 4: found 1 cell, expected 2 as in the first line"),
        ("p,y\n1,0\n1,0,5\n", "t.csv: line 3: found 3 cells, expected 2 as in the first line"),
        ("p,y\n1,0\n1,\n", "t.csv: line 3: column `y`: the value is missing"),
        ("p,y\n1,0\n1,dog\n", "t.csv: line 3: column `y`: expected a number, found \"dog\""),
        ("p,y\n1,0\nnan,1\n", "t.csv: line 3: column `p`: found NaN; a missing value has no prediction and no target"),
        (
            "p,y\n1,0\n1,9223372036854775808\n",
            "t.csv: line 3: column `y`: 9223372036854775808 does not fit a signed 64-bit integer",
        ),
        ("p,y\n1,0\n1e999,1\n", "t.csv: line 3: column `p`: 1e999 is beyond the range of a 64-bit float"),
        ("p,y\n1,\"0\n1,1\n", "t.csv: line 2: a quote is not closed"),
        ("p,y\n1,\"0\"1\n", "t.csv: line 2: text follows the closing quote of a cell"),
        (
            "p,q,y\n1,0,1\n",
            "t.csv: there are several columns besides the targets: `p`, `q`; choose with `--prediction-column`, or with \
             `--scores` if they are the scores of the classes",
        ),
        (
            "1,0\n2,1\n",
            "t.csv: line 1 holds numbers where the names of the columns are expected; a table without names needs \
             `--no-header`",
        ),
    ] {
        let folder = table(content);
        assert_eq!(error(folder.path(), &one), message, "{content:?}");
        // The same for batches of one row, and for one worker.
        let alone = [&one[..], &["--batch-size", "1", "--workers", "1"]].concat();
        assert_eq!(error(folder.path(), &alone), message, "{content:?}");
    }
    let missing = error(table("").path(), &["--predictions", "no.csv", "--target-column", "y"]);
    assert!(missing.starts_with("cannot read no.csv: "), "{missing}");
}

#[test]
fn a_fraction_behind_the_integers_of_the_first_rows_is_an_error_with_a_remedy() {
    let rows: String =
        (0..9000).map(|row| format!("{},{}\n", if row == 8999 { "0.5" } else { "1" }, row % 2)).collect();
    let folder = folder(&[("t.csv", &format!("p,y\n{rows}"))]);
    let one = ["--predictions", "t.csv", "--target-column", "y", "--metrics", "mae"];
    let message = error(folder.path(), &one);
    assert_eq!(
        message,
        "t.csv: line 9001: column `p`: expected an integer as in the first 8192 rows, found 0.5; `--floats` reads every column \
         as floats"
    );
    // 4500 errors of 1, 4499 of 0, and one of 0.5.
    let found = results(folder.path(), &[&one[..], &["--floats"]].concat());
    assert_eq!(float(&found, "mae"), 4500.5 / 9000.0);
}

#[test]
fn targets_out_of_range_are_reported_with_their_line() {
    for (target, problem) in [("2", "2 is not one of 2 classes"), ("-1", "-1 is not one of 2 classes")] {
        let folder = folder(&[("t.csv", &format!("a,b,y\n0.9,0.1,0\n0.2,0.8,1\n\n0.6,0.4,{target}\n"))]);
        let arguments =
            ["--predictions=t.csv", "--target-column=y", "--scores=a,b", "--metrics=accuracy,top_1,confusion"];
        let output = evaluate(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1));
        let printed = text(&output.stdout);
        assert!(printed.contains(&format!("sample 2 of column `y` of `t.csv`: targets: {problem}")), "{printed}");
        assert!(printed.contains("note: sample 2 is line 5, column `y` of `t.csv`\n"), "{printed}");
    }
}

#[test]
fn a_number_whose_square_overflows_is_named() {
    let folder = folder(&[("t.csv", "p,y\n0.5,1\n1e300,2\n")]);
    let output = evaluate(folder.path(), &["--predictions=t.csv", "--target-column=y"]);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout);
    assert!(printed.contains("rmse: the value is inf"), "{printed}");
    let note =
        "note: sample 1 is line 3, column `p` of `t.csv`: the square of 1e300 is beyond the range of 64-bit floats\n";
    assert!(printed.contains(note), "{printed}");
}

#[test]
fn targets_in_a_file_of_their_own_have_as_many_rows() {
    let folder = folder(&[
        ("p.csv", "p\n1\n0\n1\n"),
        ("y.csv", "y\n1\n0\n"),
        ("z.csv", "id,z\n1,1\n2,0\n3,0\n"),
        ("q.csv", "p,q\n1,1\n0,0\n1,0\n"),
    ]);
    assert_eq!(
        error(folder.path(), &["--predictions", "p.csv", "--targets", "y.csv"]),
        "column `p` of `p.csv` has 3 rows, but column `y` of `y.csv` has 2: each row of predictions needs its target"
    );
    assert_eq!(
        error(folder.path(), &["--predictions", "p.csv", "--targets", "z.csv"]),
        "z.csv: the table has 2 columns: choose with `--target-column`; the columns are `id`, `z`"
    );
    let files = ["--predictions", "q.csv", "--prediction-column", "p", "--targets", "z.csv", "--target-column", "z"];
    assert_eq!(float(&results(folder.path(), &files), "accuracy"), 2.0 / 3.0);
}

#[test]
fn metrics_of_models_are_refused_with_those_that_can_be_had() {
    let folder = folder(&[("t.csv", CLASSES)]);
    let columns = ["--predictions", "t.csv", "--target-column", "label", "--prediction-column", "predicted"];
    let message =
        error(folder.path(), &[&columns[..], &["--metrics", "footprint,accuracy,synaptic_operations"]].concat());
    assert!(
        message.starts_with("metrics `footprint`, `synaptic_operations` need a model: use `neurobench run`; "),
        "{message}"
    );
    assert!(message.contains(" accuracy, auroc,") && message.contains(" rmse,"), "{message}");
    assert!(!message.contains("firing_rate"), "{message}");
    let message = error(folder.path(), &[&columns[..], &["--metrics", "acuracy"]].concat());
    assert!(message.contains("did you mean `accuracy`?"), "{message}");
}

#[test]
fn files_that_exist_and_files_that_are_read_are_not_overwritten() {
    let folder = folder(&[("t.csv", CLASSES), ("old.json", "{}")]);
    let columns = ["--predictions", "t.csv", "--target-column", "label", "--prediction-column", "predicted"];
    for (file, problem) in [("old.json", "it already exists; use `--force`"), ("t.csv", "the benchmark reads it")] {
        let message = error(folder.path(), &[&columns[..], &["--output", file]].concat());
        assert!(message.contains(problem), "{message}");
    }
    let output = evaluate(folder.path(), &[&columns[..], &["--export", "markdown(file=t.md)"]].concat());
    assert_eq!(
        text(&output.stdout).lines().rev().take(2).collect::<Vec<_>>(),
        ["exported: t.md", "results: t.results.json"]
    );
    assert!(std::fs::read_to_string(folder.path().join("t.md")).unwrap().contains("balanced"));
}

/// Predictions that look random, in all formats. The bits of a value depend neither on the format, nor on workers, nor on batches.
#[test]
fn values_have_the_same_bits_in_every_format_and_for_any_workers_and_batches() {
    let rows: Vec<(f64, f64)> = (0..600_u32)
        .map(|row| {
            let noise = |seed: u32| f64::from(seed.wrapping_mul(2_654_435_761) >> 8) / f64::from(1_u32 << 24) - 0.5;
            let target = 1e3 * noise(row);
            (target + noise(row + 7), target)
        })
        .collect();
    let csv: String = rows.iter().map(|(p, y)| format!("{p},{y}\n")).collect();
    let quoted: String = rows.iter().map(|(p, y)| format!("\"{y}\" ;\"{p:e}\"; \"two\nlines\"\r\n\r\n")).collect();
    let json: String = rows.iter().map(|(p, y)| format!("{{\"y\": {y}, \"other\": [null], \"p\": {p}}}\n")).collect();
    let folder = folder(&[
        ("a.csv", &format!("p,y\n{csv}")),
        ("headless.csv", &csv),
        ("quoted.txt", &format!("\u{feff}y;p;\"a \"\"note\"\"\"\r\n{quoted}")),
        ("a.tsv", &format!("p\ty\n{}", csv.replace(',', "\t"))),
        ("a.jsonl", &json),
    ]);
    let bytes =
        |column: fn(&(f64, f64)) -> f64| rows.iter().flat_map(|row| column(row).to_le_bytes()).collect::<Vec<u8>>();
    std::fs::write(folder.path().join("p.npy"), npy("<f8", "(600,)", &bytes(|row| row.0))).unwrap();
    std::fs::write(folder.path().join("y.npy"), npy("<f8", "(600,)", &bytes(|row| row.1))).unwrap();
    let arrays = [("p.npy", bytes(|row| row.0)), ("y.npy", bytes(|row| row.1))];
    let arrays = arrays.map(|(name, bytes)| (name, npy("<f8", "(600,)", &bytes)));
    std::fs::write(folder.path().join("a.npz"), stored_zip(&arrays)).unwrap();
    let both: Vec<u8> = rows.iter().flat_map(|(p, y)| [p.to_le_bytes(), y.to_le_bytes()].concat()).collect();
    std::fs::write(folder.path().join("both.npy"), npy("<f8", "(600, 2)", &both)).unwrap();
    let common =
        ["--metrics", "mae,rmse,r2,pearson,median_absolute_error", "--intervals=replicates=100", "--per-sample"];
    let found = |arguments: &[&str]| {
        let results = results(folder.path(), &[arguments, &common].concat());
        (results.data.unwrap(), serde_json::to_string(&results.metrics).unwrap())
    };
    let table = ["--predictions", "a.csv", "--target-column", "y"];
    let expected = found(&[&table[..], &["--workers", "1"]].concat());
    for workers in ["2", "5"] {
        for batch in ["1", "7", "599", "100000"] {
            assert_eq!(found(&[&table[..], &["--workers", workers, "--batch-size", batch]].concat()), expected);
        }
    }
    for arguments in [
        &["--predictions", "headless.csv", "--no-header", "--target-column", "1"][..],
        &["--predictions", "quoted.txt", "--delimiter", ";", "--target-column", "y", "--prediction-column", "p"],
        &["--predictions", "a.jsonl", "--target-column", "y", "--prediction-column", "p"],
        &["--predictions", "a.tsv", "--target-column", "y"],
        &["--predictions", "p.npy", "--targets", "y.npy"],
        &["--predictions", "a.npz", "--prediction-column", "p", "--target-column", "y"],
        &["--predictions", "p.npy", "--targets", "a.npz", "--target-column", "y"],
        &["--predictions", "p.npy", "--targets", "a.csv", "--target-column", "y"],
        &["--predictions", "both.npy", "--target-column", "1"],
        &["--predictions", "both.npy", "--target-column", "1", "--prediction-column", "0"],
    ] {
        assert_eq!(found(&[arguments, &["--batch-size", "777"]].concat()), expected, "{arguments:?}");
    }
}

#[test]
fn json_lines_hold_lists_of_scores_and_names_of_classes() {
    let folder = folder(&[(
        "t.jsonl",
        "{\"scores\": [0.7, 0.2, 0.1], \"label\": \"a\", \"ok\": true}\n\
         {\"label\": \"b\", \"scores\": [0.5, 0.25, 0.25], \"ok\": false}\n\
         {\"scores\": [0, 0, 1], \"label\": \"c\", \"ok\": true}\n",
    )]);
    let table = ["--predictions", "t.jsonl", "--target-column", "label", "--prediction-column", "scores"];
    let found =
        results(folder.path(), &[&table[..], &["--classes", "a,b,c", "--metrics", "accuracy,log_loss"]].concat());
    assert_eq!(float(&found, "accuracy"), 2.0 / 3.0);
    let expected = -(0.7_f64.ln() + 0.25_f64.ln()) / 3.0;
    assert!((float(&found, "log_loss") - expected).abs() < 1e-15);
    for (line, message) in [
        (
            "{\"scores\": [1, 0], \"label\": \"a\"}",
            "column `scores`: found a list of 2, expected 3 as in the first line",
        ),
        ("{\"scores\": 1, \"label\": \"a\"}", "column `scores`: expected a list of 3 as in the first line, found 1"),
        ("{\"scores\": [0, null, 1], \"label\": \"a\"}", "column `scores`: the value is missing"),
        ("{\"scores\": [0, 0, 1]}", "there is no key \"label\""),
        ("{\"scores\": [0, 0, NaN], \"label\": \"a\"}", "not a JSON object: expected value at character 19"),
        ("[1, 2]", "not a JSON object: invalid type: sequence, expected an object at character 0"),
        ("{\"scores\": [0, 0, 1], \"label\": 7}", "column `label`: expected the name of a class, found 7"),
        (
            "{\"scores\": [0, 0, 1], \"label\": \"d\"}",
            "column `label`: \"d\" is not one of the classes a, b, c; did you mean `a`?",
        ),
    ] {
        let first = "{\"scores\": [0.7, 0.2, 0.1], \"label\": \"a\"}\n";
        std::fs::write(folder.path().join("t.jsonl"), format!("{first}\n{line}\n")).unwrap();
        let message = format!("t.jsonl: line 3: {message}");
        assert_eq!(error(folder.path(), &[&table[..], &["--classes", "a,b,c"]].concat()), message);
    }
}

#[test]
fn arrays_name_rows_and_arrays() {
    let folder = folder(&[]);
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).unwrap();
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    write("p.npy", npy("<f4", "(3, 2)", &floats(&[0.5, 0.5, 0.0, f32::NAN, 1.0, 0.0])));
    write("y.npy", npy("|u1", "(3,)", &[0, 1, 0]));
    write("short.npy", npy("|u1", "(2,)", &[0, 1]));
    write("none.npy", npy("|u1", "(0,)", &[]));
    let files = |targets: &'static str| ["--predictions", "p.npy", "--targets", targets];
    assert_eq!(
        error(folder.path(), &files("y.npy")),
        "p.npy: row 1, column 1: found NaN; a missing value has no prediction and no target"
    );
    assert_eq!(
        error(folder.path(), &files("short.npy")),
        "`p.npy` has 3 rows, but `short.npy` has 2: each row of predictions needs its target"
    );
    assert_eq!(error(folder.path(), &files("none.npy")), "none.npy: the array has no rows: its shape is [0]");
    assert_eq!(
        error(folder.path(), &["--predictions", "p.npy", "--target-column", "2"]),
        "p.npy: no column 2: there are 2, from 0 on"
    );
    assert_eq!(
        error(folder.path(), &["--predictions", "p.npy"]),
        "p.npy: no targets: give their file with `--targets`, or their array or column in this one with `--target-column`"
    );
}

#[test]
fn errors_in_archives_and_tables_with_tabs_have_their_places() {
    let folder = folder(&[("t.tsv", "p\ty\n0,5\t1\n"), ("s.tsv", "a\tb\ty\n0.5\t0.5\t0\n0.5\t0.5\t2\n")]);
    let floats = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let arrays = [
        ("p.npy", npy("<f8", "(3,)", &floats(&[0.5, 1.0, f64::NAN]))),
        ("large.npy", npy("<f8", "(3, 2)", &floats(&[0.5, 1.0, 0.5, -1e300, 0.0, 0.0]))),
        ("y.npy", npy("<f8", "(3,)", &floats(&[0.0, 1.0, 0.0]))),
        ("classes.npy", npy("|u1", "(3,)", &[0, 1, 2])),
        ("scores.npy", npy("<f8", "(3, 2)", &floats(&[0.5, 0.5, 0.5, 0.5, 1.0, 0.0]))),
    ];
    std::fs::write(folder.path().join("a.npz"), stored_zip(&arrays)).unwrap();
    let archive = |predictions: &'static str, targets: &'static str| {
        ["--predictions", "a.npz", "--prediction-column", predictions, "--target-column", targets]
    };
    assert_eq!(
        error(folder.path(), &archive("p", "y")),
        "a.npz: array `p`, row 2: found NaN; a missing value has no prediction and no target"
    );
    let missing = error(folder.path(), &archive("q", "y"));
    assert!(missing.starts_with("a.npz: ") && missing.contains("`q`"), "{missing}");
    assert_eq!(
        error(folder.path(), &["--predictions", "t.tsv", "--target-column", "y"]),
        "t.tsv: line 2, column `p`: expected a number, found \"0,5\"; if these are the names of classes, give all of them in \
         their order with `--classes`"
    );
    let failed = |arguments: &[&str], note: &str| {
        let output = evaluate(folder.path(), &[arguments, &["--force"]].concat());
        let printed = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{printed}{}", text(&output.stderr));
        assert!(printed.lines().any(|line| line == note), "{printed}");
    };
    failed(
        &["--predictions=s.tsv", "--target-column=y", "--scores=a,b", "--metrics=accuracy"],
        "note: sample 1 is line 3, column `y` of `s.tsv`",
    );
    failed(
        &[&archive("scores", "classes")[..], &["--metrics=accuracy"]].concat(),
        "note: sample 2 is row 2 of array `classes` of `a.npz`",
    );
    failed(
        &[&archive("large", "scores")[..], &["--metrics=rmse"]].concat(),
        "note: sample 1 is row 1, column 1 of array `large` of `a.npz`: the square of -1e300 is beyond the range of 64-bit floats",
    );
}

/// Files that pyarrow wrote.
#[cfg(feature = "parquet")]
#[test]
fn parquet_files_have_the_values_of_their_columns_and_errors_name_row_and_column() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("neurobench-datasets/tests/data/tables/parquet");
    let folder = folder(&[]);
    for file in ["snappy.parquet", "missing.parquet"] {
        std::fs::copy(recorded.join(file), folder.path().join(file)).unwrap();
    }
    let file = ["--predictions", "snappy.parquet", "--prediction-column", "single", "--target-column", "double"];
    for (workers, batch) in [("1", "16384"), ("2", "7"), ("5", "1")] {
        let arguments = [&file[..], &["--metrics", "mae", "--workers", workers, "--batch-size", batch]].concat();
        // `math.fsum` of the absolute differences in Python.
        assert_eq!(float(&results(folder.path(), &arguments), "mae"), 1.099042737551522);
    }
    assert_eq!(
        error(folder.path(), &["--predictions", "missing.parquet", "--target-column", "y"]),
        "missing.parquet: row 1, column `x`: a value is missing"
    );
    let scores = ["--predictions", "snappy.parquet", "--scores", "single,double", "--target-column", "byte"];
    let output = evaluate(folder.path(), &[&scores[..], &["--metrics", "accuracy"]].concat());
    let printed = text(&output.stdout);
    assert!(printed.contains("241 is not one of 2 classes"), "{printed}");
    assert!(printed.contains("note: sample 0 is row 0, column `byte` of `snappy.parquet`\n"), "{printed}");
}

/// Evaluations of several predictions of the same targets are over the same data.
#[test]
fn two_evaluations_can_be_compared() {
    let rows: String = (0..40).map(|row| format!("{},{},{}\n", row % 3, (row + row / 30) % 3, row % 3)).collect();
    let folder = folder(&[("t.csv", &format!("a,b,y\n{rows}"))]);
    for column in ["a", "b"] {
        let output = format!("{column}.json");
        let arguments = ["--predictions=t.csv", "--target-column=y", "--metrics=accuracy", "--per-sample"];
        let column = ["--prediction-column", column, "--output", &output];
        assert!(evaluate(folder.path(), &[&arguments[..], &column].concat()).status.success());
    }
    let mut compare = Command::new(env!("CARGO_BIN_EXE_neurobench"));
    let output = compare.current_dir(folder.path()).args(["compare", "a.json", "b.json"]).output().unwrap();
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{printed}{}", text(&output.stderr));
    // Ten discordant pairs, all of one side: 2 · 2⁻¹⁰.
    assert!(printed.contains("mcnemar_exact") && printed.contains("0.0020"), "{printed}");
}

/// The code blocks of a language.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    PAGE.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_page_shows_what_its_commands_print() {
    let folder = folder(&[("animals.csv", blocks("csv")[0])]);
    let mut printed = String::new();
    for command in blocks("console").into_iter().flat_map(str::lines) {
        let output = Command::new("sh")
            .args(["-c", &command.replacen("$ neurobench", "\"$NEUROBENCH\"", 1)])
            .env("NEUROBENCH", env!("CARGO_BIN_EXE_neurobench"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
        printed += &text(&output.stdout);
    }
    let shown = blocks("text");
    assert!(!shown.is_empty());
    for shown in shown {
        // The first line has the time.
        let shown = shown.split_once('\n').unwrap().1;
        assert!(printed.contains(shown), "the page shows\n{shown}\nfor\n{printed}");
    }
}

#[test]
fn the_page_names_every_option() {
    let help = Command::new(env!("CARGO_BIN_EXE_neurobench")).args(["evaluate", "--help"]).output().unwrap();
    let help = text(&help.stdout);
    let options = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .map(|rest| rest.split(|letter: char| !letter.is_ascii_lowercase() && letter != '-').next().unwrap());
    let options: Vec<&str> = options.collect();
    assert!(options.contains(&"predictions") && options.contains(&"per-sample"));
    for option in options {
        assert!(PAGE.contains(&format!("`--{option}")), "the page does not name --{option}");
    }
}
