//! A benchmark, described in a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Value;
use crate::bench::Intervals;
use crate::cli::CommandError;
use crate::cli::model_file::{self, GraphTime};
use crate::component::Spec;
use crate::data::{Dataset, OnDisk};
use crate::files::{self, FileKind};
use crate::import::nir::Stepping;
use crate::metrics::Device;
use crate::names::{did_you_mean, hinted};
use crate::network::{Dynamics, Network};

/// A benchmark, described in TOML. Paths in it are relative to the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BenchmarkFile {
    pub(super) name: String,
    model: ModelTable,
    data: DataTable,
    #[serde(default)]
    pub(super) preprocessors: Vec<Spec>,
    #[serde(default)]
    pub(super) postprocessors: Vec<Spec>,
    #[serde(default)]
    pub(super) metrics: Vec<Spec>,
    /// Devices by the names under which metrics ask for them.
    #[serde(default)]
    devices: BTreeMap<String, Value>,
    pub(super) intervals: Option<Intervals>,
    #[serde(default)]
    pub(super) per_sample: bool,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelTable {
    /// The network file.
    network: Option<PathBuf>,
    /// A NIR graph instead.
    nir: Option<PathBuf>,
    /// How the graph is stepped.
    dynamics: Option<Dynamics>,
    /// Its time step in seconds.
    dt: Option<f64>,
    /// Whether the graph carries its state from sample to sample.
    carries_state: Option<bool>,
}

