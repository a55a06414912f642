//! Kinds of files that `inspect` and `convert` take, by extension.

use std::path::Path;

use crate::cli::CommandError;

/// Kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
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
    pub(super) fn from_extension(file: &Path) -> Result<Self, CommandError> {
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
