//! State dicts of PyTorch: comparison with the tensors that PyTorch reads, and invalid files.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod by_hand;
mod damaged;
mod recorded;
mod written;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use crate::common::{Numbers, directory};
use crate::memory::peak_of;
use neurobench::import::pytorch::{PytorchError, StateDict};
use neurobench::model::{Dtype, Model};
use neurobench::network::Network;
use safetensors::SafeTensors;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

// Files written by PyTorch (`data/pytorch/record_pytorch.py`).

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

/// Error message without the name of the file.
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

/// Checks that a state dict has the tensors of a safetensors file.
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

// Handmade files.

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

/// A tensor in single precision.
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

/// Changes a field of an entry of the directory of a file.
fn patched(file: &[u8], entry: &str, at: usize, field: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let name = file.windows(entry.len()).rposition(|window| window == entry.as_bytes()).unwrap();
    let start = name - 46 + at;
    file[start..start + field.len()].copy_from_slice(field);
    file
}
