//! What a pickle of tensors is made of.

use crate::pytorch::globals::Global;
use neurobench_core::model::Dtype;

/// A value. Containers and tensors are places in a [`Heap`]: a pickle may refer to one from many places, even from within.
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

/// What values refer to.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    /// The elements of tuples and lists.
    pub(super) sequences: Vec<Vec<Value<'a>>>,
    pub(super) dicts: Vec<Dict<'a>>,
    pub(super) storages: Vec<Storage<'a>>,
    pub(super) tensors: Vec<Tensor>,
}

/// A dictionary in the order of its making.
#[derive(Debug, Default)]
pub(super) struct Dict<'a> {
    pub(super) entries: Vec<(Value<'a>, Value<'a>)>,
    /// Whether it is an `OrderedDict`, which may have attributes.
    pub(super) ordered: bool,
}

/// Numbers that the archive holds as an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage<'a> {
    /// The name of the entry.
    pub(super) key: &'a str,
    /// The type of its numbers; `None` for bytes of no type.
    pub(super) dtype: Option<Dtype>,
    /// How many numbers it holds.
    pub(super) elements: u64,
}

/// A view of a storage of some type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensor {
    /// Its storage.
    pub(super) storage: usize,
    /// The type of the storage.
    pub(super) dtype: Dtype,
    /// The element of the storage that is its first.
    pub(super) offset: u64,
    /// The sequence of the lengths of its axes.
    pub(super) shape: usize,
    /// The sequence of its strides, in elements.
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

    /// The place of a tuple of lengths or strides and how many there are, if it is one of no more than so many: integers
    /// that are not negative.
    pub(super) fn find_extents(&self, value: Value<'a>, most: usize) -> Option<(usize, usize)> {
        let Value::Tuple(sequence) = value else { return None };
        let elements = &self.sequences[sequence];
        let extent = |value: &Value<'_>| matches!(value, Value::Int(extent) if usize::try_from(*extent).is_ok());
        (elements.len() <= most && elements.iter().all(extent)).then_some((sequence, elements.len()))
    }

    /// The integers of a tuple of lengths or strides.
    pub(super) fn extents(&self, sequence: usize) -> Vec<usize> {
        let extent = |value: &Value<'_>| match value {
            Value::Int(extent) => usize::try_from(*extent).ok(),
            _ => None,
        };
        self.sequences[sequence].iter().filter_map(extent).collect()
    }
}

impl Value<'_> {
    /// What it is, as Python's users say it.
    pub(super) fn what(self) -> &'static str {
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
