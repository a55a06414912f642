//! Settings of metrics: typed in Rust, flat and named everywhere else.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::metric::{About, Param, Value};
use crate::names::{did_you_mean, hinted, listed};

/// Settings by name: the one flat form in files, on the command line, in snapshots and in results.
pub type Params = BTreeMap<String, Value>;

/// Why settings are not accepted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A name that the metric does not know.
    #[error("no setting `{param}`; it has {known}{hint}")]
    Unknown {
        /// The name.
        param: String,
        /// The names that it knows, or "none".
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// A value that the setting's type does not take.
    #[error("setting `{param}`: {problem}")]
    Invalid {
        /// The setting.
        param: String,
        /// What is wrong.
        problem: String,
    },
    /// A value outside the stated range.
    #[error("setting `{param}` must be in `{range}`")]
    OutOfRange {
        /// The setting.
        param: String,
        /// The range, as the function states it.
        range: String,
    },
    /// Text that is not of the form `name(key=value, ..)`.
    #[error("`{text}` is not of the form `name(key=value, ..)`: {problem}")]
    Syntax {
        /// The text.
        text: String,
        /// Where it goes wrong.
        problem: String,
    },
}

/// A metric's type is its settings: public fields, a default, checked once when the benchmark is built.
///
/// The attributes implement this trait; nobody writes it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "`of` names the type that `#[accumulated_metric]` made of a function: `of = Confusion` for `fn confusion`"
)]
pub trait Settings: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// What the function says of itself.
    const ABOUT: &'static About;

    /// Its own params, then those of its cores.
    #[must_use]
    fn all_params() -> Vec<&'static Param> {
        Self::ABOUT.params.iter().collect()
    }

    /// Whether every setting is within its range.
    ///
    /// # Errors
    ///
    /// The first setting that is not.
    fn check(&self) -> Result<(), SettingsError>;

    /// The flat form.
    ///
    /// # Errors
    ///
    /// A setting that cannot be written, such as a NaN.
    fn to_params(&self) -> Result<Params, SettingsError>;

    /// The typed form: what is not named keeps its default, what it does not know is passed over (see [`from_known`]).
    ///
    /// # Errors
    ///
    /// A value that the param's type does not take.
    fn from_params(params: &Params) -> Result<Self, SettingsError>;
}

/// Reads settings and refuses names that neither the metric nor its cores know.
///
/// # Errors
///
/// An unknown name, a value of the wrong type, a value out of range.
pub fn from_known<M: Settings>(params: &Params) -> Result<M, SettingsError> {
    let known: Vec<&str> = M::all_params().iter().map(|param| param.name).collect();
    for name in params.keys() {
        if !known.contains(&name.as_str()) {
            return Err(SettingsError::Unknown {
                param: name.clone(),
                known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
                hint: did_you_mean(name, known.iter().copied()),
            });
        }
    }
    let settings = M::from_params(params)?;
    settings.check()?;
    Ok(settings)
}

/// One setting in its flat form.
pub(crate) fn to_param<T: Serialize>(name: &str, setting: &T) -> Result<Value, SettingsError> {
    Value::from_serialize(setting)
        .map_err(|error| SettingsError::Invalid { param: name.to_owned(), problem: error.to_string() })
}

/// One setting in its typed form.
pub(crate) fn from_param<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, SettingsError> {
    value
        .to_typed()
        .map_err(|problem| SettingsError::Invalid { param: name.to_owned(), problem: hinted(&problem.to_string()) })
}

/// The text that names a metric with these settings: `top_k` where all are at their defaults, else `top_k(k=3)`.
pub(crate) fn instance_name(name: &str, order: &[&'static Param], params: &Params, defaults: &Params) -> String {
    let set: Vec<String> = order
        .iter()
        .filter_map(|param| {
            let value = params.get(param.name)?;
            (defaults.get(param.name) != Some(value)).then(|| format!("{}={}", param.name, told(value).to_json()))
        })
        .collect();
    if set.is_empty() { name.to_owned() } else { format!("{name}({})", set.join(", ")) }
}

/// A record that has a name is told by it; the results have the whole of it among the settings.
fn told(value: &Value) -> &Value {
    value.get("name").filter(|name| matches!(name, Value::Text(_))).unwrap_or(value)
}

/// A metric as text names it: `top_k`, or `top_k(k=3)`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSpec {
    /// The name, as written.
    pub name: String,
    /// The settings that are named.
    pub params: Params,
    /// What results call it, if not by its name and settings.
    pub label: Option<String>,
}

/// The key that says what results call a metric. No setting has this name: it is a word of Rust's.
const LABEL: &str = "as";

impl MetricSpec {
    /// A name with settings.
    #[must_use]
    pub fn new(name: impl Into<String>, params: Params) -> Self {
        Self { name: name.into(), params, label: None }
    }

