//! Types of the values of metrics.
//!
//! Invariant 7: every value carries its unit and what it is normalized by, such as `ACs/sample`. The unit of a metric
//! is in its [`About`](crate::metric::About); the fields of a record have their own ([`Field::unit`]).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metric::Share;
use crate::value::{Value, ValueError};

/// Structure of a value, known before any run. It is used for the list of metrics, the schema of results and table
/// headers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// A count.
    Integer,
    /// A float.
    Float,
    /// A truth value.
    Bool,
    /// A word, such as the source of a number.
    Text,
    /// A value that may be missing.
    Optional(Box<Shape>),
    /// A sequence of equal shapes.
    List(Box<Shape>),
    /// Values by name.
    Map(Box<Shape>),
    /// One number over all classes, or one for each class, depending on a setting.
    NumberOrByClass,
    /// Values by layer, in the model's order.
    PerLayer(Box<Shape>),
    /// Named, documented fields.
    Record(Vec<Field>),
}

/// A field of a [`Shape::Record`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Doc comment of the field.
    pub docs: &'static str,
    /// Unit of the field, if it differs from that of the metric.
    pub unit: Option<&'static str>,
    /// True if higher values are better, false if lower values are; none if unspecified.
    pub higher_is_better: Option<bool>,
    /// True for the smallest or the largest of several numbers, for which a bootstrap yields no interval.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub extreme: bool,
    /// Structure of the field's value.
    pub shape: Shape,
}

/// A type that a metric may return: numbers, lists and maps of them, per-layer values, and structs by
/// `#[derive(MetricValue)]`.
///
/// `serde` converts it to the erased [`Value`]; this trait only adds what is known before a run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric value",
    label = "not a number, a map or list of numbers, or a record",
    note = "a number is `f64`, `u64` or `i64`, a map is a `BTreeMap`, a list is a `Vec` or an array",
    note = "for a struct of your own: `#[derive(Clone, Serialize, MetricValue)]`, with `#[value(unit = \"..\")]` on its fields"
)]
pub trait MetricValue: Clone + Serialize + Send + Sync + 'static {
    /// Structure of values of this type.
    fn shape() -> Shape;

    /// Converts the value to its type-erased form.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if a float is not finite.
    fn to_value(&self) -> Result<Value, ValueError> {
        Value::from_serialize(self)
    }

    /// The value as a share of decisions, if it is one. If every sample is at most one decision, the run then reports the
    /// confidence interval of a proportion.
    fn share(&self) -> Option<Share> {
        None
    }
}

macro_rules! scalar_values {
    ($($type:ty => $shape:ident),*) => { $(
        impl MetricValue for $type {
            fn shape() -> Shape { Shape::$shape }
        }
    )* };
}
scalar_values! { u32 => Integer, u64 => Integer, usize => Integer, i64 => Integer, f64 => Float, bool => Bool, String => Text }

#[diagnostic::do_not_recommend]
impl<V: MetricValue> MetricValue for Option<V> {
    fn shape() -> Shape {
        Shape::Optional(Box::new(V::shape()))
    }
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue> MetricValue for Vec<V> {
    fn shape() -> Shape {
        Shape::List(Box::new(V::shape()))
    }
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue, const N: usize> MetricValue for [V; N]
where
    [V; N]: Serialize,
{
    fn shape() -> Shape {
        Shape::List(Box::new(V::shape()))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Ord + Clone + Serialize + Send + Sync + 'static, V: MetricValue> MetricValue for BTreeMap<K, V> {
    fn shape() -> Shape {
        Shape::Map(Box::new(V::shape()))
    }
}

macro_rules! tuple_values {
    ($($name:ident = $field:literal),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: MetricValue),*> MetricValue for ($($name,)*) {
            fn shape() -> Shape {
                Shape::Record(vec![$(
                    Field { name: $field, docs: "", unit: None, higher_is_better: None, extreme: false, shape: $name::shape() }
                ),*])
            }
        }
    };
}
tuple_values!(A = "0", B = "1");
tuple_values!(A = "0", B = "1", C = "2");
