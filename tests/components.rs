//! `neurobench list KIND`, `neurobench describe`, the page of components and the schema of benchmark files.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![cfg(feature = "cli")]

use std::process::Command;

use serde_json::{Value, json};

/// Standard output and standard error of the command.
fn neurobench(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_neurobench")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert_eq!(output.status.success(), output.stderr.is_empty());
    (text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&neurobench(arguments).0).unwrap()
}

#[test]
fn the_page_of_components_is_current() {
    let (printed, _) = neurobench(&["list", "components", "--markdown"]);
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/components.md")).unwrap();
    let differs = printed.lines().zip(committed.lines()).find(|(printed, committed)| printed != committed);
    assert!(
        printed == committed,
        "docs/components.md differs from the definitions, first in {differs:?}: run \
         `cargo run -- list components --markdown > docs/components.md`"
    );
}

#[test]
fn every_kind_is_listed_from_its_registry() {
    for (kind, name, summary) in [
        ("preprocessors", "scale", "Multiplies every input"),
        ("postprocessors", "last_step", "last time step"),
        ("datasets", "archive", "one file of named"),
        ("data_formats", "npz", "Archives of NumPy arrays"),
        ("statistical_tests", "mcnemar_exact", "McNemar's exact test"),
        ("layers", "softmax", ""),
    ] {
        let (text, _) = neurobench(&["list", kind]);
        assert!(text.contains(name) && text.contains(summary), "{text}");
        let entries = json(&["list", kind, "--json"]);
        assert!(entries.as_array().unwrap().iter().any(|entry| entry["name"] == name), "{kind}");
    }
    assert_eq!(neurobench(&["list"]).0, neurobench(&["list", "metrics"]).0);
    let two = json(&["list", "preprocessors", "datasets", "--json"]);
    let mut kinds: Vec<_> = two.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    kinds.dedup();
    assert_eq!(kinds, ["preprocessor", "data set"]);
}

#[test]
fn every_kind_that_the_help_names_is_listed_in_any_spelling() {
    let (help, _) = neurobench(&["list", "--help"]);
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, kinds) = words.split_once("Kinds are ").unwrap();
    let (kinds, _) = kinds.split_once(" and those that linked crates add").unwrap();
    let kinds: Vec<&str> = kinds.split([',', ' ']).filter(|word| !word.is_empty() && *word != "and").collect();
    assert!(kinds.contains(&"metrics") && kinds.contains(&"model_formats"), "{kinds:?}");
    for kind in kinds {
        let (text, errors) = neurobench(&["list", kind]);
        assert!(errors.is_empty() && text.contains("`neurobench describe NAME` shows all of one"), "{kind}: {errors}");
        for spelling in [kind.replace('_', "-"), kind.to_uppercase(), kind.replace('_', "")] {
            assert_eq!(neurobench(&["list", &spelling]).0, text, "{spelling}");
        }
    }
    assert_eq!(neurobench(&["describe", "model-formats:network"]), neurobench(&["describe", "model_formats:network"]));
    for (name, hint) in [("preprocesors", "preprocessors"), ("model_fromats", "model_formats"), ("layer", "")] {
        let (_, error) = neurobench(&["list", name]);
        let message = format!("error: no kind, component or task matches `{name}`; did you mean `{hint}`?");
        assert!(if hint.is_empty() { error.is_empty() } else { error.starts_with(&message) }, "{error}");
    }
    let (_, error) = neurobench(&["list", "msee"]);
    assert_eq!(error, "error: no kind, component or task matches `msee`; did you mean `mse`?\n");
}

#[test]
fn a_component_of_any_kind_is_described() {
    let (scale, _) = neurobench(&["describe", "preprocessors:Scale"]);
    for part in [
        "scale (preprocessor of neurobench, version 1)\n    Multiplies every input",
        "\n  setting: factor: f64, required  Factor, such as 1/255",
        "\n  defined at: neurobench-core/src/process/scale.rs:",
    ] {
        assert!(scale.contains(part), "{scale}");
    }
    for name in ["preprocessors:scale", "preprocessor:scale", "preprocessors:neurobench::scale"] {
        assert_eq!(neurobench(&["describe", name]).0, scale, "{name}");
    }
    let metrics = json(&["list", "metrics", "--json"]);
    let mse = metrics.as_array().unwrap().iter().find(|metric| metric["name"] == "mse").unwrap();
    assert_eq!(json(&["describe", "mse", "--json"]), json!([mse]));
    let both = json(&["describe", "repeat_over_time", "top_3", "--json"]);
    assert_eq!(both[0]["settings"][0]["range"], "1..");
    assert_eq!(both[1]["variant_of"], "top_k_accuracy");
    let (page, _) = neurobench(&["describe", "arrays", "--markdown"]);
    assert!(page.contains("* setting: `sequences`: `Option<Vec<usize>>` = `none`. Number of samples"), "{page}");
    for (name, message) in [
        ("last_stpe", "no component `last_stpe`; did you mean `last_step`?"),
        ("metrics:scale", "no metric `scale`"),
        ("preprocesors:scale", "no kind of component `preprocesors`; did you mean `preprocessors`?"),
    ] {
        let (_, error) = neurobench(&["describe", name]);
        assert!(error.starts_with(&format!("error: {message}")), "{error}");
    }
}

