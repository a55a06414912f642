//! Metadata of nodes and graphs.

use std::collections::BTreeMap;

use ndarray::ArrayD;

use super::Parameter;

/// Additional information about a node, by key. NIR does not define its meaning.
pub type Metadata = BTreeMap<String, Value>;

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// An integer, of any width in the file.
    Integer(i64),
    /// A number, of single or double precision in the file.
    Float(f64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// An array of integers.
    Integers(ArrayD<i64>),
    /// An array of numbers.
    Numbers(Parameter),
    /// Values within values.
    Map(Metadata),
}
