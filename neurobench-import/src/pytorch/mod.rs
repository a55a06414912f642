//! State dicts of PyTorch: `.pt` and `.pth` files of `torch.save(model.state_dict(), ..)`.
//!
//! Such a file is a zip archive of a pickle and the bytes of the tensors. A pickle is a program, and unpickling it runs arbitrary
//! code of its author. This module never runs code: it reads a [`StateDict`] with a machine that supports dictionaries, lists,
//! tuples, text, numbers, truth values, `None` and tensors, and rejects everything else with its name.
//!
//! Supported contents, as of PyTorch 2.6:
//!
//! * archives of `torch.save` since PyTorch 1.6, little-endian, with the pickle protocols 2 to 5;
//! * dense tensors and parameters of `float64`, `float32`, `float16`, `bfloat16`, `int64`, `int32`, `int16`, `int8`,
//!   `uint8` and `bool`, from any device. Views with any order and strides are converted to memory order, and tied tensors become
//!   separate tensors with the same content;
//! * nested dictionaries, lists and tuples. The name of a tensor is the path of keys and indices to it, joined by dots. Values that
//!   are not tensors are listed as [skipped](StateDict::skipped). The `_metadata` of a state dict (the versions of its modules) is
//!   dropped.
//!
//! Whole models (`torch.save(model)`), TorchScript, the format of PyTorch 1.5 and older, and complex, quantized and sparse tensors
//! are rejected with a suggestion.
//!
//! The memory for reading is limited by the length of the file: see [`StateDict::load`].

mod archive;
mod entries;
mod error;
mod fields;
mod globals;
mod machine;
mod safetensors;
mod value;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

pub use error::PytorchError;

use crate::pytorch::archive::Archive;
use crate::pytorch::entries::Entries;
use crate::pytorch::error::shown;
use crate::pytorch::view::View;
use neurobench_core::files;
use neurobench_core::model::Dtype;
use neurobench_core::names::{did_you_mean, listed};

/// Maximum total size of the tensors as a multiple of the length of the file: tied tensors and views repeat stored numbers.
const MOST_REPEATS: u64 = 8;
/// Total size of tensors that is always allowed, in bytes, so that small files may repeat more.
const ALWAYS_ALLOWED: u64 = 1 << 20;
/// Maximum length of a pickle in bytes, enough for a hundred thousand tensors.
const LONGEST_PICKLE: u64 = 1 << 24;

/// The tensors of a file of PyTorch, in the order of the file.
///
/// ```no_run
/// use neurobench::import::pytorch::StateDict;
///
/// let checkpoint = StateDict::load("checkpoint.pt")?;
/// for skipped in checkpoint.skipped() {
///     eprintln!("skipped `{}`, {}", skipped.name, skipped.what);
/// }
/// checkpoint.into_part("model_state_dict")?.write_safetensors("weights.safetensors")?;
/// # Ok::<(), neurobench::import::pytorch::PytorchError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StateDict {
    tensors: Vec<NamedTensor>,
    skipped: Vec<Skipped>,
}

/// A tensor with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Path of keys and indices, joined by dots: `0.weight`.
    pub name: String,
    /// Type of the numbers.
    pub dtype: Dtype,
    /// Lengths of the axes; empty for a single number.
    pub shape: Vec<usize>,
    /// Numbers in little-endian byte order, with the last axis fastest.
    pub bytes: Vec<u8>,
}

/// A saved value that is not a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// Path of keys and indices, joined by dots.
    pub name: String,
    /// Type with an article, such as "an int".
    pub what: &'static str,
}

impl StateDict {
    /// Reads a `.pt` or `.pth` file.
    ///
    /// The memory is that of the tensors and the largest storage, and an amount proportional to the pickle, which is limited to
    /// 16 MiB. The tensors may need up to eight times the length of the file, and 1 MiB in any case: more is possible only for views
    /// that repeat stored numbers many times.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, is damaged, has another format, or contains something that is not supported. The error
    /// contains the path.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, PytorchError> {
        let path = path.as_ref();
        let read = || Self::read(BufReader::new(files::open(path)?));
        read().map_err(|error| error.in_file(path))
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn from_bytes(file: &[u8]) -> Result<Self, PytorchError> {
        Self::read(Cursor::new(file))
    }

