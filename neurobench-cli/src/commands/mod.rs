//! Subcommands. Each is one file, with its arguments, its help and its code, and a `mod` line here.

mod check;
mod compare;
mod completions;
mod convert;
mod describe;
mod evaluate;
mod inspect;
mod list;
mod man;
mod new;
mod report;
mod run;
mod schema;
mod tasks;
mod time;

use clap::{ArgMatches, Command};

use crate::CommandError;
use crate::exit::Exit;

/// A subcommand: a struct of arguments, whose doc comment is the help, and the code that it runs.
///
/// [`subcommand!`] registers it in its own file.
trait Subcommand: clap::Args {
    /// Name on the command line.
    const NAME: &'static str;
    /// Position in the help of the command. Subcommands with the same position are sorted by name; by default they come last.
    const POSITION: u32 = u32::MAX;
    /// Examples in the help: commands, each with what it does. Tests run them.
    const EXAMPLES: &'static [(&'static str, &'static str)];

    /// Runs the subcommand.
    fn run(&self) -> Result<Exit, CommandError>;
}

/// A registered [`Subcommand`] without its type.
struct Registration {
    name: &'static str,
    position: u32,
    examples: &'static [(&'static str, &'static str)],
    /// Adds the arguments and the help to an empty command.
    augment: fn(Command) -> Command,
    run: fn(&ArgMatches) -> Result<Exit, CommandError>,
}

inventory::collect!(Registration);

impl Registration {
    const fn new<S: Subcommand>() -> Self {
        Self {
            name: S::NAME,
            position: S::POSITION,
            examples: S::EXAMPLES,
            augment: |command| S::augment_args(command),
            run: |matches| S::from_arg_matches(matches)?.run(),
        }
    }

    fn command(&self) -> Command {
        let example = |(command, about): &(&str, &str)| format!("  # {about}\n  {command}\n");
        let examples: String = self.examples.iter().map(example).collect();
        let examples = format!("Examples:\n{}", examples.trim_end());
        let command = Command::new(self.name).after_long_help(format!("{examples}\n\n{}", Exit::help()));
        (self.augment)(command.after_help(examples))
    }
}

/// Registers a subcommand.
macro_rules! subcommand {
    ($arguments:ty) => {
        inventory::submit! { $crate::commands::Registration::new::<$arguments>() }
    };
}
use subcommand;

/// Returns the whole command, with every subcommand.
pub(crate) fn command() -> Command {
    let mut registered: Vec<&Registration> = inventory::iter::<Registration>.into_iter().collect();
    registered.sort_by_key(|subcommand| (subcommand.position, subcommand.name));
    Command::new("neurobench")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Benchmarks for neuromorphic models")
        .after_help(format!("`neurobench COMMAND --help` explains a command, with examples.\n\n{}", Exit::help()))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(registered.into_iter().map(Registration::command))
}

/// Runs the subcommand that the arguments name.
pub(crate) fn run(matches: &ArgMatches) -> Result<Exit, CommandError> {
    let (name, matches) = matches.subcommand().ok_or("no subcommand")?;
    let registered = inventory::iter::<Registration>.into_iter().find(|subcommand| subcommand.name == name);
    (registered.ok_or_else(|| format!("no subcommand `{name}`"))?.run)(matches)
}
