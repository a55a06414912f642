//! Values of a pickle of tensors.

use crate::pytorch::globals::Global;
use neurobench_core::model::Dtype;

/// A value. Containers and tensors are indices into a [`Heap`], since a pickle may refer to one several times, even from within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    /// An integer of more than 64 bits.
    LargeInt,
    Float(f64),
    Text(&'a str),
    Tuple(usize),
    List(usize),
    Dict(usize),
    Global(Global),
    Storage(usize),
    Tensor(usize),
}

/// Contents of containers, storages and tensors.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    /// Elements of tuples and lists.
    pub(super) sequences: Vec<Vec<Value<'a>>>,
    pub(super) dicts: Vec<Dict<'a>>,
    pub(super) storages: Vec<Storage<'a>>,
    pub(super) tensors: Vec<Tensor>,
}

/// A dictionary in insertion order.
#[derive(Debug, Default)]
pub(super) struct Dict<'a> {
    pub(super) entries: Vec<(Value<'a>, Value<'a>)>,
    /// True for an `OrderedDict`, which may have attributes.
    pub(super) ordered: bool,
}

/// Numbers that are an entry of the archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage<'a> {
    /// Name of the entry.
    pub(super) key: &'a str,
    /// Type of the numbers; `None` for untyped bytes.
    pub(super) dtype: Option<Dtype>,
    /// Number of elements.
    pub(super) elements: u64,
}

/// A view of a storage with a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensor {
    /// Index of the storage.
    pub(super) storage: usize,
    /// Type of the storage.
    pub(super) dtype: Dtype,
    /// Index of its first element in the storage.
    pub(super) offset: u64,
    /// Index of the sequence of the lengths of its axes.
    pub(super) shape: usize,
    /// Index of the sequence of its strides, in elements.
    pub(super) strides: usize,
}

impl<'a> Heap<'a> {
    pub(super) fn tuple(&mut self, elements: Vec<Value<'a>>) -> Value<'a> {
        self.sequences.push(elements);
        Value::Tuple(self.sequences.len() - 1)
    }

    pub(super) fn empty_list(&mut self) -> Value<'a> {
        self.sequences.push(Vec::new());
        Value::List(self.sequences.len() - 1)
    }

    pub(super) fn empty_dict(&mut self, ordered: bool) -> Value<'a> {
        self.dicts.push(Dict { entries: Vec::new(), ordered });
        Value::Dict(self.dicts.len() - 1)
    }

    /// Returns the index of a tuple of lengths or strides and the number of its elements, if it is a tuple of at most `most`
    /// integers that are not negative.
    pub(super) fn find_extents(&self, value: Value<'a>, most: usize) -> Option<(usize, usize)> {
        let Value::Tuple(sequence) = value else { return None };
        let elements = &self.sequences[sequence];
        let extent = |value: &Value<'_>| matches!(value, Value::Int(extent) if usize::try_from(*extent).is_ok());
        (elements.len() <= most && elements.iter().all(extent)).then_some((sequence, elements.len()))
    }

    /// Returns the integers of a tuple of lengths or strides.
    pub(super) fn extents(&self, sequence: usize) -> Vec<usize> {
        let extent = |value: &Value<'_>| match value {
            Value::Int(extent) => usize::try_from(*extent).ok(),
            _ => None,
        };
        self.sequences[sequence].iter().filter_map(extent).collect()
    }
}

impl Value<'_> {
    /// Type with an article, as in Python.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a bool",
            Self::Int(_) | Self::LargeInt => "an int",
            Self::Float(_) => "a float",
            Self::Text(_) => "a str",
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dict",
            Self::Global(_) => "a class or function",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor",
        }
    }
}
