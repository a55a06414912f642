//! Benchmark files to run: files, and tasks that the program contains.

use std::path::{Path, PathBuf, absolute};

use neurobench_core::bench::{BenchmarkBuilder, BuildError, BuildErrors, RunError};
use neurobench_core::component::{InputPath, Spec, TakesSettings as _};
use neurobench_core::data::datasets;
use neurobench_core::names::listed;
use neurobench_core::spec::{BenchmarkSpec, SpecError, TaskData, TaskSpec};
use neurobench_core::value::Value;
use neurobench_network::NetworkError;
use neurobench_tasks::find_task;
use tempfile::TempDir;

use crate::CommandError;
use crate::checkpoint::Checkpoint;
use crate::exit::Exit;
use crate::model_file::FileFormat;
use crate::provenance::shown_path;

/// A benchmark to run, with the folder of the task's files, which is removed in the end.
pub(crate) struct Request {
    pub(crate) spec: BenchmarkSpec,
    folder: Option<TempDir>,
    /// Checkpoint with the weights of the network.
    checkpoint: Option<Checkpoint>,
    /// The network file of the user whose weights the checkpoint replaces.
    network: Option<PathBuf>,
}

impl Request {
    /// Reads a benchmark file or, if there is no such file, the task of this name.
    pub(crate) fn read(file: &Path) -> Result<Self, CommandError> {
        let is_name = file.components().count() == 1 && file.extension().is_none();
        if file.exists() || !is_name {
            return Ok(Self { spec: BenchmarkSpec::read(file)?, folder: None, checkpoint: None, network: None });
        }
        let name = file.to_string_lossy();
        let task =
            find_task(&name).map_err(|problem| format!("no file and {problem}; `neurobench tasks` lists them"))?;
        let folder = tempfile::tempdir().map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        let unpacked = task.unpack(folder.path());
        let file = unpacked.map_err(|error| format!("cannot write to {}: {error}", folder.path().display()))?;
        Ok(Self { spec: BenchmarkSpec::read(file)?, folder: Some(folder), checkpoint: None, network: None })
    }

    /// Sets the folder or file of the data.
    pub(crate) fn set_data(&mut self, path: &Path) -> Result<(), CommandError> {
        let setting = self.data_setting()?;
        let path = absolute(path)?;
        let text = path.to_str().ok_or_else(|| format!("`{}` is not UTF-8", path.display()))?;
        let data = self.spec.data.as_mut().ok_or("`--data` needs a benchmark file with `[data]`")?;
        data.settings.insert(setting, Value::Text(text.to_owned()));
        Ok(())
    }

    /// The setting of the data set that `--data` changes.
    fn data_setting(&self) -> Result<String, CommandError> {
        if let Some(data) = self.spec.task.as_ref().and_then(|task| task.data.as_ref()) {
            return Ok(data.setting.clone());
        }
        let data = self.spec.data.as_ref().ok_or("`--data` needs a benchmark file with `[data]`")?;
        let Some(Value::Text(name)) = data.settings.get("dataset") else {
            return Err("`--data` needs the name of a data set: `dataset` in `[data]`".into());
        };
        let found = datasets().find(&Spec::parse(name)?.name)?;
        let params = found.constructor.params();
        let paths: Vec<&str> = params.iter().filter(|param| param.is::<InputPath>()).map(|param| param.name).collect();
        match paths.as_slice() {
            [only] => Ok((*only).to_owned()),
            [] => Err(format!("`--data`: the data set `{name}` reads no files").into()),
            several => {
                let several = listed(several.iter().map(|name| format!("`{name}`")));
                Err(format!("`--data`: the data set `{name}` has several paths: set {several} in the file").into())
            }
        }
    }

    /// Sets the model: a model file, or a checkpoint with the weights of the network of the benchmark.
    pub(crate) fn set_model(&mut self, path: &Path) -> Result<(), CommandError> {
        if has_known_extension(path) || !Checkpoint::is_one(path) {
            self.spec.model.file = absolute(path)?;
            self.spec.model.format = None;
            self.spec.model.settings.clear();
            return Ok(());
        }
        let network = self.model_file();
        let is_network = match &self.spec.model.format {
            Some(format) => format == "network",
            None => network.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")),
        };
        let name = self.network_name();
        if !is_network {
            let path = path.display();
            return Err(format!(
                "`--model {path}`: a checkpoint replaces the weights of a network file, but {name} is not one"
            )
            .into());
        }
        let checkpoint = Checkpoint::read(path, &network, &name)?;
        self.spec.model.file = checkpoint.network().to_owned();
        self.network = self.folder.is_none().then_some(network);
        self.checkpoint = Some(checkpoint);
        Ok(())
    }

    /// The model file, from the current folder.
    fn model_file(&self) -> PathBuf {
        self.spec.file.parent().unwrap_or(Path::new("")).join(&self.spec.model.file)
    }

