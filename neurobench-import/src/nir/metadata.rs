//! What nodes and graphs say about themselves beside their parameters.

use std::collections::BTreeMap;

use ndarray::ArrayD;

use super::Parameter;

/// What a node says about itself beside its parameters, by key. It has no meaning of its own in NIR.
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
