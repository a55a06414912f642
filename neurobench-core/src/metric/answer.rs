//! Values of several things, some of which may be undefined.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::metric::{MetricError, MetricValue, Shape};
use crate::names::listed;
use crate::value::{UNDEFINED, UNDEFINED_TYPE};

/// The value of one of several things, such as a class or an output, or the reason why it is undefined.
///
/// A list or a map of answers keeps the values of the others where one is undefined. An undefined one is written as its
/// reason, never as a null; the metric is then [partial](crate::report::Status::Partial), and the command exits
/// non-zero, as for a metric without a value. If no item has a value, the metric has none. A failure is not an answer:
/// it fails the whole metric. The [shape](MetricValue::shape) is that of the value.
///
/// ```
/// use neurobench::metric::{Answer, MetricError};
/// use neurobench::value::Value;
/// let answers = Answer::all([Ok(0.5), Err(MetricError::undefined("class 1 has no samples"))])?;
/// assert_eq!(answers[0].value(), Ok(&0.5));
/// assert_eq!(answers[1].value().unwrap_err().to_string(), "undefined: class 1 has no samples");
/// let text = serde_json::to_string(&answers).unwrap();
/// assert_eq!(text, r#"[0.5,{"undefined":"class 1 has no samples"}]"#);
/// # Ok::<(), MetricError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<V> {
    /// The value.
    Value(V),
    /// The reason why there is no value.
    Undefined(String),
}

impl<V> Answer<V> {
    /// A value, or the reason why it is undefined.
    ///
    /// # Errors
    ///
    /// The error, if the value is not undefined but failed.
    pub fn from_result(value: Result<V, MetricError>) -> Result<Self, MetricError> {
        match value {
            Ok(value) => Ok(Self::Value(value)),
            Err(MetricError::Undefined(why)) => Ok(Self::Undefined(why)),
            Err(error) if error.is_undefined() => Ok(Self::Undefined(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// The answers of several things, in order.
    ///
    /// # Errors
    ///
    /// The first failure; undefined, with the first few reasons, if there are things but none has a value.
    pub fn all(values: impl IntoIterator<Item = Result<V, MetricError>>) -> Result<Vec<Self>, MetricError> {
        let answers: Vec<Self> = values.into_iter().map(Self::from_result).collect::<Result<_, _>>()?;
        match undefined_as_a_whole(&answers) {
            Some(error) => Err(error),
            None => Ok(answers),
        }
    }

    /// The value.
    ///
    /// # Errors
    ///
    /// Undefined, with the reason.
    pub fn value(&self) -> Result<&V, MetricError> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Undefined(why) => Err(MetricError::undefined(why)),
        }
    }
}

/// Maximum number of reasons listed when no item has a value.
const MAX_REASONS: usize = 5;

/// The reasons why no item has a value, if there are items and none of them has.
pub fn undefined_as_a_whole<'a, V: 'a>(answers: impl IntoIterator<Item = &'a Answer<V>>) -> Option<MetricError> {
    let mut reasons = Vec::new();
    for answer in answers {
        match answer {
            Answer::Value(_) => return None,
            Answer::Undefined(why) => reasons.push(why),
        }
    }
    let first = listed(reasons.iter().take(MAX_REASONS));
    match reasons.len() {
        0 => None,
        few if few <= MAX_REASONS => Some(MetricError::undefined(first)),
        many => Some(MetricError::undefined(format!("{first} and {} more", many - MAX_REASONS))),
    }
}

impl<V: Serialize> Serialize for Answer<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Undefined(why) => serializer.serialize_newtype_variant(UNDEFINED_TYPE, 1, UNDEFINED, why),
        }
    }
}

/// Reads a value, or a reason as [`Serialize`] writes it.
impl<'de, V: Deserialize<'de>> Deserialize<'de> for Answer<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Reason {
            undefined: String,
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form<V> {
            Undefined(Reason),
            Value(V),
        }

        Ok(match Form::deserialize(deserializer)? {
            Form::Undefined(Reason { undefined }) => Self::Undefined(undefined),
            Form::Value(value) => Self::Value(value),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue> MetricValue for Answer<V> {
    fn shape() -> Shape {
        V::shape()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_failure_is_not_an_answer() {
        assert_eq!(Answer::<f64>::from_result(Err("broken".into())), Err("broken".into()));
        let undefined = MetricError::undefined("0/0").at_sample(2);
        assert_eq!(
            Answer::<f64>::from_result(Err(undefined)),
            Ok(Answer::Undefined("sample 2 of the batch: undefined: 0/0".into()))
        );
    }

    #[test]
    fn where_nothing_has_a_value_the_whole_has_none() {
        let undefined = |count: usize| (0..count).map(|at| Err::<f64, _>(MetricError::undefined(format!("no {at}"))));
        assert_eq!(Answer::<f64>::all([]), Ok(vec![]));
        assert_eq!(Answer::all(undefined(2)), Err(MetricError::undefined("no 0, no 1")));
        assert_eq!(Answer::all(undefined(7)), Err(MetricError::undefined("no 0, no 1, no 2, no 3, no 4 and 2 more")));
        assert!(Answer::all(undefined(7).chain([Ok(1.0)])).is_ok());
    }

    #[test]
    fn the_erased_form_is_the_same_read_from_a_file() {
        let answers = [Answer::Value(1.0), Answer::Undefined("none".to_owned())];
        let value = Value::from_serialize(&answers).unwrap();
        assert_eq!(value, Value::List(vec![Value::Float(1.0), Value::Undefined("none".to_owned())]));
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(text, r#"[1.0,{"undefined":"none"}]"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(Value::from_serialize(&value).unwrap(), value);
        assert_eq!(value.to_typed::<Vec<Answer<f64>>>().unwrap(), answers);
        assert_eq!(serde_json::from_str::<Vec<Answer<f64>>>(&text).unwrap(), answers);
        // A record with such a field among others is a record.
        let record: Value = serde_json::from_str(r#"{"undefined":"none","other":1}"#).unwrap();
        assert!(record.get("undefined").is_some());
    }
}
