//! Constants of neurons in network files, builders and kernels.

use serde::{Deserialize, Serialize};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layers::Parts;
use crate::real::Real;
use neurobench_core::model::StoredTensor;

/// A constant of neurons: one number for all, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of numbers, one for each neuron")]
pub enum Constant {
    /// The same for all neurons.
    Same(f64),
    /// One for each neuron, in memory order.
    Each(Vec<f64>),
}

impl Constant {
    pub(in crate::layers) fn values(&self) -> &[f64] {
        match self {
            Self::Same(value) => std::slice::from_ref(value),
            Self::Each(values) => values,
        }
    }

    /// Converts it to the value of a key in a network file.
    pub(in crate::layers) fn into_toml(self) -> toml::Value {
        match self {
            Self::Same(value) => toml::Value::Float(value),
            Self::Each(values) => toml::Value::Array(values.into_iter().map(toml::Value::Float).collect()),
        }
    }

    fn into_values(self) -> Vec<f64> {
        match self {
            Self::Same(value) => vec![value],
            Self::Each(values) => values,
        }
    }

    /// Returns true if two constants are equal for every neuron. Lists must have one number for each neuron.
    fn agrees(&self, other: &Self) -> bool {
        let at = |constant: &Self, index: usize| match constant {
            Self::Same(value) => Some(*value),
            Self::Each(values) => values.get(index).copied(),
        };
        let length = self.values().len().max(other.values().len());
        (0..length).all(|index| at(self, index) == at(other, index))
    }

    /// The same with every number changed.
    #[must_use]
    pub fn map(self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Same(value) => Self::Same(change(value)),
            Self::Each(values) => Self::Each(values.into_iter().map(change).collect()),
        }
    }
}

macro_rules! constant_from {
    ($($number:ty),*) => { $(
        impl From<$number> for Constant {
            fn from(value: $number) -> Self { Self::Same(value.into()) }
        }

        impl From<Vec<$number>> for Constant {
            fn from(values: Vec<$number>) -> Self { Self::Each(values.into_iter().map(Into::into).collect()) }
        }
    )* };
}
constant_from!(f32, f64);

impl NetworkBuilder {
    /// Adds the constants of neurons that are set, by name.
    pub(in crate::layers) fn constants<const K: usize>(
        self,
        path: &str,
        constants: [(&str, Option<Constant>); K],
    ) -> Self {
        let set = constants.into_iter().filter_map(|(name, constant)| Some((name, constant?)));
        set.fold(self, |builder, (name, constant)| builder.constant(path, name, constant))
    }

    /// Adds a constant of neurons.
    pub(in crate::layers) fn constant(self, path: &str, name: &str, constant: Constant) -> Self {
        let shape = match &constant {
            Constant::Same(_) => Vec::new(),
            Constant::Each(values) => vec![values.len()],
        };
        self.tensor(path, name, &shape, constant.into_values())
    }
}

/// Claims a required constant from the tensor or the key of this name, or from both if they agree.
pub(in crate::layers) fn constant<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    key: Option<Constant>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<Constant, NetworkError> {
    // Any number in range does where the tensors are only listed.
    const PLACEHOLDER: f64 = 0.5;
    if key.is_none() && parts.weights.record_required_constant::<R>(name, parts.shape) {
        return Ok(Constant::Same(PLACEHOLDER));
    }
    let constant = optional_constant::<R>(parts, name, key, buffers)?;
    constant.ok_or_else(|| parts.problem(format!("missing `{name}`: set it as a key of the layer or as a tensor")))
}

/// Claims an optional constant from the tensor or the key of this name, or from both if they agree.
pub(in crate::layers) fn optional_constant<R: Real>(
    parts: &mut Parts<'_, '_>,
    name: &str,
    key: Option<Constant>,
    buffers: &mut Vec<StoredTensor>,
) -> Result<Option<Constant>, NetworkError> {
    let neurons = parts.elements();
    if let Some(key) = &key {
        if let Some(value) = key.values().iter().find(|value| !value.is_finite()) {
            return Err(parts.problem(format!("`{name}` contains {value}; every number must be finite")));
        }
        if let Some(value) = key.values().iter().find(|value| !R::nearest(**value).is_finite()) {
            return Err(parts.problem(format!("`{name}` contains {value:e}, which is out of range for {}", R::NAME)));
        }
        if let Constant::Each(values) = key
            && values.len() != neurons
        {
            let found = values.len();
            return Err(parts.problem(format!("`{name}` has {found} numbers, but the layer has {neurons} neurons")));
        }
    }
    let Some(claimed) = parts.weights.constant::<R>(name, parts.shape)? else { return Ok(key) };
    let shape = claimed.stored.shape.clone();
    buffers.push(claimed.stored);
    let stored = match claimed.values.as_slice() {
        [value] => Constant::Same(value.as_f64()),
        values => {
            let values: Vec<f64> = values.iter().map(|value| value.as_f64()).collect();
            Constant::Each(if values.len() == neurons { values } else { repeated(&values, &shape, parts.shape) })
        }
    };
    // A key agrees with a tensor if it rounds to the same number.
    let rounded = |constant: Constant| constant.map(|value| R::nearest(value).as_f64());
    match key.map(rounded) {
        Some(key) if !key.agrees(&stored) => {
            Err(parts.problem(format!("the key `{name}` and the tensor `{}.{name}` differ", parts.path)))
        }
        _ => Ok(Some(stored)),
    }
}

/// Repeats an array along its axes of length one.
fn repeated(values: &[f64], shape: &[usize], to: &[usize]) -> Vec<f64> {
    let place = |index: usize| {
        let (mut index, mut place, mut distance) = (index, 0, 1);
        for (length, to) in shape.iter().zip(to).rev() {
            if *length > 1 {
                place += index % to * distance;
            }
            index /= to;
            distance *= length;
        }
        place
    };
    (0..to.iter().product()).filter_map(|index| values.get(place(index)).copied()).collect()
}

/// Constants of neurons in a kernel.
pub(in crate::layers) enum Constants<C> {
    /// The same for all.
    Same(C),
    /// One for each neuron.
    Each(Vec<C>),
}

impl<C> Constants<C> {
    /// Creates the constants of each neuron by `make`, which takes them in the order of the list.
    pub(in crate::layers) fn new<const K: usize, R: Real>(
        neurons: usize,
        constants: &[Constant; K],
        make: impl Fn([R; K]) -> C,
    ) -> Self {
        let at = |index: usize| {
            constants.each_ref().map(|constant| match constant {
                Constant::Same(value) => R::nearest(*value),
                // `optional_constant` has checked that there is one for each neuron.
                Constant::Each(values) => values.get(index).map(|value| R::nearest(*value)).unwrap_or_default(),
            })
        };
        // Equal numbers need no memory for each neuron in a kernel, whatever their number in the file.
        let is_same =
            |constant: &Constant| constant.values().windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        if constants.iter().all(is_same) {
            Self::Same(make(at(0)))
        } else {
            Self::Each((0..neurons).map(|index| make(at(index))).collect())
        }
    }

    /// Returns the constants of a neuron.
    #[inline(always)]
    pub(in crate::layers) fn get(&self, neuron: usize) -> &C {
        match self {
            Self::Same(constants) => constants,
            Self::Each(each) => &each[neuron],
        }
    }

    /// Returns true if the constants of all neurons pass.
    pub(in crate::layers) fn all(&self, pass: impl Fn(&C) -> bool) -> bool {
        match self {
            Self::Same(constants) => pass(constants),
            Self::Each(each) => each.iter().all(pass),
        }
    }
}
