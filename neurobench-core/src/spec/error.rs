//! Errors of benchmark files.

use std::path::PathBuf;

use crate::component::RegistryError;
use crate::data::DataError;
use crate::files::FileKind;
use crate::model::ModelFileError;
use crate::value::TypeError;

/// Why a benchmark file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {error}", file.display())]
    Read {
        /// Benchmark file.
        file: PathBuf,
        /// Reason.
        error: std::io::Error,
    },
    /// The file is of another kind.
    #[error("`{}` is not a benchmark file; it looks like {found}", file.display())]
    Kind {
        /// File as given.
        file: PathBuf,
        /// Kind that it looks like.
        found: FileKind,
    },
    /// The file is not TOML.
    #[error("`{}` is not a benchmark file: {problem}", file.display())]
    Syntax {
        /// Benchmark file.
        file: PathBuf,
        /// Error of the parser, with the line.
        problem: String,
    },
    /// A key or value is not accepted.
    #[error("`{}`{}: {error}", file.display(), in_line(*line))]
    Content {
        /// Benchmark file.
        file: PathBuf,
        /// Line of the key, counted from 1.
        line: Option<usize>,
        /// Path of the key, and what is wrong.
        error: Box<TypeError>,
    },
    /// The name is not fit for the name of a file.
    #[error(
        "`{}`: invalid name `{}`: it must begin with a letter or a digit \
                 and contain only letters, digits, `_`, `-`, `.` and spaces",
        file.display(),
        name.escape_debug()
    )]
    Name {
        /// Benchmark file.
        file: PathBuf,
        /// Name as written.
        name: String,
    },
    /// `[model]` does not name one file and its format.
    #[error("`{}`: [model]: {problem}", file.display())]
    Model {
        /// Benchmark file.
        file: PathBuf,
        /// Reason.
        problem: String,
    },
    /// A component of the file is unknown or has wrong settings.
    #[error("`{}`{}: [{table}]: {error}", file.display(), in_line(*line))]
    Component {
        /// Benchmark file.
        file: PathBuf,
        /// Line of the setting, counted from 1, if the error is about a setting of `[data]`.
        line: Option<usize>,
        /// Table or list of the component.
        table: &'static str,
        /// Reason.
        error: Box<RegistryError>,
    },
    /// The model file cannot be read. The message names it.
    #[error(transparent)]
    ModelFile(ModelFileError),
    /// The data cannot be opened. The message names their file.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Sequences for a model without state, and preprocessors that look at single samples.
    #[error(
        "[data]: `sequences` require a model that carries state from sample to sample, or a preprocessor with windows over \
         samples; this model starts every sample at rest"
    )]
    Sequences,
    /// A cache, and a metric that reads what it does not hold.
    #[error("[data]: a metric reads the inputs of the data set, which `cache` does not keep: remove one of them")]
    CachedInputs,
    /// A definition that its type does not accept.
    #[error("`{}`: [{table}.{name}]: {error}", file.display())]
    Definition {
        /// Benchmark file.
        file: PathBuf,
        /// Key of the table, such as `devices`.
        table: &'static str,
        /// Name of the definition.
        name: String,
        /// Reason.
        error: Box<TypeError>,
    },
    /// A setting that names a definition with a slip.
    #[error("{kind} `{component}`: no {definition} `{name}`{hint}")]
    Undefined {
        /// Kind of the component: `metric`.
        kind: &'static str,
        /// Component with the setting.
        component: String,
        /// Name of such a definition: `device`.
        definition: &'static str,
        /// Name as written.
        name: String,
        /// "; did you mean ..?"
        hint: String,
    },
    /// `as` on a component that is not a metric.
    #[error("`{}`: {kind} `{component}`: `as` is only for metrics", file.display())]
    Label {
        /// Benchmark file.
        file: PathBuf,
        /// Kind of the component: `preprocessor`.
        kind: &'static str,
        /// Name of the component.
        component: String,
    },
}

fn in_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}
