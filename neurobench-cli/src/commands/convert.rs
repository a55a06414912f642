//! `neurobench convert`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::model_file::{Format, SteppingArguments};
use crate::print::note;
use neurobench_core::names::shown;
use neurobench_import::nir::{Graph, Lifting, Loss, NirError, NirProblems};
use neurobench_import::pytorch::StateDict;

/// Convert a model file: .pt or .pth to .safetensors, .nir to a network file (.toml, with .safetensors beside it), and back.
///
/// An existing file is not overwritten, and a conversion that would lose information is refused unless `--lose` allows it.
#[derive(clap::Args)]
struct ConvertArguments {
    /// File to convert.
    from: PathBuf,
    /// File to write; its extension selects the format.
    to: PathBuf,
    #[command(flatten)]
    stepping: SteppingArguments,
    /// Allow the loss of something (reset, output, time, bias, order, dropout, metadata, precision, storage); may be given several
    /// times.
    #[arg(long = "lose", value_name = "WHAT")]
    lose: Vec<Loss>,
    /// Convert only the tensors below this name of a PyTorch checkpoint.
    #[arg(long, value_name = "NAME")]
    within: Option<String>,
}

subcommand!(ConvertArguments);

impl Subcommand for ConvertArguments {
    const NAME: &'static str = "convert";
    const POSITION: u32 = 6;

    fn run(&self) -> Result<ExitCode, CommandError> {
        convert(self)
    }
}

fn convert(arguments: &ConvertArguments) -> Result<ExitCode, CommandError> {
    let ConvertArguments { from, to, stepping, lose, within } = arguments;
    let formats = (Format::from_extension(from)?, Format::from_extension(to)?);
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
            let network = graph.to_network_or_problems(&stepping.stepping(), lost.into_iter().collect());
            network.map_err(|problems| with_remedies(from, problems))?.write(to)?;
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
    Err(with_remedies(file, problems).into())
}

/// All problems, with the option that allows what would be lost.
fn with_remedies(file: &Path, problems: Vec<NirError>) -> String {
    NirProblems { file: file.to_owned(), problems }.text(|problem| match problem {
        NirError::Lossy { .. } => format!("{problem}; `--lose WHAT` allows it, once for each kind"),
        problem => problem.to_string(),
    })
}
