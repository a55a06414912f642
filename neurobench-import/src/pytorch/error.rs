//! Errors of reading files of PyTorch.

use std::path::{Path, PathBuf};

use neurobench_core::files::FileKind;

/// An error of reading the tensors of a file of PyTorch, or of writing them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PytorchError {
    /// Any other error, with its file.
    #[error("{}: {problem}", file.display())]
    InFile {
        /// The file.
        file: PathBuf,
        /// The error.
        problem: Box<PytorchError>,
    },
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is in the format before PyTorch 1.6.
    #[error("in the format of PyTorch 1.5 and older; load it with PyTorch and save it again with `torch.save`")]
    Legacy,
    /// The file contains a program instead of weights.
    #[error("a TorchScript program; save the `state_dict()` of the model with `torch.save` instead")]
    TorchScript,
    /// The file is not an archive of `torch.save`, or is damaged.
    #[error("not a file of `torch.save`, or damaged: {problem}")]
    Archive {
        /// The problem.
        problem: String,
    },
    /// An entry of the archive is missing, damaged or unusual.
    #[error("entry `{entry}` of the archive {problem}")]
    Entry {
        /// Name of the entry, without the common folder.
        entry: String,
        /// The problem.
        problem: String,
    },
    /// The numbers are not little-endian.
    #[error("unsupported byte order \"{found}\": only \"little\" is supported")]
    ByteOrder {
        /// Byte order in the file.
        found: String,
    },
    /// The pickle is damaged, or contains something that `torch.save` does not write for a state dict.
    #[error("byte {at} of the pickle: {problem}")]
    Pickle {
        /// Zero-based position.
        at: usize,
        /// The problem.
        problem: String,
    },
    /// The pickle refers to a function or class that is not allowed; it was not run.
    #[error("byte {at} of the pickle refers to `{global}`, which is not allowed: {hint}")]
    Global {
        /// Zero-based position.
        at: usize,
        /// Full name of the function or class.
        global: String,
        /// Explanation or suggestion.
        hint: &'static str,
    },
    /// The file does not contain named tensors.
    #[error("expected a state dict, found {found}; save a dictionary such as `{{\"name\": tensor}}`")]
    NotADictionary {
        /// Type of the contents.
        found: &'static str,
    },
    /// Containers contain themselves, are nested too deeply, or are repeated too often.
    #[error("`{name}` {problem}")]
    Nesting {
        /// Start of the name of the container.
        name: String,
        /// The problem.
        problem: &'static str,
    },
    /// Two tensors have the same name.
    #[error("two tensors are named `{name}`")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A tensor does not fit its storage.
    #[error("tensor `{tensor}` {problem}")]
    Tensor {
        /// Name of the tensor.
        tensor: String,
        /// The problem.
        problem: String,
    },
    /// Views repeat stored numbers too often.
    #[error(
        "the tensors need {bytes} bytes, but the file has {file}: views that repeat stored numbers are limited to {limit} bytes"
    )]
    TooLarge {
        /// Total size of all tensors in bytes.
        bytes: u64,
        /// Length of the file in bytes.
        file: u64,
        /// Maximum size in bytes.
        limit: u64,
    },
    /// There are no tensors below a name.
    #[error("no tensors within `{name}`; there are some within {known}{hint}")]
    NoPart {
        /// The name.
        name: String,
        /// Names with tensors below them, or "none".
        known: String,
        /// "; did you mean ..?", or empty.
        hint: String,
    },
    /// The safetensors format does not support a tensor.
    #[error("cannot be stored in a safetensors file: {problem}")]
    Safetensors {
        /// The problem.
        problem: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {problem}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Error of the operating system.
        problem: std::io::Error,
    },
}

impl PytorchError {
    /// Adds the file.
    pub(super) fn in_file(mut self, file: &Path) -> Self {
        if let Self::Archive { problem } = &mut self {
            problem.push_str(&FileKind::hint(file, &[FileKind::Pytorch, FileKind::Zip]));
        }
        Self::InFile { file: file.to_owned(), problem: Box::new(self) }
    }
}

/// Formats text from a file for a message: escaped and not too long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
