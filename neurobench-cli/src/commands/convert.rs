//! `neurobench convert`.

use std::path::{Path, PathBuf};

use neurobench_core::model::ModelFileError;
use neurobench_core::names::shown;
use neurobench_import::nir::{Loss, NirError, NirProblems};
use neurobench_import::pytorch::StateDict;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::model_file::{FileFormat, SteppingArguments, construct, conversions, converter};
use crate::print::note;

/// Convert a model file to another format.
///
/// Converts .pt or .pth to .safetensors, .nir to a network file (.toml, with .safetensors beside it), and back. Model formats of linked crates may add further conversions.
/// An existing file is not overwritten, and a conversion that would lose information is refused unless `--lose` allows it.
#[derive(clap::Args)]
struct ConvertArguments {
    /// File to convert.
    from: PathBuf,
    /// File to write, whose extension decides.
    to: PathBuf,
    #[command(flatten)]
    stepping: SteppingArguments,
    /// Allow a loss of information; repeatable.
    ///
    /// One of reset, output, time, bias, order, dropout, metadata, precision and storage.
    #[arg(long = "lose", value_name = "WHAT")]
    lose: Vec<Loss>,
    /// Convert only tensors below this name.
    ///
    /// For PyTorch checkpoints.
    #[arg(long, value_name = "NAME")]
    within: Option<String>,
}

subcommand!(ConvertArguments);

impl Subcommand for ConvertArguments {
    const NAME: &'static str = "convert";
    const POSITION: u32 = 7;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench convert checkpoint.pt checkpoint.safetensors", "Convert the tensors of a PyTorch checkpoint"),
        (
            "neurobench convert network.toml network.nir --dt 1e-3 --lose reset",
            "Write a network as a NIR graph, which cannot store how neurons reset",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        convert(self)
    }
}

fn convert(arguments: &ConvertArguments) -> Result<Exit, CommandError> {
    let ConvertArguments { from, to, stepping, lose, within } = arguments;
    let registered = converter(from, to);
    // If there is no conversion, an unknown extension is the likely cause.
    let formats = match registered {
        Some(_) => None,
        None => Some((FileFormat::from_extension(from)?, FileFormat::from_extension(to)?)),
    };
    if within.is_some() && !matches!(formats, Some((FileFormat::Pytorch, _))) {
        return Err("`--within` is only for PyTorch files".into());
    }
    check_new(to)?;
    if let Some(format) = registered {
        let format = construct(format, stepping.settings()?)?;
        let losses: Vec<String> = lose.iter().map(ToString::to_string).collect();
        format.convert(from, to, &losses).map_err(with_remedies)?;
    } else if let Some((FileFormat::Pytorch, FileFormat::Safetensors)) = formats {
        convert_tensors(from, to, within.as_deref())?;
    } else {
        let (from, to, known) = (from.display(), to.display(), conversions());
        return Err(format!("`{from}` cannot be converted to `{to}`; conversions are {known}").into());
    }
    Ok(Exit::Success)
}

/// Converts a PyTorch checkpoint, or a part of it, to safetensors.
fn convert_tensors(from: &Path, to: &Path, within: Option<&str>) -> Result<(), CommandError> {
    let mut tensors = StateDict::load(from)?;
    if let Some(name) = within {
        tensors = tensors.into_part(name)?;
    }
    for skipped in tensors.skipped() {
        note(&format!("left out: `{}`, {}", shown(&skipped.name), skipped.what));
    }
    Ok(tensors.write_safetensors(to)?)
}

fn check_new(file: &Path) -> Result<(), CommandError> {
    // A link to a file that does not exist is an existing file, too.
    match file.symlink_metadata() {
        Ok(_) => Err(format!("`{}` already exists; remove it, or name another file", file.display()).into()),
        Err(_) => Ok(()),
    }
}

/// Adds the option that allows the losses of a conversion to its error.
fn with_remedies(error: ModelFileError) -> CommandError {
    let Some(problems) = error.downcast_ref::<NirProblems>() else { return error };
    let text = problems.text(|problem| match problem {
        NirError::Lossy { .. } => format!("{problem}; `--lose WHAT` allows it, once for each kind"),
        problem => problem.to_string(),
    });
    text.into()
}
