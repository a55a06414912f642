//! The `neurobench` command as a library, for a binary that links further components.
//!
//! Applications use it as `neurobench::cli`, with the feature `cli` of `neurobench`.

mod checkpoint;
mod commands;
mod comparison;
mod condition;
mod exit;
mod format;
mod interruption;
mod leaderboard;
mod listing;
mod measured;
mod model_file;
mod output;
mod panics;
mod partial;
mod print;
mod progress;
mod provenance;
mod result_files;
mod schemas;
mod shared_arguments;
mod table;
mod task;

// No code of the command names a component; the built-in ones are registered because they are linked.
use neurobench_datasets as _;
use neurobench_metrics as _;
use neurobench_processors as _;
use neurobench_report as _;

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use exit::Exit;

/// Any error that ends the command.
type CommandError = Box<dyn Error>;

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// Runs the command with these arguments, the first of which is the name of the program.
#[must_use]
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    provenance::keep_arguments(&arguments);
    let matches = match commands::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return refuse(&error),
    };
    panics::keep_quiet();
    let exit = commands::run(&matches).unwrap_or_else(|error| {
        note_error(&*error);
        Exit::from_error(&*error)
    });
    exit.into()
}

/// Prints an error of clap, or the help or version that it returns as one, to its stream.
fn refuse(error: &clap::Error) -> ExitCode {
    let exit = match print::unless_closed(error.print()) {
        Ok(()) if error.exit_code() == 0 => Exit::Success,
        Ok(()) => Exit::Input,
        Err(_) => Exit::Failed,
    };
    exit.into()
}

/// Prints an error with its causes.
fn note_error(error: &(dyn Error + 'static)) {
    print::note(&format!("error: {error}"));
    let mut source = error.source();
    while let Some(cause) = source {
        print::note(&format!("  because: {cause}"));
        source = cause.source();
    }
}
