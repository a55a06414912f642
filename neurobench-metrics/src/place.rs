//! Location of a problem in a batch.

use std::fmt::{self, Display};

use neurobench_core::metric::InputName;
use neurobench_core::prelude::*;

/// A sample of a batch, and optionally a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) sample: usize,
    pub(super) part: Option<Part>,
}

/// Part of a sample, with its zero-based index.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// A target, such as the target of a time step.
    Label(usize),
    /// One of its targets, such as that of a time step.
    Position(usize),
    /// A row.
    Row(usize),
}

impl Place {
    pub(super) fn sample(sample: usize) -> Self {
        Self { sample, part: None }
    }

    pub(super) fn part(sample: usize, part: Part) -> Self {
        Self { sample, part: Some(part) }
    }

    /// Error about this location in predictions or targets.
    pub(super) fn error(self, what: InputName, problem: impl Display) -> MetricError {
        let problem = match self.part {
            Some(part) => format!("{part}: {problem}"),
            None => problem.to_string(),
        };
        MetricError::input(what, problem).at_sample(self.sample)
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "label {label}"),
            Self::Position(position) => write!(f, "position {position}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}
