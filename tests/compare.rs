//! Comparing results, as a user does it.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::{Command, Output};

use neurobench::stats::intervals::{difference_of_means, mean};
use neurobench::stats::tests::{Discordant, holm, mcnemar, paired_t, permutation, signed_rank};
use serde_json::Value;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with the results of the digits' network, shown for 2, 3 and 6 steps: `two.json`, `three.json`, `six.json`.
fn runs(options: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, steps) in [("two", 2), ("three", 3), ("six", 6)] {
        let file = format!(
            "name = \"{name}\"\n\
             preprocessors = [\"scale(factor=0.0625)\", \"repeat_over_time(steps={steps})\"]\n\
             postprocessors = [\"choose_max_count\"]\n\
             metrics = [\"classification_accuracy\", \"mse\", \"synaptic_operations\"]\n\
             [model]\nnetwork = \"{DIGITS}/network.toml\"\n\
             [data]\ninputs = \"{DIGITS}/inputs.npy\"\ntargets = \"{DIGITS}/targets.npy\"\nbatch_size = 50\n"
        );
        std::fs::write(folder.path().join(format!("{name}.toml")), file).unwrap();
        let (file, output) = (format!("{name}.toml"), format!("{name}.json"));
        let mut arguments = vec!["run", file.as_str(), "--output", output.as_str()];
        arguments.extend(options);
        let output = neurobench(folder.path(), &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    folder
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn compared(folder: &Path, arguments: &[&str]) -> Value {
    let output = neurobench(folder, &[&["compare", "--json"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The values of a metric on single samples.
fn samples(folder: &Path, file: &str, metric: usize) -> Vec<f64> {
    let results = json(&folder.join(file));
    let values = results["metrics"][metric]["samples"]["values"].as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

#[test]
fn runs_are_compared_with_the_first_sample_by_sample() {
    let folder = runs(&["--per-sample"]);
    let found = compared(folder.path(), &["two.json", "three.json", "six.json", "--resamples", "999"]);
    let runs = &found["runs"];
    assert_eq!(runs["runs"], serde_json::json!(["two.json", "three.json", "six.json"]));
    let accuracy = &runs["values"][0];
    assert_eq!(
        (accuracy["name"].as_str(), accuracy["unit"].as_str()),
        (Some("classification_accuracy"), Some("fraction"))
    );
    let value = |at: usize| accuracy["values"][at]["value"].as_f64().unwrap();
    assert_eq!(accuracy["values"][2]["difference"].as_f64().unwrap(), value(2) - value(0));
    let names: Vec<_> =
        runs["values"].as_array().unwrap().iter().map(|value| value["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"synaptic_operations · dense"), "{names:?}");

    // The tests are those of the library, and all of them together are corrected.
    let mut expected = Vec::new();
    for other in ["three.json", "six.json"] {
        let (first, other) = (samples(folder.path(), "two.json", 0), samples(folder.path(), other, 0));
        let pairs = Discordant::of(other.iter().zip(&first).map(|(other, first)| (*other == 1.0, *first == 1.0)));
        expected.push(("mcnemar_exact", mcnemar(pairs).unwrap()));
    }
    for other in ["three.json", "six.json"] {
        let (first, other) = (samples(folder.path(), "two.json", 1), samples(folder.path(), other, 1));
        let differences: Vec<f64> = other.iter().zip(&first).map(|(other, first)| other - first).collect();
        expected.push(("paired_t", paired_t(&differences).unwrap().p_value));
        expected.push(("wilcoxon_signed_rank", signed_rank(&differences).unwrap().p_value));
        expected.push(("paired_permutation", permutation(&differences, 999, 0).unwrap().p_value));
    }
    let corrected = holm(&expected.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    let tests: Vec<&Value> =
        runs["samples"].as_array().unwrap().iter().flat_map(|found| found["tests"].as_array().unwrap()).collect();
    assert_eq!(tests.len(), expected.len());
    for ((test, (name, p)), corrected) in tests.iter().zip(expected).zip(corrected) {
        assert_eq!(test["test"], name);
        assert_eq!(test["p_value"].as_f64().unwrap(), p);
        assert_eq!(test["p_holm"].as_f64().unwrap(), corrected);
    }
    let effects = runs["samples"][2]["effects"].as_array().unwrap();
    let effects: Vec<_> = effects.iter().map(|effect| effect["effect"].as_str().unwrap()).collect();
    assert_eq!(effects, ["cohens_d", "rank_biserial"]);
    let first = samples(folder.path(), "two.json", 1);
    let differences: Vec<f64> = samples(folder.path(), "six.json", 1).iter().zip(&first).map(|(b, a)| b - a).collect();
    let interval = mean(&differences, 0.95).unwrap();
    assert_eq!(runs["samples"][3]["interval"]["low"].as_f64().unwrap(), interval.low);
    assert_eq!(runs["samples"][3]["pairs"], 360);

    let table = text(&neurobench(folder.path(), &["compare", "two.json", "six.json"]).stdout);
    for part in ["two.json", "six.json", "mcnemar_exact", "interval", "rank_biserial", "note: preprocessors"] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
}

#[test]
fn what_is_not_the_mean_of_its_values_on_samples_has_no_tests() {
    let folder = runs(&["--per-sample", "--metric", "recall", "--metric", "rmse"]);
    let found = compared(folder.path(), &["two.json", "six.json"]);
    let tested: Vec<_> = found["runs"]["samples"].as_array().unwrap().iter().map(|found| &found["metric"]).collect();
    assert_eq!(tested, ["classification_accuracy", "mse"]);
    let notes = found["runs"]["notes"].as_array().unwrap();
    for metric in ["recall", "rmse"] {
        let why = format!("no tests of {metric}: in `two.json` it is not the mean of its values on single samples");
        assert!(notes.iter().any(|note| *note == why), "{notes:?}");
    }
}

#[test]
fn a_run_is_equal_to_itself() {
    let folder = runs(&["--per-sample"]);
    let found = compared(folder.path(), &["two.json", "two.json"]);
    let first = &found["runs"]["samples"][0];
    assert_eq!(first["tests"][0]["p_value"], 1.0);
    let second = &found["runs"]["samples"][1];
    // What has no p-value says why, and takes no part in the correction.
    assert!(second["tests"][0]["error"].as_str().unwrap().contains("do not vary"));
    assert_eq!(second["tests"][2]["p_holm"], 1.0);
    assert!(second["effects"][1]["error"].as_str().unwrap().contains("no difference is other than zero"));
}

#[test]
fn without_values_of_samples_there_are_no_tests() {
    let folder = runs(&[]);
    let found = compared(folder.path(), &["two.json", "six.json"]);
    assert!(found["runs"]["samples"].as_array().unwrap().is_empty());
    let notes = found["runs"]["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("--per-sample")), "{notes:?}");
}

#[test]
fn groups_are_compared_by_their_means() {
    let folder = runs(&[]);
    let arguments = ["--group", "few=two.json,three.json", "--group", "many=three.json,six.json", "--level", "0.9"];
    let found = compared(folder.path(), &arguments);
    let value = |file: &str| {
        let results = json(&folder.path().join(file));
        results["metrics"][0]["value"].as_f64().unwrap()
    };
    let (few, many) = ([value("two.json"), value("three.json")], [value("three.json"), value("six.json")]);
    let values = found["groups"]["values"].as_array().unwrap();
    assert_eq!((values[0]["group"].as_str(), values[0]["runs"].as_u64()), (Some("few"), Some(2)));
    assert_eq!(values[0]["interval"]["low"].as_f64().unwrap(), mean(&few, 0.9).unwrap().low);
    assert!(values[0].get("difference").is_none());
    let expected = difference_of_means(&many, &few, 0.9).unwrap();
    assert_eq!(values[1]["difference_interval"]["high"].as_f64().unwrap(), expected.high);
    let table = text(&neurobench(folder.path(), &[&["compare"][..], &arguments].concat()).stdout);
    for part in ["few", "many", "interval", "difference"] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
}

#[test]
fn what_is_not_the_same_is_refused_with_all_that_differs() {
    let folder = runs(&[]);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut results = json(&folder.path().join("six.json"));
        change(&mut results);
        std::fs::write(folder.path().join("other.json"), results.to_string()).unwrap();
        let output = neurobench(folder.path(), &["compare", "two.json", "other.json"]);
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let error = changed(&|results| {
        results["data"] = "sha256:of something else".into();
        results["metrics"][0]["unit"] = "percent".into();
        results["metrics"][1]["version"] = 2.into();
        results["metrics"][2]["settings"]["per_call"] = true.into();
        results["metrics"][0]["higher_is_better"] = false.into();
    });
    for part in [
        "`other.json` has sha256:of something else",
        "unit of `classification_accuracy`: `two.json` has fraction, `other.json` has percent",
        "direction of `classification_accuracy`: `two.json` has higher, `other.json` has lower",
        "version of `mse`: `two.json` has 1, `other.json` has 2",
        "settings of `synaptic_operations`",
        "per_call=true",
    ] {
        assert!(error.contains(part), "{part} is not in\n{error}");
    }
    let error = changed(&|results| results["metrics"][0]["metric"] = "elsewhere::classification_accuracy".into());
    assert!(error.contains("definition of `classification_accuracy`"), "{error}");
    let error = changed(&|results| results["metrics"][2]["fields"][0]["unit"] = "MACs".into());
    assert!(error.contains("fields of `synaptic_operations`"), "{error}");
    let error = changed(&|results| results["data"] = Value::Null);
    assert!(error.contains("`other.json` does not say of which data it is"), "{error}");
    let error = changed(&|results| results["samples"] = 359.into());
    assert!(error.contains("number of samples: `two.json` has 360, `other.json` has 359"), "{error}");
    let error = changed(&|results| results["schema"] = 2.into());
    assert!(error.contains("`other.json` has schema 2"), "{error}");
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = |arguments: &[&str]| {
        let output = neurobench(folder.path(), &[&["compare"], arguments].concat());
        assert!(!output.status.success());
        text(&output.stderr)
    };
    assert!(error(&[]).contains("there is nothing to compare"));
    assert!(error(&["a.json"]).contains("`a.json` has nothing to be compared with"));
    assert!(error(&["a.json", "b.json"]).contains("cannot read `a.json`"));
    assert!(error(&["--group", "a.json"]).contains("NAME=a.json,b.json"));
    assert!(error(&["--group", "a=b.json", "c.json"]).contains("not both"));
    assert!(error(&["a.json", "b.json", "--level", "95"]).contains("between 0 and 1"));
    std::fs::write(folder.path().join("a.json"), "{}").unwrap();
    assert!(error(&["a.json", "a.json"]).contains("`a.json` is not a file of results"));
}
