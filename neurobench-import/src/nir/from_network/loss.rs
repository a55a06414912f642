//! Information that conversions between networks and graphs may lose.

use std::fmt;
use std::str::FromStr;

use neurobench_core::names::{did_you_mean, listed};

/// Information that a graph cannot represent of a network, or a network of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// The reset of snnTorch's neurons: one step after the spike, by subtraction, to zero or not at all, whereas NIR sets them to
    /// `v_reset` immediately. The metadata contain it: [`Graph::to_network`](crate::nir::Graph::to_network) reads it, but
    /// other readers may ignore it.
    Reset,
    /// Spiking neurons that output their membranes. The metadata contain this, too.
    Output,
    /// The time axis of a network that has no time steps or carries its state from sample to sample.
    Time,
    /// The missing bias of a convolution, which becomes a bias of zero in NIR.
    Bias,
    /// The order in which more than two inputs of a layer are added.
    Order,
    /// Layers that have an effect only in training.
    Dropout,
    /// Metadata of a graph that networks do not use.
    Metadata,
    /// The digits of parameters in double precision, in a network that computes in single precision.
    Precision,
    /// The type of tensors that are not stored in the network's precision, such as quantized weights. Their numbers are preserved.
    Storage,
}

impl Loss {
    /// All losses.
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

    /// Name.
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
            format!("unknown loss `{name}`; there are {}{}", listed(names()), did_you_mean(name, names()))
        })
    }
}
