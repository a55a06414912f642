//! Names of inputs in errors.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The input that an error is about. Messages name the file that holds it, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputName {
    /// The predictions: outputs of the model after the postprocessors.
    Predictions,
    /// The targets, as the preprocessors left them.
    Targets,
    /// The inputs of the model, after the preprocessors.
    Inputs,
    /// The inputs of the data set, before the preprocessors.
    DataInputs,
    /// An input of another name.
    Other(Cow<'static, str>),
}

impl InputName {
    fn as_str(&self) -> &str {
        match self {
            Self::Predictions => "predictions",
            Self::Targets => "targets",
            Self::Inputs => "inputs",
            Self::DataInputs => "inputs of the data set",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&'static str> for InputName {
    fn from(name: &'static str) -> Self {
        Self::Other(name.into())
    }
}

impl Serialize for InputName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for InputName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = [Self::Predictions, Self::Targets, Self::Inputs, Self::DataInputs]
            .into_iter()
            .find(|known| known.as_str() == name);
        Ok(known.unwrap_or(Self::Other(name.into())))
    }
}