impl ModelTable {
    /// The only file that is named, or what is wrong with the table.
    fn file(&self) -> Result<&Path, &'static str> {
        match (&self.network, &self.nir) {
            (Some(_), None) if self.dynamics.is_some() || self.dt.is_some() => {
                Err("`dynamics` and `dt` are for a graph; a network file says them for each layer")
            }
            (Some(_), None) if self.carries_state.is_some() => {
                Err("`carries_state` is for a graph; a network file says it itself")
            }
            (Some(file), None) | (None, Some(file)) => Ok(file),
            (Some(_), Some(_)) => Err("`network` and `nir` exclude each other"),
            (None, None) => Err("`network` is missing, or `nir`"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataTable {
    /// A `.npy` file, or the name of an array in `archive`.
    inputs: String,
    /// A `.npy` file, or the name of an array in `archive`.
    targets: String,
    /// A `.npz` file that holds both.
    archive: Option<PathBuf>,
    batch_size: Option<usize>,
    /// How many samples each sequence has.
    sequences: Option<Vec<usize>>,
}

/// Why a benchmark file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("cannot read `{}`: {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error(
        "`{}`: the name `{}` must begin with a letter or a digit, and have only these, `_`, `-`, `.` and spaces",
        path.display(),
        name.escape_debug()
    )]
    Name { path: PathBuf, name: String },
    #[error("`{}`: [model]: {problem}", path.display())]
    Model { path: PathBuf, problem: &'static str },
    #[error("`{}`: [devices.{name}]: {problem}", path.display())]
    Device { path: PathBuf, name: String, problem: String },
    #[error("metric `{metric}`: no device `{name}`{hint}")]
    NoDevice { metric: String, name: String, hint: String },
    #[error("`{}`: {what} `{name}`: `as` is for metrics", path.display())]
    Label { path: PathBuf, what: &'static str, name: String },
    #[error("`{}` is not a benchmark file; it looks like {found}", path.display())]
    Kind { path: PathBuf, found: FileKind },
    #[error("`{}` is not a benchmark file: {problem}", path.display())]
    Parse { path: PathBuf, problem: String },
}

/// What is wrong with a file that is no benchmark.
fn of_kind(path: &Path, problem: String) -> FileError {
    let path = path.to_owned();
    match FileKind::detect(&path) {
        Some(found) if !matches!(found, FileKind::Benchmark | FileKind::Text) => FileError::Kind { path, found },
        _ => FileError::Parse { path, problem },
    }
}

/// What TOML says, with the nearest of the keys that there are where it is about one that there is not.
fn told(error: &toml::de::Error) -> String {
    let (whole, message) = (error.to_string(), error.message());
    match whole.trim_end().strip_suffix(message) {
        Some(place) => format!("{place}{}", hinted(message)),
        None => whole,
    }
}

impl BenchmarkFile {
    pub(super) fn read(path: &Path) -> Result<Self, FileError> {
        let bytes = files::read(path).map_err(|error| FileError::Read { path: path.to_owned(), error })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| of_kind(path, error.to_string()))?;
        let mut file: Self = toml::from_str(text).map_err(|error| of_kind(path, told(&error)))?;
        file.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        if let Err(problem) = file.model.file() {
            return Err(FileError::Model { path: path.to_owned(), problem });
        }
        for (name, device) in &mut file.devices {
            let problem = |problem: String| FileError::Device { path: path.to_owned(), name: name.clone(), problem };
            let Value::Map(fields) = device else { return Err(problem("it must be a table".to_owned())) };
            fields.insert(0, ("name".to_owned(), Value::Text(name.clone())));
            if let Err(error) = device.to_typed::<Device>() {
                return Err(problem(hinted(&error.to_string())));
            }
        }
        for (what, processors) in [("preprocessor", &file.preprocessors), ("postprocessor", &file.postprocessors)] {
            if let Some(labelled) = processors.iter().find(|processor| processor.label.is_some()) {
                let name = labelled.name.clone();
                return Err(FileError::Label { path: path.to_owned(), what, name });
            }
        }
        // Results are written to a file of this name.
        let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ' | '.');
        if !file.name.starts_with(char::is_alphanumeric) || !file.name.chars().all(fits) {
            return Err(FileError::Name { path: path.to_owned(), name: file.name });
        }
        Ok(file)
    }

    /// Every file that a run reads, as far as the benchmark file names them, and itself.
    pub(super) fn reads(&self, path: &Path) -> Vec<PathBuf> {
        let DataTable { inputs, targets, archive, .. } = &self.data;
        let mut names: Vec<PathBuf> = self.model.network.iter().chain(&self.model.nir).cloned().collect();
        match archive {
            Some(archive) => names.push(archive.clone()),
            None => names.extend([inputs.into(), targets.into()]),
        }
        names.iter().map(|name| self.folder.join(name)).chain([path.to_owned()]).collect()
    }

    pub(super) fn model(&self) -> Result<Network, CommandError> {
        let ModelTable { nir, dynamics, dt, carries_state, .. } = &self.model;
        match nir {
            Some(graph) => {
                let stepping = Stepping { dynamics: *dynamics, dt: *dt };
                let time = if carries_state.unwrap_or(false) { GraphTime::Samples } else { GraphTime::Steps };
                model_file::network_of_graph(&self.folder.join(graph), &stepping, time)
            }
            None => Ok(Network::load(self.folder.join(self.model.file()?))?),
        }
    }

    pub(super) fn data(&self) -> Result<Box<dyn Dataset>, crate::data::DataError> {
        let DataTable { inputs, targets, archive, sequences, .. } = &self.data;
        let data = match archive {
            Some(archive) => OnDisk::npz(self.folder.join(archive), inputs, targets)?,
            None => OnDisk::npy(self.folder.join(inputs), self.folder.join(targets))?,
        };
        Ok(match sequences {
            Some(lengths) => Box::new(data.in_sequences(lengths.clone())?),
            None => Box::new(data),
        })
    }

    /// The same metric with the file's device where it asks for one by name.
    pub(super) fn with_devices(&self, mut metric: Spec) -> Result<Spec, FileError> {
        if let Some(asked) = metric.params.get_mut("device")
            && let Value::Text(name) = &*asked
        {
            match self.devices.get(name) {
                Some(device) => *asked = device.clone(),
                None if Device::from_name(name).is_some() => {}
                None => {
                    // Whoever gives it a device knows those that are published, but not those of this file.
                    let hint = did_you_mean(name, self.devices.keys().map(String::as_str));
                    if !hint.is_empty() {
                        return Err(FileError::NoDevice { metric: metric.name, name: name.clone(), hint });
                    }
                }
            }
        }
        Ok(metric)
    }

    pub(super) fn has_sequences(&self) -> bool {
        self.data.sequences.is_some()
    }

    pub(super) fn batch_size(&self) -> Option<usize> {
        self.data.batch_size
    }
}
