//! State dicts of PyTorch: the tensors that PyTorch itself reads, and everything that may be wrong with a file.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;
mod memory;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use common::{Numbers, directory};
use memory::peak_of;
use neurobench_core::import::pytorch::{PytorchError, StateDict};
use neurobench_core::model::{Dtype, Model};
use neurobench_core::network::Network;
use safetensors::SafeTensors;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

// What PyTorch wrote (`data/pytorch/record_pytorch.py`).

const READABLE: [&str; 7] = ["state_dict", "protocol_3", "protocol_4", "protocol_5", "dtypes", "views", "checkpoint"];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pytorch").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(data(&format!("{name}.pt"))).unwrap()
}

fn load(name: &str) -> StateDict {
    StateDict::load(data(&format!("{name}.pt"))).unwrap()
}

/// The message, without the name of the file.
fn problem(file: &[u8]) -> String {
    match StateDict::from_bytes(file) {
        Err(error) => error.to_string(),
        Ok(state) => panic!("was read: {state:?}"),
    }
}

#[track_caller]
fn assert_problem(file: &[u8], expected: &str) {
    assert_eq!(problem(file), expected);
}

/// That a state dict has the tensors of a safetensors file.
#[track_caller]
fn assert_tensors(state: &StateDict, expected: &[u8]) {
    let expected = SafeTensors::deserialize(expected).unwrap();
    assert_eq!(state.tensors().len(), expected.len());
    for tensor in state.tensors() {
        let view = expected.tensor(&tensor.name).unwrap();
        assert_eq!(format!("{:?}", tensor.dtype).to_uppercase(), format!("{:?}", view.dtype()), "{}", tensor.name);
        assert_eq!(tensor.shape, view.shape(), "{}", tensor.name);
        assert_eq!(tensor.bytes, view.data(), "{}", tensor.name);
    }
}

#[test]
fn the_tensors_are_those_that_pytorch_reads_in_its_order() {
    let names: serde_json::Value = serde_json::from_slice(&fs::read(data("names.json")).unwrap()).unwrap();
    for name in READABLE {
        let state = load(name);
        assert_tensors(&state, &fs::read(data(&format!("{name}.safetensors"))).unwrap());
        let found: Vec<&str> = state.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!(serde_json::json!(found), names[name], "{name}");
    }
}

#[test]
fn nothing_of_a_plain_state_dict_is_skipped() {
    assert_eq!(load("state_dict").skipped(), []);
}

#[test]
fn what_a_checkpoint_has_besides_tensors_is_listed() {
    let checkpoint = load("checkpoint");
    let skipped: Vec<_> = checkpoint.skipped().iter().map(|skipped| (skipped.name.as_str(), skipped.what)).collect();
    assert_eq!(
        skipped,
        [
            ("epoch", "an int"),
            ("loss", "a float"),
            ("seed", "an int"),
            ("note", "a str"),
            ("done", "a bool"),
            ("best", "None"),
            ("optimizer.param_groups", "a list without tensors"),
            ("history", "a dict without tensors"),
            ("list.2", "a str"),
            ("", "an entry whose key is a tuple"),
        ]
    );
}

#[test]
fn one_part_of_a_checkpoint_can_be_had_alone() {
    let model = load("checkpoint").within("model_state_dict").unwrap();
    let names: Vec<&str> = model.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names[..3], ["tied", "0.weight", "0.bias"]);
    assert_eq!(names.len(), 9);
    assert!(model.skipped().iter().any(|skipped| skipped.name == "optimizer.state.0.exp_avg"));
    let step = load("checkpoint").within("optimizer.state.0").unwrap();
    assert_eq!(step.tensors()[0].name, "step");

    let error = load("checkpoint").within("model_state").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no tensors within `model_state`; there are some within list, model_state_dict, optimizer, parameters"
    );
    let error = load("checkpoint").within("optimiser").unwrap_err();
    assert!(error.to_string().ends_with("; did you mean `optimizer`?"), "{error}");
    let error = load("views").within("model").unwrap_err();
    assert_eq!(error.to_string(), "no tensors within `model`; there are some within none");
}

