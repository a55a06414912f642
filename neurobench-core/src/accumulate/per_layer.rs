//! A state, or a value, for each layer, in the model's order.
//!
//! [`PerLayer`] is a state and [`LayerMap`] is its finished value. They are two types because they are written
//! differently: the state with the place of each layer in the model, by which states merge, the value as a plain map in
//! the model's order.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, MetricValue, Resampling, Shape};
use crate::model::Layer;

/// A state for each layer. Layers are identified by their full path, and stay in the model's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, Arc<str>, T)>", into = "Vec<(u32, Arc<str>, T)>", bound(serialize = "T: Clone + Serialize"))]
pub struct PerLayer<T>(BTreeMap<(u32, Arc<str>), T>);

impl<T> Default for PerLayer<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> From<Vec<(u32, Arc<str>, T)>> for PerLayer<T> {
    fn from(entries: Vec<(u32, Arc<str>, T)>) -> Self {
        Self(entries.into_iter().map(|(index, path, entry)| ((index, path), entry)).collect())
    }
}

impl<T> From<PerLayer<T>> for Vec<(u32, Arc<str>, T)> {
    fn from(layers: PerLayer<T>) -> Self {
        layers.0.into_iter().map(|((index, path), entry)| (index, path, entry)).collect()
    }
}

/// Collects layers with their indices in the model.
impl<'a, T> FromIterator<(usize, &'a Layer, T)> for PerLayer<T> {
    fn from_iter<I: IntoIterator<Item = (usize, &'a Layer, T)>>(layers: I) -> Self {
        let entry = |(index, layer, entry): (usize, &Layer, T)| ((index as u32, layer.shared_path()), entry);
        Self(layers.into_iter().map(entry).collect())
    }
}

impl<T> PerLayer<T> {
    /// Iterates over the full paths and entries of the layers, in the model's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|((_, path), entry)| (&**path, entry))
    }

    /// The entries, in the model's order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// The entry of a layer.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&T> {
        self.iter().find(|(found, _)| *found == path).map(|(_, entry)| entry)
    }

    /// The state of a layer, empty at first: for metrics that change their state in place.
    pub fn entry(&mut self, index: usize, layer: &Layer) -> &mut T
    where
        T: Default,
    {
        self.0.entry((index as u32, layer.shared_path())).or_default()
    }

    /// Maps the entry of each layer, up to the first error.
    pub(crate) fn try_map<U, E>(self, mut map: impl FnMut(T) -> Result<U, E>) -> Result<PerLayer<U>, E> {
        let entries = self.0.into_iter().map(|(key, entry)| Ok((key, map(entry)?)));
        Ok(PerLayer(entries.collect::<Result<_, E>>()?))
    }
}

#[diagnostic::do_not_recommend]
impl<A: Accumulator> Accumulator for PerLayer<A> {
    fn merge(&mut self, other: Self) {
        for (layer, state) in other.0 {
            self.0.entry(layer).or_default().merge(state);
        }
    }

    fn place(&mut self, batch: u64) {
        for part in self.0.values_mut() {
            part.place(batch);
        }
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_form(A::resampling().form().repeated(1))
    }
}

#[diagnostic::do_not_recommend]
impl<A: Finish> Finish for PerLayer<A> {
    type Output = LayerMap<A::Output>;

    /// The value of every layer; undefined where that of one layer is, with its path.
    fn finish(&self) -> Result<Self::Output, MetricError> {
        let finished = self.iter().map(|(path, state)| match state.finish() {
            Ok(value) => Ok((path.to_owned(), value)),
            Err(MetricError::Undefined(why)) => Err(MetricError::Undefined(format!("layer `{path}`: {why}"))),
            Err(other) => Err(other),
        });
        Ok(LayerMap(finished.collect::<Result<_, _>>()?))
    }
}

/// A value for each layer, by full path, in the model's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerMap<V>(Vec<(String, V)>);

impl<V> LayerMap<V> {
    /// Iterates over the paths and values of the layers, in the model's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// The value of a layer.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&V> {
        self.iter().find(|(found, _)| *found == path).map(|(_, value)| value)
    }
}

/// Collects paths and values, in the model's order.
impl<V> FromIterator<(String, V)> for LayerMap<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(layers: I) -> Self {
        Self(layers.into_iter().collect())
    }
}

impl<V: Serialize> Serialize for LayerMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(path, value)| (path, value)))
    }
}

/// Reads a map in the order of its entries.
impl<'de, V: Deserialize<'de>> Deserialize<'de> for LayerMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Layers<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Layers<V> {
            type Value = LayerMap<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from layers to values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LayerMap<V>, A::Error> {
                let mut layers = Vec::new();
                while let Some(layer) = map.next_entry()? {
                    layers.push(layer);
                }
                Ok(LayerMap(layers))
            }
        }

        deserializer.deserialize_map(Layers(PhantomData))
    }
}

#[diagnostic::do_not_recommend]
impl<V: MetricValue> MetricValue for LayerMap<V> {
    fn shape() -> Shape {
        Shape::PerLayer(Box::new(V::shape()))
    }
}
