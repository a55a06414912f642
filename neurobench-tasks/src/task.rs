//! Tasks: benchmark files that the program contains.

use std::path::{Path, PathBuf};

use neurobench_core::names::{did_you_mean, loose};
use neurobench_core::spec::{BenchmarkSpec, SpecError};

/// A task that is linked into the program: a benchmark file with a `[task]` table, and the files that it names.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Task {
    /// Name, and with `.toml` the name of the benchmark file.
    pub name: &'static str,
    /// Names and contents of its files, the benchmark file first.
    pub files: &'static [(&'static str, &'static [u8])],
}

inventory::collect!(Task);

/// Registers a task: a folder beside the source file with the benchmark file `NAME.toml` and further files.
///
/// A crate of your own depends on `inventory` to call it.
#[macro_export]
macro_rules! task {
    ($folder:literal, $name:literal $(, $file:literal)*) => {
        inventory::submit! {
            $crate::Task::new($name, &[
                (concat!($name, ".toml"), include_bytes!(concat!($folder, "/", $name, "/", $name, ".toml"))),
                $(($file, include_bytes!(concat!($folder, "/", $name, "/", $file)))),*
            ])
        }
    };
}

impl Task {
    /// Creates a task; [`task!`](crate::task!) does so.
    #[must_use]
    pub const fn new(name: &'static str, files: &'static [(&'static str, &'static [u8])]) -> Self {
        Self { name, files }
    }

    /// Reads the benchmark file, without the files that it names.
    ///
    /// # Errors
    ///
    /// A file with mistakes.
    pub fn spec(&self) -> Result<BenchmarkSpec, SpecError> {
        let (file, bytes) = self.files.first().copied().unwrap_or_default();
        BenchmarkSpec::parse(&String::from_utf8_lossy(bytes), Path::new(file))
    }

    /// Writes all files of the task to a folder, and returns the path of the benchmark file.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn unpack(&self, folder: &Path) -> std::io::Result<PathBuf> {
        for (name, bytes) in self.files {
            std::fs::write(folder.join(name), bytes)?;
        }
        Ok(folder.join(self.files.first().map_or("", |(name, _)| *name)))
    }
}

/// Returns the tasks that are linked into the program, sorted by name.
#[must_use]
pub fn tasks() -> Vec<&'static Task> {
    let mut tasks: Vec<&Task> = inventory::iter::<Task>.into_iter().collect();
    tasks.sort_by_key(|task| task.name);
    tasks
}

/// Returns the task of a name; case, `_` and `-` do not matter.
///
/// # Errors
///
/// A message with the nearest name.
pub fn find_task(name: &str) -> Result<&'static Task, String> {
    let tasks = tasks();
    let found = tasks.iter().find(|task| loose(task.name) == loose(name));
    let names = || tasks.iter().map(|task| task.name);
    found.copied().ok_or_else(|| format!("no task `{name}`{}", did_you_mean(name, names())))
}
