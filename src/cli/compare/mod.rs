//! `neurobench compare`: arguments and printing. The comparison itself is [`crate::compare`].

mod arguments;
mod tables;

use std::process::ExitCode;

pub(super) use arguments::CompareArguments;

use crate::cli::CommandError;
use crate::cli::print::print;
use crate::compare::{CompareError, Comparison, NamedResults, RunGroup, compare_groups, compare_runs};

impl CompareArguments {
    pub(super) fn run(&self) -> Result<ExitCode, CommandError> {
        compare(self)
    }
}

fn compare(arguments: &CompareArguments) -> Result<ExitCode, CommandError> {
    let settings = arguments.settings();
    // Before any file is read, which takes longer.
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
    print(&match (arguments.json, &comparison) {
        (true, comparison) => serde_json::to_string_pretty(comparison)? + "\n",
        (false, Comparison::Runs(runs)) => tables::runs(runs),
        (false, Comparison::Groups(groups)) => tables::groups(groups),
    })?;
    Ok(ExitCode::SUCCESS)
}
