//! `neurobench compare`, as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

use neurobench::stats::intervals::{difference_of_means, difference_of_proportions, mean};
use neurobench::stats::tests::{Discordant, holm, mcnemar, paired_bootstrap, paired_t, permutation, signed_rank};
use serde_json::Value;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

fn neurobench(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neurobench")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with results of the digits network, run for 2, 3 and 6 steps: `two.json`, `three.json`, `six.json`.
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

/// The item of a list whose `key` is this name.
fn named<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|item| item[key] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

/// Every test of a comparison that has a p-value, in the order of the results.
fn tests_with_p(runs: &Value) -> Vec<&Value> {
    let samples = runs["samples"].as_array().unwrap().iter().flat_map(|found| found["tests"].as_array().unwrap());
    let resamples = runs["resamples"].as_array().into_iter().flatten().map(|found| &found["test"]);
    samples.chain(resamples).filter(|test| test.get("p_value").is_some()).collect()
}

/// The per-sample values of a metric.
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

    // The tests are those of the library, and all of them are corrected together.
    let mut expected = Vec::new();
    for other in ["three.json", "six.json"] {
        let (first, other) = (samples(folder.path(), "two.json", 0), samples(folder.path(), other, 0));
        let pairs =
            Discordant::from_pairs(other.iter().zip(&first).map(|(other, first)| (*other == 1.0, *first == 1.0)));
        expected.push(vec![("mcnemar_exact", mcnemar(pairs).unwrap())]);
    }
    for other in ["three.json", "six.json"] {
        let (first, other) = (samples(folder.path(), "two.json", 1), samples(folder.path(), other, 1));
        let differences: Vec<f64> = other.iter().zip(&first).map(|(other, first)| other - first).collect();
        expected.push(vec![
            ("paired_t", paired_t(&differences).unwrap().p_value),
            ("wilcoxon_signed_rank", signed_rank(&differences).unwrap().p_value),
            ("paired_permutation", permutation(&differences, 999, 0).unwrap().p_value),
        ]);
    }
    let compared_metrics = runs["samples"].as_array().unwrap();
    assert_eq!(compared_metrics.len(), expected.len());
    for (found, expected) in compared_metrics.iter().zip(expected) {
        for (name, p) in expected {
            assert_eq!(named(&found["tests"], "test", name)["p_value"].as_f64().unwrap(), p, "{name}");
        }
    }
    let with_p = tests_with_p(runs);
    let corrected = holm(&with_p.iter().map(|test| test["p_value"].as_f64().unwrap()).collect::<Vec<_>>());
    for (test, corrected) in with_p.iter().zip(corrected) {
        assert_eq!(test["p_holm"].as_f64().unwrap(), corrected);
    }
    for effect in ["cohens_d", "rank_biserial"] {
        assert!(named(&runs["samples"][2]["effects"], "effect", effect)["value"].is_number(), "{effect}");
    }
    let first = samples(folder.path(), "two.json", 1);
    let differences: Vec<f64> = samples(folder.path(), "six.json", 1).iter().zip(&first).map(|(b, a)| b - a).collect();
    let interval = mean(&differences, 0.95).unwrap();
    assert_eq!(runs["samples"][3]["interval"]["low"].as_f64().unwrap(), interval.low);
    assert_eq!(runs["samples"][3]["pairs"], 360);

    let tests = tests_with_p(&compared(folder.path(), &["two.json", "six.json"])["runs"]).len();
    let table = text(&neurobench(folder.path(), &["compare", "two.json", "six.json"]).stdout);
    let corrected = format!("p (Holm): p-values of {tests} tests, corrected together");
    let parts = [
        "two.json",
        "six.json",
        "mcnemar_exact",
        "interval",
        "rank_biserial",
        corrected.as_str(),
        "note: preprocessors",
    ];
    for part in parts {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
}

#[test]
fn mcnemars_test_applies_to_proportions_and_counts_samples_that_one_run_alone_decides_well() {
    let folder = runs(&["--per-sample"]);
    let path = |file: &str| folder.path().join(file);
    let found = |change: &dyn Fn(&mut Value)| {
        for file in ["three.json", "six.json"] {
            let mut results = json(&path(file));
            change(&mut results["metrics"][0]);
            std::fs::write(path(&format!("changed_{file}")), results.to_string()).unwrap();
        }
        compared(folder.path(), &["changed_three.json", "changed_six.json"])["runs"]["samples"][0].take()
    };
    let (first, other) = (samples(folder.path(), "three.json", 0), samples(folder.path(), "six.json", 0));
    let alone = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| **a == 1.0 && **b == 0.0).count() as u64;
    let (run, first) = (alone(&other, &first), alone(&first, &other));
    assert!(run > first && first > 0, "{run} and {first}");
    let as_it_is = found(&|_| ());
    assert_eq!(as_it_is["discordant"], serde_json::json!({ "run": run, "first": first }));
    let interval = difference_of_proportions(Discordant { first: run, second: first }, 360, 0.95).unwrap();
    assert_eq!(as_it_is["interval"], serde_json::json!({ "low": interval.low, "high": interval.high }));
    assert_eq!(as_it_is["better"], "changed_six.json");
    assert_eq!(as_it_is["tests"][0]["test"], "mcnemar_exact");
    assert_eq!(as_it_is["effects"][0]["value"].as_f64().unwrap(), run as f64 / first as f64);
    // If less is better, a decision that does not hold is the good one.
    let lower = found(&|metric| metric["higher_is_better"] = false.into());
    assert_eq!(lower["discordant"], serde_json::json!({ "run": first, "first": run }));
    assert_eq!(lower["interval"], as_it_is["interval"]);
    assert_eq!((&lower["better"], &lower["tests"]), (&"changed_three.json".into(), &as_it_is["tests"]));
    // The results say what is a proportion; values of 0 and 1 do not make one.
    let numbers = found(&|metric| metric["samples"]["proportion"] = false.into());
    assert!(numbers.get("discordant").is_none());
    assert_eq!(numbers["tests"][0]["test"], "paired_t");
    let table = text(&neurobench(folder.path(), &["compare", "three.json", "six.json"]).stdout);
    for (file, count) in [("three.json", first), ("six.json", run)] {
        let line = table.lines().find(|line| line.contains(&format!("better in {file} alone"))).unwrap();
        assert!(line.contains(&format!("  {count}  ")), "{line}");
    }
}