    /// Name of the model file in messages.
    fn network_name(&self) -> String {
        match (&self.folder, &self.network) {
            (Some(_), _) => format!("the model of the task `{}`", self.spec.name),
            (None, Some(network)) => format!("the model `{}`", network.display()),
            (None, None) => format!("the model `{}`", self.model_file().display()),
        }
    }

    /// Checks that the data and the weights of a task are given.
    pub(crate) fn check(&self, has_data: bool, has_model: bool) -> Result<(), CommandError> {
        let (Some(task), Some(_)) = (&self.spec.task, &self.folder) else { return Ok(()) };
        let name = &self.spec.name;
        let TaskSpec { data, weights, .. } = task;
        let mut missing = Vec::new();
        if let (Some(TaskData { name, url, license, .. }), false) = (data, has_data) {
            missing.push(format!("`--data DIR` with {name} ({license}), from {url}"));
        }
        if let (Some(TaskData { name, url, license, .. }), false) = (weights, has_model) {
            let own = "or a model file of your own";
            missing.push(format!("`--model FILE` with {name} ({license}), from {url}, {own}"));
        }
        match missing.is_empty() {
            true => Ok(()),
            false => Err(format!("the task `{name}` needs {}", missing.join("; and ")).into()),
        }
    }

    /// Returns a path as results show it: files of a task by the name of the task.
    pub(crate) fn shown_path(&self, path: &Path) -> String {
        let folder = self.folder.as_ref().map(TempDir::path);
        // The network beside a checkpoint is a copy of that of the benchmark.
        let mut folders = folder.into_iter().chain(self.checkpoint.as_ref().map(Checkpoint::folder));
        let inside = folders.find_map(|folder| path.strip_prefix(folder).ok());
        match inside {
            Some(inside) if inside.as_os_str().is_empty() => format!("task {}", self.spec.name),
            Some(inside) => format!("task {}: {}", self.spec.name, inside.display()),
            None => shown_path(path),
        }
    }

    /// The files of the user that were read: the benchmark file, if it is not that of a task, and a checkpoint with its network.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let file = self.folder.is_none().then(|| self.spec.file.clone());
        let checkpoint = self.checkpoint.as_ref().map(|checkpoint| checkpoint.file().to_owned());
        file.into_iter().chain(checkpoint).chain(self.network.clone()).collect()
    }

    /// Reads model and data, and describes an error by the files of the user.
    pub(crate) fn builder(&self) -> Result<BenchmarkBuilder<'static>, CommandError> {
        self.spec.builder().map_err(|error| self.describe(&error).into())
    }

    /// Describes an error without the names of temporary files.
    fn describe(&self, error: &SpecError) -> String {
        if let SpecError::ModelFile(problem) = error
            && let Some(problem) = problem.downcast_ref::<NetworkError>()
        {
            if let Some(checkpoint) = &self.checkpoint {
                return checkpoint.describe(problem, &self.network_name());
            }
            let weights = self.spec.task.as_ref().and_then(|task| task.weights.as_ref());
            if let (NetworkError::Read { file, .. }, Some(TaskData { name, url, license, .. })) = (problem, weights)
                && !file.exists()
            {
                return format!("{problem}; `--model FILE` takes the checkpoint {name} ({license}), from {url}");
            }
        }
        let mut text = error.to_string();
        if let Some(folder) = &self.folder {
            text = text.replace(&self.spec.file.display().to_string(), &self.spec.name);
            text = text.replace(&format!("{}/", folder.path().display()), "");
        }
        if let Some(checkpoint) = &self.checkpoint {
            text = text.replace(&format!("{}/", checkpoint.folder().display()), "");
        }
        text
    }
}

/// Returns true if a model format of the program has the extension of a file.
fn has_known_extension(file: &Path) -> bool {
    matches!(FileFormat::from_extension(file), Ok(FileFormat::Model(_)))
}

/// Message about all mistakes of a benchmark.
pub(crate) fn mistakes(errors: &BuildErrors) -> String {
    match errors.0.as_slice() {
        [only] => advice(only),
        several => {
            several.iter().fold(format!("{} mistakes:", several.len()), |text, error| text + "\n  - " + &advice(error))
        }
    }
}

/// Message about a mistake, with advice for benchmark files.
pub(crate) fn advice(error: &BuildError) -> String {
    match error {
        BuildError::SameName(name) => format!(
            "two metrics have the name `{name}`: request it once, or rename one, as in \
             {{ name = \"{name}\", as = \"another\" }}"
        ),
        BuildError::NoMetric => {
            "the benchmark has no metric: add some, as in metrics = [\"footprint\"]; `neurobench list` shows all"
                .to_owned()
        }
        error => error.to_string(),
    }
}

/// Outcome of a run that did not finish: data or a snapshot that cannot be used are input, a failed batch is a failure.
pub(crate) fn outcome(error: &RunError) -> Exit {
    match error {
        RunError::Data(_) | RunError::EmptyData | RunError::NoData | RunError::Snapshot(_) => Exit::Input,
        _ => Exit::Failed,
    }
}
