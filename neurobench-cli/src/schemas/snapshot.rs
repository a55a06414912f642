//! Schema of snapshots.

use serde_json::{Value, json};

use super::{DIALECT, count, digest, flag, intervals, list, object, text};

/// The schema of a snapshot of an unfinished run. States of cores have the forms of their types and are not described.
pub(super) fn schema() -> Value {
    let identity = object(
        &json!({
            "model": digest("Digest of the model; null if it has none."),
            "data": digest("Digest of the data set; null if it has none."),
            "batch_size": { "type": ["integer", "null"], "minimum": 1, "description": "Maximum number of samples in a batch." },
            "preprocessors": list(&text("A preprocessor with all its settings.")),
            "postprocessors": list(&text("A postprocessor with all its settings.")),
        }),
        &["model", "data", "batch_size", "preprocessors", "postprocessors"],
    );
    let failed = object(
        &json!({ "batch": { "type": ["integer", "null"], "minimum": 0 }, "error": { "description": "Reason." } }),
        &["batch", "error"],
    );
    let mut core = object(
        &json!({
            "metric": text("Package and registered name of the definition."),
            "version": count("Version of the definition."),
            "settings": { "type": "object", "description": "All settings, defaults included." },
            "single": { "type": "object", "description": "States and counts of single samples." },
            "state": { "description": "State of the core." },
            "failed": failed,
        }),
        &["metric", "version", "settings"],
    );
    core["oneOf"] = json!([{ "required": ["state"] }, { "required": ["failed"] }]);
    let single = object(
        &json!({
            "unit": { "enum": ["sample", "sequence"], "description": "Unit of resampling and of per-sample values." },
            "intervals": { "anyOf": [intervals(), { "type": "null" }] },
            "per_sample": flag("True if per-sample values are kept."),
            "groups": list(&count("Number of samples in a group of the jackknife.")),
            "units": count("Number of samples or sequences."),
        }),
        &["unit", "intervals", "per_sample", "groups", "units"],
    );
    let mut schema = object(
        &json!({
            "schema": { "const": 2, "description": "Version of this form." },
            "identity": identity,
            "batches": {
                "type": "array",
                "items": { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 2, "maxItems": 2 },
                "description": "Ranges of batches: the first, and the one after the last.",
            },
            "samples": count("Number of samples."),
            "single": single,
            "silent_layers": list(&text("Path of a layer that did not spike.")),
            "cores": list(&core),
        }),
        &["schema", "identity", "batches", "samples", "cores"],
    );
    schema["$schema"] = DIALECT.into();
    schema["title"] = "Snapshot of neurobench".into();
    schema
}
