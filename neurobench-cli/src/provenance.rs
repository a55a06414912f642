//! The origin of results: command line, input files and seeds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use neurobench_core::component::{Params, Spec, TakesSettings as _};
use neurobench_core::data::datasets;
use neurobench_core::report::{Provenance, Results};
use neurobench_core::spec::BenchmarkSpec;
use neurobench_core::value::Value;
use neurobench_timing::describe_host;

use crate::CommandError;

/// Arguments of the command that runs, the program first.
static ARGUMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the arguments for results. The program is named without its folder.
pub(crate) fn keep_arguments(arguments: &[std::ffi::OsString]) {
    let mut words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = words.first_mut() {
        let name = Path::new(program.as_str()).file_name().map(|name| name.to_string_lossy().into_owned());
        *program = name.unwrap_or_else(|| "neurobench".to_owned());
    }
    *ARGUMENTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = words;
}

/// Returns the origin of results of this command, which reads these files.
pub(crate) fn for_command(
    files: impl IntoIterator<Item = PathBuf>,
    name: impl Fn(&Path) -> String,
) -> Result<Provenance, CommandError> {
    let words = ARGUMENTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let mut provenance = Provenance::new(words);
    provenance.host = Some(describe_host());
    let added = provenance.add_files(files, name);
    added.map_err(|error| format!("cannot read the input files for their digests: {error}"))?;
    Ok(provenance)
}

/// Returns a path as results show it: relative to the current folder if it is in it.
pub(crate) fn shown_path(path: &Path) -> String {
    let folder = std::env::current_dir().unwrap_or_default();
    let inside = path.strip_prefix(&folder).unwrap_or(path);
    inside.strip_prefix(".").unwrap_or(inside).display().to_string()
}

/// Seeds of a run by the place of their setting: of intervals, of the benchmark file's model and data set, if there is one, and of
/// every processor and metric.
pub(crate) fn seeds(spec: Option<&BenchmarkSpec>, results: &Results) -> BTreeMap<String, u64> {
    let mut seeds = BTreeMap::new();
    if let Some(intervals) = results.intervals {
        seeds.insert("intervals.seed".to_owned(), intervals.seed);
    }
    let mut add = |place: &str, settings: &Params| {
        for (key, value) in settings {
            if (key == "seed" || key.ends_with("_seed"))
                && let Some(seed) = value.as_u64()
            {
                seeds.insert(format!("{place}.{key}"), seed);
            }
        }
    };
    if let Some(spec) = spec {
        add("model", &spec.model.settings);
    }
    if let Some(data) = spec.and_then(|spec| spec.data.as_ref()) {
        let name =
            data.settings.get("dataset").and_then(|name| if let Value::Text(name) = name { Some(name) } else { None });
        // The identity of a data set is its data, so that defaults are those of its definition.
        let defaults =
            name.and_then(|name| datasets().find(name).ok()?.constructor.defaults().ok()).unwrap_or_default();
        add("data", &defaults);
        add("data", &data.settings);
    }
    // Identities have all settings, with their defaults.
    for processor in results.preprocessors.iter().chain(&results.postprocessors) {
        if let Ok(Spec { name, params, .. }) = Spec::parse(processor) {
            add(&name, &params);
        }
    }
    for metric in &results.metrics {
        add(&metric.name, &metric.settings);
    }
    seeds
}
