//! Benchmark files to run: files, and tasks that the program contains.

use std::path::{Path, PathBuf, absolute};

use neurobench_core::bench::{BuildError, BuildErrors, RunError};
use neurobench_core::component::{InputPath, Spec, TakesSettings as _};
use neurobench_core::data::datasets;
use neurobench_core::names::listed;
use neurobench_core::spec::{BenchmarkSpec, TaskData, TaskSpec};
use neurobench_core::value::Value;
use neurobench_import::pytorch::StateDict;
use neurobench_tasks::find_task;
use tempfile::TempDir;

use crate::CommandError;
use crate::exit::Exit;

/// Name of the file of the weights of a task, in its folder.
const WEIGHTS: &str = "weights.safetensors";

/// Names under which checkpoints hold a state dict beside other things, such as an epoch.
const STATE_DICTS: [&str; 2] = ["model_state_dict", "state_dict"];

/// A benchmark to run, with the folder of the task's files, which is removed in the end.
pub(crate) struct Request {
    pub(crate) spec: BenchmarkSpec,
    folder: Option<TempDir>,
}

impl Request {
    /// Reads a benchmark file or, if there is no such file, the task of this name.
    pub(crate) fn read(file: &Path) -> Result<Self, CommandError> {
        let is_name = file.components().count() == 1 && file.extension().is_none();
        if file.exists() || !is_name {
            return Ok(Self { spec: BenchmarkSpec::read(file)?, folder: None });
        }
        let name = file.to_string_lossy();
        let task =
            find_task(&name).map_err(|problem| format!("no file and {problem}; `neurobench tasks` lists them"))?;
        let folder = tempfile::tempdir().map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        let unpacked = task.unpack(folder.path());
        let file = unpacked.map_err(|error| format!("cannot write to {}: {error}", folder.path().display()))?;
        Ok(Self { spec: BenchmarkSpec::read(file)?, folder: Some(folder) })
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

    /// Sets the model: a model file or, for a task, a checkpoint with the weights of its network.
    pub(crate) fn set_model(&mut self, path: &Path) -> Result<(), CommandError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match (extension.as_str(), &self.folder) {
            // Published checkpoints often have no extension.
            ("pt" | "pth" | "ckpt" | "", Some(folder)) => {
                state_dict(path)?.write_safetensors(folder.path().join(WEIGHTS))?;
            }
            ("safetensors", Some(folder)) => {
                let to = folder.path().join(WEIGHTS);
                std::fs::copy(path, to).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            }
            _ => {
                self.spec.model.file = absolute(path)?;
                self.spec.model.format = None;
                self.spec.model.settings.clear();
            }
        }
        Ok(())
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

    /// The file of the user that was read, if it is not that of a task.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.folder.is_none().then(|| self.spec.file.clone())
    }
}

/// Reads the state dict of a checkpoint, also if the checkpoint holds it under a usual name.
fn state_dict(path: &Path) -> Result<StateDict, CommandError> {
    let checkpoint = StateDict::load(path)?;
    let is_in = |part: &str| {
        let inside = |name: &str| name.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'));
        checkpoint.tensors().iter().any(|tensor| inside(&tensor.name))
    };
    match STATE_DICTS.into_iter().find(|part| is_in(part)) {
        Some(part) => Ok(checkpoint.into_part(part)?),
        None => Ok(checkpoint),
    }
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
