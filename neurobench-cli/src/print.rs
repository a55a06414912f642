//! Output to the user. Unlike `println!` and `eprintln!`, it does not panic if the reader closes the pipe, as `| head -1` does.

use std::io::{ErrorKind, Write};

use neurobench_core::names::shown;

/// A failure to write to standard output.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}")]
pub(crate) struct PrintError(std::io::Error);

/// Prints results to standard output. A closed pipe is not an error: its reader has seen enough.
pub(crate) fn print(text: &str) -> Result<(), PrintError> {
    print_bytes(text.as_bytes())
}

/// Prints the content of a file to standard output.
pub(crate) fn print_bytes(content: &[u8]) -> Result<(), PrintError> {
    let mut output = std::io::stdout().lock();
    let written = output.write_all(content).and_then(|()| output.flush());
    unless_closed(written).map_err(PrintError)
}

/// Prints a line to standard error. A failure is ignored, because it cannot be reported anywhere.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", lines(line));
}

/// Escapes control characters in a text that may contain names from files. The text may have several lines.
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Ignores the error of writing to a closed pipe.
pub(crate) fn unless_closed(written: std::io::Result<()>) -> std::io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
