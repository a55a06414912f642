//! `neurobench report` and the formats of results, as a user runs them.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::report::Results;
use serde_json::{Value, json};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/results");
const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
const PAGE: &str = include_str!("../../docs/reports.md");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a command that succeeds.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Message of a command that refuses its input.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = neurobench(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

/// Name of a copy of results, and the change to it.
type Changed<'c> = (&'c str, &'c dyn Fn(&mut Value));

/// A folder with the results of the current schema, as `a.json`, and copies that are changed.
fn folder(changed: &[Changed<'_>]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let golden = std::fs::read_to_string(format!("{GOLDEN}/schema_3.json")).unwrap();
    std::fs::write(folder.path().join("a.json"), &golden).unwrap();
    for (name, change) in changed {
        let mut results: Value = serde_json::from_str(&golden).unwrap();
        change(&mut results);
        std::fs::write(folder.path().join(name), results.to_string()).unwrap();
    }
    folder
}

#[test]
fn a_page_is_one_file_with_tables_figures_and_the_command_to_reproduce_it() {
    let folder = folder(&[]);
    printed(folder.path(), &["report", "a.json", "-o", "a.html"]);
    let page = std::fs::read_to_string(folder.path().join("a.html")).unwrap();
    for part in [
        "<!DOCTYPE html>",
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "prefers-color-scheme: dark",
        "@media print",
        "<th scope=\"col\"",
        "<th scope=\"row\"",
        "<figure",
        "<svg",
        "<figcaption>",
        "classification_accuracy",
        "0.858333",
        "neurobench run golden.toml --intervals=replicates=200 --output schema_3.json --force",
        "sha256:a7282752c95f07742ea3876e86e8382c7bfd13b2ad8afe8844b585a9dcb0c2a0",
        "Example CPU 1",
        "intervals.seed = 0",
    ] {
        assert!(page.contains(part), "the page lacks {part}");
    }
    // Nothing is loaded: the only addresses are those of sections, and the name of the SVG format.
    assert!(
        !page.contains("<script") && !page.contains("<link") && !page.contains("<img") && !page.contains("@import")
    );
    assert!(page.split("href=\"").skip(1).all(|link| link.starts_with('#')));
    assert_eq!(page.matches("http").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    // The same bytes again, also from the exporter of another command.
    printed(folder.path(), &["report", "a.json", "-o", "again.html"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("again.html")).unwrap(), page);
    assert_eq!(printed(folder.path(), &["report", "a.json", "--format", "html"]), page);
}

#[test]
fn names_from_files_are_text_on_a_page() {
    let hostile = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>&amp;";
    let folder = folder(&[("hostile.json", &|results| {
        results["benchmark"] = hostile.into();
        results["notes"] = json!([hostile]);
        results["preprocessors"] = json!([hostile]);
        results["provenance"]["command"] = json!([hostile]);
        results["provenance"]["files"][0]["path"] = hostile.into();
        results["provenance"]["host"]["cpu"] = hostile.into();
        results["leaderboard"] = json!({
            "columns": [{ "name": hostile, "unit": hostile, "reason": hostile }],
            "published": [{ "model": hostile, "values": [hostile] }],
        });
        for metric in results["metrics"].as_array_mut().unwrap() {
            metric["unit"] = hostile.into();
            metric["no_interval"] = hostile.into();
            // Names of layers and classes.
            if let Some(Value::Object(entries)) = metric.get_mut("value") {
                let (_, first) = entries.iter().next().map(|(key, value)| (key.clone(), value.clone())).unwrap();
                entries.insert(hostile.to_owned(), first);
            }
        }
        results["metrics"][0]["name"] = hostile.into();
        results["metrics"][0]["settings"] = json!({ hostile: hostile });
        results["metrics"][1]["error"] = hostile.into();
    })]);
    let pages = [
        printed(folder.path(), &["report", "hostile.json", "--format", "html"]),
        printed(folder.path(), &["report", "a.json", "hostile.json", "--format", "html", "--title", hostile]),
        printed(folder.path(), &["report", "hostile.json", "--leaderboard", "--format", "html"]),
    ];
    for page in pages {
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[test]
fn several_runs_are_compared_and_have_one_row_each() {
    let folder = folder(&[("b.json", &|results| {
        results["metrics"][1]["value"] = 0.5.into();
        results["metrics"][2]["value"]["effective_macs"] = 100.0.into();
    })]);
    let page = printed(folder.path(), &["report", "a.json", "b.json", "--format", "html"]);
    for part in
        ["Values and differences", "b − a", "class=\"number best\"", "Pareto front", "classification accuracy against"]
    {
        assert!(page.contains(part), "the page lacks {part}");
    }
    let rows = printed(folder.path(), &["report", "a.json", "b.json", "--format", "markdown"]);
    let rows: Vec<&str> = rows.lines().filter(|line| line.starts_with("| a |") || line.starts_with("| b |")).collect();
    assert!(rows.len() == 2 && rows[1].contains("| 0.5 |"), "{rows:?}");
    let lines = printed(folder.path(), &["report", "a.json", "b.json", "--format", "csv"]);
    assert!(lines.starts_with("run,metric,path,value,low,high,unit,higher_is_better,status,reason\r\n"));
    assert!(lines.contains("\r\nb,synaptic_operations,effective_macs,100.0,,,MACs/sample,false,ok,\r\n"), "{lines}");
    let table = printed(folder.path(), &["report", "a.json", "b.json"]);
    assert!(table.contains("classification_accuracy (fraction)"), "{table}");
    // Runs over other data are shown, and not compared.
    let other = self::folder(&[("b.json", &|results| results["data"] = "sha256:0".into())]);
    let page = printed(other.path(), &["report", "a.json", "b.json", "--format", "html"]);
    assert!(page.contains("The runs are not compared: "), "{page}");
}

#[test]
fn csv_and_json_lines_have_every_number_with_its_unit() {
    let folder = folder(&[]);
    let results: Results =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("a.json")).unwrap()).unwrap();
    let lines = printed(folder.path(), &["report", "a.json", "--format", "jsonl"]);
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let csv = printed(folder.path(), &["report", "a.json", "--format", "csv"]);
    assert_eq!(csv.trim_end().split("\r\n").count(), objects.len() + 1);
    for object in &objects {
        let path: Vec<&str> = object["path"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        let path = [&[object["metric"].as_str().unwrap()], path.as_slice()].concat().join(".");
        let value = results.get(&path).unwrap().as_f64();
        assert!(value.is_some() && value == object["value"].as_f64(), "{object}");
        assert!(object["unit"].is_string(), "{object}");
    }
    // The items of the list of recalls have their intervals, unless all resamples are identical.
    let recalls: Vec<&Value> = objects.iter().filter(|object| object["metric"] == "recall(average=\"none\")").collect();
    assert_eq!(recalls.len(), 10);
    let below_one: Vec<&&Value> = recalls.iter().filter(|recall| recall["value"].as_f64() < Some(1.0)).collect();
    assert!(
        below_one.len() > 5 && below_one.iter().all(|recall| recall["low"].is_number() && recall["high"].is_number())
    );
}

#[test]
fn figures_are_drawn_by_name_and_mistakes_are_explained() {
    let folder = folder(&[("b.json", &|_| {})]);
    assert_eq!(printed(folder.path(), &["report", "a.json", "--list-plots"]).lines().next(), Some("average_activity"));
    for (name, file) in [("average_activity", "a.svg"), ("Average Activity", "b.svg"), ("activity", "c.svg")] {
        printed(folder.path(), &["report", "a.json", "--plot", name, "-o", file]);
    }
    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(file("a.svg").starts_with(b"<svg") && file("a.svg") == file("b.svg") && file("a.svg") == file("c.svg"));
    assert_eq!(printed(folder.path(), &["report", "a.json", "--plot", "activity"]).as_bytes(), file("a.svg"));
    printed(folder.path(), &["report", "a.json", "--plot", "activity", "-o", "a.png", "--resolution", "96"]);
    assert!(file("a.png").starts_with(b"\x89PNG\r\n\x1a\n"));
    for (arguments, part) in [
        (&["a.json", "--plot", "activty"][..], "no figure `activty` in `a`"),
        (&["a.json", "--plot", "footprint"], "no figure of `footprint`"),
        (&["a.json", "b.json", "--plot", "activity"], "name a single file"),
        (&["a.json", "--plot", "activity", "-o", "a.pdf"], "`.svg` or `.png`"),
        (&["a.json", "--plot", "activity", "-o", "a.svg"], "use `--force`"),
        (&["a.json", "-o", "x.svg"], "--plot METRIC"),
        (&["a.json", "-o", "x.doc"], "has the extension `.doc`; formats have"),
        (&["a.json", "-o", "a.json"], "reads it"),
        (&["a.json", "--format", "yml"], "no format `yml`"),
        (&["a.json", "--format", "latx"], "did you mean `latex`?"),
        (&["a.json", "--leaderboard"], "`a` has no leaderboard"),
        (&["a.json", "missing.json"], "missing.json"),
        (&["a.json", "a.json"], "a.json"),
    ] {
        let message = refused(folder.path(), &[&["report"], arguments].concat());
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

#[test]
fn results_of_schema_2_are_read_and_others_are_refused() {
    let folder = folder(&[
        ("old.json", &|results| results["schema"] = 1.into()),
        ("new.json", &|results| results["schema"] = 99.into()),
    ]);
    let two = format!("{GOLDEN}/schema_2.json");
    let from_two = printed(folder.path(), &["report", &two, "--format", "csv"]);
    assert_eq!(from_two, printed(folder.path(), &["report", "a.json", "--format", "csv"]));
    let page = printed(folder.path(), &["report", &two, "--format", "html"]);
    assert!(page.contains("do not record the command"), "{page}");
    printed(folder.path(), &["compare", &two, "a.json"]);
    let message = refused(folder.path(), &["report", "old.json"]);
    assert!(message.contains("schema 1 of results is not supported") && message.contains("run the benchmark again"));
    let message = refused(folder.path(), &["report", "new.json"]);
    assert!(message.contains("schema 99") && message.contains("a later version"), "{message}");
    let message = refused(folder.path(), &["compare", "a.json", "new.json"]);
    assert!(message.contains("`new.json` has schema 99; this program reads schemas 2 to 3"), "{message}");
}

#[test]
fn the_recorded_command_makes_the_same_results_again() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy", "benchmark.toml"] {
        std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    std::fs::rename(folder.path().join("benchmark.toml"), folder.path().join("the benchmark.toml")).unwrap();
    let first = ["run", "the benchmark.toml", "--metric", "recall(average=macro)", "--output", "out.json", "--force"];
    printed(folder.path(), &first);
    let read = || -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("out.json")).unwrap()).unwrap()
    };
    let mut before = read();
    let page = printed(folder.path(), &["report", "out.json", "--format", "html"]);
    let line = page.split("<pre><code>").nth(1).unwrap().split("</code>").next().unwrap();
    let line = line.strip_prefix("neurobench ").unwrap();
    let shell = format!("'{}' {line}", env!("CARGO_BIN_EXE_neurobench"));
    let again = Command::new("sh").args(["-c", &shell]).current_dir(folder.path()).output().unwrap();
    assert!(again.status.success(), "{shell}: {}", text(&again.stderr));
    let mut after = read();
    // Same command, same files; only the workload of the machine differs.
    assert_eq!(before["provenance"], after["provenance"]);
    assert_eq!(before["provenance"]["files"].as_array().unwrap().len(), 5);
    for results in [&mut before, &mut after] {
        results["timing"].take();
    }
    assert_eq!(before, after);
}

#[test]
fn a_document_on_standard_output_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("{DIGITS}/benchmark.toml");
    for format in ["json", "csv", "jsonl", "markdown", "latex", "html"] {
        let output = neurobench(folder.path(), &["run", &file, "--format", format]);
        assert!(output.status.success());
        assert!(text(&output.stderr).contains("results: digits.results.json"), "{}", text(&output.stderr));
        let again = printed(folder.path(), &["report", "digits.results.json", "--format", format]);
        assert_eq!(text(&output.stdout), again, "{format}");
    }
    let comparison = printed(folder.path(), &["run", &file, "--output", "other.json"]);
    assert!(comparison.contains("results: other.json"));
    let files = ["digits.results.json", "other.json"];
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&printed(folder.path(), &[&["compare"], &files[..], arguments].concat())).unwrap()
    };
    assert_eq!(json(&["--format", "json"]), json(&["--json"]));
    let csv = printed(folder.path(), &[&["compare"], &files[..], &["--format", "csv"]].concat());
    assert!(csv.starts_with("statistic,metric,run,value,low,high,unit,higher_is_better\r\n"), "{csv}");
    assert!(csv.contains("\r\ndifference,footprint,other.json,0.0,,,bytes,false\r\n"), "{csv}");
    let latex = printed(folder.path(), &[&["compare"], &files[..], &["--format", "latex"]].concat());
    assert!(latex.contains("\\toprule") && latex.contains("other.json"), "{latex}");
}