    /// The tensors, in the order of the file.
    #[must_use]
    pub fn tensors(&self) -> &[NamedTensor] {
        &self.tensors
    }

    /// The saved values that are not tensors and are dropped, such as an epoch or the settings of an optimizer.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Selects the tensors below a name and removes the name: `model` for a checkpoint
    /// `{"model": model.state_dict(), "epoch": 3}`. All other tensors are skipped.
    ///
    /// # Errors
    ///
    /// [`PytorchError::NoPart`] if there are none.
    pub fn into_part(self, name: &str) -> Result<Self, PytorchError> {
        let inside = |tensor: &str| tensor.strip_prefix(name)?.strip_prefix('.').map(str::to_owned);
        if !self.tensors.iter().any(|tensor| inside(&tensor.name).is_some()) {
            return Err(self.no_part(name));
        }
        let (mut tensors, mut skipped) = (Vec::new(), self.skipped);
        for tensor in self.tensors {
            match inside(&tensor.name) {
                Some(name) => tensors.push(NamedTensor { name, ..tensor }),
                None => skipped.push(Skipped { name: tensor.name, what: "a tensor elsewhere" }),
            }
        }
        Ok(Self { tensors, skipped })
    }

    /// Writes the tensors to a [safetensors](https://github.com/huggingface/safetensors) file with the same types. An existing file
    /// is replaced atomically.
    ///
    /// # Errors
    ///
    /// [`PytorchError::Write`] if the file cannot be written, [`PytorchError::Safetensors`] if the format does not support a
    /// tensor.
    pub fn write_safetensors(&self, path: impl AsRef<Path>) -> Result<(), PytorchError> {
        safetensors::write(&self.tensors, path.as_ref())
    }

    fn read(file: impl Read + Seek) -> Result<Self, PytorchError> {
        let mut archive = Archive::open(file)?;
        archive.check_byte_order()?;
        let pickle = archive.read("data.pkl", LONGEST_PICKLE)?;
        let (root, heap) = machine::run(&pickle)?;
        let Entries { tensors: entries, skipped } = entries::collect(root, &heap, pickle.len())?;

        let views = entries.iter().map(|(name, tensor)| View::new(name, &heap, *tensor));
        let views = views.collect::<Result<Vec<_>, _>>()?;
        let limit = archive.length().saturating_mul(MOST_REPEATS).saturating_add(ALWAYS_ALLOWED);
        let total = views.iter().fold(0, |total: u64, view| total.saturating_add(view.bytes()));
        if total > limit {
            return Err(PytorchError::TooLarge { bytes: total, file: archive.length(), limit });
        }
        // Storage by storage, so that only one is in memory at a time.
        let mut by_storage: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, view) in views.iter().enumerate() {
            by_storage.entry(view.storage()).or_default().push(index);
        }
        let mut contents = vec![Vec::new(); views.len()];
        for (storage, indices) in by_storage {
            let stored = archive.read(&format!("data/{storage}"), u64::MAX)?;
            for index in indices {
                contents[index] = views[index].gather(&stored)?;
            }
        }
        let tensor = |(view, bytes): (View<'_, '_>, Vec<u8>)| {
            let (name, dtype, shape) = view.into_parts();
            NamedTensor { name: name.to_owned(), dtype, shape, bytes }
        };
        Ok(Self { tensors: views.into_iter().zip(contents).map(tensor).collect(), skipped })
    }

    fn no_part(&self, name: &str) -> PytorchError {
        const NAMED: usize = 8;
        let part = |tensor: &NamedTensor| Some(shown(tensor.name.split_once('.')?.0));
        let parts: BTreeSet<String> = self.tensors.iter().filter_map(part).collect();
        let mut known = listed(parts.iter().take(NAMED));
        match parts.len().checked_sub(NAMED) {
            None if parts.is_empty() => known.push_str("none"),
            None | Some(0) => {}
            Some(more) => known.push_str(&format!(" and {more} more")),
        }
        let hint = did_you_mean(name, parts.iter().map(String::as_str));
        PytorchError::NoPart { name: name.to_owned(), known, hint }
    }
}
