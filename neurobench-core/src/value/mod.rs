//! The one erased form of a metric's value, and the serializer that makes it.

#[cfg(feature = "toml")]
mod document;
mod excerpt;
mod serializer;
mod type_error;
mod typed;

use std::fmt::{self, Display};

use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::ser;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(feature = "toml")]
pub use document::Document;
pub use excerpt::Excerpt;
pub use type_error::{PathStep, TypeError, TypeProblem};

/// The value of a metric, without its Rust type.
///
/// Every [`MetricValue`](crate::MetricValue) becomes one of these through its `serde` implementation. Unlike JSON's
/// usual trees, integers stay integers, maps keep the order in which they were
/// written (layers come in the model's order), and a float that is not finite cannot
/// be made: [`Value::from_serialize`] refuses it with its path.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value, by intention: `Option::None`.
    Null,
    /// No value, for this reason: [`Answer::Undefined`](crate::metric::Answer::Undefined).
    Undefined(String),
    /// A truth value.
    Bool(bool),
    /// A count; never rounded to a float.
    Integer(i128),
    /// A finite float.
    Float(f64),
    /// A word, such as the variant of an enum.
    Text(String),
    /// A sequence.
    List(Vec<Value>),
    /// Named entries in the order in which they were written.
    Map(Vec<(String, Value)>),
}

/// Name of the `serde` type under which an undefined answer is serialized.
pub(crate) const UNDEFINED_TYPE: &str = "neurobench::metric::Answer";

/// Key of the entry that holds the reason for an undefined answer in a file.
pub(crate) const UNDEFINED: &str = "undefined";

/// Reason why something cannot be converted to a [`Value`].
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ValueError {
    /// A float is NaN or infinite.
    #[error("{}is {value}, which is not a finite number", place(path))]
    NotFinite {
        /// Path to it, such as `layer1.mean`; empty for the value itself.
        path: String,
        /// The float, as text: no file format here has it as a number.
        value: String,
    },
    /// The type cannot be written as a value.
    #[error("{0}")]
    Unsupported(String),
}

fn place(path: &str) -> String {
    if path.is_empty() { "the value ".to_owned() } else { format!("`{path}` ") }
}

impl ValueError {
    /// Adds an outer level to the path of the error.
    fn inside(self, outer: &str) -> Self {
        match self {
            Self::NotFinite { path, value } => {
                let joined = match path.chars().next() {
                    None => outer.to_owned(),
                    Some('[') => format!("{outer}{path}"),
                    Some(_) => format!("{outer}.{path}"),
                };
                Self::NotFinite { path: joined, value }
            }
            other @ Self::Unsupported(_) => other,
        }
    }
}

impl ser::Error for ValueError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Unsupported(message.to_string())
    }
}

impl Value {
    /// Converts any serializable value to its erased form.
    ///
    /// # Errors
    ///
    /// [`ValueError::NotFinite`] for a NaN or an infinity, with its place.
    ///
    /// ```
    /// use neurobench::Value;
    /// assert_eq!(Value::from_serialize(&3_u64).unwrap(), Value::Integer(3));
    /// let error = Value::from_serialize(&[1.0, f64::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "`[1]` is NaN, which is not a finite number");
    /// ```
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, ValueError> {
        value.serialize(serializer::ValueSerializer)
    }

    /// The typed form, of a value that [`from_serialize`](Self::from_serialize) made or a file holds.
    ///
    /// # Errors
    ///
    /// The part that is not of the type, with its path and what the type accepts there.
    ///
    /// ```
    /// use neurobench::Value;
    /// let text = Value::Text("two".to_owned());
    /// assert_eq!(text.to_typed::<u64>().unwrap_err().to_string(), "expected a whole number of at least 0, found text \"two\"");
    /// ```
    pub fn to_typed<T: DeserializeOwned>(&self) -> Result<T, TypeError> {
        T::deserialize(typed::ValueDeserializer(self))
    }

    /// The text in JSON.
    pub(crate) fn to_json(&self) -> String {
        match serde_json::to_string(self) {
            Ok(text) => text,
            // Only a writer or a foreign `Serialize` can fail, and there is neither.
            Err(error) => error.to_string(),
        }
    }