#[test]
fn a_leaderboard_has_the_columns_of_the_task_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
        std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    let task = "\n[task]\nversion = 1\nsummary = \"Digits.\"\n\
        leaderboard = [{ name = \"Accuracy\", value = \"classification_accuracy\" }, \
        { name = \"Footprint\", value = \"footprint\", unit = \"B\" }, { name = \"Missing\", value = \"mse\" }]\n\
        published = [{ model = \"SNN\", values = [0.9, 1000, \"-\"] }]\n";
    let file = std::fs::read_to_string(format!("{DIGITS}/benchmark.toml")).unwrap() + task;
    std::fs::write(folder.path().join("task.toml"), file).unwrap();
    let table = printed(folder.path(), &["run", "task.toml", "--output", "own.json"]);
    assert!(table.contains("SNN, published"), "{table}");
    let leaderboard =
        |format: &str| printed(folder.path(), &["report", "own.json", "--leaderboard", "--format", format]);
    let expected = "model,Accuracy (fraction),Footprint (B),Missing\r\nown,0.9861111111111112,38480,\r\n\
                    SNN (published),0.9,1000,-\r\n";
    assert_eq!(leaderboard("csv"), expected);
    assert!(leaderboard("markdown").contains("| own | 0.986111 | 38480 |  |\n| SNN (published) | 0.9 | 1000 | - |\n"));
    assert!(leaderboard("latex").contains("own & 0.986111 & 38480 &  \\\\\n"));
    let first: Value = serde_json::from_str(leaderboard("jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(first["Footprint (B)"], 38480);
    assert!(leaderboard("table").contains("SNN (published)"));
    let page = printed(folder.path(), &["report", "own.json", "--format", "html"]);
    assert!(page.contains("Leaderboard of the task") && page.contains("SNN (published)"));
    assert!(page.contains("own: Missing: `mse` is not in this report"), "{page}");
}

#[test]
fn the_commands_of_the_page_run() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy", "benchmark.toml"] {
        std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
    }
    let blocks = PAGE.split("```console\n").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines());
    let mut commands = 0;
    for command in blocks {
        let arguments: Vec<&str> = command.strip_prefix("$ neurobench ").unwrap().split_whitespace().collect();
        printed(folder.path(), &arguments);
        commands += 1;
    }
    assert_eq!(commands, 11);
    for file in ["digits.html", "activity.svg", "activity.png", "comparison.html"] {
        assert!(std::fs::metadata(folder.path().join(file)).unwrap().len() > 1000, "{file}");
    }
}
