//! A TOML document as a [`Value`], with the places of its parts.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::value::{Excerpt, PathStep, TypeError, TypeProblem, Value};

/// A parsed TOML document, for files whose messages name lines.
///
/// ```
/// # #[cfg(feature = "toml")] {
/// use std::collections::BTreeMap;
/// use neurobench::value::Document;
///
/// let document = Document::parse("steps = 25\ncount = \"two\"\n").unwrap();
/// let error = document.value().unwrap().to_typed::<BTreeMap<String, u32>>().unwrap_err();
/// assert_eq!(error.to_string(), "`count`: expected a whole number of at least 0, found text \"two\"");
/// let place = document.place(&error).unwrap();
/// assert_eq!((place.line(), place.column()), (2, 9));
/// # }
/// ```
pub struct Document<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses the syntax.
    ///
    /// # Errors
    ///
    /// Text that is not TOML, with its place.
    pub fn parse(text: &'t str) -> Result<Self, toml::de::Error> {
        Ok(Self { text, root: DeTable::parse(text)? })
    }

    /// Returns the document as a value. Dates become text.
    ///
    /// # Errors
    ///
    /// A number that no [`Value`] holds, such as `nan`.
    pub fn value(&self) -> Result<Value, TypeError> {
        table(self.root.get_ref(), &mut Vec::new())
    }

    /// Returns the place of the part that an error is about: an unknown key, or a wrong value; for a missing key, that of its
    /// table, if the table is not the whole document.
    #[must_use]
    pub fn place(&self, error: &TypeError) -> Option<Excerpt> {
        let key = match &error.problem {
            TypeProblem::UnknownKey { key, .. } | TypeProblem::DuplicateKey(key) => PathStep::Key(key.clone()),
            _ => return self.place_of_value(&error.path),
        };
        self.place_of_key(error.path.iter().chain([&key]))
    }

    /// Returns the place of the value at a path or, if the document has only the first part of the path, of the key of that
    /// part.
    #[must_use]
    pub fn place_of_value(&self, path: &[PathStep]) -> Option<Excerpt> {
        let (found, depth) = self.find(path.iter())?;
        Some(Excerpt::new(self.text, if depth == path.len() { found.value } else { found.key }))
    }

    /// Returns the place of the key or item of the deepest part of a path that the document has.
    #[must_use]
    pub fn place_of_key<'p>(&self, path: impl IntoIterator<Item = &'p PathStep>) -> Option<Excerpt> {
        let (found, _) = self.find(path.into_iter())?;
        Some(Excerpt::new(self.text, found.key))
    }

    /// Finds the deepest part of a path that the document has, and the number of steps that lead to it.
    fn find<'p>(&self, path: impl Iterator<Item = &'p PathStep>) -> Option<(Found, usize)> {
        let mut deepest = None;
        let mut within = Within::Table(self.root.get_ref());
        for (step, depth) in path.zip(1..) {
            let (key, value) = match (within, step) {
                (Within::Table(table), PathStep::Key(key)) => {
                    let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == key) else { break };
                    (name.span(), value)
                }
                (Within::Value(DeValue::Array(items)), PathStep::Index(index)) => {
                    let Some(item) = items.get(*index) else { break };
                    (item.span(), item)
                }
                _ => break,
            };
            deepest = Some((Found { key, value: value.span() }, depth));
            within = match value.get_ref() {
                DeValue::Table(table) => Within::Table(table),
                value => Within::Value(value),
            };
        }
        deepest
    }
}

/// Bytes of a part of the document.
struct Found {
    /// Key of an entry; an item of a list has none, and this is the item.
    key: Range<usize>,
    value: Range<usize>,
}

/// The part in which the next step is looked up.
enum Within<'a, 't> {
    Table(&'a DeTable<'t>),
    Value(&'a DeValue<'t>),
}

fn table(entries: &DeTable<'_>, path: &mut Vec<PathStep>) -> Result<Value, TypeError> {
    // As written: the parser sorts keys.
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, entry): (&Spanned<_>, &Spanned<DeValue<'_>>), path: &mut Vec<PathStep>| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        path.push(PathStep::Key(key.to_string()));
        let entry = value(entry.get_ref(), path)?;
        path.pop();
        Ok((key.to_string(), entry))
    };
    entries.into_iter().map(|item| entry(item, path)).collect::<Result<_, _>>().map(Value::Map)
}

fn value(written: &DeValue<'_>, path: &mut Vec<PathStep>) -> Result<Value, TypeError> {
    let refused =
        |problem: String, path: &[PathStep]| TypeError { path: path.to_vec(), problem: TypeProblem::Other(problem) };
    Ok(match written {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Value::Integer(integer),
            Err(error) => return Err(refused(format!("{integer}: {error}"), path)),
        },
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => return Err(refused(format!("{float} is not a finite number"), path)),
        },
        DeValue::Boolean(flag) => Value::Bool(*flag),
        // No setting is a date; its type refuses the text with the right words.
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(PathStep::Index(index));
                list.push(value(item.get_ref(), path)?);
                path.pop();
            }
            Value::List(list)
        }
        DeValue::Table(entries) => table(entries, path)?,
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are read")]
    struct File {
        name: String,
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are read")]
    struct Item {
        count: u8,
    }

    fn line(text: &str) -> Option<usize> {
        let document = Document::parse(text).unwrap();
        let error = document.value().and_then(|value| value.to_typed::<File>()).unwrap_err();
        document.place(&error).map(|place| place.line())
    }

    fn marked(text: &str) -> String {
        let document = Document::parse(text).unwrap();
        let error = document.value().and_then(|value| value.to_typed::<File>()).unwrap_err();
        document.place(&error).map(|place| place.to_string()).unwrap_or_default()
    }

    #[test]
    fn errors_have_the_line_of_their_part() {
        assert_eq!(line("# a\nname = 1\nitems = []"), Some(2));
        assert_eq!(line("name = \"a\"\nitems = [\n  { count = 1 },\n  { count = 256 },\n]"), Some(4));
        assert_eq!(line("name = \"a\"\n[[items]]\ncount = 1\n[[items]]\ncuont = 1"), Some(5));
        assert_eq!(line("name = \"a\"\n\n[[items]]\n"), Some(3));
        assert_eq!(line("items = []"), None);
        assert_eq!(line("name = \"a\"\nother = nan\nitems = []"), Some(2));
    }

    #[test]
    fn the_caret_is_below_a_wrong_value_or_an_unknown_key() {
        let name = "name = \"a\"\n";
        let value = "  |\n2 | items = [{ count = 256 }]\n  |                    ^^^";
        assert_eq!(marked(&format!("{name}items = [{{ count = 256 }}]")), value);
        let key = "  |\n2 | items = [{ cuont = 1 }]\n  |            ^^^^^";
        assert_eq!(marked(&format!("{name}items = [{{ cuont = 1 }}]")), key);
        let table = "  |\n3 | [[items]]\n  | ^^^^^^^^^";
        assert_eq!(marked(&format!("{name}\n[[items]]\n")), table);
    }

    #[test]
    fn keys_stay_in_order_and_numbers_exact() {
        let document = Document::parse("b = 0x10\na = 9_223_372_036_854_775_807\n[c]\nd = 1e-3\n").unwrap();
        let Value::Map(entries) = document.value().unwrap() else { panic!("a document is a table") };
        assert_eq!(entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!(entries[0].1, Value::Integer(16));
        assert_eq!(entries[1].1, Value::Integer(i64::MAX.into()));
        assert_eq!(entries[2].1.get("d"), Some(&Value::Float(1e-3)));
    }
}
