//! JSON Schema of benchmark files, with every linked component as an alternative.

use serde_json::{Map, Value, json};

use neurobench_core::component::{
    CatalogueEntry, CatalogueKind, Definitions, Kind, RegistryError, Settings, catalogue,
};
use neurobench_core::data::{Archive, Arrays, Datasets};
use neurobench_core::metric::Metrics;
use neurobench_core::model::ModelFormats;
use neurobench_core::process::{Postprocessors, Preprocessors};
use neurobench_core::report::export::Exporters;

/// The schema of a whole file.
pub(crate) fn benchmark_file() -> Result<Value, RegistryError> {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Benchmark file of neurobench",
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "Name of the benchmark and of the file of its results." },
            "model": { "anyOf": models()? },
            "data": { "anyOf": datasets()? },
            "preprocessors": list_of::<Preprocessors>(&json!({}))?,
            "postprocessors": list_of::<Postprocessors>(&json!({}))?,
            "metrics": list_of::<Metrics>(&json!({
                "as": { "type": "string", "description": "Name of the metric in the results." },
            }))?,
            "exports": list_of::<Exporters>(&json!({
                "file": { "type": "string", "description": "File to write [default: NAME.results.EXTENSION]." },
            }))?,
            "intervals": { "type": "object", "description": "Settings of confidence intervals." },
            "task": task(),
            "per_sample": {
                "type": "boolean", "default": false, "description": "True to record the value of every metric on each sample.",
            },
        },
        "required": ["name", "model"],
        "additionalProperties": false,
    });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for definitions in Definitions::all() {
            let docs =
                format!("Definitions of each {} by the name under which settings ask for it.", definitions.singular);
            let table = json!({ "type": "object", "additionalProperties": { "type": "object" }, "description": docs });
            properties.insert(definitions.table.to_owned(), table);
        }
    }
    Ok(schema)
}

/// The `[model]` tables of all model formats: with the name of the format as the key of the file, or with `file` and `format`.
fn models() -> Result<Vec<Value>, RegistryError> {
    let path = json!({ "type": "string", "description": "Model file, relative to the benchmark file." });
    let autonomous = json!({
        "type": "boolean", "default": false, "description": "True for forecasts from the model's own predictions.",
    });
    let by_name = |entry: CatalogueEntry| {
        let mut schema = entry.schema();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.remove("file");
            properties.insert(entry.name.to_owned(), path.clone());
            properties.insert("autonomous".to_owned(), autonomous.clone());
        }
        schema["required"] = json!([entry.name]);
        schema
    };
    let by_extension = json!({
        "type": "object",
        "properties": {
            "file": path,
            "format": { "type": "string", "description": "Name of the model format [default: by the extension of the file]." },
            "autonomous": autonomous,
        },
        "required": ["file"],
    });
    Ok(entries::<ModelFormats>()?.into_iter().map(by_name).chain([by_extension]).collect())
}

/// The table `[task]`.
fn task() -> Value {
    let text = |docs: &str| json!({ "type": "string", "description": docs });
    let published_elsewhere = |what: &str| {
        let keys = json!({
            "name": text(&format!("Name of the {what}.")),
            "url": text("Page that publishes them."),
            "license": text("License."),
            "setting": text("Setting of the data set that names their folder or file."),
        });
        object(&keys, &["name", "url", "license"])
    };
    let column = json!({
        "name": text("Head of the column."),
        "value": text("Metric, or a part of its value: `synaptic_operations.dense`."),
        "group": text("Group of sequences over which the value is the mean."),
        "unit": text("Unit, if it is not that of the metric."),
    });
    let result = json!({ "model": text("Name of the model."), "values": { "type": "array" } });
    let keys = json!({
        "version": { "type": "integer", "description": "Version of the task, raised when its results change." },
        "summary": text("Description in one sentence."),
        "source": text("Source of the definition."),
        "data": published_elsewhere("data"),
        "weights": published_elsewhere("weights"),
        "leaderboard": { "type": "array", "items": object(&column, &["name", "value"]) },
        "reproduced": { "type": "array", "description": "Values of the task's own model, in the order of the columns." },
        "published": { "type": "array", "items": object(&result, &["model", "values"]) },
        "notes": { "type": "array", "items": text("Difference from the published task.") },
    });
    object(&keys, &["version", "summary"])
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Every linked component of a kind.
fn entries<K: Kind>() -> Result<Vec<CatalogueEntry>, RegistryError> {
    let kind = catalogue().into_iter().find(|kind| kind.plural == K::PLURAL);
    kind.map_or_else(|| Ok(Vec::new()), CatalogueKind::entries)
}

/// A list of components, each as a text or as a table.
fn list_of<K: Kind>(further: &Value) -> Result<Value, RegistryError> {
    let text = json!({
        "type": "string",
        "description": format!("Name of a {}, with settings in parentheses: `name(key=value, ..)`.", K::SINGULAR),
    });
    let tables = entries::<K>()?.into_iter().map(|entry| with_name(&entry, "name", true, further));
    let forms: Vec<Value> = [text].into_iter().chain(tables).collect();
    Ok(json!({ "type": "array", "items": { "anyOf": forms } }))
}

/// The `[data]` tables of all data sets.
fn datasets() -> Result<Vec<Value>, RegistryError> {
    let batch_size = json!({
        "batch_size": { "type": "integer", "minimum": 1, "default": 64, "description": "Number of samples in a batch." },
        "prefetch": { "type": "integer", "minimum": 0, "default": 0, "description": "Number of batches to read ahead." },
        "cache": { "type": "string", "description": "Folder in which preprocessed batches are kept." },
    });
    let is_found_by_keys = |entry: &CatalogueEntry| [Arrays::ABOUT.id(), Archive::ABOUT.id()].contains(&entry.id);
    let tables = entries::<Datasets>()?;
    Ok(tables.iter().map(|entry| with_name(entry, "dataset", !is_found_by_keys(entry), &batch_size)).collect())
}

/// A table with the settings of a component and a key for its name. The name is spelled as registered, although files
/// may spell it in other ways.
fn with_name(entry: &CatalogueEntry, key: &str, required: bool, further: &Value) -> Value {
    let mut schema = entry.schema();
    let names: Vec<&str> = [entry.name].into_iter().chain(entry.aliases.iter().copied()).collect();
    let mut name = Map::from_iter([("enum".to_owned(), json!(names))]);
    if !entry.summary.is_empty() {
        name.insert("description".to_owned(), entry.summary.clone().into());
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(key.to_owned(), name.into());
        properties.extend(further.as_object().cloned().unwrap_or_default());
    }
    if required && let Some(Value::Array(keys)) = schema.get_mut("required") {
        keys.insert(0, key.into());
    }
    schema
}