#[test]
fn metrics_that_are_not_the_mean_of_their_per_sample_values_are_not_tested_without_replicates() {
    let folder = runs(&["--per-sample", "--metric", "recall", "--metric", "rmse"]);
    let found = compared(folder.path(), &["two.json", "six.json"]);
    let tested: Vec<_> = found["runs"]["samples"].as_array().unwrap().iter().map(|found| &found["metric"]).collect();
    assert_eq!(tested, ["classification_accuracy", "mse"]);
    let notes = found["runs"]["notes"].as_array().unwrap();
    let why = "no test of recall, rmse: it is not the mean of its per-sample values, and `two.json` has no replicates \
               (`neurobench run --intervals --per-sample` keeps them)";
    assert!(notes.iter().any(|note| note == why), "{notes:?}");
    let why = notes.iter().find(|note| note.as_str().unwrap().starts_with("no test of synaptic_operations")).unwrap();
    assert!(why.as_str().unwrap().contains("its value has several numbers"), "{why}");
}

/// The values of a metric's number on replicates.
fn replicates(folder: &Path, file: &str, metric: usize, number: usize) -> Vec<f64> {
    let results = json(&folder.join(file));
    let values = results["metrics"][metric]["replicates"][number]["values"].as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

#[test]
fn metrics_that_are_not_the_mean_of_their_per_sample_values_are_tested_on_the_same_resamples() {
    let options = ["--intervals=replicates=600", "--per-sample", "--metric", "recall", "--metric", "rmse"];
    let folder = runs(&options);
    let found = compared(folder.path(), &["two.json", "six.json", "--level", "0.9"]);
    let compared_metrics: Vec<_> =
        found["runs"]["resamples"].as_array().unwrap().iter().map(|found| &found["name"]).collect();
    assert_eq!(compared_metrics, ["recall", "rmse"]);
    let corrected_together = tests_with_p(&found["runs"]).len();
    assert_eq!(found["runs"]["corrected_together"], corrected_together);
    for (at, metric) in [(0, 3), (1, 4)] {
        let found = &found["runs"]["resamples"][at];
        let (first, run) =
            (replicates(folder.path(), "two.json", metric, 0), replicates(folder.path(), "six.json", metric, 0));
        assert_eq!((first.len(), run.len(), found["resamples"].as_u64()), (600, 600, Some(600)));
        let expected = paired_bootstrap(&run, &first, 360, 0.9).unwrap();
        assert_eq!(found["test"]["p_value"].as_f64().unwrap(), expected.p_value);
        assert_eq!(found["interval"]["low"].as_f64().unwrap(), expected.interval.low);
        assert_eq!(found["interval"]["high"].as_f64().unwrap(), expected.interval.high);
        assert_eq!(found["test"]["smallest_p"].as_f64().unwrap(), expected.smallest_p);
        assert_eq!(found["better"], "six.json");
    }
    // A resample draws the same samples for both runs: if three steps do well on it, so do two.
    let (first, run) = (replicates(folder.path(), "two.json", 4, 0), replicates(folder.path(), "three.json", 4, 0));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(&first), mean(&run));
    let sum = |of: &dyn Fn(f64, f64) -> f64| first.iter().zip(&run).map(|(x, y)| of(x - a, y - b)).sum::<f64>();
    let correlation = sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    // For 600 independent pairs the correlation is below 0.2.
    assert!(correlation > 0.3, "{correlation}");
    let table = text(&neurobench(folder.path(), &["compare", "two.json", "six.json"]).stdout);
    for part in ["600 resamples", "paired_bootstrap", &format!("p-values of {corrected_together} tests")] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
}

