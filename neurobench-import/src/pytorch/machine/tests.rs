//! Tests of the machine, opcode by opcode.

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

/// Formats a value like Python's `repr`, except storages and tensors.
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

// The bytes are from Python's `pickle.dumps(.., 2)`, or composed by hand from `pickletools`.

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
    // References to the same container share its contents.
    assert_eq!(value(&[b"]q\x05h\x05K\x01ah\x05\x87"]), "([1], [1], [1])");
}

#[test]
fn memo_entries_are_numbered_explicitly_or_implicitly() {
    assert_eq!(value(&[b"K\x01q\x07K\x02\x86h\x07\x86"]), "((1, 2), 1)");
    assert_eq!(value(&[b"K\x01r\x00\x00\x00\x01j\x00\x00\x00\x01\x86"]), "(1, 1)");
    assert_eq!(value(&[b"(K\x01\x94K\x02\x94h\x00h\x01t"]), "(1, 2, 1, 2)");
    assert_problem(&[b"h\x00"], "byte 2 of the pickle: reads entry 0 of the memo, which does not exist");
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
    assert_eq!((storage.key, storage.dtype, storage.elements), ("0", Some(neurobench_core::model::Dtype::F32), 6));
    assert_eq!((tensor.offset, heap.extents(tensor.shape), heap.extents(tensor.strides)), (1, vec![2, 3], vec![3, 1]));
}

#[test]
fn unusual_tensors_are_rejected() {
    let tensor = |rest: &[u8]| {
        let arguments = [b"(".as_slice(), STORAGE, rest, b"t"].concat();
        let error = run(&pickle(&[TENSOR, &arguments, b"R"])).unwrap_err().to_string();
        error.split_once(": ").unwrap().1.to_owned()
    };
    let lengths = "a tensor whose offset, shape or strides are not lengths, or that has more than 64 axes";
    assert_eq!(tensor(b"K\x00"), "a tensor needs 6 or 7 values, found 2");
    assert_eq!(tensor(b"K\x00K\x01\x85)\x89N"), "a tensor with 1 axes but 0 strides");
    assert_eq!(tensor(b"J\xff\xff\xff\xff))\x89N"), lengths);
    assert_eq!(tensor(b"K\x00J\xff\xff\xff\xff\x85K\x01\x85\x89N"), lengths);
    assert_eq!(tensor(b"K\x00K\x01\x85J\xff\xff\xff\xff\x85\x89N"), lengths);
    assert_eq!(tensor(b"K\x00G?\xf0\0\0\0\0\0\0\x85K\x01\x85\x89N"), lengths);
    let many = [b"K\x00(".as_slice(), &b"K\x01".repeat(65), b"t)\x89N"].concat();
    assert_eq!(tensor(&many), lengths);
    assert_eq!(tensor(b"K\x00))\x89}K\x01K\x01s"), "a tensor with hooks");
    let flags = b"K\x00))\x89N}\x8c\x03neg\x88s";
    assert_eq!(tensor(flags), "a tensor with flags (it may be the negative of the stored numbers)");
    // A storage of bytes without a type.
    let untyped = STORAGE.to_vec();
    let class = b"torch\nFloatStorage".as_slice();
    let at = untyped.windows(class.len()).position(|window| window == class).unwrap();
    let untyped = [&untyped[..at], b"torch.storage\nUntypedStorage", &untyped[at + class.len()..]].concat();
    let arguments = [b"(".as_slice(), &untyped, b"K\x00))\x89Nt"].concat();
    let error = run(&pickle(&[TENSOR, &arguments, b"R"])).unwrap_err().to_string();
    assert!(error.ends_with("a tensor whose storage has no type"), "{error}");
}

