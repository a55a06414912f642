//! Tasks: benchmark files that the program contains.

use std::fs::File;
use std::io::{Error, ErrorKind, Write as _};
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

    /// Writes all files of the task to a folder for changes of your own, and returns their paths, the benchmark file first. The
    /// folder is created if it does not exist, and no file is overwritten.
    ///
    /// ```
    /// use neurobench::spec::BenchmarkSpec;
    /// use neurobench::tasks::find_task;
    /// # let temporary = tempfile::tempdir()?;
    /// # let folder = temporary.path().join("mine");
    /// let files = find_task("mackey_glass")?.write_new(&folder)?;
    /// assert_eq!(files, [folder.join("mackey_glass.toml"), folder.join("network.esn")]);
    /// assert_eq!(BenchmarkSpec::read(&files[0])?.name, "mackey_glass");
    /// let error = find_task("mackey_glass")?.write_new(&folder).unwrap_err();
    /// assert!(error.to_string().contains("mackey_glass.toml` exists"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A file that exists, before any file is written; a folder or a file that cannot be written. The message names it.
    pub fn write_new(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        let named = |path: &Path, error: Error| {
            let problem = match error.kind() {
                ErrorKind::AlreadyExists => "exists and is not overwritten: choose another folder".to_owned(),
                _ => format!("cannot be written: {error}"),
            };
            Error::new(error.kind(), format!("`{}` {problem}", path.display()))
        };
        std::fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
        let paths: Vec<PathBuf> = self.files.iter().map(|(name, _)| folder.join(name)).collect();
        // A dangling link counts as existing, too.
        if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(named(path, ErrorKind::AlreadyExists.into()));
        }
        for (path, (_, bytes)) in paths.iter().zip(self.files) {
            let written = File::create_new(path).and_then(|mut file| file.write_all(bytes));
            written.map_err(|error| named(path, error))?;
        }
        Ok(paths)
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