#[test]
fn what_is_not_a_state_dict_of_dense_tensors_is_refused_and_told() {
    let whole = "a whole model was saved; save `model.state_dict()` instead";
    let other = "nothing is read but tensors, numbers and text in dictionaries, lists and tuples; if a whole model was \
                 saved, save `model.state_dict()` instead";
    let refused =
        |at: usize, name: &str, why: &str| format!("byte {at} of the pickle names `{name}`, which is refused: {why}");
    let anew = "save the `state_dict()` of the model with `torch.save` instead";
    for (file, expected) in [
        ("module", refused(2, "torch.nn.modules.container.Sequential", whole)),
        (
            "legacy",
            "in the format of PyTorch 1.5 and older; load it with PyTorch and save it anew with `torch.save`"
                .to_owned(),
        ),
        ("torchscript", format!("a TorchScript program; {anew}")),
        ("hostile", refused(181, "posix.system", other)),
        ("hostile_4", refused(39, "posix.system", other)),
        ("hostile_eval", refused(41, "__builtin__.eval", other)),
        ("complex", refused(64, "torch.ComplexFloatStorage", "complex numbers are not supported")),
        (
            "negative",
            "byte 172 of the pickle: a tensor with flags (it may be the negative of what is stored)".to_owned(),
        ),
        (
            "quantised",
            refused(
                13,
                "torch._utils._rebuild_qtensor",
                "quantised tensors are not supported; `dequantize()` them before saving",
            ),
        ),
        (
            "sparse",
            refused(
                13,
                "torch._utils._rebuild_sparse_tensor",
                "sparse tensors are not supported; use `to_dense()` before saving",
            ),
        ),
        (
            "unsigned",
            refused(
                13,
                "torch._utils._rebuild_tensor_v3",
                "a tensor of a type other than float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and \
                 bool",
            ),
        ),
        (
            "set",
            "byte 17 of the pickle: opcode 0x8f, which makes a set: nothing is read but tensors, numbers and text in \
             containers"
                .to_owned(),
        ),
        ("tensor", "holds a tensor, not a state dict; save a dictionary such as `{\"name\": tensor}`".to_owned()),
        ("big_endian", "saved with byte order \"big\"; only \"little\" is read".to_owned()),
        ("pickle", "not a file of `torch.save`, or damaged: it does not end as a zip archive".to_owned()),
    ] {
        assert_eq!(problem(&bytes(file)), expected, "{file}");
    }
    let path = data("module.pt");
    let message = StateDict::load(&path).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: byte 2 of the pickle", path.display())), "{message}");
    let message = StateDict::load(data("absent.pt")).unwrap_err().to_string();
    assert!(message.contains("absent.pt: cannot be read: "), "{message}");
}

#[test]
fn a_storage_that_is_no_tensor_is_skipped() {
    let state = load("storage");
    assert_eq!(state.tensors(), []);
    assert_eq!((state.skipped()[0].name.as_str(), state.skipped()[0].what), ("a", "a storage"));
}

// What is written.

