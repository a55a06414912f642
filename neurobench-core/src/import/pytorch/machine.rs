//! The pickle machine: a stack, a memo, and those opcodes that `torch.save` writes for tensors in containers.
//!
//! The opcodes are those of protocols 2 to 5 (Python's `pickletools` describes each). Whatever is not listed here is
//! refused, and the opcodes that call something know what may be called. Every opcode makes at most one value and nothing
//! is copied, so that memory and time are in proportion to the pickle.

use std::collections::HashMap;

use crate::import::pytorch::error::PytorchError;
use crate::import::pytorch::fields::Fields;
use crate::import::pytorch::globals::{self, Global};
use crate::import::pytorch::value::{Heap, Storage, Tensor, Value};

/// As many axes as PyTorch's tensors may have.
const MOST_AXES: usize = 64;

/// What a pickle makes.
pub(super) fn run(pickle: &[u8]) -> Result<(Value<'_>, Heap<'_>), PytorchError> {
    let mut machine = Machine::new(pickle);
    loop {
        machine.opcode_at = machine.fields.at();
        let stepped = machine.step().map_err(|stop| match stop {
            Stop::Problem(problem) => PytorchError::Pickle { at: machine.opcode_at, problem },
            Stop::Refused(error) => error,
        });
        if let Some(value) = stepped? {
            return Ok((value, machine.heap));
        }
    }
}

/// Why the machine stops before the end.
#[derive(Debug)]
enum Stop {
    /// What is wrong with the opcode at hand.
    Problem(String),
    /// A name that is not known.
    Refused(PytorchError),
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
    /// Where the opcode at hand is.
    opcode_at: usize,
    stack: Vec<Value<'a>>,
    /// The heights of the stack at which the open marks are.
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