    /// Likewise, of settings among which `as` may be.
    fn labelled(name: impl Into<String>, mut params: Params) -> Result<Self, &'static str> {
        let label = match params.remove(LABEL) {
            None => None,
            Some(Value::Text(label)) if !label.trim().is_empty() => Some(label),
            Some(_) => return Err("`as` must be a text, and not empty"),
        };
        Ok(Self { name: name.into(), params, label })
    }

    /// Reads `name` or `name(key=value, ..)`. A value is a number, `true`, `false`, a `"text"`, a bare word or a list. The key
    /// `as` says what results call the metric.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Syntax`] with what is missing.
    ///
    /// ```
    /// use neurobench::metric::MetricSpec;
    /// let spec = MetricSpec::parse("precision(average=micro, ignore=0)").unwrap();
    /// assert_eq!(spec.name, "precision");
    /// assert_eq!(spec.params["ignore"].as_u64(), Some(0));
    /// assert_eq!(MetricSpec::parse("precision(as=p)").unwrap().label.as_deref(), Some("p"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let fail = |problem: String| SettingsError::Syntax { text: text.to_owned(), problem };
        let trimmed = text.trim();
        let Some((name, rest)) = trimmed.split_once('(') else {
            if trimmed.is_empty() {
                return Err(fail("the name is empty".to_owned()));
            }
            return Ok(Self::new(trimmed, Params::new()));
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(fail("the name is empty".to_owned()));
        }
        let inner = rest.strip_suffix(')').ok_or_else(|| fail("the closing `)` is missing".to_owned()))?;
        let mut params = Params::new();
        for piece in
            split_outside_brackets(inner).ok_or_else(|| fail("a quote or a bracket is not closed".to_owned()))?
        {
            let (key, value) = piece.split_once('=').ok_or_else(|| fail(format!("`{piece}` has no `=`")))?;
            let (key, value) = (key.trim(), value.trim());
            if key.is_empty() || value.is_empty() {
                return Err(fail(format!("`{}` needs a name and a value", piece.trim())));
            }
            let bare = || Value::Text(value.to_owned());
            let value = serde_json::from_str::<Value>(value).unwrap_or_else(|_| bare());
            if params.insert(key.to_owned(), value).is_some() {
                return Err(fail(format!("`{key}` is set twice")));
            }
        }
        Self::labelled(name, params).map_err(|problem| fail(problem.to_owned()))
    }
}

/// From a text, `"top_k(k=3)"`, or a table, `{ name = "top_k", k = 3 }`.
impl<'de> Deserialize<'de> for MetricSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpecVisitor)
    }
}

struct SpecVisitor;

impl<'de> Visitor<'de> for SpecVisitor {
    type Value = MetricSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, as `\"top_k(k=3)\"`, or a table with a name, as `{ name = \"top_k\", k = 3 }`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<MetricSpec, E> {
        MetricSpec::parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MetricSpec, A::Error> {
        let mut params = Params::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            params.insert(key, value);
        }
        match params.remove("name") {
            Some(Value::Text(name)) => MetricSpec::labelled(name, params).map_err(serde::de::Error::custom),
            Some(_) => Err(serde::de::Error::custom("`name` must be a text")),
            None => Err(serde::de::Error::missing_field("name")),
        }
    }
}

/// The pieces between commas that stand outside quotes and brackets; none if one of those stays open.
fn split_outside_brackets(text: &str) -> Option<Vec<&str>> {
    let (mut pieces, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_i32, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted || depth != 0 {
        return None;
    }
    pieces.push(&text[start..]);
    pieces.retain(|piece| !piece.trim().is_empty());
    Some(pieces)
}

impl fmt::Display for MetricSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let label = self.label.clone().map(Value::Text);
        let pairs = self.params.iter().map(|(key, value)| (key.as_str(), value));
        let set: Vec<String> = pairs
            .chain(label.iter().map(|label| (LABEL, label)))
            .map(|(key, value)| format!("{key}={}", value.to_json()))
            .collect();
        if !set.is_empty() {
            write!(f, "({})", listed(set))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_reads_numbers_words_texts_and_lists() {
        let spec =
            MetricSpec::parse(r#" top_k ( k = 3, share=0.5, average = micro, text="a, (b)", of=[1, 2], on=true )"#);
        let spec = spec.unwrap();
        assert_eq!(spec.name, "top_k");
        assert_eq!(spec.params["k"], Value::Integer(3));
        assert_eq!(spec.params["share"], Value::Float(0.5));
        assert_eq!(spec.params["average"], Value::Text("micro".to_owned()));
        assert_eq!(spec.params["text"], Value::Text("a, (b)".to_owned()));
        assert_eq!(spec.params["of"], Value::List(vec![Value::Integer(1), Value::Integer(2)]));
        assert_eq!(spec.params["on"], Value::Bool(true));
        assert_eq!(MetricSpec::parse(&spec.to_string()).unwrap(), spec);
        let labelled = MetricSpec::parse("top_k(k=3, as=\"found (3)\")").unwrap();
        assert_eq!((labelled.label.as_deref(), labelled.params.len()), (Some("found (3)"), 1));
        assert_eq!(MetricSpec::parse(&labelled.to_string()).unwrap(), labelled);
    }

    #[test]
    fn a_spec_that_is_cut_short_says_what_is_missing() {
        for (text, problem) in [
            ("", "the name is empty"),
            ("(k=1)", "the name is empty"),
            ("top_k(k=1", "the closing `)` is missing"),
            ("top_k(k)", "`k` has no `=`"),
            ("top_k(k=)", "`k=` needs a name and a value"),
            ("top_k(k=1, k=2)", "`k` is set twice"),
            ("top_k(k=\"a)", "a quote or a bracket is not closed"),
            ("top_k(as=3)", "`as` must be a text, and not empty"),
        ] {
            let error = MetricSpec::parse(text).unwrap_err().to_string();
            assert!(error.ends_with(problem), "{text}: {error}");
        }
    }
}
