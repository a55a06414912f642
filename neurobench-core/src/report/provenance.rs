//! The origin of results: command, input files, seeds and host.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::data::Fingerprint;
use crate::files;
use crate::report::Host;

/// Origin of results, with which others can reproduce them. The command records it, and it may differ between equal runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Provenance {
    /// The program and its arguments, as typed.
    pub command: Vec<String>,
    /// Files that the run read, with their digests.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub files: Vec<InputFile>,
    /// Seeds by the place of their setting, such as `intervals.seed`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub seeds: BTreeMap<String, u64>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<Host>,
}

/// A file that a run read, or the files of one folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputFile {
    /// The file as the command names it.
    pub path: String,
    /// Number of bytes.
    pub bytes: u64,
    /// Digest of the content: `sha256:` and 64 hexadecimal digits. That of a folder is over the lines `DIGEST NAME` of its files,
    /// sorted by name.
    pub digest: String,
    /// Number of files, for a folder of many files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub files: Option<u64>,
}

impl Provenance {
    /// The origin of results of this command.
    #[must_use]
    pub fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        Self { command, ..Self::default() }
    }

    /// Returns the command as a line for a shell, with quotes where they are needed.
    ///
    /// ```
    /// use neurobench::report::Provenance;
    /// let provenance = Provenance::new(["neurobench", "run", "my file.toml", "--metric", "f_beta(beta=2)"]);
    /// assert_eq!(provenance.command_line(), "neurobench run 'my file.toml' --metric 'f_beta(beta=2)'");
    /// ```
    #[must_use]
    pub fn command_line(&self) -> String {
        self.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Adds the digests of files, each under the name that the second function gives it. Files that are no regular files, such as
    /// pipes, have no digest: they cannot be read twice. The files of a folder with more than 32 of them have one digest together.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn add_files<P: AsRef<Path>>(
        &mut self,
        paths: impl IntoIterator<Item = P>,
        name: impl Fn(&Path) -> String,
    ) -> io::Result<()> {
        let mut folders: BTreeMap<String, BTreeMap<String, InputFile>> = BTreeMap::new();
        for path in paths {
            let path = path.as_ref();
            if !path.is_file() {
                continue;
            }
            let file = InputFile::read(path, name(path))?;
            let folder = path.parent().map(&name).unwrap_or_default();
            folders.entry(folder).or_default().insert(file.path.clone(), file);
        }
        for (folder, files) in folders {
            if files.len() > MAX_FILES {
                self.files.push(InputFile::folder(folder, files.values()));
            } else {
                self.files.extend(files.into_values());
            }
        }
        self.files.sort_by(|one, other| one.path.cmp(&other.path));
        self.files.dedup();
        Ok(())
    }
}

/// Maximum number of files of a folder that are listed one by one.
const MAX_FILES: usize = 32;

impl InputFile {
    fn read(file: &Path, path: String) -> io::Result<Self> {
        const PIECE: usize = 1 << 16;
        let mut content = files::open(file)?;
        let mut digest = Fingerprint::default();
        let (mut bytes, mut piece) = (0, vec![0; PIECE]);
        loop {
            match content.read(&mut piece)? {
                0 => break,
                read => {
                    digest.bytes(&piece[..read]);
                    bytes += read as u64;
                }
            }
        }
        Ok(Self { path, bytes, digest: digest.finish(), files: None })
    }

    fn folder<'f>(path: String, files: impl Iterator<Item = &'f Self>) -> Self {
        let mut digest = Fingerprint::default();
        let (mut bytes, mut count) = (0, 0);
        for file in files {
            let name = Path::new(&file.path).file_name().unwrap_or_default();
            digest.text(&format!("{} {}\n", file.digest, name.to_string_lossy()));
            bytes += file.bytes;
            count += 1;
        }
        Self { path, bytes, digest: digest.finish(), files: Some(count) }
    }
}

/// Quotes a word for POSIX shells, if it has characters with a meaning there.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_arguments_back_from_the_line() -> io::Result<()> {
        let words = ["plain", "", "two words", "it's", "$HOME `ls` \\ \"x\"", "a\nb", "*", "ä", "--x=1", "~"];
        let line = Provenance::new(words).command_line();
        let output = std::process::Command::new("sh").args(["-c", &format!("printf '%s\\0' {line}")]).output()?.stdout;
        let read: Vec<&[u8]> = output.split(|byte| *byte == 0).take(words.len()).collect();
        assert_eq!(read, words.map(str::as_bytes));
        Ok(())
    }

    #[test]
    fn files_have_their_digests_and_large_folders_one_together() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("abc"), "abc")?;
        let name = |path: &Path| path.strip_prefix(folder.path()).unwrap_or(path).display().to_string();
        let mut provenance = Provenance::default();
        provenance.add_files([path("abc"), path("abc"), "/dev/null".into(), path("missing")], name)?;
        // The digest that FIPS 180-2 prints for `abc`.
        let digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let expected = InputFile { path: "abc".to_owned(), bytes: 3, digest: digest.to_owned(), files: None };
        assert_eq!(provenance.files, [expected]);

        std::fs::create_dir(path("many"))?;
        let many: Vec<_> = (0..40).map(|at| path("many").join(format!("{at:02}.txt"))).collect();
        many.iter().try_for_each(|file| std::fs::write(file, "abc"))?;
        let digest_of = |files: &[std::path::PathBuf]| -> io::Result<Vec<InputFile>> {
            let mut provenance = Provenance::default();
            provenance.add_files(files, name)?;
            Ok(provenance.files)
        };
        let found = digest_of(&many)?;
        assert_eq!((found[0].path.as_str(), found[0].bytes, found[0].files), ("many", 120, Some(40)));
        let reversed: Vec<_> = many.iter().rev().cloned().collect();
        assert_eq!(digest_of(&reversed)?, found);
        std::fs::write(&many[7], "abd")?;
        assert_ne!(digest_of(&many)?, found);
        Ok(())
    }
}
