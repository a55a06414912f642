//! `neurobench convert`.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::model_file::{Format, all_of, stepped};
use crate::cli::print::note;
use crate::cli::{CommandError, ConvertArguments};
use crate::import::nir::{Graph, Lifting, NirError};
use crate::import::pytorch::StateDict;
use crate::names::shown;

pub(super) fn convert(arguments: &ConvertArguments) -> Result<ExitCode, CommandError> {
    let ConvertArguments { from, to, stepping, lose, within } = arguments;
    let formats = (Format::of(from)?, Format::of(to)?);
    if within.is_some() && formats.0 != Format::Pytorch {
        return Err("`--within` is for files of PyTorch".into());
    }
    check_new(to)?;
    match formats {
        (Format::Pytorch, Format::Safetensors) => {
            let mut tensors = StateDict::load(from)?;
            if let Some(name) = within {
                tensors = tensors.into_part(name)?;
            }
            for skipped in tensors.skipped() {
                note(&format!("left out: `{}`, {}", shown(&skipped.name), skipped.what));
            }
            tensors.write_safetensors(to)?;
        }
        (Format::Nir, Format::Network) => {
            check_new(&to.with_extension("safetensors"))?;
            let graph = Graph::read(from)?;
            let lost = graph.check_losses(lose).err();
            let network = stepped(&graph, &stepping.stepping(), lost.into_iter().collect());
            network.map_err(|problems| all_of(from, &problems))?.write(to)?;
        }
        (Format::Network, Format::Nir) => {
            if stepping.dynamics.is_some() {
                return Err("`--dynamics` is for NIR graphs; a network file says it for each layer".into());
            }
            let lifting = Lifting { dt: stepping.dt, allowed_losses: lose.clone() };
            lifted(from, lifting)?.write(to)?;
        }
        _ => {
            let problem = "is neither from .pt or .pth to .safetensors, nor from .nir to .toml, nor from .toml to .nir";
            return Err(format!("`{}` to `{}` {problem}", from.display(), to.display()).into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check_new(file: &Path) -> Result<(), CommandError> {
    // A link that leads nowhere is there, too.
    match file.symlink_metadata() {
        Ok(_) => Err(format!("`{}` is there already; remove it, or name another file", file.display()).into()),
        Err(_) => Ok(()),
    }
}

/// The graph of a network file, or everything that must be said for there to be one.
fn lifted(file: &Path, mut lifting: Lifting) -> Result<Graph, CommandError> {
    let mut problems = Vec::new();
    let mut graph = Graph::from_network_file(file, &lifting);
    if let Err(NirError::NoLayerTimeStep { layer }) = graph {
        problems.push(NirError::NoLayerTimeStep { layer });
        lifting.dt = Some(1.0);
        graph = Graph::from_network_file(file, &lifting);
    }
    match graph {
        Ok(graph) if problems.is_empty() => return Ok(graph),
        Err(NirError::Network(error)) => return Err(error.into()),
        // Anything else may be wrong with the supposed time step alone.
        Err(error) if problems.is_empty() || matches!(error, NirError::Lossy { .. }) => problems.push(error),
        _ => {}
    }
    Err(all_of(file, &problems).into())
}
