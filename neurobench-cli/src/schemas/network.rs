//! Schema of network files.

use neurobench_core::component::{Kind as _, RegistryError, catalogue};
use neurobench_network::layer::Layers;
use serde_json::{Value, json};

use super::{DIALECT, flag, list, object, text};

/// The schema of a network file, with every linked layer as an alternative.
pub(super) fn schema() -> Result<Value, RegistryError> {
    let shape =
        |docs: &str| json!({ "type": "array", "items": { "type": "integer", "minimum": 1 }, "description": docs });
    let kind = catalogue().into_iter().find(|kind| kind.plural == Layers::PLURAL);
    let mut layers = Vec::new();
    for entry in kind.map_or_else(|| Ok(Vec::new()), neurobench_core::component::CatalogueKind::entries)? {
        let mut schema = entry.schema();
        let names: Vec<&str> = [entry.name].into_iter().chain(entry.aliases.iter().copied()).collect();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert("path".to_owned(), text("Path of the layer, which is unique."));
            properties.insert("kind".to_owned(), json!({ "enum": names, "description": entry.summary }));
            properties.insert("inputs".to_owned(), list(&text("Path of a layer whose outputs are its inputs.")));
            properties
                .insert("input_shape".to_owned(), shape("Shape of its inputs, if they all come from later layers."));
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.splice(0..0, [Value::from("path"), Value::from("kind")]);
        }
        layers.push(schema);
    }
    let mut schema = object(
        &json!({
            "format": { "const": "neurobench-network" },
            "version": { "const": 1, "description": "Version of the format." },
            "weights": text("File of the weights in the safetensors format, relative to this file."),
            "input_shape": shape("Shape of one sample at one step."),
            "dtype": { "enum": ["f32", "f64"], "default": "f32", "description": "Precision of the computation." },
            "time_steps": flag("True if the second axis of the inputs is time."),
            "carries_state": flag("True if the samples are the steps of a sequence."),
            "output": text("Path of the layer whose outputs are those of the network [default: the last]."),
            "layers": list(&json!({ "anyOf": layers })),
        }),
        &["format", "version", "input_shape"],
    );
    schema["$schema"] = DIALECT.into();
    schema["title"] = "Network file of neurobench".into();
    Ok(schema)
}
