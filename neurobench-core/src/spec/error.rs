//! Errors of benchmark files.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use crate::component::RegistryError;
use crate::data::DataError;
use crate::files::FileKind;
use crate::model::ModelFileError;
use crate::value::{Excerpt, TypeError};

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
    #[error("{}not a benchmark file: {problem}{}", Place(file, place), marked(place))]
    Syntax {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the error.
        place: Option<Box<Excerpt>>,
        /// Error of the parser.
        problem: String,
    },
    /// A key or value is not accepted.
    #[error("{}{error}{}", Place(file, place), marked(place))]
    Content {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the key or value.
        place: Option<Box<Excerpt>>,
        /// Path of the key, and what is wrong.
        error: Box<TypeError>,
    },
    /// The name is not fit for the name of a file.
    #[error(
        "{}invalid name `{}`: it must begin with a letter or a digit \
                 and contain only letters, digits, `_`, `-`, `.` and spaces{}",
        Place(file, place),
        name.escape_debug(),
        marked(place)
    )]
    Name {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the name.
        place: Option<Box<Excerpt>>,
        /// Name as written.
        name: String,
    },
    /// `[model]` does not name one file and its format.
    #[error("{}[model]: {problem}{}", Place(file, place), marked(place))]
    Model {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the table, if the error is about the file.
        place: Option<Box<Excerpt>>,
        /// Reason.
        problem: String,
    },
    /// A component of the file is unknown or has wrong settings.
    #[error("{}[{table}]: {error}{}", Place(file, place), marked(place))]
    Component {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the setting, if the error is about a setting of `[data]`.
        place: Option<Box<Excerpt>>,
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
    #[error("{}[{table}.{name}]: {error}{}", Place(file, place), marked(place))]
    Definition {
        /// Benchmark file.
        file: PathBuf,
        /// Place of the key or value.
        place: Option<Box<Excerpt>>,
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
    #[error("{}: {kind} `{component}`: `as` is only for metrics", file.display())]
    Label {
        /// Benchmark file.
        file: PathBuf,
        /// Kind of the component: `preprocessor`.
        kind: &'static str,
        /// Name of the component.
        component: String,
    },
}

/// File and place before a message: `benchmark.toml:3:7: `, as compilers write them and editors find them.
struct Place<'a>(&'a Path, &'a Option<Box<Excerpt>>);

impl Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(file, place) = self;
        match place {
            Some(place) => write!(f, "{}:{}:{}: ", file.display(), place.line(), place.column()),
            None => write!(f, "{}: ", file.display()),
        }
    }
}

/// The line of the place with a caret, below a message.
fn marked(place: &Option<Box<Excerpt>>) -> String {
    place.as_ref().map_or_else(String::new, |place| format!("\n{place}"))
}
