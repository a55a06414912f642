//! `docs/benchmark-files.md` says what the command does: every key, type, default and name on it, and every snippet runs.

mod adapters;
pub(crate) mod page;
pub(crate) mod setting;

use std::collections::BTreeSet;

use neurobench::component::{ItemKind, Registry, TakesSettings};
use neurobench::metrics::Device;
use neurobench::model::model_formats;
use neurobench::process::{postprocessors, preprocessors};
use page::{PAGE, Row, links, names_in, snippets, table};
use setting::{Setting, merged};

/// The names that a message lists behind these words, up to its hint.
fn listed(message: &str, behind: &str) -> BTreeSet<String> {
    let (_, list) = message.split_once(behind).unwrap_or_else(|| panic!("`{behind}` is not in {message}"));
    let list = list.lines().next().unwrap().split(';').next().unwrap();
    let names = list.replace("one of", "").replace(" or ", ",").replace('`', "");
    names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn first_cells(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().flat_map(|row| names_in(&row.cell("key"))).collect()
}

/// Where each table of keys stands in a file, and what makes it be there.
const TABLES: [(&str, &[&str], &str); 5] = [
    ("The file", &[], ""),
    ("`[data]`", &["data"], ""),
    (
        "`[devices.NAME]`",
        &["devices", "mine"],
        "metrics = [{ name = \"energy\", device = \"mine\" }]\n\
         [devices.mine]\nmac = 2e-12\nac = 1e-12\nmembrane_update = 1e-12\nprecision = \"int8\"\nsource = \"none\"",
    ),
    ("`[intervals]`", &["intervals"], "[intervals]"),
    ("`[task]`", &["task"], "[task]\nversion = 1\nsummary = \"none\""),
];

/// The example with what stands at a path put in, or taken away.
fn with(base: &toml::Table, path: &[&str], value: Option<toml::Value>) -> toml::Table {
    let mut file = base.clone();
    let (key, tables) = path.split_last().unwrap();
    let table = tables.iter().fold(&mut file, |table, name| table[*name].as_table_mut().unwrap());
    match value {
        Some(value) => table.insert((*key).to_owned(), value),
        None => table.remove(*key),
    };
    file
}

fn literal(text: &str) -> toml::Value {
    toml::from_str::<toml::Table>(&format!("value = {text}")).unwrap()["value"].clone()
}

#[test]
fn the_page_lists_exactly_the_keys_of_files() {
    let setting = Setting::new();
    for (heading, path, more) in TABLES {
        let base = merged(&setting.example, more);
        let unknown = with(&base, &[path, &["zzz"]].concat(), Some(literal("1")));
        let keys = listed(&setting.fails(&unknown), "unknown key `zzz`; expected one of ");
        // A device is called as its table is.
        let keys: BTreeSet<String> =
            keys.into_iter().filter(|key| path != ["devices", "mine"] || key != "name").collect();
        assert_eq!(first_cells(&table(heading)), keys, "{heading}");
    }
}

#[test]
fn required_keys_are_required_and_defaults_equal_their_written_values() {
    let setting = Setting::new();
    for (heading, path, more) in TABLES {
        let base = merged(&setting.example, more);
        for row in table(heading) {
            let key = row.cell("key").replace('`', "");
            let place = [path, &[key.as_str()]].concat();
            match row.cell("default").as_str() {
                "required" => {
                    let error = setting.fails(&with(&base, &place, None));
                    assert!(error.contains(&format!("missing key `{key}`")), "{heading} {key}: {error}");
                }
                "none" => {}
                default => {
                    let default = literal(default.trim_matches('`'));
                    let (without, written) = (with(&base, &place, None), with(&base, &place, Some(default)));
                    // Without processors or metrics the example fails, in one way.
                    assert_eq!(setting.outcome(&without), setting.outcome(&written), "{heading} {key}");
                }
            }
        }
    }
}

#[test]
fn values_of_the_wrong_type_are_errors() {
    let setting = Setting::new();
    for (heading, path, more) in TABLES {
        let base = merged(&setting.example, more);
        for row in table(heading) {
            let (key, kind) = (row.cell("key").replace('`', ""), row.cell("type"));
            let (wrong, words) = match kind.as_str() {
                "text" => ("1", BTreeSet::new()),
                "number" | "integer" | "list" | "table" => ("\"text\"", BTreeSet::new()),
                "boolean" => ("1", BTreeSet::new()),
                words => ("\"zzz\"", names_in(words)),
            };
            let error = setting.fails(&with(&base, &[path, &[key.as_str()]].concat(), Some(literal(wrong))));
            match words.is_empty() {
                true => assert!(error.contains("expected ") && error.contains(", found "), "{heading} {key}: {error}"),
                false => assert_eq!(words, listed(&error, "unknown value `zzz`; expected one of "), "{heading} {key}"),
            }
        }
    }
}

/// Asserts that a benchmark without the settings of a processor fails if, and only if, one of them is required.
fn requires_settings_without_default<K: ItemKind>(setting: &Setting, key: &str, registry: &Registry<K>) {
    let built_in = registry.iter().filter(|entry| entry.about.module.starts_with("neurobench_"));
    for entry in built_in {
        let bare = literal(&format!("[\"{}\"]", entry.name));
        let (errors, _) = setting.outcome(&with(&setting.example, &[key], Some(bare)));
        let required = entry.constructor.params().iter().any(|param| param.required);
        assert_eq!(errors.contains("is missing; it has no default"), required, "{}: {errors}", entry.name);
    }
}

#[test]
fn settings_of_processors_are_required_unless_they_have_a_default() {
    let setting = Setting::new();
    requires_settings_without_default(&setting, "preprocessors", preprocessors());
    requires_settings_without_default(&setting, "postprocessors", postprocessors());
}

#[test]
fn a_key_of_the_model_is_a_format_or_one_of_its_settings() {
    assert_eq!(first_cells(&table("`[model]`")), ["file", "format"].map(str::to_owned).into());
    let setting = Setting::new();
    let model = |text: &str| with(&setting.example, &["model"], Some(literal(text)));
    let results = |text: &str| setting.results(&model(text));
    assert_eq!(results("{ file = \"network.toml\" }"), results("{ network = \"network.toml\" }"));
    let by_format = "{ file = \"network.toml\", format = \"network\" }";
    assert_eq!(results(by_format), results("{ network = \"network.toml\" }"));
    let graph = |more: &str| format!("{{ nir = \"digits.nir\", dynamics = \"snntorch\", dt = 1e-3{more} }}");
    assert_eq!(results(&graph("")), results(&graph(", carries_state = false")));
    for (text, message) in [
        ("{ network = \"network.toml\", zzz = 1 }", "`network`: no setting `zzz`; it has none"),
        ("{ nir = \"digits.nir\", zzz = 1 }", "no setting `zzz`; it has dynamics, dt, carries_state"),
        ("{ nir = \"digits.nir\", dynamcs = \"norse\" }", "did you mean `dynamics`?"),
        ("{ nir = \"digits.nir\", dt = \"text\" }", "setting `dt`: expected a number, found text \"text\""),
        ("{ nir = \"digits.nir\", carries_state = 1 }", "setting `carries_state`: expected true or false, found 1"),
        ("{ network = \"network.toml\", nir = \"digits.nir\" }", "`network` and `nir` exclude each other"),
        ("{ network = 1 }", "`network` must be text"),
        ("{ file = 1 }", "`file` must be text"),
        ("{ file = \"network.toml\", format = 1 }", "`format` must be text"),
        ("{ file = \"network.toml\", format = \"netwrok\" }", "no model format `netwrok`; did you mean `network`?"),
        ("{ network = \"network.toml\", format = \"nir\" }", "`network` and `format` exclude each other"),
        ("{ netwrok = \"network.toml\" }", "; did you mean `network`?"),
        ("{ file = \"inputs.npy\" }", "the extension of `inputs.npy` is that of no model format"),
    ] {
        let error = setting.fails(&model(text));
        assert!(error.contains(message), "{text}: {error}");
    }
    let known = listed(&setting.fails(&model("{ netwrok = \"network.toml\" }")), "name the model file with ");
    assert!(["network", "nir", "file"].iter().all(|key| known.contains(*key)), "{known:?}");
}

#[test]
fn the_docs_of_dynamics_list_every_one() {
    let setting = Setting::new();
    let error = setting.fails(&merged(&setting.example, "[model]\nnir = \"digits.nir\"\ndynamics = \"zzz\""));
    let params = model_formats().find("nir").unwrap().constructor.params();
    let dynamics = params.iter().find(|param| param.name == "dynamics").unwrap();
    assert_eq!(names_in(dynamics.docs), listed(&error, "; there are "));
}

#[test]
fn the_page_lists_every_published_device() {
    let setting = Setting::new();
    let error = setting.fails(&merged(&setting.example, "metrics = [\"energy(device=zzz)\"]"));
    let rows = page::table_with("`[devices.NAME]`", "device");
    let names: BTreeSet<String> = rows.iter().flat_map(|row| names_in(&row.cell("device"))).collect();
    assert_eq!(names, listed(&error, "; there are "));
    for row in rows {
        let device = Device::from_name(&row.cell("device").replace('`', "")).unwrap();
        let joules = |column: &str| literal(row.cell(column).trim_matches('`')).as_float();
        assert_eq!((joules("`mac`"), joules("`ac`")), (Some(device.mac), Some(device.ac)), "{}", device.name);
        let update = row.cell("`membrane_update`");
        let update = (update != "none").then(|| literal(update.trim_matches('`')).as_float().unwrap());
        assert_eq!(update, device.membrane_update, "{}", device.name);
        let counted = |column: &str| row.cell(column).trim_matches(['`', '"']).to_owned();
        let counts = |counted| serde_json::to_value(counted).unwrap().as_str().unwrap().to_owned();
        assert_eq!(counted("`operations`"), counts(device.operations), "{}", device.name);
        assert_eq!(counted("`updates`"), counts(device.updates), "{}", device.name);
    }
}

#[test]
fn every_snippet_and_every_command_runs() {
    let setting = Setting::new();
    let snippets = snippets();
    assert!(snippets.len() > 7);
    for snippet in &snippets[1..] {
        let results = setting.results(&merged(&setting.example, snippet));
        let metrics = results["metrics"].as_array().unwrap();
        assert!(!metrics.is_empty() && metrics.iter().all(|metric| metric["status"] == "ok"), "{snippet}\n{results}");
    }
    setting.write(&setting.example);
    let commands: Vec<&str> = snippets_of_commands();
    assert!(commands.len() > 1);
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches('\'')).collect();
        assert!(setting.command(&arguments).status.success(), "{command}");
    }
}

