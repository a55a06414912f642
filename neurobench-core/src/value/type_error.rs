//! Errors of reading typed data: data themselves, with the path of the part that is wrong.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use crate::names::{did_you_mean, listed, shown};

/// Why a value is not of the wanted type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeError {
    /// Keys and places that lead to the part that is wrong; empty for the value itself.
    pub path: Vec<PathStep>,
    /// Problem with that part.
    pub problem: TypeProblem,
}

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// An entry of a map.
    Key(String),
    /// An item of a list, counted from 0.
    Index(usize),
}

/// Problem with one part of a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TypeProblem {
    /// A table has a key that its type does not have.
    UnknownKey {
        /// Key as written.
        key: String,
        /// Keys of the type.
        known: Vec<String>,
    },
    /// A text is none of the words that its type accepts.
    UnknownWord {
        /// Text as written.
        word: String,
        /// Accepted words.
        known: Vec<String>,
    },
    /// A table lacks a required key.
    MissingKey(String),
    /// A table has a key twice.
    DuplicateKey(String),
    /// A value of another type, or out of the range of its type.
    Mismatch {
        /// Description of what the type accepts: `a number`.
        expected: String,
        /// Description of the value: `text "two"`.
        found: String,
    },
    /// An error of the type's own.
    Other(String),
}

impl TypeError {
    pub(super) fn new(problem: TypeProblem) -> Self {
        Self { path: Vec::new(), problem }
    }

    /// The same error, seen from one level further out.
    pub(super) fn inside(mut self, step: PathStep) -> Self {
        self.path.insert(0, step);
        self
    }

    pub(super) fn mismatch(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(TypeProblem::Mismatch { expected: expected.into(), found: found.into() })
    }
}

impl std::error::Error for TypeError {}

impl Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return self.problem.fmt(f);
        }
        f.write_str("`")?;
        for (at, step) in self.path.iter().enumerate() {
            match step {
                PathStep::Key(key) if at == 0 => f.write_str(key)?,
                PathStep::Key(key) => write!(f, ".{key}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, "`: {}", self.problem)
    }
}

impl Display for TypeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey { key, known } => write!(f, "unknown key `{}`{}", shown(key), one_of(key, known)),
            Self::UnknownWord { word, known } => write!(f, "unknown value `{}`{}", shown(word), one_of(word, known)),
            Self::MissingKey(key) => write!(f, "missing key `{key}`"),
            Self::DuplicateKey(key) => write!(f, "key `{}` is set twice", shown(key)),
            Self::Mismatch { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

/// The accepted names, and the nearest one.
fn one_of(written: &str, known: &[String]) -> String {
    let names = listed(known.iter().map(|name| format!("`{name}`")));
    let hint = did_you_mean(written, known.iter().map(String::as_str));
    match known {
        [] => "; there are no keys".to_owned(),
        [_] => format!("; expected {names}{hint}"),
        _ => format!("; expected one of {names}{hint}"),
    }
}

impl de::Error for TypeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(TypeProblem::Other(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::mismatch(in_words(&expected.to_string()), found_in_words(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::mismatch(in_words(&expected.to_string()), format!("a list of length {length}"))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::new(TypeProblem::UnknownWord { word: variant.to_owned(), known: owned(known) })
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(TypeProblem::UnknownKey { key: field.to_owned(), known: owned(known) })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(TypeProblem::MissingKey(field.to_owned()))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(TypeProblem::DuplicateKey(field.to_owned()))
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Plain words for the expectation of a type that reads any value and names a type of Rust.
pub(super) fn in_words(expected: &str) -> &str {
    match expected {
        "a boolean" => BOOLEAN,
        "a string" => TEXT,
        "a sequence" => LIST,
        "a map" => TABLE,
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number of at least 0",
        "isize" | "i64" | "i32" | "i16" | "i8" => "a whole number",
        "f64" | "f32" => NUMBER,
        other => other,
    }
}

pub(super) const BOOLEAN: &str = "true or false";
pub(super) const NUMBER: &str = "a number";
pub(super) const TEXT: &str = "text";
pub(super) const LIST: &str = "a list";
pub(super) const TABLE: &str = "a table";

fn found_in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(flag) => flag.to_string(),
        Unexpected::Unsigned(count) => count.to_string(),
        Unexpected::Signed(count) => count.to_string(),
        Unexpected::Float(number) => format!("{number:?}"),
        Unexpected::Str(text) => format!("text {text:?}"),
        Unexpected::Option | Unexpected::Unit => "nothing".to_owned(),
        Unexpected::Seq => LIST.to_owned(),
        Unexpected::Map => TABLE.to_owned(),
        other => other.to_string(),
    }
}
