//! Exit codes: one definition for every subcommand, its help and the docs.

use std::error::Error;
use std::process::ExitCode;

use crate::CommandError;
use crate::print::PrintError;

/// Outcome of a subcommand, as the code with which the process exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Success,
    /// The work itself failed: a metric, a check, a batch of the run, or the writing of results.
    Failed,
    /// The request cannot be carried out: an unknown option, or a file that cannot be used.
    Input,
    /// A measurement does not meet the requirements of its scenario.
    NotValid,
    /// A signal with this number ended the run early.
    Signal(u8),
}

/// Codes with their meaning, for help.
const MEANINGS: [(&str, &str); 5] = [
    ("0", "success"),
    ("1", "a metric, a check, a batch or the writing of results failed"),
    ("2", "usage or input: an unknown option, or a file that cannot be used"),
    ("3", "a measurement is not valid"),
    ("130, 143", "interrupted by SIGINT (Ctrl-C) or SIGTERM"),
];

impl Exit {
    /// Returns the code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Input => 2,
            Self::NotValid => 3,
            // The convention of shells.
            Self::Signal(number) => number.saturating_add(128),
        }
    }

    /// Returns success if a condition holds, otherwise a failure.
    pub(crate) fn success_if(condition: bool) -> Self {
        if condition { Self::Success } else { Self::Failed }
    }

    /// Classifies an error that ends the command. Errors are about input unless they are marked as a [`Failure`].
    pub(crate) fn from_error(error: &(dyn Error + 'static)) -> Self {
        if error.is::<Failure>() || error.is::<PrintError>() { Self::Failed } else { Self::Input }
    }

    /// Returns a section of help with all codes.
    pub(crate) fn help() -> String {
        let line = |(code, meaning): &(&str, &str)| format!("  {code:<10}{meaning}\n");
        format!("Exit codes:\n{}", MEANINGS.iter().map(line).collect::<String>().trim_end())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Marks an error as a failure of the work itself, which input does not cause.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Failure(CommandError);

impl Failure {
    pub(crate) fn new(error: impl Into<CommandError>) -> Self {
        Self(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, MEANINGS};

    #[test]
    fn every_code_is_in_the_help() {
        for exit in [Exit::Success, Exit::Failed, Exit::Input, Exit::NotValid, Exit::Signal(2), Exit::Signal(15)] {
            let code = exit.code().to_string();
            let described = MEANINGS.iter().any(|(codes, _)| codes.split(", ").any(|known| known == code));
            assert!(described, "{exit:?} is not in the help");
        }
    }
}
