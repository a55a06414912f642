//! Arguments that `inspect` and `convert` share: the kind of a file by its extension, and the stepping of NIR graphs.

use std::path::Path;

use crate::CommandError;
use neurobench_import::nir::Stepping;
use neurobench_network::Dynamics;

/// Rule and time step of a NIR graph, which contains neither.
#[derive(clap::Args)]
pub(crate) struct SteppingArguments {
    /// Step a NIR graph like norse, snntorch, spinnaker2, lava, nengo, sinabs, rockpool or spyx [default: metadata of the graph].
    #[arg(long, value_name = "NAME")]
    pub(crate) dynamics: Option<Dynamics>,
    /// Set the time step of a NIR graph in seconds [default: metadata of the graph].
    #[arg(long, value_name = "SECONDS")]
    pub(crate) dt: Option<f64>,
}

impl SteppingArguments {
    pub(crate) fn stepping(&self) -> Stepping {
        Stepping { dynamics: self.dynamics, dt: self.dt }
    }
}

/// Kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A network file.
    Network,
    /// A NIR graph.
    Nir,
    /// A file of `torch.save`.
    Pytorch,
    /// Tensors.
    Safetensors,
}

impl Format {
    /// Kind of a file by its extension.
    pub(crate) fn from_extension(file: &Path) -> Result<Self, CommandError> {
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
