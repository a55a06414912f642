//! The pickle machine: a stack, a memo, and the opcodes that `torch.save` writes for tensors in containers.
//!
//! The opcodes are those of protocols 2 to 5 (Python's `pickletools` describes each). All other opcodes are rejected, and the
//! opcodes that call something accept only known functions. Every opcode creates at most one value and nothing is copied, so
//! that memory and time are proportional to the pickle.

use std::collections::HashMap;

use crate::pytorch::error::PytorchError;
use crate::pytorch::fields::Fields;
use crate::pytorch::globals::{self, Global};
use crate::pytorch::value::{Heap, Storage, Tensor, Value};

/// Maximum number of axes of PyTorch's tensors.
const MOST_AXES: usize = 64;

/// Runs a pickle and returns its value.
pub(super) fn run(pickle: &[u8]) -> Result<(Value<'_>, Heap<'_>), PytorchError> {
    let mut machine = Machine::new(pickle);
    loop {
        machine.opcode_at = machine.fields.position();
        let result = machine.step().map_err(|stop| match stop {
            Stop::Problem(problem) => PytorchError::Pickle { at: machine.opcode_at, problem },
            Stop::Forbidden(error) => error,
        });
        if let Some(value) = result? {
            return Ok((value, machine.heap));
        }
    }
}

/// Reason why the machine stops before the end.
#[derive(Debug)]
enum Stop {
    /// A problem with the current opcode.
    Problem(String),
    /// A name that is not allowed.
    Forbidden(PytorchError),
}

impl From<String> for Stop {
    fn from(problem: String) -> Self {
        Self::Problem(problem)
    }
}

impl From<&str> for Stop {
    fn from(problem: &str) -> Self {
        Self::Problem(problem.to_owned())
    }
}

#[derive(Debug)]
struct Machine<'a> {
    fields: Fields<'a>,
    /// Position of the current opcode.
    opcode_at: usize,
    stack: Vec<Value<'a>>,
    /// Heights of the stack at the open marks.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    heap: Heap<'a>,
}

impl<'a> Machine<'a> {
    fn new(pickle: &'a [u8]) -> Self {
        Self {
            fields: Fields::new(pickle),
            opcode_at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            heap: Heap::default(),
        }
    }

