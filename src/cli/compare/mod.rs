//! `neurobench compare`.

mod checks;
mod family;
mod groups;
mod pairs;
mod resamples;
mod samples;
mod tables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use serde::Serialize;

use crate::cli::print::print;
use crate::cli::{CommandError, CompareArguments};
use crate::files::{self, FileKind};
use crate::report::{MetricResult, Results};
use crate::value::Value;
use groups::GroupComparison;
use pairs::PairComparison;

/// What was compared, as `--json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Comparison {
    /// Several runs with the first of them, sample by sample where the values of samples were kept.
    Runs(PairComparison),
    /// Groups of runs, such as those of different seeds, by their means.
    Groups(GroupComparison),
}

/// Results with the name under which they are shown.
struct Named {
    name: String,
    results: Results,
}

/// `NAME=a.json,b.json`.
#[derive(Clone, Debug)]
pub(super) struct GroupArgument {
    name: String,
    files: Vec<PathBuf>,
}

impl FromStr for GroupArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, files) = text.split_once('=').ok_or("a group is `NAME=a.json,b.json`")?;
        let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
        if name.is_empty() || files.iter().any(|file| file.as_os_str().is_empty()) {
            return Err("a group is `NAME=a.json,b.json`".to_owned());
        }
        Ok(Self { name: name.to_owned(), files })
    }
}

/// What is asked of intervals and of the permutation test.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct CompareSettings {
    /// How often an interval should hold what it is of.
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95)]
    level: f64,
    /// How many signs the permutation test draws where there are too many for all.
    #[arg(long, value_name = "N", default_value_t = 9999)]
    resamples: u64,
    /// The seed of these draws.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
}

impl CompareSettings {
    fn check_level(&self) -> Result<(), CommandError> {
        let level = self.level;
        if level > 0.0 && level < 1.0 {
            return Ok(());
        }
        Err(format!("the level is {level}; it must be between 0 and 1").into())
    }

    /// Refuses a test that could not answer.
    fn check_resamples(&self) -> Result<(), CommandError> {
        let Self { level, resamples, .. } = *self;
        if self.smallest_p() > 1.0 - level + 1e-9 {
            let least = (1.0 / (1.0 - level) - 1.0 - 1e-9).ceil();
            let p = self.smallest_p();
            return Err(format!(
                "{resamples} resamples are too few for level {level}: no p-value could be below {p:.4} (`--resamples {least}` at least)"
            )
            .into());
        }
        Ok(())
    }

    /// The smallest p-value of a permutation test that draws.
    fn smallest_p(&self) -> f64 {
        1.0 / (self.resamples as f64 + 1.0)
    }
}

pub(super) fn compare(arguments: &CompareArguments) -> Result<ExitCode, CommandError> {
    let CompareArguments { files, groups, settings, json } = arguments;
    settings.check_level()?;
    let comparison = match (files.as_slice(), groups.as_slice()) {
        ([], []) => {
            return Err(
                "there is nothing to compare: name two files of results, or `--group NAME=a.json,b.json`".into()
            );
        }
        ([_, ..], [_, ..]) => {
            return Err("compare files or groups of them, not both: `--group` may be given several times".into());
        }
        ([only], []) => return Err(format!("`{}` has nothing to be compared with", only.display()).into()),
        (files, []) => {
            settings.check_resamples()?;
            checks::each_once(files.iter().map(PathBuf::as_path))?;
            let runs = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            checks::check(&runs.iter().collect::<Vec<_>>())?;
            Comparison::Runs(pairs::compare(&runs, settings)?)
        }
        ([], groups) => {
            checks::named_once(groups.iter().map(|group| group.name.as_str()))?;
            checks::each_once(groups.iter().flat_map(|group| &group.files).map(PathBuf::as_path))?;
            let read_group = |group: &GroupArgument| {
                let runs = group.files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
                Ok::<_, CommandError>((group.name.clone(), runs))
            };
            let groups = groups.iter().map(read_group).collect::<Result<Vec<_>, _>>()?;
            let all: Vec<&Named> = groups.iter().flat_map(|(_, runs)| runs).collect();
            checks::check(&all)?;
            checks::no_copies(&all)?;
            Comparison::Groups(groups::compare(&groups, settings.level))
        }
    };
    print(&match (json, &comparison) {
        (true, comparison) => serde_json::to_string_pretty(comparison)? + "\n",
        (false, Comparison::Runs(pairs)) => tables::pairs(pairs),
        (false, Comparison::Groups(groups)) => tables::groups(groups),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Named, CommandError> {
    let bytes = files::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let wrong = |problem: &dyn std::fmt::Display| {
        let looks = FileKind::hint(path, &[FileKind::Results]);
        format!("`{}` is not a file of results: {problem}{looks}", path.display())
    };
    let results = serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?;
    Ok(Named { name: path.display().to_string(), results })
}

/// The keys on the way to a number of a metric's value.
type NumberPath = Vec<String>;

/// Every number of a metric's value that is not in a list, with its place.
fn numbers(metric: &MetricResult) -> Vec<(NumberPath, f64)> {
    fn collect(path: &mut NumberPath, value: &Value, numbers: &mut Vec<(NumberPath, f64)>) {
        match value {
            Value::Map(entries) => {
                for (key, entry) in entries {
                    path.push(key.clone());
                    collect(path, entry, numbers);
                    path.pop();
                }
            }
            other => numbers.extend(other.as_f64().map(|number| (path.clone(), number))),
        }
    }
    let mut found = Vec::new();
    if let Some(value) = &metric.value {
        collect(&mut Vec::new(), value, &mut found);
    }
    found
}

/// What the number at this place of a metric's value is called.
fn number_name(metric: &MetricResult, path: &[String]) -> String {
    path.iter().fold(metric.name.clone(), |name, key| format!("{name} · {key}"))
}

/// Every metric that one of the runs has, as the first that has it tells of it, in the order in which they come.
fn metrics<'r>(runs: &[&'r Named]) -> Vec<&'r MetricResult> {
    let mut seen = BTreeSet::new();
    runs.iter().flat_map(|run| &run.results.metrics).filter(|metric| seen.insert(&metric.name)).collect()
}

/// The place of every number that one of the runs has of a metric.
fn number_paths(runs: &[&Named], of: &MetricResult) -> Vec<NumberPath> {
    let mut seen = BTreeSet::new();
    let found = runs.iter().filter_map(|run| metric(&run.results, &of.name)).flat_map(numbers);
    found.map(|(path, _)| path).filter(|path| seen.insert(path.clone())).collect()
}

/// The metric of this name, if there is one.
fn metric<'r>(results: &'r Results, name: &str) -> Option<&'r MetricResult> {
    results.metrics.iter().find(|metric| metric.name == name)
}
