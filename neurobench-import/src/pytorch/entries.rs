//! Named tensors of a pickle: a name is the path of keys and indices to a tensor, joined by dots.

use std::collections::HashSet;

use crate::pytorch::Skipped;
use crate::pytorch::error::{PytorchError, shown};
use crate::pytorch::value::{Heap, Value};

/// Maximum depth of nested containers.
const DEEPEST: usize = 64;
/// Cost of an entry in addition to its name, in bytes.
const COST: usize = 16;
/// Cost of an axis of a tensor: a length and a stride.
const COST_OF_AXIS: usize = 16;
/// Maximum total length of the names as a multiple of the length of the pickle: a key is stored once, but occurs in the names of
/// all entries below it.
const MOST_REPEATS: usize = 8;
/// Total length of names that is always allowed, in bytes, so that small pickles may repeat more.
const ALWAYS_ALLOWED: usize = 1 << 16;

/// Entries of a pickle, in its order.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Names and indices in the heap.
    pub(super) tensors: Vec<(String, usize)>,
    pub(super) skipped: Vec<Skipped>,
}

/// Collects the entries of a pickle of this length in bytes.
pub(super) fn collect(root: Value<'_>, heap: &Heap<'_>, pickle: usize) -> Result<Entries, PytorchError> {
    if !matches!(root, Value::Dict(_) | Value::List(_) | Value::Tuple(_)) {
        return Err(PytorchError::NotADictionary { found: root.type_name() });
    }
    let budget = pickle.saturating_mul(MOST_REPEATS).saturating_add(ALWAYS_ALLOWED);
    let mut walk = Walk { heap, name: String::new(), depth: 0, budget, entries: Entries::default() };
    walk.container(root)?;
    let mut names = HashSet::new();
    if let Some((name, _)) = walk.entries.tensors.iter().find(|(name, _)| !names.insert(name)) {
        return Err(PytorchError::DuplicateName { name: shown(name) });
    }
    Ok(walk.entries)
}

struct Walk<'h, 'a> {
    heap: &'h Heap<'a>,
    /// Name of the current entry.
    name: String,
    depth: usize,
    /// Remaining bytes. Without sharing, a pickle is longer than its names; but a container that is referenced several times, or
    /// from within itself, is walked every time.
    budget: usize,
    entries: Entries,
}

impl<'a> Walk<'_, 'a> {
    fn container(&mut self, container: Value<'a>) -> Result<(), PytorchError> {
        if self.depth == DEEPEST {
            return Err(self.nesting("is nested in more than 64 containers, or contains itself"));
        }
        self.depth += 1;
        let heap = self.heap;
        match container {
            Value::Dict(dict) => {
                for (key, value) in &heap.dicts[dict].entries {
                    match key {
                        Value::Text(key) => self.entry(key, *value)?,
                        Value::Int(key) => self.entry(&key.to_string(), *value)?,
                        other => self.skip_key(*other)?,
                    }
                }
            }
            Value::List(sequence) | Value::Tuple(sequence) => {
                for (index, value) in heap.sequences[sequence].iter().enumerate() {
                    self.entry(&index.to_string(), *value)?;
                }
            }
            _ => {}
        }
        self.depth -= 1;
        Ok(())
    }

    fn entry(&mut self, key: &str, value: Value<'a>) -> Result<(), PytorchError> {
        let outer = self.name.len();
        let axes = match value {
            Value::Tensor(tensor) => self.heap.sequences[self.heap.tensors[tensor].shape].len(),
            _ => 0,
        };
        self.spend(outer + key.len() + COST + axes * COST_OF_AXIS)?;
        if self.depth > 1 {
            self.name.push('.');
        }
        self.name.push_str(key);
        match value {
            Value::Tensor(tensor) => self.entries.tensors.push((self.name.clone(), tensor)),
            Value::Dict(_) | Value::List(_) | Value::Tuple(_) => {
                let (tensors, skipped) = (self.entries.tensors.len(), self.entries.skipped.len());
                self.container(value)?;
                // A container without tensors is skipped as a whole.
                if self.entries.tensors.len() == tensors {
                    self.entries.skipped.truncate(skipped);
                    self.skip(match value {
                        Value::Dict(_) => "a dict without tensors",
                        Value::List(_) => "a list without tensors",
                        _ => "a tuple without tensors",
                    });
                }
            }
            _ => self.skip(value.type_name()),
        }
        self.name.truncate(outer);
        Ok(())
    }

    /// Skips an entry of a dictionary whose key cannot be part of a name.
    fn skip_key(&mut self, key: Value<'a>) -> Result<(), PytorchError> {
        self.spend(self.name.len() + COST)?;
        let what = match key {
            Value::Float(_) => "an entry whose key is a float",
            Value::Bool(_) => "an entry whose key is a bool",
            Value::None => "an entry whose key is None",
            Value::Tuple(_) => "an entry whose key is a tuple",
            _ => "an entry whose key is neither a str nor an int",
        };
        self.skip(what);
        Ok(())
    }

    fn skip(&mut self, what: &'static str) {
        self.entries.skipped.push(Skipped { name: self.name.clone(), what });
    }

    fn spend(&mut self, bytes: usize) -> Result<(), PytorchError> {
        let left = self.budget.checked_sub(bytes);
        self.budget = left.ok_or_else(|| self.nesting("repeats containers or long keys too often"))?;
        Ok(())
    }

    fn nesting(&self, problem: &'static str) -> PytorchError {
        PytorchError::Nesting { name: shown(&self.name), problem }
    }
}