#[test]
fn different_resamples_are_not_paired() {
    let folder = runs(&["--intervals=replicates=600", "--per-sample", "--metric", "rmse"]);
    let why_after = |change: &dyn Fn(&mut Value)| {
        let mut results = json(&folder.path().join("six.json"));
        change(&mut results);
        std::fs::write(folder.path().join("other.json"), results.to_string()).unwrap();
        let found = compared(folder.path(), &["two.json", "other.json"]);
        let notes = found["runs"]["notes"].as_array().unwrap().iter();
        let notes: Vec<String> = notes.map(|note| note.as_str().unwrap().to_owned()).collect();
        notes.into_iter().filter(|note| note.contains("rmse")).collect::<String>()
    };
    assert_eq!(why_after(&|_| ()), "");
    let why = why_after(&|results| results["intervals"]["seed"] = 5.into());
    assert!(why.contains("`two.json` has 600 replicates with seed 0"), "{why}");
    assert!(why.contains("`other.json` has 600 replicates with seed 5"), "{why}");
    let why = why_after(&|results| results["library"] = "neurobench 0.0.1".into());
    assert!(why.contains("by neurobench 0.0.1"), "{why}");
    let why = why_after(&|results| results["metrics"][3]["replicates"] = Value::Array(Vec::new()));
    assert!(why.contains("`other.json` has no replicates of it"), "{why}");
    // Six of six hundred resamples may be undefined, and are left out in both runs.
    let lacking = |lacking: u64| {
        move |results: &mut Value| {
            let replicates = &mut results["metrics"][3]["replicates"][0];
            replicates["undefined"] = (0..lacking).collect::<Vec<_>>().into();
            replicates["values"].as_array_mut().unwrap().drain(..lacking as usize);
        }
    };
    assert_eq!(why_after(&lacking(6)), "");
    let found = compared(folder.path(), &["two.json", "other.json"]);
    let (first, run) = (replicates(folder.path(), "two.json", 3, 0), replicates(folder.path(), "six.json", 3, 0));
    let expected = paired_bootstrap(&run[6..], &first[6..], 360, 0.95).unwrap();
    assert_eq!(found["runs"]["resamples"][0]["interval"]["low"].as_f64().unwrap(), expected.interval.low);
    let why = why_after(&lacking(7));
    assert!(why.contains("7 of 600 resamples have no value in one of the runs"), "{why}");
}

