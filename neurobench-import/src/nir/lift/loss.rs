//! What may be lost between networks and graphs.

use std::fmt;
use std::str::FromStr;

use neurobench_core::names::{did_you_mean, listed};

/// Something of networks that graphs do not have, or of graphs that networks do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// How snnTorch's neurons reset: one step after the spike, by subtraction, to zero or not at all, where NIR sets them to
    /// `v_reset` at once. It is noted in the metadata, which [`Graph::to_network`](crate::nir::Graph::to_network) reads and others need not.
    Reset,
    /// That neurons that spike hand on their membranes. It is noted in the metadata likewise.
    Output,
    /// Where time is in the inputs of a network that has no time steps or carries its state from sample to sample.
    Time,
    /// That a convolution has no bias: NIR's have one, which is zero.
    Bias,
    /// The order in which more than two inputs of a layer are added.
    Order,
    /// Layers that do nothing but in training.
    Dropout,
    /// Metadata of a graph that say nothing to a network.
    Metadata,
    /// The digits of parameters in double precision, in a network that computes in single precision.
    Precision,
    /// That tensors are stored in another type than the network computes in, as quantised weights are. Their numbers stay.
    Storage,
}

impl Loss {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Reset,
        Self::Output,
        Self::Time,
        Self::Bias,
        Self::Order,
        Self::Dropout,
        Self::Metadata,
        Self::Precision,
        Self::Storage,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Output => "output",
            Self::Time => "time",
            Self::Bias => "bias",
            Self::Order => "order",
            Self::Dropout => "dropout",
            Self::Metadata => "metadata",
            Self::Precision => "precision",
            Self::Storage => "storage",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Loss {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.iter().copied().map(Self::name);
        let known = Self::ALL.iter().copied().find(|loss| loss.name() == name);
        known.ok_or_else(|| {
            format!("no `{name}` can be lost; there are {}{}", listed(names()), did_you_mean(name, names()))
        })
    }
}
