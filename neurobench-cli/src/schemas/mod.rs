//! JSON Schemas of the files that the command reads and writes.
//!
//! Schemas of results and snapshots describe the types of the same name field by field; those of benchmark and network files list the
//! linked components. Tests validate files against them.

mod network;
mod results;
mod snapshot;

use neurobench_core::component::RegistryError;
use serde_json::{Value, json};

use crate::listing::schema::benchmark_file;

/// The version of JSON Schema in which all are written.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Kinds of files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SchemaName {
    /// Results of a run, in JSON
    Results,
    /// Benchmark files, in TOML
    Benchmark,
    /// Network files, in TOML
    Network,
    /// Snapshots of unfinished runs, in JSON
    Snapshot,
}

/// Returns the schema of a kind of files.
pub(crate) fn schema(name: SchemaName) -> Result<Value, RegistryError> {
    match name {
        SchemaName::Results => Ok(results::schema()),
        SchemaName::Benchmark => benchmark_file(),
        SchemaName::Network => network::schema(),
        SchemaName::Snapshot => Ok(snapshot::schema()),
    }
}

/// An object with these properties and no others.
fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn text(docs: &str) -> Value {
    json!({ "type": "string", "description": docs })
}

fn flag(docs: &str) -> Value {
    json!({ "type": "boolean", "description": docs })
}

fn count(docs: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": docs })
}

fn number(docs: &str) -> Value {
    json!({ "type": "number", "description": docs })
}

/// A digest or nothing.
fn digest(docs: &str) -> Value {
    json!({ "type": ["string", "null"], "description": docs })
}

/// Settings of the confidence intervals of a run.
fn intervals() -> Value {
    object(
        &json!({
            "level": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": "Confidence level." },
            "method": { "enum": ["auto", "bootstrap"], "description": "Choice of values with intervals in closed form." },
            "proportion": { "enum": ["wilson", "clopper_pearson"], "description": "Method for proportions." },
            "bootstrap": { "enum": ["bca", "percentile"], "description": "Method for intervals from replicates." },
            "replicates": count("Number of replicates of a bootstrap."),
            "seed": count("Seed of the draws."),
        }),
        &[],
    )
}
