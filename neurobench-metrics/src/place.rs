//! Where something is wrong in a batch.

use std::fmt::{self, Display};

use neurobench_core::prelude::*;

/// A sample of a batch, and perhaps a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) sample: usize,
    pub(super) part: Option<Part>,
}

/// A part of a sample, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// One of its labels.
    Label(usize),
    /// One of its targets, such as that of a time step.
    Place(usize),
    /// One of its rows.
    Row(usize),
}

impl Place {
    pub(super) fn sample(sample: usize) -> Self {
        Self { sample, part: None }
    }

    pub(super) fn part(sample: usize, part: Part) -> Self {
        Self { sample, part: Some(part) }
    }

    /// The error that says what is wrong here with predictions or targets.
    pub(super) fn refused(self, what: &'static str, problem: impl Display) -> MetricError {
        let problem = match self.part {
            Some(part) => format!("{part}: {problem}"),
            None => problem.to_string(),
        };
        MetricError::input(what, problem).of_sample(self.sample)
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "label {label}"),
            Self::Place(place) => write!(f, "place {place}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}
