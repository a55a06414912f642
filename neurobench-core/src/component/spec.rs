//! A component as text or a table names it.

use std::fmt;
use std::str::FromStr;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::component::{Params, SettingsError};
use crate::names::listed;
use crate::value::Value;

/// A component by its name and settings: `top_k`, or `top_k(k=3)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Name, as written.
    pub name: String,
    /// Settings that are given.
    pub params: Params,
    /// Name of a metric in results, if it is not the default of name and settings.
    pub label: Option<String>,
}

/// Key of the name that a metric has in results. No setting can have this name, which is a keyword of Rust.
const LABEL: &str = "as";

impl Spec {
    /// A name with settings.
    #[must_use]
    pub fn new(name: impl Into<String>, params: Params) -> Self {
        Self { name: name.into(), params, label: None }
    }

    /// A name with settings that may include `as`.
    fn labeled(name: impl Into<String>, mut params: Params) -> Result<Self, &'static str> {
        let label = match params.remove(LABEL) {
            None => None,
            Some(Value::Text(label)) if !label.trim().is_empty() => Some(label),
            Some(_) => return Err("`as` must be a string that is not empty"),
        };
        Ok(Self { name: name.into(), params, label })
    }

    /// Parses `name` or `name(key=value, ..)`. A value is a number, `true`, `false`, a `"text"`, a bare word or a list. The key
    /// `as` sets the name that a metric has in results.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Syntax`] with the part that is missing.
    ///
    /// ```
    /// use neurobench::component::Spec;
    /// let spec = Spec::parse("precision(average=micro, ignore=0)").unwrap();
    /// assert_eq!(spec.name, "precision");
    /// assert_eq!(spec.params["ignore"].as_u64(), Some(0));
    /// assert_eq!(Spec::parse("precision(as=p)").unwrap().label.as_deref(), Some("p"));
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
        Self::labeled(name, params).map_err(|problem| fail(problem.to_owned()))
    }
}

impl Spec {
    /// Parses names with settings or without, separated by commas: `accuracy, precision(average=macro, ignore=0)`.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse), and a quote or a bracket that is not closed.
    ///
    /// ```
    /// use neurobench::component::Spec;
    /// let specs = Spec::parse_list("mae, top_k(k=3,as=top)")?;
    /// assert_eq!(specs.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>(), ["mae", "top_k"]);
    /// # Ok::<(), neurobench::component::SettingsError>(())
    /// ```
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SettingsError> {
        let open = || SettingsError::Syntax {
            text: text.to_owned(),
            problem: "a quote or a bracket is not closed".to_owned(),
        };
        split_outside_brackets(text).ok_or_else(open)?.into_iter().map(Self::parse).collect()
    }
}

impl FromStr for Spec {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        Self::parse(text)
    }
}

/// Reads a text, `"top_k(k=3)"`, or a table, `{ name = "top_k", k = 3 }`.
impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpecVisitor)
    }
}

struct SpecVisitor;

impl<'de> Visitor<'de> for SpecVisitor {
    type Value = Spec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name such as `\"top_k(k=3)\"`, or a table with a name such as `{ name = \"top_k\", k = 3 }`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Spec, E> {
        Spec::parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Spec, A::Error> {
        let mut params = Params::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            params.insert(key, value);
        }
        match params.remove("name") {
            Some(Value::Text(name)) => Spec::labeled(name, params).map_err(serde::de::Error::custom),
            Some(_) => Err(serde::de::Error::custom("`name` must be a string")),
            None => Err(serde::de::Error::missing_field("name")),
        }
    }
}

/// Splits at commas outside quotes and brackets. Returns `None` if a quote or bracket is not closed.
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

impl fmt::Display for Spec {
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
    fn a_spec_has_numbers_words_texts_and_lists() {
        let spec = Spec::parse(r#" top_k ( k = 3, share=0.5, average = micro, text="a, (b)", of=[1, 2], on=true )"#);
        let spec = spec.unwrap();
        assert_eq!(spec.name, "top_k");
        assert_eq!(spec.params["k"], Value::Integer(3));
        assert_eq!(spec.params["share"], Value::Float(0.5));
        assert_eq!(spec.params["average"], Value::Text("micro".to_owned()));
        assert_eq!(spec.params["text"], Value::Text("a, (b)".to_owned()));
        assert_eq!(spec.params["of"], Value::List(vec![Value::Integer(1), Value::Integer(2)]));
        assert_eq!(spec.params["on"], Value::Bool(true));
        assert_eq!(Spec::parse(&spec.to_string()).unwrap(), spec);
        let labeled = Spec::parse("top_k(k=3, as=\"found (3)\")").unwrap();
        assert_eq!((labeled.label.as_deref(), labeled.params.len()), (Some("found (3)"), 1));
        assert_eq!(Spec::parse(&labeled.to_string()).unwrap(), labeled);
    }

    #[test]
    fn an_incomplete_spec_is_refused_with_the_missing_part() {
        for (text, problem) in [
            ("", "the name is empty"),
            ("(k=1)", "the name is empty"),
            ("top_k(k=1", "the closing `)` is missing"),
            ("top_k(k)", "`k` has no `=`"),
            ("top_k(k=)", "`k=` needs a name and a value"),
            ("top_k(k=1, k=2)", "`k` is set twice"),
            ("top_k(k=\"a)", "a quote or a bracket is not closed"),
            ("top_k(as=3)", "`as` must be a string that is not empty"),
        ] {
            let error = Spec::parse(text).unwrap_err().to_string();
            assert!(error.ends_with(problem), "{text}: {error}");
        }
    }
}
