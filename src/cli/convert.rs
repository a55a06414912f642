//! `neurobench convert`.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::model_file::Format;
use crate::cli::print::{escaped, note};
use crate::cli::{CommandError, ConvertArguments};
use crate::import::nir::{Graph, Lifting, NirError};
use crate::import::pytorch::StateDict;

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
                tensors = tensors.within(name)?;
            }
            for skipped in tensors.skipped() {
                note(&format!("left out: `{}`, {}", escaped(&skipped.name), skipped.what));
            }
            tensors.write_safetensors(to)?;
        }
        (Format::Nir, Format::Network) => {
            check_new(&to.with_extension("safetensors"))?;
            let graph = Graph::read(from)?;
            graph.check_kept(lose).map_err(|problem| of_file(from, problem))?;
            let network = graph.to_network(&stepping.stepping()).map_err(|problem| of_file(from, problem))?;
            network.write(to)?;
        }
        (Format::Network, Format::Nir) => {
            if stepping.dynamics.is_some() {
                return Err("`--dynamics` is for NIR graphs; a network file says it for each layer".into());
            }
            let lifting = Lifting { dt: stepping.dt, lose: lose.clone() };
            let graph = Graph::of_network_file(from, &lifting).map_err(|problem| of_file(from, problem))?;
            graph.write(to)?;
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

/// An error with the file that it is about, and with what helps.
fn of_file(file: &Path, error: NirError) -> CommandError {
    match error {
        NirError::Network(error) => error.into(),
        NirError::Lossy { .. } => format!("{}: {error}; `--lose WHAT` allows it, once for each", file.display()).into(),
        error => format!("{}: {error}", file.display()).into(),
    }
}
