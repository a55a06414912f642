//! State dicts of PyTorch: `.pt` and `.pth` files as `torch.save(model.state_dict(), ..)` writes them.
//!
//! Such a file is a zip archive of a pickle and the bytes of the tensors. A pickle is a program, and unpickling one runs
//! whatever its author wanted run; here nothing is ever run. A [`StateDict`] is read by a machine that knows dictionaries,
//! lists, tuples, text, numbers, truth values, `None` and tensors, and refuses all else by name.
//!
//! What is read, as of PyTorch 2.6:
//!
//! * archives of `torch.save` since PyTorch 1.6, little-endian, with the pickle protocols 2 to 5;
//! * dense tensors and parameters of `float64`, `float32`, `float16`, `bfloat16`, `int64`, `int32`, `int16`, `int8`,
//!   `uint8` and `bool`, wherever they were when they were saved; views in any order and with any strides are written out
//!   in memory order, and tied tensors become two of one content;
//! * dictionaries, lists and tuples within each other: a tensor's name is the keys and indices on the way to it, joined by
//!   dots. What is no tensor is listed as [skipped](StateDict::skipped). The `_metadata` of a state dict (the versions of
//!   its modules) is dropped.
//!
//! Refused with a hint: whole models (`torch.save(model)`), TorchScript, the format of PyTorch 1.5 and older, complex,
//! quantised and sparse tensors.
//!
//! What reading takes is bounded by the file: see [`StateDict::load`].

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

/// How many times the length of the file all tensors together may take: tied tensors and views repeat what is stored once.
const MOST_REPEATS: u64 = 8;
/// What tensors may take in any case, in bytes, so that small files may repeat more.
const ALWAYS_ALLOWED: u64 = 1 << 20;
/// The longest pickle that is read, in bytes: a hundred thousand tensors.
const LONGEST_PICKLE: u64 = 1 << 24;

/// The tensors of a file of PyTorch, in its order.
///
/// ```no_run
/// use neurobench::import::pytorch::StateDict;
///
/// let checkpoint = StateDict::load("checkpoint.pt")?;
/// for skipped in checkpoint.skipped() {
///     eprintln!("skipped `{}`, {}", skipped.name, skipped.what);
/// }
/// checkpoint.within("model_state_dict")?.write_safetensors("weights.safetensors")?;
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
    /// The keys and indices on the way to it, joined by dots: `0.weight`.
    pub name: String,
    /// The type of its numbers.
    pub dtype: Dtype,
    /// The lengths of its axes; none for a single number.
    pub shape: Vec<usize>,
    /// Its numbers, little-endian, the last axis fastest.
    pub bytes: Vec<u8>,
}

/// Something that was saved beside the tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// The keys and indices on the way to it, joined by dots.
    pub name: String,
    /// What it is, as in "an int".
    pub what: &'static str,
}

impl StateDict {
    /// Reads a `.pt` or `.pth` file.
    ///
    /// It takes as much memory as the tensors, the largest storage, and what is in proportion to the pickle, which may have
    /// 16 MiB. Tensors may take together up to eight times what the file does, and a mebibyte in any case: more cannot be but
    /// views that repeat stored numbers over and over.
    ///
    /// # Errors
    ///
    /// [`PytorchError`] with the file if it cannot be read, is damaged, of another format, or holds what is not supported.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, PytorchError> {
        let path = path.as_ref();
        let read = || Self::read(BufReader::new(files::open(path)?));
        read().map_err(|error| error.within(path))
    }

    /// Reads a file that is in memory.
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

    /// What was saved beside the tensors and is not kept: an epoch, the settings of an optimizer.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The tensors below one name, without that name: of a checkpoint `{"model": model.state_dict(), "epoch": 3}` those
    /// within `model`. All others are skipped.
    ///
    /// # Errors
    ///
    /// [`PytorchError::NoPart`] if there are none.
    pub fn within(self, name: &str) -> Result<Self, PytorchError> {
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

    /// Writes the tensors as a [safetensors](https://github.com/huggingface/safetensors) file, types kept, in place of what
    /// is there: all of it or, upon an error, nothing.
    ///
    /// # Errors
    ///
    /// [`PytorchError::Write`] if the file cannot be written, [`PytorchError::Safetensors`] if the format does not hold the
    /// tensors.
    pub fn write_safetensors(&self, path: impl AsRef<Path>) -> Result<(), PytorchError> {
        safetensors::write(&self.tensors, path.as_ref())
    }

    fn read(file: impl Read + Seek) -> Result<Self, PytorchError> {
        let mut archive = Archive::open(file)?;
        archive.check_byte_order()?;
        let pickle = archive.read("data.pkl", LONGEST_PICKLE)?;
        let (root, heap) = machine::run(&pickle)?;
        let Entries { tensors: entries, skipped } = entries::of(root, &heap, pickle.len())?;

        let views = entries.iter().map(|(name, tensor)| View::new(name, &heap, *tensor));
        let views = views.collect::<Result<Vec<_>, _>>()?;
        let limit = archive.length().saturating_mul(MOST_REPEATS).saturating_add(ALWAYS_ALLOWED);
        let total = views.iter().fold(0, |total: u64, view| total.saturating_add(view.bytes()));
        if total > limit {
            return Err(PytorchError::TooLarge { bytes: total, file: archive.length(), limit });
        }
        // Storage by storage, so that only one is held beside the tensors.
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
