//! Lines for the user. Unlike `println!` and `eprintln!`, none of this panics when nobody reads on, as after `| head -1`.

use std::io::{ErrorKind, Write};

use neurobench_core::names::shown;

/// The standard output does not take what is printed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to the standard output: {0}")]
pub(crate) struct PrintError(std::io::Error);

/// Prints results. A reader who has gone has seen enough: that is no error.
pub(crate) fn print(text: &str) -> Result<(), PrintError> {
    let mut output = std::io::stdout().lock();
    let written = write!(output, "{text}").and_then(|()| output.flush());
    unless_closed(written).map_err(PrintError)
}

/// Prints a line beside the results. Where that fails there is nowhere left to say so.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", lines(line));
}

/// Text in which names from files may be, as it is shown; it may have several lines.
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// What was written to a pipe, of which the other end may be closed.
pub(crate) fn unless_closed(written: std::io::Result<()>) -> std::io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