    /// Carries out one opcode. Gives the value of the pickle at its end.
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
            b')' => self.tuple_of(0)?,
            0x85 => self.tuple_of(1)?,
            0x86 => self.tuple_of(2)?,
            0x87 => self.tuple_of(3)?,
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
                    return Err("the name of a class or function is no text".into());
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
                let made = self.call(callable, arguments)?;
                self.stack.push(made);
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.top()?);
                self.set_state(object, state)?;
            }
            other => return Err(refused(other).into()),
        }
        Ok(None)
    }

    fn field<T>(&mut self, read: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<T, Stop> {
        read(&mut self.fields).ok_or_else(|| "the pickle is cut short".into())
    }

    fn protocol(&mut self) -> Result<(), Stop> {
        match (self.opcode_at, self.field(Fields::u8)?) {
            (0, 2..=5) => Ok(()),
            (0, other) => Err(format!("pickle protocol {other}; 2 to 5 are read").into()),
            _ => Err("another pickle begins within the pickle".into()),
        }
    }

    /// A frame is a hint of how much to read at once.
    fn frame(&mut self) -> Result<(), Stop> {
        let length = self.field(Fields::u64)?;
        if length > self.fields.left() as u64 {
            return Err(format!("a frame of {length} bytes, of which {} are there", self.fields.left()).into());
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<Value<'a>, Stop> {
        let value = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() {
            return Err("ends with more than one value".into());
        }
        match self.fields.left() {
            0 => Ok(value),
            left => Err(format!("{left} bytes follow the end").into()),
        }
    }

    fn int<T: Into<i64>>(&mut self, read: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<(), Stop> {
        let int = self.field(read)?.into();
        self.stack.push(Value::Int(int));
        Ok(())
    }

    /// An integer in two's complement, least byte first, of any length.
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

    /// Bytes behind their number.
    fn bytes<T: Into<u64>>(&mut self, length: impl Fn(&mut Fields<'a>) -> Option<T>) -> Result<&'a [u8], Stop> {
        let length = self.field(length)?.into();
        // More than memory is more than there is.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.field(|fields| fields.take(length))
    }

    fn line(&mut self) -> Result<&'a str, Stop> {
        std::str::from_utf8(self.field(Fields::line)?).map_err(|_| "a name that is not UTF-8".into())
    }

    /// The height of the stack below which an opcode must not reach.
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
        value.ok_or_else(|| "needs a value, and there is none".into())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, Stop> {
        let mark = self.marks.pop().ok_or("needs a mark, and there is none")?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple_of(&mut self, length: usize) -> Result<(), Stop> {
        let start = self.stack.len().checked_sub(length).filter(|start| *start >= self.floor());
        let start = start.ok_or("needs more values than there are")?;
        let elements = self.stack.split_off(start);
        let tuple = self.heap.tuple(elements);
        self.stack.push(tuple);
        Ok(())
    }

    fn append(&mut self, elements: &[Value<'a>]) -> Result<(), Stop> {
        let Value::List(list) = self.top()? else { return Err("appends to what is no list".into()) };
        self.heap.sequences[list].extend_from_slice(elements);
        Ok(())
    }

    /// Sets items of a dictionary: keys and values in turn.
    fn insert(&mut self, items: &[Value<'a>]) -> Result<(), Stop> {
        let Value::Dict(dict) = self.top()? else { return Err("sets an item of what is no dictionary".into()) };
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
            self.memo.get(&number).ok_or_else(|| format!("asks for {number} of the memo, which is not there"))?;
        self.stack.push(*value);
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Stop> {
        let global = globals::find(module, name, self.opcode_at).map_err(Stop::Refused)?;
        self.stack.push(Value::Global(global));
        Ok(())
    }

    fn sequence(&self, value: Value<'a>) -> Result<&[Value<'a>], Stop> {
        let Value::Tuple(sequence) = value else { return Err("needs a tuple".into()) };
        Ok(&self.heap.sequences[sequence])
    }

    /// The storage of a persistent id: what it is, its class, key, device, and number of elements.
    fn storage(&mut self, id: Value<'a>) -> Result<Value<'a>, Stop> {
        let storage = match self.sequence(id)? {
            [Value::Text("storage"), class, Value::Text(key), Value::Text(_), Value::Int(elements)] => {
                let Value::Global(Global::Storage(dtype)) = *class else {
                    return Err("a storage of a class that is none".into());
                };
                let elements = u64::try_from(*elements).map_err(|_| "a storage of a negative length")?;
                Storage { key, dtype, elements }
            }
            _ => return Err("refers to something outside the pickle that is no storage".into()),
        };
        self.heap.storages.push(storage);
        Ok(Value::Storage(self.heap.storages.len() - 1))
    }

    /// What a call makes.
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
            _ => Err("calls what cannot be called".into()),
        }
    }

    /// Storage, offset, lengths, strides, whether gradients are wanted, hooks, and, if there are any, flags.
    fn tensor(&self, arguments: &[Value<'a>]) -> Result<Tensor, Stop> {
        let (storage, offset, shape, strides, hooks) = match arguments {
            [storage, offset, shape, strides, Value::Bool(_), hooks] => (storage, offset, shape, strides, hooks),
            // With flags the stored numbers are not the tensor's: its negative or conjugate.
            [storage, offset, shape, strides, Value::Bool(_), hooks, flags] => {
                self.check_empty(*flags, "flags (it may be the negative of what is stored)")?;
                (storage, offset, shape, strides, hooks)
            }
            _ => return Err(format!("a tensor is made of 6 or 7 values, not of these {}", arguments.len()).into()),
        };
        self.check_empty(*hooks, "hooks")?;
        let Value::Storage(storage) = *storage else { return Err("a tensor without a storage".into()) };
        let dtype = self.heap.storages[storage].dtype.ok_or("a tensor of a storage without a type")?;
        let offset = match offset {
            Value::Int(offset) => u64::try_from(*offset).ok(),
            _ => None,
        };
        let extents = |value: Value<'a>| self.heap.find_extents(value, MOST_AXES);
        let (Some(offset), Some((shape, axes)), Some((strides, stride_count))) =
            (offset, extents(*shape), extents(*strides))
        else {
            return Err("a tensor whose offset, shape or strides are no lengths, or more than 64".into());
        };
        if axes != stride_count {
            return Err(format!("a tensor of {axes} axes and {stride_count} strides").into());
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

    /// The state of an object: only state dicts have one, the versions of their modules, which nothing here needs.
    fn set_state(&self, object: Value<'a>, state: Value<'a>) -> Result<(), Stop> {
        let (Value::Dict(object), Value::Dict(state)) = (object, state) else {
            return Err("sets the state of what has none".into());
        };
        match self.heap.dicts[state].entries.as_slice() {
            [] | [(Value::Text("_metadata"), _)] if self.heap.dicts[object].ordered => Ok(()),
            _ => Err("sets attributes of a dictionary other than `_metadata`".into()),
        }
    }
}

/// Why an opcode is not carried out.
fn refused(opcode: u8) -> String {
    let what = match opcode {
        b'B' | b'C' | 0x8e | 0x96 => "bytes",
        0x8f..=0x91 => "a set",
        b'i' | b'o' | 0x81 | 0x92 => "an object",
        0x82..=0x84 => "an extension",
        b'P' => "something outside the pickle that is no storage",
        _ => return format!("opcode 0x{opcode:02x}, which `torch.save` does not write for tensors"),
    };
    format!("opcode 0x{opcode:02x}, which makes {what}: nothing is read but tensors, numbers and text in containers")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pickle of these opcodes, between the protocol and the stop.
    fn pickle(opcodes: &[&[u8]]) -> Vec<u8> {
        [&[0x80, 2][..], &opcodes.concat(), b"."].concat()
    }

    fn value(opcodes: &[&[u8]]) -> String {
        let pickle = pickle(opcodes);
        let (value, heap) = run(&pickle).unwrap();
        python(value, &heap)
    }

    /// What Python's `repr` says, but for the storages and tensors.
    fn python(value: Value<'_>, heap: &Heap<'_>) -> String {
        let listed = |sequence: usize| {
            let elements = heap.sequences[sequence].iter().map(|element| python(*element, heap));
            elements.collect::<Vec<_>>().join(", ")
        };
        match value {
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Text(text) => format!("'{text}'"),
            Value::Tuple(sequence) => format!("({})", listed(sequence)),
            Value::List(sequence) => format!("[{}]", listed(sequence)),
            Value::Dict(dict) => {
                let entries = &heap.dicts[dict].entries;
                let entries =
                    entries.iter().map(|(key, value)| format!("{}: {}", python(*key, heap), python(*value, heap)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            other => format!("{other:?}"),
        }
    }

    #[track_caller]
    fn assert_problem(opcodes: &[&[u8]], expected: &str) {
        assert_eq!(run(&pickle(opcodes)).unwrap_err().to_string(), expected);
    }

    // The bytes are those of Python's `pickle.dumps(.., 2)`, or put together after `pickletools`.

    #[test]
    fn numbers_and_text() {
        assert_eq!(value(&[b"N"]), "None");
        assert_eq!(value(&[b"\x88"]), "True");
        assert_eq!(value(&[b"\x89"]), "False");
        assert_eq!(value(&[b"K\xff"]), "255");
        assert_eq!(value(&[b"M\x00\x01"]), "256");
        assert_eq!(value(&[b"J\xff\xff\xff\xff"]), "-1");
        assert_eq!(value(&[b"\x8a\x00"]), "0");
        assert_eq!(value(&[b"\x8a\x05\x00\x00\x00\x00\x01"]), "4294967296");
        assert_eq!(value(&[b"\x8a\x05\x00\x00\x00\x00\xff"]), "-4294967296");
        assert_eq!(value(&[b"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80"]), i64::MIN.to_string());
        assert_eq!(value(&[b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01"]), "LargeInt");
        assert_eq!(value(&[b"\x8b\x01\x00\x00\x00\x80"]), "-128");
        assert_eq!(value(&[b"G?\xe0\x00\x00\x00\x00\x00\x00"]), "0.5");
        assert_eq!(value(&[b"X\x03\x00\x00\x00a\xc3\xa4"]), "'a\u{e4}'");
        assert_eq!(value(&[b"\x8c\x01a"]), "'a'");
        assert_eq!(value(&[b"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a"]), "'a'");
    }

    #[test]
    fn containers_keep_their_order() {
        assert_eq!(value(&[b")"]), "()");
        assert_eq!(value(&[b"K\x01K\x02\x86"]), "(1, 2)");
        assert_eq!(value(&[b"(K\x01K\x02K\x03K\x04t"]), "(1, 2, 3, 4)");
        assert_eq!(value(&[b"]K\x01a"]), "[1]");
        assert_eq!(value(&[b"](K\x02K\x01e"]), "[2, 1]");
        assert_eq!(value(&[b"}(\x8c\x01bK\x01\x8c\x01aK\x02u\x8c\x01cNs"]), "{'b': 1, 'a': 2, 'c': None}");
        // A container is one thing however often it is referred to.
        assert_eq!(value(&[b"]q\x05h\x05K\x01ah\x05\x87"]), "([1], [1], [1])");
    }

    #[test]
    fn the_memo_is_numbered_by_the_pickle_or_by_itself() {
        assert_eq!(value(&[b"K\x01q\x07K\x02\x86h\x07\x86"]), "((1, 2), 1)");
        assert_eq!(value(&[b"K\x01r\x00\x00\x00\x01j\x00\x00\x00\x01\x86"]), "(1, 1)");
        assert_eq!(value(&[b"(K\x01\x94K\x02\x94h\x00h\x01t"]), "(1, 2, 1, 2)");
        assert_problem(&[b"h\x00"], "byte 2 of the pickle: asks for 0 of the memo, which is not there");
    }

    const STORAGE: &[u8] = b"(\x8c\x07storagectorch\nFloatStorage\n\x8c\x010\x8c\x03cpuK\x06tQ";
    const TENSOR: &[u8] = b"ctorch._utils\n_rebuild_tensor_v2\n";
    const HOOKS: &[u8] = b"ccollections\nOrderedDict\n)R";

    #[test]
    fn a_tensor_is_a_view_of_a_storage() {
        let arguments = [b"(".as_slice(), STORAGE, b"K\x01K\x02K\x03\x86K\x03K\x01\x86\x88", HOOKS, b"t"].concat();
        let pickle = pickle(&[TENSOR, &arguments, b"R"]);
        let (value, heap) = run(&pickle).unwrap();
        assert_eq!(value, Value::Tensor(0));
        let (tensor, storage) = (heap.tensors[0], heap.storages[0]);
        assert_eq!((storage.key, storage.dtype, storage.elements), ("0", Some(crate::model::Dtype::F32), 6));
        assert_eq!(
            (tensor.offset, heap.extents(tensor.shape), heap.extents(tensor.strides)),
            (1, vec![2, 3], vec![3, 1])
        );
    }

    #[test]
    fn unusual_tensors_are_refused() {
        let tensor = |rest: &[u8]| {
            let arguments = [b"(".as_slice(), STORAGE, rest, b"t"].concat();
            let error = run(&pickle(&[TENSOR, &arguments, b"R"])).unwrap_err().to_string();
            error.split_once(": ").unwrap().1.to_owned()
        };
        let lengths = "a tensor whose offset, shape or strides are no lengths, or more than 64";
        assert_eq!(tensor(b"K\x00"), "a tensor is made of 6 or 7 values, not of these 2");
        assert_eq!(tensor(b"K\x00K\x01\x85)\x89N"), "a tensor of 1 axes and 0 strides");
        assert_eq!(tensor(b"J\xff\xff\xff\xff))\x89N"), lengths);
        assert_eq!(tensor(b"K\x00J\xff\xff\xff\xff\x85K\x01\x85\x89N"), lengths);
        assert_eq!(tensor(b"K\x00K\x01\x85J\xff\xff\xff\xff\x85\x89N"), lengths);
        assert_eq!(tensor(b"K\x00G?\xf0\0\0\0\0\0\0\x85K\x01\x85\x89N"), lengths);
        let many = [b"K\x00(".as_slice(), &b"K\x01".repeat(65), b"t)\x89N"].concat();
        assert_eq!(tensor(&many), lengths);
        assert_eq!(tensor(b"K\x00))\x89}K\x01K\x01s"), "a tensor with hooks");
        let flags = b"K\x00))\x89N}\x8c\x03neg\x88s";
        assert_eq!(tensor(flags), "a tensor with flags (it may be the negative of what is stored)");
        // A storage of bytes without a type.
        let untyped = STORAGE.to_vec();
        let class = b"torch\nFloatStorage".as_slice();
        let at = untyped.windows(class.len()).position(|window| window == class).unwrap();
        let untyped = [&untyped[..at], b"torch.storage\nUntypedStorage", &untyped[at + class.len()..]].concat();
        let arguments = [b"(".as_slice(), &untyped, b"K\x00))\x89Nt"].concat();
        let error = run(&pickle(&[TENSOR, &arguments, b"R"])).unwrap_err().to_string();
        assert!(error.ends_with("a tensor of a storage without a type"), "{error}");
    }

    #[test]
    fn a_name_that_is_not_known_is_refused_where_it_stands() {
        let error = run(b"\x80\x02(cos\nsystem\n\x8c\x02lst\x85R.").unwrap_err().to_string();
        assert!(error.starts_with("byte 3 of the pickle names `os.system`, which is refused: "), "{error}");
        let error = run(b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.").unwrap_err().to_string();
        assert!(error.starts_with("byte 18 of the pickle names `builtins.eval`, which is refused: "), "{error}");
        // A name within what is known is not what is known.
        let error = run(b"\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.__init__\x93.").unwrap_err().to_string();
        assert!(error.contains("`collections.OrderedDict.__init__`, which is refused"), "{error}");
    }

    #[test]
    fn only_what_is_known_is_called_and_only_as_it_is_known() {
        assert_problem(&[b"K\x01)R"], "byte 5 of the pickle: calls what cannot be called");
        assert_problem(&[b"ccollections\nOrderedDict\n]R"], "byte 28 of the pickle: needs a tuple");
        assert_problem(
            &[b"ccollections\nOrderedDict\n]\x85R"],
            "byte 29 of the pickle: calls OrderedDict with unusual arguments",
        );
        assert_problem(
            &[b"ctorch\nFloatStorage\n)R"],
            "byte 23 of the pickle: calls Storage(Some(F32)) with unusual arguments",
        );
        let elsewhere = "byte 3 of the pickle: refers to something outside the pickle that is no storage";
        assert_problem(&[b")Q"], elsewhere);
        assert_problem(&[b"}}b"], "byte 4 of the pickle: sets attributes of a dictionary other than `_metadata`");
        assert_problem(&[b"]}b"], "byte 4 of the pickle: sets the state of what has none");
        let attribute = b"}\x8c\x01aNsb";
        let message = "byte 35 of the pickle: sets attributes of a dictionary other than `_metadata`";
        assert_problem(&[HOOKS, attribute], message);
        assert_eq!(value(&[HOOKS, b"}\x8c\x09_metadata}sb"]), "{}");
    }

    #[test]
    fn the_stack_is_not_reached_through_a_mark() {
        let none = "needs a value, and there is none";
        assert_problem(&[b"K\x01(\x85"], "byte 5 of the pickle: needs more values than there are");
        assert_problem(&[b"K\x01(q\x00"], &format!("byte 5 of the pickle: {none}"));
        assert_problem(&[b"](a"], &format!("byte 4 of the pickle: {none}"));
        assert_problem(&[b"t"], "byte 2 of the pickle: needs a mark, and there is none");
        assert_problem(&[b"(]"], "byte 4 of the pickle: ends with more than one value");
        assert_problem(&[b"K\x01K\x02"], "byte 6 of the pickle: ends with more than one value");
        assert_problem(&[b""], &format!("byte 2 of the pickle: {none}"));
        assert_problem(&[b"(K\x01e"], &format!("byte 5 of the pickle: {none}"));
        assert_problem(&[b"K\x00(K\x01e"], "byte 7 of the pickle: appends to what is no list");
        assert_problem(&[b"}(K\x01u"], "byte 6 of the pickle: a key without a value");
        assert_problem(&[b"]K\x01K\x01s"], "byte 7 of the pickle: sets an item of what is no dictionary");
    }

    #[test]
    fn what_surrounds_the_value_is_checked() {
        let problem = |pickle: &[u8]| run(pickle).unwrap_err().to_string();
        assert_eq!(problem(b""), "byte 0 of the pickle: the pickle is cut short");
        assert_eq!(problem(b"N."), "byte 0 of the pickle: not a pickle of protocol 2 or later");
        assert_eq!(problem(b"\x80\x01N."), "byte 0 of the pickle: pickle protocol 1; 2 to 5 are read");
        assert_eq!(problem(b"\x80\x06N."), "byte 0 of the pickle: pickle protocol 6; 2 to 5 are read");
        assert_eq!(problem(b"\x80\x02\x80\x02N."), "byte 2 of the pickle: another pickle begins within the pickle");
        assert_eq!(problem(b"\x80\x02N"), "byte 3 of the pickle: the pickle is cut short");
        assert_eq!(problem(b"\x80\x02N.N"), "byte 3 of the pickle: 1 bytes follow the end");
        let frame = b"\x80\x04\x95\x03\0\0\0\0\0\0\0N.";
        assert_eq!(problem(frame), "byte 2 of the pickle: a frame of 3 bytes, of which 2 are there");
        assert_eq!(problem(b"\x80\x02X\xff\xff\xff\xffa."), "byte 2 of the pickle: the pickle is cut short");
        assert_eq!(
            problem(b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."),
            "byte 2 of the pickle: the pickle is cut short"
        );
        assert_eq!(problem(b"\x80\x02\x8c\x01\xff."), "byte 2 of the pickle: text that is not UTF-8");
        assert_eq!(problem(b"\x80\x02ccollections."), "byte 2 of the pickle: the pickle is cut short");
    }

    #[test]
    fn all_other_opcodes_are_refused() {
        let known = b".NKJMGX(t]}aesuqrhjcQRb)";
        let wide = [0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x93, 0x94, 0x95];
        for opcode in (0..=u8::MAX).filter(|opcode| !known.contains(opcode) && !wide.contains(opcode)) {
            let error = run(&pickle(&[&[opcode]])).unwrap_err().to_string();
            assert!(error.starts_with(&format!("byte 2 of the pickle: opcode 0x{opcode:02x}, which")), "{error}");
        }
    }
}
