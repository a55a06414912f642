//! The `neurobench` command, which a binary of your own can be, too.
//!
//! A program that links its own components and calls [`main`] is the whole command with those components:
//!
//! ```no_run
//! use my_metrics as _; // a crate that no code names is not linked
//! # mod my_metrics {}
//!
//! fn main() -> std::process::ExitCode {
//!     neurobench::cli::main()
//! }
//! ```
//!
//! `neurobench run` reads and writes these files:
//!
#![doc = include_str!("../../docs/benchmark-files.md")]

mod compare;
mod convert;
mod inspect;
mod interruption;
mod list;
mod model_file;
mod output;
mod panics;
mod partial;
mod print;
mod progress;
mod run;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benchmarks for neuromorphic models.
#[derive(Parser)]
#[command(name = "neurobench", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Defines the subcommands: a line each, with the module that holds its arguments, its help and its code.
macro_rules! subcommands {
    ($($name:ident => $module:ident::$arguments:ident,)*) => {
        #[derive(Subcommand)]
        enum Command {
            $($name($module::$arguments),)*
        }

        impl Command {
            fn run(&self) -> Result<ExitCode, CommandError> {
                match self {
                    $(Self::$name(arguments) => arguments.run(),)*
                }
            }
        }
    };
}

subcommands! {
    Run => run::RunArguments,
    List => list::ListArguments,
    Describe => list::DescribeArguments,
    Inspect => inspect::InspectArguments,
    Compare => compare::CompareArguments,
    Convert => convert::ConvertArguments,
}

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// Runs the command with these arguments, the first of which is the name of the program.
#[must_use]
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are not mistakes: clap prints them to the right stream and has their exit code.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match print::unless_closed(error.print()) {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::FAILURE,
            };
        }
    };
    panics::keep_quiet();
    match arguments.command.run() {
        Ok(code) => code,
        Err(error) => {
            note_error(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error with its causes.
fn note_error(error: &(dyn std::error::Error + 'static)) {
    print::note(&format!("error: {error}"));
    let mut source = error.source();
    while let Some(cause) = source {
        print::note(&format!("  because: {cause}"));
        source = cause.source();
    }
}

/// Any error that ends the command.
type CommandError = Box<dyn std::error::Error>;