#[test]
fn every_metric_of_every_run_is_shown_and_one_note_lists_the_missing_ones() {
    let folder = runs(&[]);
    let change = |file: &str, keep: &[usize]| {
        let mut results = json(&folder.path().join(file));
        let metrics = keep.iter().map(|at| results["metrics"][*at].clone()).collect();
        results["metrics"] = Value::Array(metrics);
        std::fs::write(folder.path().join(file), results.to_string()).unwrap();
    };
    change("two.json", &[0]);
    change("six.json", &[1, 2]);
    let found = compared(folder.path(), &["two.json", "three.json", "six.json"]);
    let values = found["runs"]["values"].as_array().unwrap();
    let names: Vec<_> = values.iter().map(|value| value["name"].as_str().unwrap()).collect();
    assert_eq!(names[..2], ["classification_accuracy", "mse"]);
    assert!(names.contains(&"synaptic_operations · dense"));
    // The first run does not have the metric, so there is no difference from it.
    assert_eq!(values[1]["values"].as_array().unwrap().len(), 2);
    assert!(values[1]["values"].as_array().unwrap().iter().all(|value| value.get("difference").is_none()));
    let notes: Vec<_> = found["runs"]["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    let missing: Vec<_> = notes.iter().filter(|note| note.contains("does not have")).collect();
    let expected =
        "`two.json` does not have mse, synaptic_operations; `six.json` does not have classification_accuracy";
    assert_eq!(missing, [&expected]);
    // Definitions must also agree between two runs that are not the first.
    let mut results = json(&folder.path().join("six.json"));
    results["metrics"][0]["version"] = 9.into();
    std::fs::write(folder.path().join("six.json"), results.to_string()).unwrap();
    let output = neurobench(folder.path(), &["compare", "two.json", "three.json", "six.json"]);
    let error = text(&output.stderr);
    assert!(error.contains("version of `mse`: `three.json` has 1, `six.json` has 9"), "{error}");
    let groups = ["--group", "a=two.json", "--group", "b=three.json,six.json"];
    let output = neurobench(folder.path(), &[&["compare"][..], &groups].concat());
    assert!(text(&output.stderr).contains("version of `mse`"));
}

#[test]
fn values_on_different_samples_are_not_paired() {
    let folder = runs(&["--per-sample", "--intervals=replicates=200"]);
    let mut results = json(&folder.path().join("six.json"));
    let values = samples(folder.path(), "six.json", 1);
    let mut note_after = |change: &dyn Fn(&mut Value)| {
        change(&mut results["metrics"][1]);
        std::fs::write(folder.path().join("fewer.json"), results.to_string()).unwrap();
        let found = compared(folder.path(), &["two.json", "fewer.json"]);
        let notes = found["runs"]["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned());
        notes.filter(|note| note.starts_with("no test of mse")).collect::<String>()
    };
    assert_eq!(note_after(&|_| ()), "");
    // Undefined on the first two samples: the metric is the mean of the others.
    let note = note_after(&|metric| {
        for list in ["samples", "values"] {
            metric["samples"][list].as_array_mut().unwrap().drain(..2);
        }
        metric["value"] = (values[2..].iter().sum::<f64>() / 358.0).into();
    });
    assert!(note.starts_with(
        "no test of mse: the runs have its values on different samples, and `two.json` has no replicates"
    ));
    assert!(note.contains("`--intervals=method=bootstrap` draws them"), "{note}");
    // A list of values that is too short is refused.
    results["metrics"][1]["samples"]["values"] = serde_json::json!([]);
    std::fs::write(folder.path().join("fewer.json"), results.to_string()).unwrap();
    let output = neurobench(folder.path(), &["compare", "two.json", "fewer.json"]);
    assert!(
        text(&output.stderr)
            .contains("`fewer.json` does not have one per-sample value of `mse` for each of its samples")
    );
}

#[test]
fn a_run_is_equal_to_itself() {
    let folder = runs(&["--per-sample"]);
    std::fs::copy(folder.path().join("two.json"), folder.path().join("same.json")).unwrap();
    let found = compared(folder.path(), &["two.json", "same.json"]);
    // A test without a p-value gives the reason, and takes no part in the correction.
    assert_eq!(found["runs"]["corrected_together"], tests_with_p(&found["runs"]).len());
    let first = &found["runs"]["samples"][0];
    assert_eq!(first["discordant"], serde_json::json!({ "run": 0, "first": 0 }));
    let decisions = named(&first["tests"], "test", "mcnemar_exact");
    assert_eq!(decisions["error"], "there is no pair in which exactly one is right");
    assert!(decisions.get("p_value").is_none() && first.get("better").is_none());
    let second = &found["runs"]["samples"][1];
    let error = |test: &str| named(&second["tests"], "test", test)["error"].as_str().unwrap();
    assert!(error("paired_t").contains("do not vary"));
    assert_eq!(error("paired_permutation"), "all differences are zero");
    let effect = named(&second["effects"], "effect", "rank_biserial");
    assert!(effect["error"].as_str().unwrap().contains("all differences are zero"));
    let notes: Vec<&str> =
        found["runs"]["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    assert!(
        notes.iter().any(|note| note.contains("no mcnemar_exact of classification_accuracy in `same.json`")),
        "{notes:?}"
    );
    // One note lists everything that is missing for one reason.
    let missing = notes.iter().find(|note| note.contains("rank_biserial") && note.contains(" of mse in `same.json`"));
    let missing = missing.unwrap_or_else(|| panic!("{notes:?}"));
    assert!(missing.contains("wilcoxon_signed_rank") && missing.contains("paired_permutation"), "{missing}");
    // A file under two names is one run.
    let error = |arguments: &[&str]| {
        let output = neurobench(folder.path(), &[&["compare"], arguments].concat());
        assert!(!output.status.success());
        text(&output.stderr)
    };
    assert!(error(&["two.json", "two.json"]).contains("`two.json` is given twice"));
    assert!(error(&["two.json", "./two.json"]).contains("`two.json` and `./two.json` are one file"));
    let groups = ["--group", "a=two.json,three.json", "--group", "b=three.json,six.json"];
    assert!(error(&groups).contains("`three.json` is given twice"));
    let groups = ["--group", "a=two.json,three.json,same.json"];
    assert!(error(&groups).contains("`same.json` is a copy of `two.json`; each run counts once"));
    let groups = ["--group", "a=two.json", "--group", "a=three.json"];
    assert!(error(&groups).contains("there are two groups `a`"));
}

#[test]
fn too_few_resamples_for_the_level_are_reported() {
    let folder = runs(&["--per-sample"]);
    let error = |arguments: &[&str]| {
        let output = neurobench(folder.path(), &[&["compare", "two.json", "six.json"], arguments].concat());
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let none = error(&["--resamples", "0"]);
    assert!(none.contains("0 resamples are too few for level 0.95") && none.contains("`--resamples 19`"), "{none}");
    assert!(error(&["--resamples", "18"]).contains("too few for level 0.95"));
    assert!(error(&["--resamples", "998", "--level", "0.999"]).contains("use at least 999 (`--resamples 999`)"));
    let notes = |resamples: &str| {
        compared(folder.path(), &["two.json", "six.json", "--resamples", resamples])["runs"]["notes"].to_string()
    };
    // Enough for one test, but several are corrected together: the smallest p-value is their number / (resamples + 1).
    let tests = tests_with_p(&compared(folder.path(), &["two.json", "six.json", "--resamples", "19"])["runs"]).len();
    let few = format!(
        "too few resamples for paired_permutation: the smallest p-value that they can give is {:.4} when {tests} tests",
        tests as f64 / 20.0
    );
    assert!(tests > 1 && notes("19").contains(&few), "{}", notes("19"));
    let enough = 20 * tests - 1;
    assert!(notes(&(enough - 1).to_string()).contains("too few resamples"));
    assert!(!notes(&enough.to_string()).contains("too few resamples"));
}

#[test]
fn without_per_sample_values_there_are_no_tests() {
    let folder = runs(&[]);
    let found = compared(folder.path(), &["two.json", "six.json"]);
    assert!(found["runs"]["samples"].as_array().unwrap().is_empty());
    let notes = found["runs"]["notes"].as_array().unwrap();
    let why = "no test of classification_accuracy, mse, synaptic_operations: `two.json` has no per-sample values \
               (`neurobench run --intervals --per-sample` keeps them)";
    assert!(notes.iter().any(|note| note == why), "{notes:?}");
}

#[test]
fn groups_are_compared_by_their_means() {
    let folder = runs(&[]);
    // A run for four steps stands for one with another seed.
    let three = std::fs::read_to_string(folder.path().join("three.toml")).unwrap();
    std::fs::write(folder.path().join("four.toml"), three.replace("steps=3", "steps=4")).unwrap();
    assert!(neurobench(folder.path(), &["run", "four.toml", "--output", "four.json"]).status.success());
    let arguments = ["--group", "few=two.json,three.json", "--group", "many=four.json,six.json", "--level", "0.9"];
    let found = compared(folder.path(), &arguments);
    let value = |file: &str| {
        let results = json(&folder.path().join(file));
        results["metrics"][0]["value"].as_f64().unwrap()
    };
    let (few, many) = ([value("two.json"), value("three.json")], [value("four.json"), value("six.json")]);
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
fn tables_fit_the_terminal_without_wrapping_a_number() {
    let folder = runs(&["--intervals", "--per-sample"]);
    std::fs::copy(folder.path().join("six.json"), folder.path().join("another_run_with_a_long_name.json")).unwrap();
    let three = std::fs::read_to_string(folder.path().join("three.toml")).unwrap();
    std::fs::write(folder.path().join("four.toml"), three.replace("steps=3", "steps=4")).unwrap();
    assert!(neurobench(folder.path(), &["run", "four.toml", "--output", "four.json"]).status.success());
    let printed = |arguments: &[&str], columns: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        command.current_dir(folder.path()).arg("compare").args(arguments).env_remove("COLUMNS");
        let output = command.envs(columns.map(|columns| ("COLUMNS", columns))).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let numbers = |text: &str| {
        let words = text.lines().filter(|line| line.starts_with('│')).flat_map(str::split_whitespace);
        let mut numbers: Vec<f64> =
            words.filter(|word| word.contains('.')).filter_map(|word| word.parse().ok()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers
    };
    let runs: &[&str] = &["two.json", "six.json"];
    let long: &[&str] = &["two.json", "three.json", "another_run_with_a_long_name.json"];
    let groups: &[&str] = &["--group", "few=two.json,three.json", "--group", "many_steps=four.json,six.json"];
    for arguments in [runs, long, groups] {
        let whole = printed(arguments, None);
        let tabular = |line: &&str| line.starts_with(['│', '┌', '╞', '└']);
        assert!(whole.lines().any(|line| line.starts_with("│ classification_accuracy ")), "{whole}");
        assert!(whole.lines().filter(tabular).any(|line| line.chars().count() > 80), "{whole}");
        let narrow = printed(arguments, Some("80"));
        let widest = narrow.lines().filter(tabular).max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= 80, "{narrow}");
        assert_eq!(numbers(&narrow), numbers(&whole), "{narrow}{whole}");
        assert_eq!(printed(arguments, Some("300")), printed(arguments, Some("400")));
    }
}

#[test]
fn runs_that_cannot_be_compared_are_refused_with_all_that_differs() {
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
    assert!(error.contains("`other.json` has no fingerprint of its data"), "{error}");
    let error = changed(&|results| results["samples"] = 359.into());
    assert!(error.contains("number of samples: `two.json` has 360, `other.json` has 359"), "{error}");
    let error = changed(&|results| results["schema"] = 1.into());
    assert!(error.contains("`other.json` has schema 1"), "{error}");
}

#[test]
fn mistakes_in_arguments_and_files_are_reported() {
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
    assert!(error(&["a.json", "b.json"]).contains("`a.json` is not a file of results"));
}

#[test]
fn control_characters_of_names_are_escaped_and_parts_have_the_unit_of_their_field() {
    let folder = runs(&[]);
    let folder = folder.path();
    let mut results = json(&folder.join("two.json"));
    results["metrics"][0]["name"] = "\u{1b}[2Jcleared".into();
    let parts = &mut results["metrics"][2];
    parts["fields"] = serde_json::json!([{ "name": "values", "unit": "ms\u{9b}1m", "higher_is_better": true }]);
    parts["value"] = serde_json::json!({ "2": { "values": { "mean": 0.5 }, "neurons": 3 } });
    parts["unit"] = "neurons".into();
    parts.as_object_mut().unwrap().remove("higher_is_better");
    for file in ["a.json", "b.json"] {
        std::fs::write(folder.join(file), results.to_string()).unwrap();
    }
    for arguments in [["a.json", "b.json"], ["--group", "a\u{1b}=a.json"]] {
        let output = neurobench(folder, &[&["compare"], &arguments[..]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let table = text(&output.stdout);
        assert!(table.contains("\\u{1b}[2Jcleared") && table.contains("ms\\u{9b}1m"), "{table}");
        assert!(table.chars().all(|letter| letter == '\n' || !letter.is_control()), "{table:?}");
    }
    let found = compared(folder, &["a.json", "b.json"]);
    let values = found["runs"]["values"].as_array().unwrap();
    let of = |name: &str| values.iter().find(|value| value["name"] == format!("synaptic_operations · {name}")).unwrap();
    assert_eq!(of("2 · values · mean")["unit"], "ms\u{9b}1m");
    assert_eq!(of("2 · values · mean")["higher_is_better"], true);
    assert_eq!(of("2 · neurons")["unit"], "neurons");
    assert_eq!(of("2 · neurons").get("higher_is_better"), None);
}
