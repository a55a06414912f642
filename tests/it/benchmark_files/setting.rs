//! A folder with everything that the page's snippets read.

use std::path::Path;
use std::process::{Command, Output};

use super::page::snippets;

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");

/// A folder, and the page's example with fewer time steps.
pub(crate) struct Setting {
    folder: tempfile::TempDir,
    pub(crate) example: toml::Table,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["network.toml", "weights.safetensors", "inputs.npy", "targets.npy"] {
            std::fs::copy(format!("{DIGITS}/{file}"), folder.path().join(file)).unwrap();
        }
        let array = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let arrays = [("images.npy", array("inputs.npy")), ("classes.npy", array("targets.npy"))];
        std::fs::write(folder.path().join("digits.npz"), stored_zip(&arrays)).unwrap();
        let example = snippets()[0].replace("steps = 25", "steps = 2");
        let setting = Self { folder, example: example.parse().unwrap() };
        let convert = ["convert", "network.toml", "digits.nir", "--dt", "1e-3", "--lose", "reset"];
        assert!(setting.command(&convert).status.success());
        setting
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neurobench"));
        command.current_dir(self.folder.path()).args(arguments).output().unwrap()
    }

    pub(crate) fn write(&self, file: &toml::Table) {
        std::fs::write(self.path("benchmark.toml"), file.to_string()).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// What it says of its errors, if any, and what it finds, durations and provenance left out, if something.
    pub(crate) fn outcome(&self, file: &toml::Table) -> (String, Option<serde_json::Value>) {
        self.write(file);
        let output = self.path("out.json");
        let _ = std::fs::remove_file(&output);
        let done = self.command(&["run", "benchmark.toml", "--output", "out.json"]);
        let results = std::fs::read_to_string(&output).ok().map(|text| {
            let mut results: serde_json::Value = serde_json::from_str(&text).unwrap();
            let object = results.as_object_mut().unwrap();
            object.remove("timing").unwrap();
            object.remove("provenance").unwrap();
            results
        });
        (String::from_utf8(done.stderr).unwrap(), results)
    }

    /// Why it fails.
    pub(crate) fn fails(&self, file: &toml::Table) -> String {
        let (error, _) = self.outcome(file);
        assert!(error.starts_with("error: "), "{file}\ndoes not fail: {error}");
        error
    }

    /// What it finds.
    pub(crate) fn results(&self, file: &toml::Table) -> serde_json::Value {
        let (error, results) = self.outcome(file);
        assert!(error.is_empty(), "{file}\n{error}");
        results.unwrap()
    }
}

/// A file with what a snippet says in its place. A model is one or the other.
pub(crate) fn merged(base: &toml::Table, snippet: &str) -> toml::Table {
    let mut file = base.clone();
    for (key, value) in snippet.parse::<toml::Table>().unwrap() {
        match (file.get_mut(&key), value) {
            (Some(toml::Value::Table(there)), toml::Value::Table(said)) => {
                if said.contains_key("nir") {
                    there.remove("network");
                }
                there.extend(said);
            }
            (_, value) => {
                file.insert(key, value);
            }
        }
    }
    file
}

/// A zip archive of files as they are, as `numpy.savez` writes it.
pub(crate) fn stored_zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let start = u32::try_from(archive.len()).unwrap().to_le_bytes();
        // Version 2.0, no flags, stored, no time, then checksum, both lengths, and the length of the name.
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        about.extend([&crc32(bytes).to_le_bytes()[..], &length, &length, &[name.len() as u8, 0, 0, 0]].concat());
        archive.extend([&b"PK\x03\x04"[..], &about, name.as_bytes(), bytes].concat());
        directory.extend([&b"PK\x01\x02\x14\0"[..], &about, &[0; 10], &start, name.as_bytes()].concat());
    }
    let (count, start) = (files.len() as u8, u32::try_from(archive.len()).unwrap().to_le_bytes());
    let length = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &[count, 0, count, 0], &length, &start, &[0, 0]].concat();
    [archive, directory, end].concat()
}

/// The checksum of zip archives.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}
