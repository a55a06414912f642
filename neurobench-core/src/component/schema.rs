//! JSON Schema of settings.

use std::any::TypeId;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::component::{InputPath, Param, Params};

/// JSON Schema of an object with these settings: types, ranges, docs and defaults.
///
/// A type that is neither a number, a boolean, a text or a path, nor an `Option` or a `Vec` of one, accepts any value; its
/// name is the title.
///
/// ```
/// use neurobench::component::{Settings as _, schema};
/// use neurobench::process::RepeatOverTime;
/// let schema = schema(&RepeatOverTime::all_params(), &RepeatOverTime::defaults()?);
/// assert_eq!(schema["properties"]["steps"]["type"], "integer");
/// assert_eq!(schema["properties"]["steps"]["minimum"], 1);
/// assert_eq!(schema["required"], serde_json::json!(["steps"]));
/// # Ok::<(), neurobench::component::SettingsError>(())
/// ```
#[must_use]
pub fn schema(params: &[&'static Param], defaults: &Params) -> Value {
    let properties: Map<String, Value> = params
        .iter()
        .map(|param| {
            let mut property = typed(param);
            let docs = param.docs.split_whitespace().collect::<Vec<_>>().join(" ");
            if !docs.is_empty() {
                property.insert("description".to_owned(), docs.into());
            }
            // Values other than numbers that are not finite, which no default is, can be written.
            if let Some(default) = defaults.get(param.name).and_then(|value| serde_json::to_value(value).ok()) {
                property.insert("default".to_owned(), default);
            }
            (param.name.to_owned(), Value::Object(property))
        })
        .collect();
    let required: Vec<&str> =
        params.iter().map(|param| param.name).filter(|name| !defaults.contains_key(*name)).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Schema of the type of a setting, with its range.
fn typed(param: &Param) -> Map<String, Value> {
    let own = (param.type_id)();
    let found = SCALARS.iter().find_map(|scalar| {
        let form = scalar.ids.iter().position(|id| id() == own)?;
        let element = scalar.with_bounds(param);
        Some(match form {
            0 => element,
            1 => or_null(element),
            2 => list(element),
            _ => or_null(list(element)),
        })
    });
    found.unwrap_or_else(|| Map::from_iter([("title".to_owned(), param.type_name.into())]))
}

fn list(items: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), "array".into()), ("items".to_owned(), items.into())])
}

fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(own) = schema.remove("type") {
        schema.insert("type".to_owned(), json!([own, "null"]));
    }
    schema
}

/// A type of a setting that is a single value.
struct Scalar {
    /// Name of the type in JSON Schema.
    name: &'static str,
    /// Limits of an integer type that JSON numbers hold exactly.
    limits: Option<(i64, Option<i64>)>,
    /// Identities of `T`, `Option<T>`, `Vec<T>` and `Option<Vec<T>>`.
    ids: [fn() -> TypeId; 4],
}

impl Scalar {
    fn with_bounds(&self, param: &Param) -> Map<String, Value> {
        let mut schema = Map::from_iter([("type".to_owned(), self.name.into())]);
        if let Some((low, high)) = self.limits {
            schema.insert("minimum".to_owned(), low.into());
            if let Some(high) = high {
                schema.insert("maximum".to_owned(), high.into());
            }
        }
        let Some(bounds) = param.bounds else { return schema };
        let number = |bound: f64| match self.limits {
            // A bound of an integer is a literal, and much smaller than 2^53.
            Some(_) => Value::from(bound as i64),
            None => Value::from(bound),
        };
        if let Some(low) = bounds.low {
            schema.insert("minimum".to_owned(), number(low));
        }
        if let Some(high) = bounds.high {
            let key = if bounds.includes_high { "maximum" } else { "exclusiveMaximum" };
            schema.remove("maximum");
            schema.insert(key.to_owned(), number(high));
        }
        schema
    }
}

macro_rules! scalar {
    ($name:literal, $limits:expr, $type:ty) => {
        Scalar {
            name: $name,
            limits: $limits,
            ids: [
                TypeId::of::<$type>,
                TypeId::of::<Option<$type>>,
                TypeId::of::<Vec<$type>>,
                TypeId::of::<Option<Vec<$type>>>,
            ],
        }
    };
}

const SCALARS: &[Scalar] = &[
    scalar!("integer", Some((0, Some(u8::MAX as i64))), u8),
    scalar!("integer", Some((0, Some(u16::MAX as i64))), u16),
    scalar!("integer", Some((0, Some(u32::MAX as i64))), u32),
    scalar!("integer", Some((0, None)), u64),
    scalar!("integer", Some((0, None)), usize),
    scalar!("integer", Some((i8::MIN as i64, Some(i8::MAX as i64))), i8),
    scalar!("integer", Some((i16::MIN as i64, Some(i16::MAX as i64))), i16),
    scalar!("integer", Some((i32::MIN as i64, Some(i32::MAX as i64))), i32),
    scalar!("integer", Some((i64::MIN, None)), i64),
    scalar!("number", None, f32),
    scalar!("number", None, f64),
    scalar!("boolean", None, bool),
    scalar!("string", None, String),
    scalar!("string", None, PathBuf),
    scalar!("string", None, InputPath),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    /// Settings of every form.
    #[derive(Clone, Debug, Settings)]
    struct Forms {
        /// Number of
        /// neighbors.
        #[param(default = 3, range = 1..=9)]
        count: usize,
        #[param(default = 0.5, range = 0.0..1.0)]
        share: f64,
        #[param(default = None)]
        maybe: Option<i8>,
        file: InputPath,
        #[param(default = None)]
        lengths: Option<Vec<usize>>,
        #[param(default = Vec::new())]
        names: Vec<String>,
        #[param(default = true)]
        on: bool,
        #[param(default = [1, 2])]
        pair: [u8; 2],
    }

    #[test]
    fn settings_have_their_types_ranges_docs_and_defaults() {
        let found = schema(&Forms::all_params(), &Forms::defaults().unwrap());
        let expected = json!({
            "type": "object",
            "properties": {
                "count": {
                    "type": "integer", "minimum": 1, "maximum": 9, "description": "Number of neighbors.", "default": 3,
                },
                "share": { "type": "number", "minimum": 0.0, "exclusiveMaximum": 1.0, "default": 0.5 },
                "maybe": { "type": ["integer", "null"], "minimum": -128, "maximum": 127, "default": null },
                "file": { "type": "string" },
                "lengths": {
                    "type": ["array", "null"], "items": { "type": "integer", "minimum": 0 }, "default": null,
                },
                "names": { "type": "array", "items": { "type": "string" }, "default": [] },
                "on": { "type": "boolean", "default": true },
                "pair": { "title": "[u8; 2]", "default": [1, 2] },
            },
            "required": ["file"],
            "additionalProperties": false,
        });
        assert_eq!(found, expected);
    }
}