    /// Executes one opcode. Returns the value of the pickle at its end.
    fn step(&mut self) -> Result<Option<Value<'a>>, Stop> {
        let opcode = self.field(Fields::u8)?;
        if self.opcode_at == 0 && opcode != 0x80 {
            return Err("not a pickle of protocol 2 or later".into());
        }
        match opcode {
            0x80 => self.protocol()?,
            0x95 => self.frame()?,
            b'.' => return self.stop().map(Some),

            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'K' => self.int(Fields::u8)?,
            b'M' => self.int(Fields::u16)?,
            b'J' => self.int(|fields| fields.array().map(i32::from_le_bytes))?,
            0x8a => self.long(Fields::u8)?,
            0x8b => self.long(Fields::u32)?,
            b'G' => {
                let float = self.field(|fields| fields.array().map(f64::from_be_bytes))?;
                self.stack.push(Value::Float(float));
            }
            0x8c => self.text(Fields::u8)?,
            b'X' => self.text(Fields::u32)?,
            0x8d => self.text(Fields::u64)?,

            b'(' => self.marks.push(self.stack.len()),
            b')' => self.short_tuple(0)?,
            0x85 => self.short_tuple(1)?,
            0x86 => self.short_tuple(2)?,
            0x87 => self.short_tuple(3)?,
            b't' => {
                let elements = self.pop_to_mark()?;
                let tuple = self.heap.tuple(elements);
                self.stack.push(tuple);
            }
            b']' => {
                let list = self.heap.empty_list();
                self.stack.push(list);
            }
            b'}' => {
                let dict = self.heap.empty_dict(false);
                self.stack.push(dict);
            }
            b'a' => {
                let element = self.pop()?;
                self.append(&[element])?;
            }
            b'e' => {
                let elements = self.pop_to_mark()?;
                self.append(&elements)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.insert(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.insert(&items)?;
            }

            b'q' => self.remember(Fields::u8)?,
            b'r' => self.remember(Fields::u32)?,
            0x94 => {
                let number = u32::try_from(self.memo.len()).map_err(|_| "the memo is full")?;
                let value = self.top()?;
                self.memo.insert(number, value);
            }
            b'h' => self.recall(Fields::u8)?,
            b'j' => self.recall(Fields::u32)?,

            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err("the name of a class or function is not text".into());
                };
                self.global(module, name)?;
            }
            b'Q' => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.stack.push(storage);
            }
            b'R' => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                let result = self.call(callable, arguments)?;
                self.stack.push(result);
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.top()?);
                self.set_state(object, state)?;
            }
            other => return Err(unsupported_opcode(other).into()),
        }
        Ok(None)
    }

    fn field<T>(&mut self, read: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<T, Stop> {
        read(&mut self.fields).ok_or_else(|| "the pickle is truncated".into())
    }

    fn protocol(&mut self) -> Result<(), Stop> {
        match (self.opcode_at, self.field(Fields::u8)?) {
            (0, 2..=5) => Ok(()),
            (0, other) => Err(format!("unsupported pickle protocol {other}: 2 to 5 are supported").into()),
            _ => Err("another pickle starts within the pickle".into()),
        }
    }

    /// Checks the length of a frame, which is a hint for reading.
    fn frame(&mut self) -> Result<(), Stop> {
        let length = self.field(Fields::u64)?;
        if length > self.fields.remaining() as u64 {
            return Err(format!("a frame of {length} bytes, but only {} are left", self.fields.remaining()).into());
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<Value<'a>, Stop> {
        let value = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() {
            return Err("ends with more than one value".into());
        }
        match self.fields.remaining() {
            0 => Ok(value),
            left => Err(format!("{left} bytes follow the end").into()),
        }
    }

    fn int<T: Into<i64>>(&mut self, read: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let int = self.field(read)?.into();
        self.stack.push(Value::Int(int));
        Ok(())
    }

    /// Reads an integer in two's complement, least significant byte first, of any length.
    fn long<T: Into<u64>>(&mut self, length: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let bytes = self.bytes(length)?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        let value = match wide.get_mut(..bytes.len()) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(wide))
            }
            None => Value::LargeInt,
        };
        self.stack.push(value);
        Ok(())
    }

    fn text<T: Into<u64>>(&mut self, length: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let text = std::str::from_utf8(self.bytes(length)?).map_err(|_| "text that is not UTF-8")?;
        self.stack.push(Value::Text(text));
        Ok(())
    }

    /// Reads bytes with a length prefix.
    fn bytes<T: Into<u64>>(&mut self, length: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<&'a [u8], Stop> {
        let length = self.field(length)?.into();
        // A length beyond the memory is also beyond the file.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.field(|fields| fields.take(length))
    }

    fn line(&mut self) -> Result<&'a str, Stop> {
        std::str::from_utf8(self.field(Fields::line)?).map_err(|_| "a name that is not UTF-8".into())
    }

    /// Height of the stack below which an opcode must not access values.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Value<'a>, Stop> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn top(&self) -> Result<Value<'a>, Stop> {
        let value = self.stack[self.floor()..].last().copied();
        value.ok_or_else(|| "needs a value, but the stack is empty".into())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, Stop> {
        let mark = self.marks.pop().ok_or("needs a mark, but there is none")?;
        Ok(self.stack.split_off(mark))
    }

    fn short_tuple(&mut self, length: usize) -> Result<(), Stop> {
        let start = self.stack.len().checked_sub(length).filter(|start| *start >= self.floor());
        let start = start.ok_or("needs more values than the stack has")?;
        let elements = self.stack.split_off(start);
        let tuple = self.heap.tuple(elements);
        self.stack.push(tuple);
        Ok(())
    }

    fn append(&mut self, elements: &[Value<'a>]) -> Result<(), Stop> {
        let Value::List(list) = self.top()? else { return Err("appends to a value that is not a list".into()) };
        self.heap.sequences[list].extend_from_slice(elements);
        Ok(())
    }

    /// Sets items of a dictionary: alternating keys and values.
    fn insert(&mut self, items: &[Value<'a>]) -> Result<(), Stop> {
        let Value::Dict(dict) = self.top()? else {
            return Err("sets an item of a value that is not a dictionary".into());
        };
        let (pairs, []) = items.as_chunks::<2>() else { return Err("a key without a value".into()) };
        self.heap.dicts[dict].entries.extend(pairs.iter().map(|[key, value]| (*key, *value)));
        Ok(())
    }

    fn remember<T: Into<u32>>(&mut self, number: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let number = self.field(number)?.into();
        let value = self.top()?;
        self.memo.insert(number, value);
        Ok(())
    }

    fn recall<T: Into<u32>>(&mut self, number: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let number = self.field(number)?.into();
        let value =
            self.memo.get(&number).ok_or_else(|| format!("reads entry {number} of the memo, which does not exist"))?;
        self.stack.push(*value);
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Stop> {
        let global = globals::find(module, name, self.opcode_at).map_err(Stop::Forbidden)?;
        self.stack.push(Value::Global(global));
        Ok(())
    }

    fn sequence(&self, value: Value<'a>) -> Result<&[Value<'a>], Stop> {
        let Value::Tuple(sequence) = value else { return Err("needs a tuple".into()) };
        Ok(&self.heap.sequences[sequence])
    }

    /// Creates the storage of a persistent id: its type, class, key, device, and number of elements.
    fn storage(&mut self, id: Value<'a>) -> Result<Value<'a>, Stop> {
        let storage = match self.sequence(id)? {
            [Value::Text("storage"), class, Value::Text(key), Value::Text(_), Value::Int(elements)] => {
                let Value::Global(Global::Storage(dtype)) = *class else {
                    return Err("a storage whose class is not a storage class".into());
                };
                let elements = u64::try_from(*elements).map_err(|_| "a storage with a negative length")?;
                Storage { key, dtype, elements }
            }
            _ => return Err("refers to something outside the pickle that is not a storage".into()),
        };
        self.heap.storages.push(storage);
        Ok(Value::Storage(self.heap.storages.len() - 1))
    }

    /// Evaluates a call.
    fn call(&mut self, callable: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>, Stop> {
        let arguments = self.sequence(arguments)?;
        match (callable, arguments) {
            (Value::Global(Global::OrderedDict), []) => Ok(self.heap.empty_dict(true)),
            (Value::Global(Global::RebuildTensor), arguments) => {
                let tensor = self.tensor(arguments)?;
                self.heap.tensors.push(tensor);
                Ok(Value::Tensor(self.heap.tensors.len() - 1))
            }
            (Value::Global(Global::RebuildParameter), [Value::Tensor(tensor), Value::Bool(_), hooks]) => {
                self.check_empty(*hooks, "hooks")?;
                Ok(Value::Tensor(*tensor))
            }
            (Value::Global(global), _) => Err(format!("calls {global:?} with unusual arguments").into()),
            _ => Err("calls a value that cannot be called".into()),
        }
    }

    /// Creates a tensor from storage, offset, lengths, strides, the gradient flag, hooks, and optional flags.
    fn tensor(&self, arguments: &[Value<'a>]) -> Result<Tensor, Stop> {
        let (storage, offset, shape, strides, hooks) = match arguments {
            [storage, offset, shape, strides, Value::Bool(_), hooks] => (storage, offset, shape, strides, hooks),
            // With flags, the tensor may be the negative or conjugate of the stored numbers.
            [storage, offset, shape, strides, Value::Bool(_), hooks, flags] => {
                self.check_empty(*flags, "flags (it may be the negative of the stored numbers)")?;
                (storage, offset, shape, strides, hooks)
            }
            _ => return Err(format!("a tensor needs 6 or 7 values, found {}", arguments.len()).into()),
        };
        self.check_empty(*hooks, "hooks")?;
        let Value::Storage(storage) = *storage else { return Err("a tensor without a storage".into()) };
        let dtype = self.heap.storages[storage].dtype.ok_or("a tensor whose storage has no type")?;
        let offset = match offset {
            Value::Int(offset) => u64::try_from(*offset).ok(),
            _ => None,
        };
        let extents = |value: Value<'a>| self.heap.find_extents(value, MOST_AXES);
        let (Some(offset), Some((shape, axes)), Some((strides, stride_count))) =
            (offset, extents(*shape), extents(*strides))
        else {
            return Err("a tensor whose offset, shape or strides are not lengths, or that has more than 64 axes".into());
        };
        if axes != stride_count {
            return Err(format!("a tensor with {axes} axes but {stride_count} strides").into());
        }
        Ok(Tensor { storage, dtype, offset, shape, strides })
    }

    fn check_empty(&self, value: Value<'a>, what: &str) -> Result<(), Stop> {
        match value {
            Value::None => Ok(()),
            Value::Dict(dict) if self.heap.dicts[dict].entries.is_empty() => Ok(()),
            _ => Err(format!("a tensor with {what}").into()),
        }
    }

    /// Sets the state of an object: only state dicts have one, with the versions of their modules, which is not needed.
    fn set_state(&self, object: Value<'a>, state: Value<'a>) -> Result<(), Stop> {
        let (Value::Dict(object), Value::Dict(state)) = (object, state) else {
            return Err("sets the state of a value without state".into());
        };
        match self.heap.dicts[state].entries.as_slice() {
            [] | [(Value::Text("_metadata"), _)] if self.heap.dicts[object].ordered => Ok(()),
            _ => Err("sets attributes of a dictionary other than `_metadata`".into()),
        }
    }
}

/// Message about an opcode that is not supported.
fn unsupported_opcode(opcode: u8) -> String {
    let what = match opcode {
        b'B' | b'C' | 0x8e | 0x96 => "bytes",
        0x8f..=0x91 => "a set",
        b'i' | b'o' | 0x81 | 0x92 => "an object",
        0x82..=0x84 => "an extension",
        b'P' => "something outside the pickle that is not a storage",
        _ => return format!("opcode 0x{opcode:02x}, which `torch.save` does not write for tensors"),
    };
    format!("opcode 0x{opcode:02x}, which creates {what}: only tensors, numbers and text in containers are supported")
}

#[cfg(test)]
mod tests;
