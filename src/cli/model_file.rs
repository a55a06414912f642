//! Files that hold models, by their extensions.

use std::path::Path;

use crate::cli::CommandError;
use crate::import::nir::{Graph, NirError, Stepping};
use crate::network::{Network, NetworkBuilder, Simulator};

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
    let mut builder = stepped(&Graph::read(file)?, stepping, Vec::new()).map_err(|problems| all_of(file, &problems))?;
    if time == GraphTime::Samples {
        builder = builder.carrying_state();
    }
    Ok(builder.build().map_err(|problem| format!("{}: {problem}", file.display()))?)
}

/// The network of a graph, or everything that must be said for there to be one, with what is wrong already: what is missing is
/// found one after the other, as if what was found before were there.
pub(super) fn stepped(
    graph: &Graph,
    stepping: &Stepping,
    mut problems: Vec<NirError>,
) -> Result<NetworkBuilder, Vec<NirError>> {
    let (mut supposed, mut supposes) = (*stepping, false);
    loop {
        let error = match graph.to_network(&supposed) {
            Ok(network) if problems.is_empty() => return Ok(network),
            Ok(_) => return Err(problems),
            Err(error) => error,
        };
        match error {
            NirError::NoTimeStep { .. } if supposed.dt.is_none() => supposed.dt = Some(1.0),
            NirError::NoDynamics { .. } if supposed.dynamics.is_none() => {
                supposed.dynamics = Some(Simulator::Norse.into());
            }
            // It may be wrong with what is supposed alone.
            _ if supposes => return Err(problems),
            error => {
                problems.push(error);
                return Err(problems);
            }
        }
        problems.push(error);
        supposes = true;
    }
}

/// Everything that is wrong with a graph, or with a network that becomes one, with what helps.
pub(super) fn all_of(file: &Path, problems: &[NirError]) -> String {
    let file = file.display();
    let told = |problem: &NirError| match problem {
        NirError::Lossy { .. } => format!("{problem}; `--lose WHAT` allows it, once for each kind"),
        problem => problem.to_string(),
    };
    match problems {
        [only] => format!("{file}: {}", told(only)),
        several => several
            .iter()
            .fold(format!("{file}: {} things are missing:", several.len()), |text, each| text + "\n  - " + &told(each)),
    }
}