#[test]
fn a_name_of_several_kinds_describes_all_of_them() {
    let (layer, preprocessor) = (["describe", "layers:scale"], ["describe", "preprocessors:scale"]);
    let (both, errors) = neurobench(&["describe", "scale"]);
    assert_eq!(errors, "");
    assert_eq!(both, neurobench(&layer).0 + &neurobench(&preprocessor).0);
    for head in ["scale (layer of neurobench, version 1)\n", "scale (preprocessor of neurobench, version 1)\n"] {
        assert!(both.contains(head), "{both}");
    }
    let entries = json(&["describe", "Scale", "--json"]);
    let kinds: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["layer", "preprocessor"]);
}

#[test]
fn the_schema_accepts_benchmark_files_and_refuses_their_mistakes() {
    let schema = json(&["list", "--schema"]);
    let text = include_str!("../examples/digits/benchmark.toml");
    let problem = |text: &str| {
        let file: toml::Table = toml::from_str(text).unwrap();
        validate(&schema, &serde_json::to_value(file).unwrap()).err()
    };
    assert_eq!(problem(text), None);
    for task in neurobench::tasks::tasks() {
        let (_, file) = task.files[0];
        assert_eq!(problem(std::str::from_utf8(file).unwrap()), None, "{}", task.name);
    }
    for (from, to) in [
        ("inputs = \"inputs.npy\"", "archive = \"digits.npz\"\ninputs = \"x\""),
        ("inputs = \"inputs.npy\"", "dataset = \"arrays\"\ninputs = \"inputs.npy\"\nsequences = [180, 180]"),
        ("\"footprint\"", "\"footprint\", { name = \"top_k\", k = 3, as = \"three\" }"),
        ("network = \"network.toml\"", "nir = \"digits.nir\"\ndynamics = \"snntorch\"\ndt = 1e-3"),
    ] {
        assert!(text.contains(from));
        assert_eq!(problem(&text.replace(from, to)), None, "{to}");
    }
    for (from, to) in [
        ("name = \"digits\"", "nam = \"digits\""),
        ("factor = 0.0625", "factor = \"small\""),
        ("factor = 0.0625", "by = 0.0625"),
        (", factor = 0.0625", ""),
        ("steps = 25", "steps = 0"),
        ("name = \"scale\"", "name = \"scael\""),
        ("batch_size = 64", "batch_size = 0"),
        ("inputs = \"inputs.npy\"", ""),
        ("inputs = \"inputs.npy\"", "inputs = \"inputs.npy\"\nsequences = [-1]"),
        ("inputs = \"inputs.npy\"", "dataset = \"archive\"\ninputs = \"inputs.npy\""),
        ("[model]", "per_sample = 1\n[model]"),
        ("[model]", "[task]\nversion = 1\n[model]"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(problem(&text.replace(from, to)).is_some(), "{to}");
    }
}

/// Checks a value by the keywords of JSON Schema that the schema uses.
fn validate(schema: &Value, value: &Value) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "default" => true,
            "type" => {
                let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                types.iter().any(|each| is_of_type(each.as_str().unwrap(), value))
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "anyOf" => rule.as_array().unwrap().iter().any(|each| validate(each, value).is_ok()),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "exclusiveMaximum" => value.as_f64().is_none_or(|number| number < rule.as_f64().unwrap()),
            "required" => {
                let keys = rule.as_array().unwrap();
                value.as_object().is_none_or(|map| keys.iter().all(|key| map.contains_key(key.as_str().unwrap())))
            }
            "items" => {
                value.as_array().into_iter().flatten().try_for_each(|item| validate(rule, item))?;
                true
            }
            "properties" => {
                for (key, property) in rule.as_object().unwrap() {
                    value.get(key).map_or(Ok(()), |found| validate(property, found))?;
                }
                true
            }
            "additionalProperties" => {
                let known = |key: &String| schema["properties"].get(key).is_some();
                let further = value.as_object().into_iter().flatten().filter(|(key, _)| !known(key));
                match rule {
                    Value::Bool(false) => further.count() == 0,
                    rule => further.map(|(_, value)| validate(rule, value)).all(|found| found.is_ok()),
                }
            }
            other => return Err(format!("the test does not know the keyword `{other}`")),
        };
        if !holds {
            return Err(format!("{value} is against `{keyword}`: {rule}"));
        }
    }
    Ok(())
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

#[test]
fn the_validator_of_this_test_refuses_what_a_schema_excludes() {
    let schema = json!({ "type": "array", "items": { "type": "integer", "minimum": 0, "exclusiveMaximum": 3 } });
    assert_eq!(validate(&schema, &json!([0, 2])), Ok(()));
    for value in [json!([0, 3]), json!([-1]), json!([0.5]), json!({})] {
        assert!(validate(&schema, &value).is_err(), "{value}");
    }
}