fn snippets_of_commands() -> Vec<&'static str> {
    PAGE.lines().filter_map(|line| line.strip_prefix("$ neurobench ")).collect()
}

#[test]
fn user_defined_names_are_in_the_results() {
    let setting = Setting::new();
    let snippet = snippets().into_iter().find(|snippet| snippet.contains("as = \"operations\"")).unwrap();
    let results = setting.results(&merged(&setting.example, snippet));
    let names: Vec<&str> = results["metrics"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    let recall = "recall(average=\"none\")";
    assert_eq!(names, ["footprint", "precision", recall, "operations", "operations_per_call"]);
    let error = setting.fails(&merged(&setting.example, "preprocessors = [\"scale(factor=1, as=x)\"]"));
    assert!(error.contains("preprocessor `scale`: `as` is only for metrics"), "{error}");
}

#[test]
fn the_readme_contains_the_example() {
    assert!(include_str!("../../../README.md").contains(snippets()[0]));
}

#[test]
fn every_file_and_heading_linked_from_the_page_exists() {
    let links = links();
    assert!(links.len() > 3);
    for link in links {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&path).exists(), "{link} does not exist");
        if !heading.is_empty() {
            let text = std::fs::read_to_string(&path).unwrap();
            let headings = text.lines().filter(|line| line.starts_with('#'));
            let mut anchors = headings.map(|line| line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-"));
            assert!(anchors.any(|anchor| anchor == heading), "{link}: no such heading");
        }
    }
}