    /// The number, if this is one; an integer is converted to the nearest float.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Integer(count) => Some(count as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// The integer, if this is one that a `u64` holds.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Integer(count) => count.try_into().ok(),
            _ => None,
        }
    }

    /// All paths at which it is undefined, with the reasons.
    #[must_use]
    pub fn undefined(&self) -> Vec<(Vec<String>, &str)> {
        fn collect<'v>(value: &'v Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'v str)>) {
            let mut within = |name: String, item: &'v Value| {
                path.push(name);
                collect(item, path, found);
                path.pop();
            };
            match value {
                Value::Undefined(why) => found.push((path.clone(), why)),
                Value::List(items) => (0..).zip(items).for_each(|(at, item): (usize, _)| within(at.to_string(), item)),
                Value::Map(entries) => entries.iter().for_each(|(name, item)| within(name.clone(), item)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        collect(self, &mut Vec::new(), &mut found);
        found
    }

    /// The entries of maps within maps, each with the keys that lead to it; the value itself, if it is no map.
    #[must_use]
    pub fn leaves(&self) -> Vec<(Vec<&str>, &Self)> {
        fn collect<'v>(value: &'v Value, path: &mut Vec<&'v str>, leaves: &mut Vec<(Vec<&'v str>, &'v Value)>) {
            let Value::Map(entries) = value else { return leaves.push((path.clone(), value)) };
            for (key, entry) in entries {
                path.push(key);
                collect(entry, path, leaves);
                path.pop();
            }
        }
        let mut leaves = Vec::new();
        collect(self, &mut Vec::new(), &mut leaves);
        leaves
    }

    /// Text for tables: floats with six places after the point, long lists by their length.
    #[must_use]
    pub fn to_short_text(&self) -> String {
        match self {
            Self::Undefined(_) => "–".to_owned(),
            Self::List(items) if items.len() > 8 => format!("[{} values]", items.len()),
            Self::Float(float) if *float != 0.0 && !(1e-3..1e12).contains(&float.abs()) => format!("{float:.6e}"),
            Self::Float(float) => {
                let text = format!("{float:.6}");
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            other => other.to_string(),
        }
    }

    /// The entry of this name, if this is a map that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Compact text: numbers as they are, maps as `{a: 1, b: 2}`.
impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("none"),
            // The reason is a sentence.
            Self::Undefined(_) => f.write_str("undefined"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Integer(count) => write!(f, "{count}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Undefined(why) => serializer.serialize_newtype_variant(UNDEFINED_TYPE, 1, UNDEFINED, why),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Integer(count) => match (u64::try_from(*count), i64::try_from(*count)) {
                (Ok(unsigned), _) => serializer.serialize_u64(unsigned),
                (_, Ok(signed)) => serializer.serialize_i64(signed),
                _ => serializer.serialize_i128(*count),
            },
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a truth value, text, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, count: i64) -> Result<Value, E> {
        Ok(Value::Integer(count.into()))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Value, E> {
        Ok(Value::Integer(count.into()))
    }

    fn visit_i128<E>(self, count: i128) -> Result<Value, E> {
        Ok(Value::Integer(count))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        if number.is_finite() {
            Ok(Value::Float(number))
        } else {
            Err(E::custom(format_args!("{number} is not a finite number")))
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(match entries.as_slice() {
            [(key, Value::Text(why))] if key == UNDEFINED => Value::Undefined(why.clone()),
            _ => Value::Map(entries),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn integers_stay_integers_and_maps_keep_their_order() {
        #[derive(Serialize)]
        struct Record {
            later: u64,
            earlier: i64,
            share: f64,
        }
        let record = Record { later: u64::MAX, earlier: i64::MIN, share: 0.5 };
        let value = Value::from_serialize(&record).unwrap();
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(text, r#"{"later":18446744073709551615,"earlier":-9223372036854775808,"share":0.5}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_float_that_is_not_finite_is_refused_with_its_place() {
        let nested = BTreeMap::from([("lif1", vec![0.5, f64::INFINITY])]);
        let error = Value::from_serialize(&nested).unwrap_err();
        assert_eq!(error.to_string(), "`lif1[1]` is inf, which is not a finite number");
        let error = Value::from_serialize(&f32::NAN).unwrap_err();
        assert_eq!(error.to_string(), "the value is NaN, which is not a finite number");
    }

    #[test]
    fn an_enum_becomes_its_variant_name() {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Average {
            Macro,
            Weighted(f64),
        }
        assert_eq!(Value::from_serialize(&Average::Macro).unwrap(), Value::Text("macro".to_owned()));
        let weighted = Value::from_serialize(&Average::Weighted(2.0)).unwrap();
        assert_eq!(weighted.get("weighted"), Some(&Value::Float(2.0)));
    }
}