#[test]
fn unknown_names_are_rejected_with_their_position() {
    let error = run(b"\x80\x02(cos\nsystem\n\x8c\x02lst\x85R.").unwrap_err().to_string();
    assert!(error.starts_with("byte 3 of the pickle refers to `os.system`, which is not allowed: "), "{error}");
    let error = run(b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.").unwrap_err().to_string();
    assert!(error.starts_with("byte 18 of the pickle refers to `builtins.eval`, which is not allowed: "), "{error}");
    // An attribute of a known name is not allowed.
    let error = run(b"\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.__init__\x93.").unwrap_err().to_string();
    assert!(error.contains("`collections.OrderedDict.__init__`, which is not allowed"), "{error}");
}

#[test]
fn only_known_calls_with_known_arguments_are_allowed() {
    assert_problem(&[b"K\x01)R"], "byte 5 of the pickle: calls a value that cannot be called");
    assert_problem(&[b"ccollections\nOrderedDict\n]R"], "byte 28 of the pickle: needs a tuple");
    assert_problem(
        &[b"ccollections\nOrderedDict\n]\x85R"],
        "byte 29 of the pickle: calls OrderedDict with unusual arguments",
    );
    assert_problem(
        &[b"ctorch\nFloatStorage\n)R"],
        "byte 23 of the pickle: calls Storage(Some(F32)) with unusual arguments",
    );
    let elsewhere = "byte 3 of the pickle: refers to something outside the pickle that is not a storage";
    assert_problem(&[b")Q"], elsewhere);
    assert_problem(&[b"}}b"], "byte 4 of the pickle: sets attributes of a dictionary other than `_metadata`");
    assert_problem(&[b"]}b"], "byte 4 of the pickle: sets the state of a value without state");
    let attribute = b"}\x8c\x01aNsb";
    let message = "byte 35 of the pickle: sets attributes of a dictionary other than `_metadata`";
    assert_problem(&[HOOKS, attribute], message);
    assert_eq!(value(&[HOOKS, b"}\x8c\x09_metadata}sb"]), "{}");
}

#[test]
fn opcodes_do_not_access_the_stack_below_a_mark() {
    let none = "needs a value, but the stack is empty";
    assert_problem(&[b"K\x01(\x85"], "byte 5 of the pickle: needs more values than the stack has");
    assert_problem(&[b"K\x01(q\x00"], &format!("byte 5 of the pickle: {none}"));
    assert_problem(&[b"](a"], &format!("byte 4 of the pickle: {none}"));
    assert_problem(&[b"t"], "byte 2 of the pickle: needs a mark, but there is none");
    assert_problem(&[b"(]"], "byte 4 of the pickle: ends with more than one value");
    assert_problem(&[b"K\x01K\x02"], "byte 6 of the pickle: ends with more than one value");
    assert_problem(&[b""], &format!("byte 2 of the pickle: {none}"));
    assert_problem(&[b"(K\x01e"], &format!("byte 5 of the pickle: {none}"));
    assert_problem(&[b"K\x00(K\x01e"], "byte 7 of the pickle: appends to a value that is not a list");
    assert_problem(&[b"}(K\x01u"], "byte 6 of the pickle: a key without a value");
    assert_problem(&[b"]K\x01K\x01s"], "byte 7 of the pickle: sets an item of a value that is not a dictionary");
}

#[test]
fn protocol_frames_and_end_are_checked() {
    let problem = |pickle: &[u8]| run(pickle).unwrap_err().to_string();
    assert_eq!(problem(b""), "byte 0 of the pickle: the pickle is truncated");
    assert_eq!(problem(b"N."), "byte 0 of the pickle: not a pickle of protocol 2 or later");
    assert_eq!(problem(b"\x80\x01N."), "byte 0 of the pickle: unsupported pickle protocol 1: 2 to 5 are supported");
    assert_eq!(problem(b"\x80\x06N."), "byte 0 of the pickle: unsupported pickle protocol 6: 2 to 5 are supported");
    assert_eq!(problem(b"\x80\x02\x80\x02N."), "byte 2 of the pickle: another pickle starts within the pickle");
    assert_eq!(problem(b"\x80\x02N"), "byte 3 of the pickle: the pickle is truncated");
    assert_eq!(problem(b"\x80\x02N.N"), "byte 3 of the pickle: 1 bytes follow the end");
    let frame = b"\x80\x04\x95\x03\0\0\0\0\0\0\0N.";
    assert_eq!(problem(frame), "byte 2 of the pickle: a frame of 3 bytes, but only 2 are left");
    assert_eq!(problem(b"\x80\x02X\xff\xff\xff\xffa."), "byte 2 of the pickle: the pickle is truncated");
    assert_eq!(
        problem(b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."),
        "byte 2 of the pickle: the pickle is truncated"
    );
    assert_eq!(problem(b"\x80\x02\x8c\x01\xff."), "byte 2 of the pickle: text that is not UTF-8");
    assert_eq!(problem(b"\x80\x02ccollections."), "byte 2 of the pickle: the pickle is truncated");
}

#[test]
fn all_other_opcodes_are_rejected() {
    let known = b".NKJMGX(t]}aesuqrhjcQRb)";
    let wide = [0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x93, 0x94, 0x95];
    for opcode in (0..=u8::MAX).filter(|opcode| !known.contains(opcode) && !wide.contains(opcode)) {
        let error = run(&pickle(&[&[opcode]])).unwrap_err().to_string();
        assert!(error.starts_with(&format!("byte 2 of the pickle: opcode 0x{opcode:02x}, which")), "{error}");
    }
}
