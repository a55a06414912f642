//! Why a file of PyTorch cannot be read.

use std::path::{Path, PathBuf};

use neurobench_core::files::FileKind;

/// Why the tensors of a file of PyTorch cannot be had, or not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PytorchError {
    /// Any other error, with the file that it is in.
    #[error("{}: {problem}", file.display())]
    InFile {
        /// The file.
        file: PathBuf,
        /// What is wrong there.
        problem: Box<PytorchError>,
    },
    /// A file that cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The format before PyTorch 1.6.
    #[error("in the format of PyTorch 1.5 and older; load it with PyTorch and save it anew with `torch.save`")]
    Legacy,
    /// A program rather than weights.
    #[error("a TorchScript program; save the `state_dict()` of the model with `torch.save` instead")]
    TorchScript,
    /// Not the archive that `torch.save` writes, or damaged.
    #[error("not a file of `torch.save`, or damaged: {problem}")]
    Archive {
        /// What is wrong.
        problem: String,
    },
    /// A part of the archive that is missing, damaged or unusual.
    #[error("entry `{entry}` of the archive {problem}")]
    Entry {
        /// The entry, without the folder that all are in.
        entry: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Numbers of another byte order than little-endian.
    #[error("saved with byte order \"{found}\"; only \"little\" is read")]
    ByteOrder {
        /// What the file says.
        found: String,
    },
    /// A pickle that is damaged, or that does what `torch.save` does not for a state dict.
    #[error("byte {at} of the pickle: {problem}")]
    Pickle {
        /// Where, counted from 0.
        at: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A pickle that names what is not read; it was not run.
    #[error("byte {at} of the pickle names `{global}`, which is refused: {hint}")]
    Global {
        /// Where, counted from 0.
        at: usize,
        /// The full name of the function or class.
        global: String,
        /// What it is, or what may help.
        hint: &'static str,
    },
    /// Something that holds no named tensors.
    #[error("holds {found}, not a state dict; save a dictionary such as `{{\"name\": tensor}}`")]
    NotADictionary {
        /// What it holds.
        found: &'static str,
    },
    /// Containers that contain themselves, or so many within each other, or so often the same, that it cannot be a model.
    #[error("`{name}` {problem}")]
    Nesting {
        /// The first part of the name of the container.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two tensors of one name.
    #[error("two tensors are named `{name}`")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A tensor that cannot be had from its storage.
    #[error("tensor `{tensor}` {problem}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Views that repeat stored numbers too often.
    #[error("the tensors take {bytes} bytes, the file {file}: views that repeat what is stored are read up to {limit}")]
    TooLarge {
        /// What all tensors take together.
        bytes: u64,
        /// The length of the file.
        file: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A name below which there are no tensors.
    #[error("no tensors within `{name}`; there are some within {known}{hint}")]
    NoPart {
        /// The name.
        name: String,
        /// The names that there are, or "none".
        known: String,
        /// "; did you mean ..?", or nothing.
        hint: String,
    },
    /// Tensors that a safetensors file does not hold.
    #[error("cannot be held by a safetensors file: {problem}")]
    Safetensors {
        /// What is wrong.
        problem: String,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {problem}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
}

impl PytorchError {
    /// The same with its file.
    pub(super) fn within(mut self, file: &Path) -> Self {
        if let Self::Archive { problem } = &mut self {
            problem.push_str(&FileKind::hint(file, &[FileKind::Pytorch, FileKind::Zip]));
        }
        Self::InFile { file: file.to_owned(), problem: Box::new(self) }
    }
}

/// Text from a file as a message shows it: not too long, nothing that a terminal would act on.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
