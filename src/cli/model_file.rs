//! Files that hold models, by their extensions.

use std::path::Path;

use crate::cli::CommandError;
use crate::import::nir::{Graph, Stepping};
use crate::network::Network;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A network file.
    Network,
    /// A NIR graph.
    Nir,
    /// What PyTorch saves.
    Pytorch,
    /// Tensors.
    Safetensors,
}

impl Format {
    /// What a file holds, as its extension says.
    pub(super) fn of(file: &Path) -> Result<Self, CommandError> {
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "toml" => Ok(Self::Network),
            "nir" => Ok(Self::Nir),
            "pt" | "pth" => Ok(Self::Pytorch),
            "safetensors" => Ok(Self::Safetensors),
            _ => Err(format!(
                "`{}` has none of the extensions .toml (a network file), .nir, .pt, .pth and .safetensors",
                file.display()
            )
            .into()),
        }
    }
}

/// Where the time of a NIR graph, which does not say so, is in its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GraphTime {
    /// On the second axis: each sample has its steps.
    Steps,
    /// On the first: each sample is a step, and state is carried from one to the next.
    Samples,
}

/// The network of a NIR graph.
pub(super) fn network_of_graph(file: &Path, stepping: &Stepping, time: GraphTime) -> Result<Network, CommandError> {
    let within = |problem: &dyn std::fmt::Display| format!("{}: {problem}", file.display());
    let mut builder = Graph::read(file)?.to_network(stepping).map_err(|problem| within(&problem))?;
    if time == GraphTime::Samples {
        builder = builder.carrying_state();
    }
    Ok(builder.build().map_err(|problem| within(&problem))?)
}
