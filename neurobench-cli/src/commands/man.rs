//! `neurobench man`.

use std::path::PathBuf;

use clap_mangen::Man;
use neurobench_core::names::{did_you_mean, listed};

use crate::CommandError;
use crate::commands::{Subcommand, command, subcommand};
use crate::exit::Exit;
use crate::print::print;

/// Print manual pages in roff.
#[derive(clap::Args)]
struct ManArguments {
    /// Command whose page is printed.
    command: Option<String>,
    /// Write all pages to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

subcommand!(ManArguments);

impl Subcommand for ManArguments {
    const NAME: &'static str = "man";
    const POSITION: u32 = 21;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench man run > neurobench-run.1", "Write the page of a command, for `man ./neurobench-run.1`"),
        ("neurobench man --dir .", "Write the pages of all commands to a folder"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        // Sets the full name of each subcommand, which is the name of its page.
        let mut command = command().disable_help_subcommand(true);
        command.build();
        if let Some(folder) = &self.dir {
            clap_mangen::generate_to(command, folder)
                .map_err(|error| format!("cannot write to `{}`: {error}", folder.display()))?;
            return Ok(Exit::Success);
        }
        let page = match &self.command {
            None => Man::new(command),
            Some(name) => {
                let names: Vec<String> =
                    command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
                let found = command.get_subcommands().find(|command| command.get_name() == name).cloned();
                let known = || names.iter().map(String::as_str);
                Man::new(found.ok_or_else(|| {
                    format!("no command `{name}`{}; there are {}", did_you_mean(name, known()), listed(known()))
                })?)
            }
        };
        let mut text = Vec::new();
        page.render(&mut text)?;
        print(&String::from_utf8_lossy(&text))?;
        Ok(Exit::Success)
    }
}
