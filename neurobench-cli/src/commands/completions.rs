//! `neurobench completions`.

use clap_complete::Shell;

use crate::CommandError;
use crate::commands::{Subcommand, command, subcommand};
use crate::exit::Exit;
use crate::print::print;

/// Print a script that completes commands in a shell.
#[derive(clap::Args)]
struct CompletionsArguments {
    /// bash, elvish, fish, powershell or zsh.
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

subcommand!(CompletionsArguments);

impl Subcommand for CompletionsArguments {
    const NAME: &'static str = "completions";
    const POSITION: u32 = 20;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench completions bash > neurobench.bash", "Write the script for bash, to be read by ~/.bashrc"),
        ("neurobench completions fish > neurobench.fish", "Write it for fish, to ~/.config/fish/completions"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        let mut script = Vec::new();
        let mut command = command();
        let name = command.get_name().to_owned();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Success)
    }
}
