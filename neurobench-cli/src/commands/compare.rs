//! `neurobench compare`: arguments and printing. The comparison itself is [`neurobench_core::compare`].

use std::path::PathBuf;

use neurobench_core::compare::{
    CompareError, Comparison, ComparisonSettings, GroupFiles, NamedResults, RunGroup, compare_groups, compare_runs,
};

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::comparison;
use crate::exit::Exit;
use crate::format::FormatArguments;
use crate::print::print;

/// Compare results over the same data.
///
/// Prints values, differences and, if per-sample values are kept, tests of pairs.
/// Results over different data, or with different definitions of a metric, are refused with a list of what differs.
#[derive(clap::Args)]
struct CompareArguments {
    /// Files of results; each is compared with the first.
    files: Vec<PathBuf>,
    /// Compare the means of groups; repeatable.
    ///
    /// A group has the results of several runs, such as those of several seeds.
    #[arg(long = "group", value_name = "NAME=FILE,FILE", value_parser = group)]
    groups: Vec<GroupFiles>,
    #[command(flatten)]
    settings: SettingsArguments,
    /// Print JSON, as `--format json` does.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    format: FormatArguments,
}

#[derive(Clone, Copy, clap::Args)]
struct SettingsArguments {
    /// Confidence level.
    #[arg(long, value_name = "LEVEL", default_value_t = ComparisonSettings::default().level)]
    level: f64,
    /// Random sign flips.
    ///
    /// The permutation test draws this number of sign flips when enumerating all of them is infeasible.
    #[arg(long, value_name = "N", default_value_t = ComparisonSettings::default().permutations)]
    resamples: u64,
    /// Seed of the sign flips.
    #[arg(long, value_name = "SEED", default_value_t = ComparisonSettings::default().seed)]
    seed: u64,
}

subcommand!(CompareArguments);

impl Subcommand for CompareArguments {
    const NAME: &'static str = "compare";
    const POSITION: u32 = 6;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench compare a.json b.json", "Compare two runs over the same data"),
        (
            "neurobench compare --group old=a.json,b.json --group new=c.json,d.json",
            "Compare the means of two groups of seeds",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        compare(self)
    }
}

impl CompareArguments {
    fn settings(&self) -> ComparisonSettings {
        let SettingsArguments { level, resamples, seed } = self.settings;
        ComparisonSettings { level, permutations: resamples, seed, ..ComparisonSettings::default() }
    }
}

fn compare(arguments: &CompareArguments) -> Result<Exit, CommandError> {
    let settings = arguments.settings();
    // Checked before files are read, which takes longer.
    settings.check_level()?;
    let comparison = match (arguments.files.as_slice(), arguments.groups.as_slice()) {
        ([], []) => {
            return Err(
                "there is nothing to compare: name two files of results, or `--group NAME=a.json,b.json`".into()
            );
        }
        ([_, ..], [_, ..]) => {
            return Err("compare either files or groups, not both: write every file in a `--group`".into());
        }
        ([only], []) => return Err(CompareError::OneRun { run: only.display().to_string() }.into()),
        (files, []) => {
            settings.check_permutations()?;
            Comparison::Runs(compare_runs(&NamedResults::read_all(files)?, &settings)?)
        }
        ([], groups) => Comparison::Groups(compare_groups(&RunGroup::read_all(groups)?, &settings)?),
    };
    let format = &arguments.format;
    let is_json = arguments.json || format.exporter_name() == Some("json");
    match &comparison {
        comparison if is_json => print(&(serde_json::to_string_pretty(comparison)? + "\n"))?,
        comparison if !format.is_table() => format.print_table(&comparison.table())?,
        Comparison::Runs(runs) => print(&comparison::runs(runs))?,
        Comparison::Groups(groups) => print(&comparison::groups(groups))?,
    }
    Ok(Exit::Success)
}

/// Parses a group such as `NAME=a.json,b.json`.
fn group(text: &str) -> Result<GroupFiles, String> {
    let (name, files) = text.split_once('=').ok_or("write a group as `NAME=a.json,b.json`")?;
    let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
    if name.is_empty() || files.iter().any(|file| file.as_os_str().is_empty()) {
        return Err("write a group as `NAME=a.json,b.json`".to_owned());
    }
    Ok(GroupFiles { name: name.to_owned(), files })
}
