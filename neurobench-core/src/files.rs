//! Files that are read whole, and what a file is, by what stands in it: for messages about files of which another kind was wanted.

use std::fmt;
use std::io::Read;
use std::path::Path;

pub use crate::whole_file::{open, put, read};

/// A kind of file, as far as its beginning tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A benchmark, for `neurobench run`.
    Benchmark,
    /// A network, in TOML.
    Network,
    /// The results of a run, in JSON.
    Results,
    /// What a run completed before it failed or was interrupted, in JSON.
    Snapshot,
    /// Anything else in JSON.
    Json,
    /// Any other text.
    Text,
    /// An array of NumPy.
    Npy,
    /// An archive of arrays of NumPy.
    Npz,
    /// What `torch.save` writes.
    Pytorch,
    /// Tensors.
    Safetensors,
    /// HDF5, in which NIR graphs are.
    Hdf5,
    /// A pickle of Python.
    Pickle,
    /// A zip archive of something else.
    Zip,
    /// Nothing.
    Empty,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Benchmark => "a benchmark file (.toml)",
            Self::Network => "a network file (.toml)",
            Self::Results => "the results of a run (.json)",
            Self::Snapshot => "what a run completed before it ended (.partial.json)",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Npy => "an array of NumPy (.npy)",
            Self::Npz => "an archive of arrays of NumPy (.npz)",
            Self::Pytorch => "a file of `torch.save` (.pt)",
            Self::Safetensors => "tensors (.safetensors)",
            Self::Hdf5 => "HDF5, as NIR graphs are (.nir)",
            Self::Pickle => "a pickle of Python",
            Self::Zip => "a zip archive",
            Self::Empty => "an empty file",
        })
    }
}

/// So much of a file is looked at.
const BEGINNING: u64 = 1 << 16;

impl FileKind {
    /// What a file is; none if it cannot be read, or its beginning says nothing.
    ///
    /// ```
    /// use neurobench::files::FileKind;
    /// assert_eq!(FileKind::of("../examples/digits/inputs.npy"), Some(FileKind::Npy));
    /// assert_eq!(FileKind::of("../examples/digits/network.toml").unwrap().to_string(), "a network file (.toml)");
    /// ```
    #[must_use]
    pub fn of(file: impl AsRef<Path>) -> Option<Self> {
        let mut beginning = Vec::new();
        open(file.as_ref()).ok()?.take(BEGINNING).read_to_end(&mut beginning).ok()?;
        Self::of_beginning(&beginning)
    }

    /// `; it looks like ..` for a message about a file that is of none of the kinds that were wanted.
    #[must_use]
    pub fn hint(file: impl AsRef<Path>, wanted: &[Self]) -> String {
        let found = Self::of(file).filter(|found| !wanted.contains(found));
        found.map_or_else(String::new, |found| format!("; it looks like {found}"))
    }

    fn of_beginning(bytes: &[u8]) -> Option<Self> {
        let names = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        Some(match bytes {
            [] => Self::Empty,
            [b'P', b'K', 3, 4, ..] if names(b"data.pkl") => Self::Pytorch,
            [b'P', b'K', 3, 4, ..] if names(b".npy") => Self::Npz,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Self::Npy,
            [0x89, b'H', b'D', b'F', ..] => Self::Hdf5,
            [0x80, 2..=5, ..] => Self::Pickle,
            // The length of a header, which is JSON.
            [_, _, _, _, _, 0, 0, 0, b'{', ..] => Self::Safetensors,
            bytes => Self::of_text(text(bytes)?),
        })
    }

    fn of_text(text: &str) -> Self {
        let key = |name: &str| text.contains(&format!("\"{name}\""));
        let begins = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
        match text.trim_start() {
            "" => Self::Empty,
            json if json.starts_with('{') && key("schema") && key("cores") => Self::Snapshot,
            json if json.starts_with('{') && key("schema") && key("metrics") => Self::Results,
            json if json.starts_with('{') => Self::Json,
            _ if begins("[[layers]]") || begins("format = \"neurobench-network\"") => Self::Network,
            _ if begins("[model]") || begins("[data]") => Self::Benchmark,
            _ => Self::Text,
        }
    }
}

/// The bytes as text, of which the last letter may be cut.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    // What has other control characters was not written to be read.
    let readable = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    text.chars().all(readable).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_by_the_beginning_of_a_file() {
        let cases: [(&[u8], Option<FileKind>); 17] = [
            (b"", Some(FileKind::Empty)),
            (b" \n", Some(FileKind::Empty)),
            (b"PK\x03\x04....archive/data.pkl", Some(FileKind::Pytorch)),
            (b"PK\x03\x04....x.npy", Some(FileKind::Npz)),
            (b"PK\x03\x04....word/document.xml", Some(FileKind::Zip)),
            (b"\x93NUMPY\x01\x00", Some(FileKind::Npy)),
            (b"\x89HDF\r\n\x1a\n", Some(FileKind::Hdf5)),
            (b"\x80\x04\x95", Some(FileKind::Pickle)),
            (b"\x08\x01\0\0\0\0\0\0{\"a\":", Some(FileKind::Safetensors)),
            (b"{\"schema\": 1, \"identity\": {}, \"cores\": []}", Some(FileKind::Snapshot)),
            (b"{\"schema\": 1, \"library\": \"\", \"metrics\": []}", Some(FileKind::Results)),
            (b"{}", Some(FileKind::Json)),
            (b"# a\nformat = \"neurobench-network\"\n", Some(FileKind::Network)),
            (b"name = \"b\"\n[model]\n", Some(FileKind::Benchmark)),
            ("1.5, 2.5, ä".as_bytes(), Some(FileKind::Text)),
            (&"1, ä".as_bytes()[..4], Some(FileKind::Text)),
            (b"\x7fELF\x02", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(FileKind::of_beginning(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_folder_and_what_was_wanted_have_no_hint() {
        assert_eq!(FileKind::of("."), None);
        let this = concat!(env!("CARGO_MANIFEST_DIR"), "/src/files.rs");
        assert_eq!(FileKind::hint(this, &[FileKind::Npy]), "; it looks like text");
        assert_eq!(FileKind::hint(this, &[FileKind::Text]), "");
    }
}
