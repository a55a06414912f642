//! Packages of public registries.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Time series of aeon: the folder of its data sets.
pub(crate) fn aeon() -> Option<PathBuf> {
    let commands = [
        "python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 --dest . aeon==1.6.0",
        "python3 -m zipfile -e aeon-1.6.0-py3-none-any.whl .",
    ];
    Some(package("aeon-1.6.0", &commands)?.join("aeon/datasets/data"))
}

/// Fetches a package and returns the folder of its files. The commands run in that folder.
pub(crate) fn package(name: &str, commands: &[&str]) -> Option<PathBuf> {
    if std::env::var_os("NEUROBENCH_PACKAGES").is_none() {
        println!("skipped: set NEUROBENCH_PACKAGES=1 to fetch {name}");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(name);
    let complete = folder.join("complete");
    if !complete.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        for command in commands {
            let run = Command::new("sh").arg("-c").arg(command).current_dir(&folder).output();
            match run {
                Ok(output) if output.status.success() => {}
                Ok(output) => {
                    println!("skipped: {name}: `{command}`: {}", String::from_utf8_lossy(&output.stderr));
                    return None;
                }
                Err(error) => {
                    println!("skipped: {name}: `{command}`: {error}");
                    return None;
                }
            }
        }
        std::fs::write(complete, "").unwrap();
    }
    Some(folder)
}
