//! Files that are read whole, and detection of a file's kind by its contents, for messages about a file of the wrong
//! kind.

use std::fmt;
use std::io::Read;
use std::path::Path;

use crate::data::formats;
#[cfg(feature = "write")]
pub use crate::whole_file::put;
pub use crate::whole_file::{open, read};

/// Kind of a file, as detected from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// Benchmark, for `neurobench run`.
    Benchmark,
    /// Network, in TOML.
    Network,
    /// Results of a run, in JSON.
    Results,
    /// Snapshot of a run that failed or was interrupted, in JSON.
    Snapshot,
    /// Any other JSON.
    Json,
    /// Any other text.
    Text,
    /// File of a [data format](crate::data::DataFormat), by the name of the format.
    Data(&'static str),
    /// File written by `torch.save`.
    Pytorch,
    /// Tensors in the safetensors format.
    Safetensors,
    /// HDF5, the format of NIR graphs.
    Hdf5,
    /// Python pickle.
    Pickle,
    /// Any other zip archive.
    Zip,
    /// Empty file.
    Empty,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Benchmark => "a benchmark file (.toml)",
            Self::Network => "a network file (.toml)",
            Self::Results => "the results of a run (.json)",
            Self::Snapshot => "a snapshot of an unfinished run (.partial.json)",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Data(format) => formats::description(format),
            Self::Pytorch => "a file from `torch.save` (.pt)",
            Self::Safetensors => "tensors (.safetensors)",
            Self::Hdf5 => "HDF5, the format of NIR graphs (.nir)",
            Self::Pickle => "a Python pickle",
            Self::Zip => "a zip archive",
            Self::Empty => "an empty file",
        })
    }
}

/// Number of bytes that are examined.
pub(crate) const BEGINNING: u64 = 1 << 16;

impl FileKind {
    /// Detects the kind of a file; `None` if it cannot be read, or its beginning is not conclusive.
    ///
    /// ```
    /// use neurobench::files::FileKind;
    /// assert_eq!(FileKind::detect("../examples/digits/inputs.npy"), Some(FileKind::Data("npy")));
    /// assert_eq!(FileKind::detect("../examples/digits/network.toml").unwrap().to_string(), "a network file (.toml)");
    /// ```
    #[must_use]
    pub fn detect(file: impl AsRef<Path>) -> Option<Self> {
        let mut beginning = Vec::new();
        open(file.as_ref()).ok()?.take(BEGINNING).read_to_end(&mut beginning).ok()?;
        Self::from_beginning(&beginning)
    }

    /// Returns `; it looks like ..` for a message about a file that is of none of the expected kinds.
    #[must_use]
    pub fn hint(file: impl AsRef<Path>, wanted: &[Self]) -> String {
        let found = Self::detect(file).filter(|found| !wanted.contains(found));
        found.map_or_else(String::new, |found| format!("; it looks like {found}"))
    }

    fn from_beginning(bytes: &[u8]) -> Option<Self> {
        let names = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        Some(match bytes {
            [] => Self::Empty,
            [b'P', b'K', 3, 4, ..] if names(b"data.pkl") => Self::Pytorch,
            [b'P', b'K', 3, 4, ..] => formats::recognize(bytes).map_or(Self::Zip, Self::Data),
            [0x89, b'H', b'D', b'F', ..] => Self::Hdf5,
            [0x80, 2..=5, ..] => Self::Pickle,
            // The length of a header, which is JSON.
            [_, _, _, _, _, 0, 0, 0, b'{', ..] => Self::Safetensors,
            bytes => match formats::recognize(bytes) {
                Some(format) => Self::Data(format),
                None => Self::from_text(text(bytes)?),
            },
        })
    }

    fn from_text(text: &str) -> Self {
        let key = |name: &str| text.contains(&format!("\"{name}\""));
        let begins = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
        match text.trim_start() {
            "" => Self::Empty,
            json if json.starts_with('{') && key("schema") && key("identity") => Self::Snapshot,
            json if json.starts_with('{') && key("schema") && key("metrics") => Self::Results,
            json if json.starts_with('{') => Self::Json,
            _ if begins("[[layers]]") || begins("format = \"neurobench-network\"") => Self::Network,
            _ if begins("[model]") || begins("[data]") => Self::Benchmark,
            _ => Self::Text,
        }
    }
}

/// Decodes the bytes as text; the last character may be cut.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    // Files with other control characters are not text.
    let readable = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    text.chars().all(readable).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_file_shows_its_kind() {
        let cases: [(&[u8], Option<FileKind>); 18] = [
            (b"", Some(FileKind::Empty)),
            (b" \n", Some(FileKind::Empty)),
            (b"PK\x03\x04....archive/data.pkl", Some(FileKind::Pytorch)),
            (b"PK\x03\x04....x.npy", Some(FileKind::Data("npz"))),
            (b"PK\x03\x04....word/document.xml", Some(FileKind::Zip)),
            (b"\x93NUMPY\x01\x00", Some(FileKind::Data("npy"))),
            (b"\x89HDF\r\n\x1a\n", Some(FileKind::Hdf5)),
            (b"\x80\x04\x95", Some(FileKind::Pickle)),
            (b"\x08\x01\0\0\0\0\0\0{\"a\":", Some(FileKind::Safetensors)),
            (b"{\"schema\": 1, \"identity\": {}, \"cores\": []}", Some(FileKind::Snapshot)),
            (b"{\"schema\": 1, \"library\": \"\", \"metrics\": []}", Some(FileKind::Results)),
            (b"{\"schema\": 3, \"metrics\": [], \"provenance\": {\"host\": {\"cores\": 2}}}", Some(FileKind::Results)),
            (b"{}", Some(FileKind::Json)),
            (b"# a\nformat = \"neurobench-network\"\n", Some(FileKind::Network)),
            (b"name = \"b\"\n[model]\n", Some(FileKind::Benchmark)),
            ("1.5, 2.5, ä".as_bytes(), Some(FileKind::Text)),
            (&"1, ä".as_bytes()[..4], Some(FileKind::Text)),
            (b"\x7fELF\x02", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(FileKind::from_beginning(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn folders_and_expected_kinds_have_no_hint() {
        assert_eq!(FileKind::detect("."), None);
        let this = concat!(env!("CARGO_MANIFEST_DIR"), "/src/files.rs");
        assert_eq!(FileKind::hint(this, &[FileKind::Data("npy")]), "; it looks like text");
        assert_eq!(FileKind::hint(this, &[FileKind::Text]), "");
    }
}
