//! Checkpoints whose tensors replace the weights of a network.

use std::path::{Component, Path, PathBuf};

use neurobench_core::files;
use neurobench_core::names::{did_you_mean, shown};
use neurobench_import::pytorch::StateDict;
use neurobench_network::{ExpectedTensor, Network, NetworkError};
use safetensors::SafeTensors;
use tempfile::TempDir;

use crate::CommandError;

/// Names under which checkpoints hold a state dict beside other things, such as an epoch.
const STATE_DICTS: [&str; 2] = ["model_state_dict", "state_dict"];

/// Most tensors of a checkpoint that a message lists although no layer takes them.
const MOST_UNUSED: usize = 20;

/// A checkpoint in place of the weights of a network: a copy of the network file, in a folder with these weights.
pub(crate) struct Checkpoint {
    file: PathBuf,
    network: PathBuf,
    weights: PathBuf,
    folder: TempDir,
}

impl Checkpoint {
    /// Returns true if files with this extension are checkpoints. Published ones often have none.
    pub(crate) fn is_one(file: &Path) -> bool {
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        matches!(extension.as_str(), "pt" | "pth" | "ckpt" | "safetensors" | "")
    }

    /// Reads a checkpoint for a network file; `network_name` is its name in messages.
    pub(crate) fn read(file: &Path, network: &Path, network_name: &str) -> Result<Self, CommandError> {
        let weights = Network::weights_file(network)?;
        let weights = weights.ok_or_else(|| {
            format!("`--model {}`: {network_name} names no file of weights that a checkpoint replaces", file.display())
        })?;
        let is_within = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        if !is_within(&weights) {
            let weights = weights.display();
            return Err(format!(
                "`--model {}`: {network_name} has its weights in another folder, `{weights}`: convert the checkpoint with \
                 `neurobench convert`, and name the result there",
                file.display()
            )
            .into());
        }
        let cannot = |error: std::io::Error| format!("cannot write to a temporary folder: {error}");
        let folder = tempfile::tempdir().map_err(cannot)?;
        let weights = folder.path().join(weights);
        std::fs::create_dir_all(weights.parent().unwrap_or(folder.path())).map_err(cannot)?;
        let name = network.file_name().unwrap_or_default();
        let copy = folder.path().join(name);
        let bytes = files::read(network).map_err(|error| format!("cannot read `{}`: {error}", network.display()))?;
        std::fs::write(&copy, bytes).map_err(cannot)?;
        if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors")) {
            let bytes = files::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
            std::fs::write(&weights, bytes).map_err(cannot)?;
        } else {
            state_dict(file)?.write_safetensors(&weights)?;
        }
        Ok(Self { file: file.to_owned(), network: copy, weights, folder })
    }

    /// The checkpoint of the user.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The copy of the network file, which reads the weights of the checkpoint.
    pub(crate) fn network(&self) -> &Path {
        &self.network
    }

    /// Folder of the copy, which messages must not name.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Describes an error about the weights, with the tensors that the network takes and those that the checkpoint has.
    pub(crate) fn describe(&self, error: &NetworkError, network_name: &str) -> String {
        let file = self.file.display();
        let problem = match without_file(error) {
            error @ (NetworkError::Tensor { .. } | NetworkError::Unclaimed { .. }) => error,
            NetworkError::Safetensors { .. } => return format!("`{file}`: {}", without_file(error)),
            error => return format!("{network_name}: {error}"),
        };
        let text = format!("the checkpoint `{file}` does not fit {network_name}: {problem}");
        let Ok(expected) = Network::expected_tensors(&self.network) else { return text };
        let bytes = files::read(&self.weights).unwrap_or_default();
        let Ok(found) = SafeTensors::deserialize(&bytes) else { return text };
        text + &comparison(&expected, &Found::list(&found))
    }
}

/// The error without the names of files around it, which are those of temporary copies.
fn without_file(error: &NetworkError) -> &NetworkError {
    match error {
        NetworkError::InFile { problem, .. } => without_file(problem),
        error => error,
    }
}

/// A tensor of a checkpoint.
struct Found {
    name: String,
    dtype: String,
    shape: Vec<usize>,
}

impl Found {
    fn list(tensors: &SafeTensors<'_>) -> Vec<Self> {
        let mut found: Vec<Self> = tensors
            .iter()
            .map(|(name, tensor)| Self {
                name: name.to_owned(),
                dtype: tensor.dtype().to_string().to_lowercase(),
                shape: tensor.shape().to_vec(),
            })
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }
}

/// Lists the tensors that a network takes, with those of a checkpoint, and the others of the checkpoint.
fn comparison(expected: &[ExpectedTensor], found: &[Found]) -> String {
    let unused: Vec<&Found> =
        found.iter().filter(|one| expected.iter().all(|tensor| tensor.name != one.name)).collect();
    let mut text =
        "\nthe network takes these tensors, also in narrower types; where the checkpoint differs, its tensor follows:"
            .to_owned();
    for ExpectedTensor { name, shape, dtype, required, .. } in expected {
        let optional = if *required { "" } else { ", optional" };
        let difference = match found.iter().find(|one| one.name == *name) {
            Some(one) if one.shape == *shape && one.dtype == format!("{dtype:?}").to_lowercase() => String::new(),
            Some(Found { dtype, shape, .. }) => format!("; the checkpoint has {dtype} {shape:?}"),
            None => {
                let same_shape = || unused.iter().filter(|one| one.shape == *shape).map(|one| one.name.as_str());
                let ending = format!(".{name}");
                let hint = match same_shape().find(|found| found.ends_with(&ending)) {
                    Some(prefixed) => format!("; did you mean `{prefixed}`?"),
                    None => did_you_mean(name, same_shape()),
                };
                format!("; the checkpoint has none{}", shown(&hint))
            }
        };
        let dtype = format!("{dtype:?}").to_lowercase();
        text += &format!("\n  {} {dtype} {shape:?}{optional}{difference}", shown(name));
    }
    if !unused.is_empty() {
        text += "\nno layer takes these tensors of the checkpoint:";
    }
    for Found { name, dtype, shape } in unused.iter().take(MOST_UNUSED) {
        text += &format!("\n  {} {dtype} {shape:?}", shown(name));
    }
    if unused.len() > MOST_UNUSED {
        text += &format!("\n  and {} more", unused.len() - MOST_UNUSED);
    }
    text
}

/// Reads the state dict of a checkpoint, also if the checkpoint holds it under a usual name.
fn state_dict(path: &Path) -> Result<StateDict, CommandError> {
    let checkpoint = StateDict::load(path)?;
    let is_in = |part: &str| {
        let inside = |name: &str| name.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'));
        checkpoint.tensors().iter().any(|tensor| inside(&tensor.name))
    };
    match STATE_DICTS.into_iter().find(|part| is_in(part)) {
        Some(part) => Ok(checkpoint.into_part(part)?),
        None => Ok(checkpoint),
    }
}
