//! Types that a metric may answer with.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::accumulate::Ratio;
use crate::value::{Value, ValueError};

/// What a value looks like, known before any run: for the list of metrics, the schema of results and the heads of tables.
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
    /// A word: what a number rests on.
    Text,
    /// A value that may be missing.
    Optional(Box<Shape>),
    /// A sequence of equal shapes.
    List(Box<Shape>),
    /// Values by name.
    Map(Box<Shape>),
    /// One number over all classes, or one by each class: which of them, a setting says.
    NumberOrByClass,
    /// Values by layer, in the model's order.
    PerLayer(Box<Shape>),
    /// Named, documented fields.
    Record(Vec<Field>),
}

/// One field of a [`Shape::Record`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// Its unit, where it has one of its own; it wins over the metric's.
    pub unit: Option<&'static str>,
    /// Whether more is better, where the field says so.
    pub higher_is_better: Option<bool>,
    /// Whether it is the smallest or the largest of several numbers, for which a bootstrap has no interval.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub extreme: bool,
    /// What it holds.
    pub shape: Shape,
}

/// A type that a metric may answer with: numbers, lists and maps of them, per-layer values, and structs by
/// `#[derive(MetricValue)]`.
///
/// The conversion to the erased [`Value`] is `serde`'s; this trait only adds what is known beforehand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric value",
    label = "not a number, a map or list of numbers, or a record",
    note = "for a struct of your own: `#[derive(Clone, Serialize, MetricValue)]`, with `#[value(unit = \"..\")]` on its fields"
)]
pub trait MetricValue: Clone + Serialize + Send + Sync + 'static {
    /// What values of this type look like.
    fn shape() -> Shape;

    /// The erased form.
    ///
    /// # Errors
    ///
    /// [`ValueError`] where a float is not finite.
    fn to_value(&self) -> Result<Value, ValueError> {
        Value::from_serialize(self)
    }

    /// The value as so many of so many, where it is a share of decisions: a run in which every sample is one decision at most then
    /// has the interval of a proportion.
    fn share(&self) -> Option<Ratio> {
        None
    }
}

/// The quotient, which is a share.
impl MetricValue for Ratio {
    fn shape() -> Shape {
        Shape::Float
    }

    fn to_value(&self) -> Result<Value, ValueError> {
        Value::from_serialize(&(self.part as f64 / self.whole as f64))
    }

    fn share(&self) -> Option<Ratio> {
        Some(*self)
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