#[test]
fn the_safetensors_file_holds_what_pytorch_writes() {
    let directory = directory("pytorch_safetensors");
    for name in READABLE {
        let path = directory.join("weights.safetensors");
        load(name).write_safetensors(&path).unwrap();
        let (written, expected) = (fs::read(&path).unwrap(), fs::read(data(&format!("{name}.safetensors"))).unwrap());
        assert_tensors(&load(name), &written);
        // The header of a file may list tensors of one width in any order; all else has the same length.
        assert_eq!(written.len(), expected.len(), "{name}");
    }
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside the file");
    // Whoever may read a new file may read this one.
    fs::write(directory.join("other"), "").unwrap();
    let permissions = |name| fs::metadata(directory.join(name)).unwrap().permissions();
    assert_eq!(permissions("weights.safetensors"), permissions("other"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_leaves_what_was_there() {
    let directory = directory("pytorch_write");
    let path = directory.join("occupied");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("kept"), "kept").unwrap();
    let error = load("state_dict").write_safetensors(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot write {}: ", path.display())), "{error}");
    assert_eq!(fs::read_to_string(path.join("kept")).unwrap(), "kept");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);

    let path = directory.join("weights.safetensors");
    fs::write(&path, "before").unwrap();
    let pickle = dict(&[("__metadata__", tensor("0", 1, 0, &[1], &[1]))]);
    let error = StateDict::from_bytes(&archive(&pickle, &[("0", &[0; 4])])).unwrap().write_safetensors(&path);
    assert_eq!(
        error.unwrap_err().to_string(),
        "cannot be held by a safetensors file: a tensor named `__metadata__`, which is the name of its own entry"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
}

#[test]
fn a_network_runs_on_converted_weights() {
    let directory = directory("pytorch_network");
    load("state_dict").write_safetensors(directory.join("w.safetensors")).unwrap();
    let layers = [
        "path = \"0\"\nkind = \"linear\"\nin_features = 3\nout_features = 4",
        "path = \"1\"\nkind = \"batch_norm1d\"\nnum_features = 4",
        "path = \"2\"\nkind = \"linear\"\nin_features = 4\nout_features = 2",
    ];
    let layers: String = layers.iter().map(|layer| format!("[[layers]]\n{layer}\n")).collect();
    let head = "format = \"neurobench-network\"\nversion = 1\nweights = \"w.safetensors\"\ninput_shape = [3]\n";
    fs::write(directory.join("n.toml"), format!("{head}{layers}")).unwrap();
    let network = Network::load(directory.join("n.toml")).unwrap();
    // 12 + 4, four of 4, 8 numbers of four bytes, and a counter of eight.
    assert_eq!(network.layers().iter().map(neurobench_core::model::Layer::bytes).sum::<u64>(), 40 * 4 + 8);
}

// Files made by hand.

/// A text.
fn text(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [b"X".as_slice(), &length.to_le_bytes(), text.as_bytes()].concat()
}

fn int(value: i64) -> Vec<u8> {
    [&[0x8a, 8][..], &value.to_le_bytes()].concat()
}

fn tuple(elements: &[Vec<u8>]) -> Vec<u8> {
    [b"(".as_slice(), &elements.concat(), b"t"].concat()
}

fn ints(values: &[i64]) -> Vec<u8> {
    tuple(&values.iter().map(|value| int(*value)).collect::<Vec<_>>())
}

/// A tensor of single precision.
fn tensor(key: &str, elements: i64, offset: i64, shape: &[i64], strides: &[i64]) -> Vec<u8> {
    let class = b"ctorch\nFloatStorage\n".to_vec();
    let id = tuple(&[text("storage"), class, text(key), text("cpu"), int(elements)]);
    let storage = [id.as_slice(), b"Q"].concat();
    let hooks = b"ccollections\nOrderedDict\n)R".to_vec();
    let arguments = tuple(&[storage, int(offset), ints(shape), ints(strides), vec![0x89], hooks]);
    [b"ctorch._utils\n_rebuild_tensor_v2\n".as_slice(), &arguments, b"R"].concat()
}

/// A pickle of a dictionary.
fn dict(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items: Vec<u8> = entries.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect();
    [&[0x80, 2][..], b"}(", &items, b"u."].concat()
}

/// A zip archive.
fn zipped(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A file of this pickle and these storages.
fn archive(pickle: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let names: Vec<String> = storages.iter().map(|(key, _)| format!("m/data/{key}")).collect();
    let mut entries = vec![("m/data.pkl", pickle)];
    entries.extend(names.iter().zip(storages).map(|(name, (_, content))| (name.as_str(), *content)));
    zipped(&entries, CompressionMethod::Stored)
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The same file with a field of an entry of its directory changed.
fn patched(file: &[u8], entry: &str, at: usize, field: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let name = file.windows(entry.len()).rposition(|window| window == entry.as_bytes()).unwrap();
    let start = name - 46 + at;
    file[start..start + field.len()].copy_from_slice(field);
    file
}

#[test]
fn a_file_made_by_hand_is_read() {
    let pickle = dict(&[("a", tensor("0", 6, 1, &[2, 2], &[1, 2])), ("b", b"]".to_vec())]);
    let state = StateDict::from_bytes(&archive(&pickle, &[("0", &floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))])).unwrap();
    let [a] = state.tensors() else { panic!("{state:?}") };
    assert_eq!((a.name.as_str(), a.dtype, a.shape.as_slice()), ("a", Dtype::F32, &[2, 2][..]));
    assert_eq!(a.bytes, floats(&[1.0, 3.0, 2.0, 4.0]));
}

#[test]
fn the_order_of_the_archive_does_not_matter_and_other_entries_neither() {
    let file = bytes("checkpoint");
    let mut archive = ZipArchive::new(Cursor::new(&file)).unwrap();
    let mut entries = Vec::new();
    for index in (0..archive.len()).rev() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::copy(&mut entry, &mut content).unwrap();
        entries.push((entry.name().to_owned(), content));
    }
    entries.insert(1, ("elsewhere/notes".to_owned(), b"notes".to_vec()));
    let entries: Vec<_> = entries.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let reordered = zipped(&entries, CompressionMethod::Stored);
    assert_eq!(StateDict::from_bytes(&reordered).unwrap(), load("checkpoint"));
}

#[test]
fn views_beyond_their_storage_are_refused() {
    let try_view = |elements, offset, shape: &[i64], strides: &[i64]| {
        let pickle = dict(&[("a", tensor("0", elements, offset, shape, strides))]);
        problem(&archive(&pickle, &[("0", &[0; 24])]))
    };
    let beyond = |shape, strides, offset| {
        format!(
            "tensor `a` (shape {shape}, strides {strides}, from element {offset} on) reaches beyond the 6 elements of \
             storage `0`"
        )
    };
    assert_eq!(try_view(6, 0, &[7], &[1]), beyond("[7]", "[1]", "0"));
    assert_eq!(try_view(6, 1, &[2, 3], &[3, 1]), beyond("[2, 3]", "[3, 1]", "1"));
    assert_eq!(try_view(6, 6, &[], &[]), beyond("[]", "[]", "6"));
    assert_eq!(try_view(6, 0, &[2], &[i64::MAX]), beyond("[2]", "[9223372036854775807]", "0"));
    assert_eq!(try_view(6, i64::MAX, &[3], &[i64::MAX]), beyond("[3]", "[9223372036854775807]", "9223372036854775807"));
    let many = i64::MAX;
    assert_eq!(
        try_view(6, 0, &[many, many], &[0, 0]),
        format!("tensor `a` has shape [{many}, {many}], more elements than can be counted")
    );
    assert_eq!(
        try_view(5, 0, &[5], &[1]),
        "tensor `a` is a view of storage `0`, which has 24 bytes, not 5 elements of 4"
    );
    assert_eq!(
        try_view(i64::MAX, 0, &[7], &[1]),
        "tensor `a` is a view of storage `0`, which has 24 bytes, not 9223372036854775807 elements of 4"
    );
}

#[test]
fn views_may_repeat_what_is_stored_only_so_often() {
    let expanded = |length| archive(&dict(&[("a", tensor("0", 1, 0, &[length], &[0]))]), &[("0", &floats(&[1.5]))]);
    let state = StateDict::from_bytes(&expanded(1000)).unwrap();
    assert_eq!(state.tensors()[0].bytes, floats(&[1.5; 1000]));
    let file = expanded(1 << 40);
    let (message, peak) = peak_of(|| problem(&file));
    let limit = (1 << 20) + 8 * file.len();
    assert_eq!(
        message,
        format!(
            "the tensors take 4398046511104 bytes, the file {}: views that repeat what is stored are read up to {limit}",
            file.len()
        )
    );
    assert!(peak < 1 << 16, "{peak}");
    // Many views of one storage of half a mebibyte.
    let entries: Vec<_> =
        (0..40).map(|index| (format!("t{index}"), tensor("0", 1 << 17, 0, &[1 << 17], &[1]))).collect();
    let entries: Vec<_> = entries.iter().map(|(name, view)| (name.as_str(), view.clone())).collect();
    let storage = vec![0; 1 << 19];
    let few = archive(&dict(&entries[..8]), &[("0", &storage)]);
    assert_eq!(StateDict::from_bytes(&few).unwrap().tensors().len(), 8);
    let message = problem(&archive(&dict(&entries), &[("0", &storage)]));
    assert!(message.starts_with("the tensors take 20971520 bytes, the file 5"), "{message}");
}

#[test]
fn containers_within_themselves_end() {
    // A dictionary that is its own entry, and one that has the one before twice, sixty times over.
    let own = [&[0x80, 2][..], b"}q\x00", &text("a"), b"h\x00s."].concat();
    let message = problem(&archive(&own, &[]));
    assert!(message.ends_with("is a container in more than 64 others, or within itself"), "{message}");
    let mut doubled = [&[0x80, 2][..], b"}q\x00"].concat();
    for level in 1..60 {
        doubled.extend_from_slice(b"}(");
        doubled.extend_from_slice(&[text("a"), vec![b'h', level - 1], text("b"), vec![b'h', level - 1]].concat());
        doubled.extend_from_slice(&[b'u', b'q', level]);
    }
    // All but the last must leave the stack: they are elements of a tuple.
    let doubled = [&doubled[..2], b"(", &doubled[2..], b"t."].concat();
    let file = archive(&doubled, &[]);
    let (message, peak) = peak_of(|| problem(&file));
    assert!(message.ends_with("repeats containers or long keys over and over"), "{message}");
    assert!(peak < 1 << 20, "{peak}");
    // Long keys above many tensors.
    let long = "k".repeat(20_000);
    let view = tensor("0", 1, 0, &[1], &[1]);
    let inner: Vec<u8> = (0..500).flat_map(|index| [text(&format!("{index}")), b"h\x00".to_vec()].concat()).collect();
    let nested = [b"}(".as_slice(), &text("t"), &view, b"q\x00", &text(&long), b"}(", &inner, b"uu."].concat();
    let message = problem(&archive(&[&[0x80, 2], nested.as_slice()].concat(), &[("0", &[0; 4])]));
    assert!(message.ends_with("repeats containers or long keys over and over"), "{message}");
}

#[test]
fn two_tensors_of_one_name_are_refused() {
    let view = || tensor("0", 1, 0, &[1], &[1]);
    let storages: [(&str, &[u8]); 1] = [("0", &[0; 4])];
    let file = archive(&dict(&[("a", view()), ("a", view())]), &storages);
    assert_problem(&file, "two tensors are named `a`");
    let inner = [b"}".as_slice(), &text("b"), &view(), b"s"].concat();
    let file = archive(&dict(&[("a.b", view()), ("a", inner)]), &storages);
    assert_problem(&file, "two tensors are named `a.b`");
}

#[test]
fn a_bool_is_zero_or_one() {
    let mut pickle = dict(&[("a", tensor("0", 2, 0, &[2], &[1]))]);
    let class = pickle.windows(5).position(|window| window == b"Float").unwrap();
    pickle.splice(class..class + 5, *b"Bool");
    let state = StateDict::from_bytes(&archive(&pickle, &[("0", &[1, 0])])).unwrap();
    assert_eq!((state.tensors()[0].dtype, state.tensors()[0].bytes.as_slice()), (Dtype::Bool, &[1, 0][..]));
    assert_problem(&archive(&pickle, &[("0", &[1, 2])]), "tensor `a` holds 2 at element 1, which is no bool");
}

#[test]
fn archives_that_lie_are_refused() {
    let damaged = |problem: &str| format!("not a file of `torch.save`, or damaged: {problem}");
    let file = bytes("state_dict");
    let huge = 0xffff_fff0_u32.to_le_bytes();
    let first = "state_dict/data/0";
    let reaches = damaged("entry `data/0` reaches into what follows it");
    // Lengths, the place, the checksum, the method, the flags.
    assert_problem(&patched(&file, first, 20, &huge), &reaches);
    assert_problem(
        &patched(&file, first, 24, &huge),
        "entry `data/0` of the archive is compressed; `torch.save` does not, so save it anew",
    );
    assert_problem(&patched(&file, first, 20, &[huge, huge].concat()), &reaches);
    assert_problem(&patched(&file, first, 42, &huge), &reaches);
    assert_problem(
        &patched(&file, first, 16, &[0; 4]),
        "entry `data/0` of the archive is damaged: its checksum is not that of the directory",
    );
    assert_problem(
        &patched(&file, first, 10, &[8]),
        "entry `data/0` of the archive is compressed; `torch.save` does not, so save it anew",
    );
    assert_problem(&patched(&file, first, 8, &[1]), "entry `data/0` of the archive is encrypted");
    // A few bytes more than the padding before the next entry has.
    assert_problem(
        &patched(&file, first, 20, &[100_u32.to_le_bytes(), 100_u32.to_le_bytes()].concat()),
        "entry `data/0` of the archive claims 100 bytes and has not so many of its own",
    );
    // Lengths that take more than 32 bits, without the field that has them.
    assert_problem(&patched(&file, first, 24, &[0xff; 4]), &damaged("entry 2 of its directory cannot be understood"));
    // Two entries in one place, or changed about.
    let directory_entry =
        |entry: &str| file.windows(entry.len()).rposition(|window| window == entry.as_bytes()).unwrap();
    let place = |entry: &str| file[directory_entry(entry) - 4..directory_entry(entry)].to_vec();
    let second = "state_dict/data/1";
    let overlapping = patched(&file, second, 42, &place(first));
    assert!(problem(&overlapping).ends_with("reaches into what follows it"), "{}", problem(&overlapping));
    let third = "state_dict/data/2";
    let swapped = patched(&patched(&file, third, 42, &place(second)), second, 42, &place(third));
    let message = problem(&swapped);
    assert!(message.ends_with("is not where the directory says, but another"), "{message}");
    // One name twice.
    assert_problem(&patched(&file, second, 46, first.as_bytes()), &damaged("entry `data/0` is there twice"));
    // More entries than the directory has, in both of the last records.
    let end = file.len();
    let mut counted = file.clone();
    for start in [end - 98 + 24, end - 98 + 32] {
        counted[start..start + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    }
    let message = problem(&counted);
    assert!(message.contains("cannot hold the 18446744073709551615 entries that it claims"), "{message}");
    let mut counted = file.clone();
    for start in [end - 98 + 24, end - 98 + 32] {
        counted[start] -= 1;
    }
    assert!(problem(&counted).ends_with("bytes follow the last entry of its directory"), "{}", problem(&counted));
}

#[test]
fn archives_of_other_things_are_refused() {
    let empty = archive(b"\x80\x02}.", &[]);
    assert_eq!(StateDict::from_bytes(&empty).unwrap().tensors(), []);
    let stored = CompressionMethod::Stored;
    assert_problem(
        &zipped(&[("a.npy", b"")], stored),
        "not a file of `torch.save`, or damaged: it has 0 pickles named `data.pkl`, not one",
    );
    assert_problem(
        &zipped(&[("a/data.pkl", b"\x80\x02}."), ("b/data.pkl", b"\x80\x02}.")], stored),
        "not a file of `torch.save`, or damaged: it has 2 pickles named `data.pkl`, not one",
    );
    let pickle = dict(&[("a", tensor("0", 1, 0, &[1], &[1]))]);
    assert_problem(&archive(&pickle, &[]), "entry `data/0` of the archive is missing");
    assert_problem(
        &archive(&pickle, &[("0", &[0; 3])]),
        "tensor `a` is a view of storage `0`, which has 3 bytes, not 1 elements of 4",
    );
    let bomb = vec![0; 1 << 20];
    let file = zipped(&[("m/data.pkl", &pickle), ("m/data/0", &bomb)], CompressionMethod::Deflated);
    let (message, peak) = peak_of(|| problem(&file));
    assert!(message.ends_with("is compressed; `torch.save` does not, so save it anew"), "{message}");
    assert!(peak < 1 << 16, "{peak}");
    let long = vec![b'N'; (1 << 24) + 1];
    let file = archive(&long, &[]);
    assert_problem(&file, "entry `data.pkl` of the archive has 16777217 bytes; no more than 16777216 are read");
}

// Whatever the bytes.

/// That a file is refused or gives tensors of the right lengths, and takes no more memory than it justifies.
#[track_caller]
fn assert_harmless(file: &[u8]) -> Result<StateDict, PytorchError> {
    let (state, peak) = peak_of(|| StateDict::from_bytes(file));
    // What tensors may take, and for each byte of the pickle a value on the stack and an empty container, while the
    // vectors of both grow.
    assert!(peak < (2 << 20) + 400 * file.len(), "{peak} bytes for a file of {}", file.len());
    for tensor in state.iter().flat_map(StateDict::tensors) {
        let elements = tensor.shape.iter().product::<usize>();
        assert_eq!(tensor.bytes.len() as u64, elements as u64 * tensor.dtype.bits() / 8);
    }
    state
}

#[test]
fn a_long_pickle_takes_memory_in_proportion() {
    for word in
        [b"N".as_slice(), b"(", b")", b"]", b"}", b"}\x94", b"\x85", b"]\x85\x85", b"K\x01\x94", b"](]e", b"}NNs"]
    {
        let pickle = [b"\x80\x02N\x94".as_slice(), &word.repeat((1 << 18) / word.len())].concat();
        assert!(assert_harmless(&archive(&pickle, &[])).is_err());
    }
    // A shape or a state that is referred to over and over is not gone through every time.
    let shape = [b"(".as_slice(), &b"K\x01".repeat(1 << 16), b"tq\x00"].concat();
    let rebuild = tensor("0", 1, 0, &[], &[]);
    let before_call = &rebuild[..rebuild.len() - 1];
    assert!(assert_harmless(&archive(&[b"\x80\x02", shape.as_slice(), before_call].concat(), &[])).is_err());
}

#[test]
fn no_beginning_of_a_file_is_a_file() {
    for name in READABLE {
        let file = bytes(name);
        for length in 0..file.len() {
            assert!(assert_harmless(&file[..length]).is_err(), "{name}, {length} bytes");
        }
        // Nor is a file with something cut out, or before or behind it.
        let mut random = Numbers::new(1);
        for _ in 0..300 {
            let start = random.next() as usize % file.len();
            let end = (start + 1 + random.next() as usize % 100).min(file.len());
            let cut = [&file[..start], &file[end..]].concat();
            assert!(assert_harmless(&cut).is_err(), "{name}, without {start}..{end}");
        }
        assert!(assert_harmless(&[file.as_slice(), b"\0"].concat()).is_err());
        assert!(assert_harmless(&[b"\0", file.as_slice()].concat()).is_err());
    }
}

#[test]
fn a_changed_byte_is_an_error_or_changes_nothing() {
    for name in ["state_dict", "protocol_5", "dtypes", "views"] {
        let file = bytes(name);
        let whole = StateDict::from_bytes(&file).unwrap();
        let mut random = Numbers::new(2);
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1 + (random.next() % 255) as u8;
            // What is read has a checksum; the rest is padding, dates, and entries that are not read.
            if let Ok(state) = assert_harmless(&changed) {
                assert!(state == whole, "{name}, byte {place}");
            }
        }
    }
}

/// The pickle and the storages of a file, to be put together again with a changed pickle.
fn taken_apart(file: &[u8]) -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let (mut pickle, mut storages) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::copy(&mut entry, &mut content).unwrap();
        let name = entry.name().split_once('/').map(|(_, name)| name).unwrap();
        match name.strip_prefix("data/") {
            Some(key) => storages.push((key.to_owned(), content)),
            None if name == "data.pkl" => pickle = content,
            None => {}
        }
    }
    (pickle, storages)
}

#[test]
fn a_changed_pickle_is_an_error_or_harmless() {
    let mut read = 0;
    for name in ["state_dict", "protocol_4", "views", "dtypes", "checkpoint", "module", "hostile"] {
        let (pickle, storages) = taken_apart(&bytes(name));
        let storages: Vec<_> = storages.iter().map(|(key, content)| (key.as_str(), content.as_slice())).collect();
        let mut random = Numbers::new(3);
        for _ in 0..1500 {
            let mut changed = pickle.clone();
            for _ in 0..=random.next() % 3 {
                let place = random.next() as usize % changed.len();
                match random.next() % 4 {
                    0 => changed[place] = random.next() as u8,
                    1 => changed[place] ^= 1 << (random.next() % 8),
                    2 => drop(changed.remove(place)),
                    _ => {
                        let end = (place + random.next() as usize % 40).min(changed.len());
                        let piece = changed[place..end].to_vec();
                        let to = random.next() as usize % changed.len();
                        changed.splice(to..to, piece);
                    }
                }
            }
            read += usize::from(assert_harmless(&archive(&changed, &storages)).is_ok());
        }
    }
    assert!(read > 100, "changed names, shapes and strides are still read: {read}");
}

#[test]
fn random_opcodes_are_an_error_or_harmless() {
    let view = tensor("0", 4, 0, &[2, 2], &[2, 1]);
    let words: [&[u8]; 38] = [
        b"(",
        b")",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"]",
        b"}",
        b"a",
        b"e",
        b"s",
        b"u",
        b"N",
        b"\x88",
        b"\x89",
        b"K\x01",
        b"M\xff\xff",
        b"J\xff\xff\xff\xff",
        b"\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09",
        b"G?\xf0\0\0\0\0\0\0",
        b"\x8c\x01a",
        b"X\x01\0\0\0b",
        b"\x8c\x07storage",
        b"q\x00",
        b"h\x00",
        b"q\x01",
        b"h\x01",
        b"\x94",
        b"ccollections\nOrderedDict\n",
        b"ctorch._utils\n_rebuild_tensor_v2\n",
        b"ctorch._utils\n_rebuild_parameter\n",
        b"ctorch\nFloatStorage\n",
        b"\x93",
        b"Q",
        b"R",
        b"b",
        &view,
        b"\x8c\x09_metadata",
    ];
    let mut random = Numbers::new(4);
    let mut read = 0;
    for _ in 0..20_000 {
        let mut pickle = vec![0x80, 2];
        let count = random.next() % 40;
        for _ in 0..count {
            pickle.extend_from_slice(words[random.next() as usize % words.len()]);
        }
        // Most streams leave marks or too much on the stack, so half of them are made to end.
        if random.next().is_multiple_of(2) {
            pickle = [b"\x80\x02}\x8c\x01x".as_slice(), &pickle[2..], b"s"].concat();
        }
        pickle.push(b'.');
        read += usize::from(assert_harmless(&archive(&pickle, &[("0", &[0; 16])])).is_ok());
    }
    assert!(read > 10, "some are read: {read}");
}
